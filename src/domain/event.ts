import type { Person } from './change.ts';
import type { DeployReport } from './deploy.ts';
import type { ImageName } from './image.ts';
import type { RepositoryRef } from './repository.ts';
import type { Provenance } from './version.ts';

/** What a webhook told, in our words. One delivery may carry several. */
export type Event =
  | ImagePublished
  | BranchPushed
  | ChangeUpdated
  | ChangeReviewed
  | CommentWritten
  | CheckReported
  | ActionRequested
  | MergeGroupRequested
  | DeployReported
  | RepositoriesInstalled
  | RepositoriesRemoved
  | IgnoredEvent;

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

/** A pull or merge request was opened, pushed to, retargeted, labelled, made a draft or ready, merged or closed. */
export interface ChangeUpdated {
  readonly kind: 'change-updated';
  readonly repository: RepositoryRef;
  readonly number: number;
  readonly state: 'open' | 'merged' | 'closed';
  readonly headCommit: string;
  readonly sourceBranch: string;
  readonly targetBranch: string;
}

/** Somebody approved a change, asked for changes, took that back, or had it dismissed. */
export interface ChangeReviewed {
  readonly kind: 'change-reviewed';
  readonly repository: RepositoryRef;
  readonly number: number;
  readonly by: Person;
}

/** Somebody wrote a comment (or the text of a review) on a change. Editing one is not an event. */
export interface CommentWritten {
  readonly kind: 'comment-written';
  readonly repository: RepositoryRef;
  readonly number: number;
  /** What a reaction or reply refers to; the forge's own id. */
  readonly comment: CommentRef;
  readonly by: Person;
  readonly body: string;
  /** ISO 8601. */
  readonly at: string;
}

/** A comment of the conversation, or the text of a review, which takes no reactions by REST on GitHub. */
export interface CommentRef {
  readonly kind: 'comment' | 'review';
  readonly id: string;
}

/** A check or status of another party ended on a commit. */
export interface CheckReported {
  readonly kind: 'check-reported';
  readonly repository: RepositoryRef;
  readonly commit: string;
  readonly name: string;
}

/** Somebody pressed a button that a check of the bot offers. */
export interface ActionRequested {
  readonly kind: 'action-requested';
  readonly repository: RepositoryRef;
  readonly commit: string;
  /** As the check named it, for instance `revert`. */
  readonly action: string;
  readonly by: Person;
}

/** A merge queue asks whether this commit, which has the change on top of the queue before it, may be merged. */
export interface MergeGroupRequested {
  readonly kind: 'merge-group-requested';
  readonly repository: RepositoryRef;
  /** Absent where the forge's name for the queue's branch does not tell it: nothing can be found in favour of such a commit. */
  readonly number?: number;
  readonly headCommit: string;
  readonly baseCommit: string;
  readonly targetBranch: string;
}

/** A deploy tool says what became of a revision. */
export interface DeployReported {
  readonly kind: 'deploy-reported';
  readonly report: DeployReport;
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
