import type { ImageName } from './image.ts';
import type { RepositoryRef } from './repository.ts';
import type { Provenance } from './version.ts';

/** What a webhook told, in our words. One delivery may carry several. */
export type Event =
  ImagePublished | BranchPushed | ChangeUpdated | RepositoriesInstalled | RepositoriesRemoved | IgnoredEvent;

/** A registry or CI says that a tag now points to an image. */
export interface ImagePublished {
  readonly kind: 'image-published';
  readonly image: ImageName;
  readonly tag: string;
  readonly digest?: string;
  /** ISO 8601; absent when the sender does not say. */
  readonly publishedAt?: string;
  readonly provenance?: Provenance;
}

/** A branch moved: created, updated or deleted. */
export interface BranchPushed {
  readonly kind: 'branch-pushed';
  readonly repository: RepositoryRef;
  readonly branch: string;
  /** Full commit hashes; undefined where the branch did not exist (before) or is deleted (after). */
  readonly before?: string;
  readonly after?: string;
  readonly isDefaultBranch: boolean;
  /** Paths that the push touches, as far as the sender lists them; undefined when it does not say all. */
  readonly paths?: readonly string[];
}

/** A pull or merge request was opened, pushed to, edited, merged or closed. */
export interface ChangeUpdated {
  readonly kind: 'change-updated';
  readonly repository: RepositoryRef;
  readonly number: number;
  readonly state: 'open' | 'merged' | 'closed';
  readonly headCommit: string;
  readonly sourceBranch: string;
  readonly targetBranch: string;
}

/** The bot may now work on these repositories. */
export interface RepositoriesInstalled {
  readonly kind: 'repositories-installed';
  readonly repositories: readonly RepositoryRef[];
}

export interface RepositoriesRemoved {
  readonly kind: 'repositories-removed';
  readonly repositories: readonly RepositoryRef[];
}

/** Understood, and of no consequence: the reason is for the log and for `tagalong event`. */
export interface IgnoredEvent {
  readonly kind: 'ignored';
  readonly reason: string;
}
