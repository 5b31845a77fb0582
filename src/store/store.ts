import type { ProposedBump } from '../domain/bump.ts';
import type { ImagePublished } from '../domain/event.ts';
import type { ImageName } from '../domain/image.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { Subject } from '../domain/subject.ts';
import type { PublishedVersion } from '../domain/version.ts';

/** What a sender delivered, authenticated, decoded, and turned into what must be remembered and who must be woken. */
export interface Delivery {
  /** Unique per sender: the forge's delivery id, or a hash of what the event says where the sender numbers nothing. */
  readonly id: string;
  readonly sender: string;
  readonly receivedAt: Date;
  /** Remembered as versions of their images, and waking every repository whose index mentions the image. */
  readonly published: readonly ImagePublished[];
  readonly wakes: readonly {
    readonly subject: Subject;
    readonly reason: WakeReason;
    /** Wake only when the repository of the subject is known (opted in), or waits to be looked at. */
    readonly onlyIfKnown: boolean;
  }[];
}

/** Why a subject was woken. */
export type WakeReason =
  | { readonly kind: 'image-published'; readonly image: ImageName }
  | { readonly kind: 'branch-pushed'; readonly branch: string; readonly commit?: string }
  | { readonly kind: 'change-updated'; readonly state: 'open' | 'merged' | 'closed'; readonly headCommit: string }
  /** The bot wrote this change itself. */
  | { readonly kind: 'change-written'; readonly headCommit: string; readonly created: boolean }
  | { readonly kind: 'installed' }
  | { readonly kind: 'removed' }
  | { readonly kind: 'resync' };

export interface Wake {
  readonly id: string;
  readonly reason: WakeReason;
  readonly wokenAt: Date;
}

export interface AcceptOutcome {
  readonly status: 'accepted' | 'duplicate';
  /** How many subjects were woken. */
  readonly woken: number;
  /** Published images that no known repository mentions. */
  readonly unmentioned: readonly ImageName[];
}

/** Deliveries in, wakes out. */
export interface Inbox {
  /**
   * Stores the delivery, the versions it published, and its wakes, in one transaction that has
   * reached the disk when this returns. A delivery id seen before changes nothing. Images wake the repositories whose index
   * mentions them. Concurrent calls share a commit.
   * @throws TagalongError `store-unavailable`: the sender must deliver again.
   */
  accept(delivery: Delivery): Promise<AcceptOutcome>;
  /** Wakes a subject without a delivery. */
  wake(subject: Subject, reason: WakeReason): Promise<void>;
}

export type Reconciler = (subject: Subject, wakes: readonly Wake[]) => Promise<void>;

export interface Workers {
  /**
   * Starts reconciling woken subjects: all pending wakes of a subject in one call, exactly one call per subject at a time over all
   * replicas, at least once. A call that throws is repeated later with the same wakes and any newer ones: TagalongErrors that are
   * transient until they pass (at `retryAt` where given), others up to a limit, after which the wakes are dead letters.
   */
  start(reconcile: Reconciler): Promise<void>;
  /** Takes no new subject, waits for the running ones up to `graceMs`, releases the rest to be taken again. */
  stop(graceMs: number): Promise<void>;
}

export interface DeadLetter {
  readonly subject: string;
  readonly wakes: number;
  readonly attempts: number;
  readonly error: string;
  readonly failedAt: Date;
}

export interface InboxEntry {
  readonly subject: string;
  readonly state: 'pending' | 'retrying' | 'dead';
  readonly wakes: number;
  readonly attempts: number;
  readonly error?: string;
  readonly oldest: Date;
  readonly nextAttemptAt?: Date;
}

/** For `tagalong inbox`. */
export interface InboxAdmin {
  entries(): Promise<readonly InboxEntry[]>;
  /** Makes dead (or all, when undefined: every dead) subjects pending again. @returns how many. */
  retry(subject?: Subject): Promise<number>;
}

/** A manifest repository as remembered. */
export interface KnownRepository {
  readonly repository: RepositoryRef;
  readonly defaultBranch: string;
  /** The commit of the default branch that the index describes. */
  readonly indexedCommit?: string;
}

/** Which files of which manifest repositories mention which image, and which versions of images were published. */
export interface ImageIndex {
  known(repository: RepositoryRef): Promise<KnownRepository | undefined>;
  knownRepositories(): Promise<readonly KnownRepository[]>;
  /**
   * Replaces what the index says of the given files (an empty list forgets the file), and moves `indexedCommit`, in one
   * transaction. With `complete`, files not named are forgotten. After it returns, an image accepted concurrently has either woken
   * this repository or is seen by `published`.
   */
  update(
    repository: KnownRepository,
    mentions: ReadonlyMap<string, readonly ImageName[]>,
    options?: { complete?: boolean },
  ): Promise<void>;
  /** Forgets a repository: its mentions and open bumps. */
  forget(repository: RepositoryRef): Promise<void>;
  /** The files that mention each of the images, or any image when `images` is undefined. */
  files(repository: RepositoryRef, images?: readonly ImageName[]): Promise<ReadonlyMap<ImageName, readonly string[]>>;
  /** Published versions, newest first, at most `limit` (default 100) an image. */
  published(images: readonly ImageName[], limit?: number): Promise<ReadonlyMap<ImageName, readonly PublishedVersion[]>>;
}

/** Which bumps were proposed where. */
export interface Bumps {
  /** The open bump for each image and environment, and closed or merged ones of the last `keep` days. */
  ofRepository(repository: RepositoryRef, images?: readonly ImageName[]): Promise<readonly ProposedBump[]>;
  ofChange(repository: RepositoryRef, number: number): Promise<readonly ProposedBump[]>;
  /**
   * Saves by repository and change number, and wakes the change in the same transaction when `wake` is given.
   */
  save(bump: ProposedBump, wake?: WakeReason): Promise<void>;
  setState(repository: RepositoryRef, number: number, state: ProposedBump['state']): Promise<void>;
}

/** The ids of comments that we wrote, so that an update needs no search. */
export interface CommentMemory {
  /** undefined: never written as far as we know. `unknown`: an attempt was begun and its end is not known. */
  comment(
    repository: RepositoryRef,
    number: number,
    marker: string,
  ): Promise<{ id: string; bodyHash: string } | 'unknown' | undefined>;
  begin(repository: RepositoryRef, number: number, marker: string): Promise<void>;
  finish(
    repository: RepositoryRef,
    number: number,
    marker: string,
    comment: { id: string; bodyHash: string },
  ): Promise<void>;
}

export interface Store extends ImageIndex {
  readonly inbox: Inbox;
  readonly workers: Workers;
  readonly admin: InboxAdmin;
  readonly bumps: Bumps;
  readonly comments: CommentMemory;
  /** Resolves when the database answers. @throws TagalongError `store-unavailable` */
  ping(): Promise<void>;
  close(): Promise<void>;
}
