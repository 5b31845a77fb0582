import type { Change, ChangeRef, Person } from '../domain/change.ts';
import type { CommentRef } from '../domain/event.ts';
import type { RepositoryRef } from '../domain/repository.ts';

/** The part of the forge's port that review and merge need. See `forge.ts` for what holds of every method. */
export interface Reviews {
  /**
   * All that the forge knows about a change and that the gate looks at, in one request wherever it fits on one page.
   * @param ask.teams `@acme/sre`; @param ask.check the name of the bot's own check, whose id comes back
   * @returns undefined when the change does not exist or may not be seen
   */
  reviewState(
    change: ChangeRef,
    ask: { readonly teams: readonly string[]; readonly check: string },
  ): Promise<ReviewState | undefined>;
  /** Takes an approval back in the bot's name, with the reason. Succeeds when it is dismissed already. */
  dismissReview(change: ChangeRef, review: string, reason: string): Promise<void>;
  /** Open changes that target the branch, newest first. */
  openChanges(repository: RepositoryRef, targetBranch: string): Promise<readonly OpenChange[]>;
  /** The changes whose merge brought each commit; a commit that came without one is absent from the answer. */
  changesOfCommits(
    repository: RepositoryRef,
    commits: readonly string[],
  ): Promise<ReadonlyMap<string, readonly { readonly number: number; readonly headCommit: string }[]>>;
  /** Adds or removes labels; labels are made where missing. Succeeds when it is so already. */
  setLabels(
    change: ChangeRef,
    labels: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
  ): Promise<void>;
}

export interface ReviewState {
  readonly change: Change;
  /** The head of the target branch. */
  readonly baseCommit: string;
  readonly mergeable: 'yes' | 'conflicting' | 'unknown';
  /** Authors and committers of its commits, and whoever pushed them, as far as the forge knows. */
  readonly authors: {
    readonly people: readonly Person[];
    readonly unknown: readonly string[];
    readonly isComplete: boolean;
  };
  /** Every review that was submitted, oldest first, pending ones left out. */
  readonly reviews: readonly ForgeReview[];
  /** Members by the team as asked for; null: no such team, or it may not be read. */
  readonly teams: Readonly<Record<string, readonly string[] | null>>;
  /** Names that branch protection and rulesets demand of the target branch. */
  readonly requiredChecks: readonly string[] | 'unknown';
  /** Of the head, the newest of each name; the bot's own are left out. */
  readonly checks: readonly { readonly name: string; readonly state: 'success' | 'failure' | 'pending' }[];
  /** The bot's own check of the asked name on the head, to be handed to `upsertCheck`. */
  readonly ownCheck?: KnownCheck;
  /** Methods by which the repository and its branch protection let a change be merged, the preferred first. */
  readonly mergeMethods: readonly MergeMethod[];
}

/** A check of the bot as it stands, so that writing it needs no search. */
export interface KnownCheck {
  readonly id: string;
  /** What the adapter recognises an equal one by. */
  readonly fingerprint: string;
}

export interface ForgeReview {
  readonly id: string;
  readonly by: Person;
  readonly state: 'approved' | 'changes-requested' | 'commented' | 'dismissed';
  /** ISO 8601. */
  readonly at: string;
  readonly commit?: string;
  readonly mayWrite: boolean;
}

export interface OpenChange {
  readonly number: number;
  readonly headCommit: string;
}

export type MergeMethod = 'merge' | 'squash' | 'rebase';

export interface Merging {
  /**
   * Merges, provided that the head is still this commit; by another method where rules of the branch leave no choice.
   * @returns `merged` also when it was merged already at this head; `head-moved`; or `refused` with the forge's own words (rules of the branch, conflicts)
   */
  merge(
    change: ChangeRef,
    options: { readonly headCommit: string; readonly method: MergeMethod },
  ): Promise<MergeResult>;
  /** Merges the target branch into the branch of the change, provided that its head is still this commit. */
  updateBranch(
    change: ChangeRef,
    expectedHead: string,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly message: string }>;
  /**
   * What waits in the merge queue of a branch, the first to be merged first.
   * @returns undefined where the branch has no queue, or the bot may not read it
   */
  mergeQueue(repository: RepositoryRef, branch: string): Promise<readonly QueueEntry[] | undefined>;
  /** What guards a branch, as far as the bot may see it. */
  protection(repository: RepositoryRef, branch: string): Promise<Protection>;
}

export interface QueueEntry {
  /** Absent for a change that the bot may not see. */
  readonly number?: number;
  /** The change on top of everything that the queue merges before it; absent until the queue has built that. */
  readonly headCommit?: string;
}

export type MergeResult =
  | { readonly kind: 'merged'; readonly commit?: string }
  | { readonly kind: 'head-moved' }
  | { readonly kind: 'refused'; readonly message: string };

export interface Protection {
  /** Names of required checks with the app that must report them, where one is demanded. */
  readonly requiredChecks: readonly { readonly name: string; readonly app?: string; readonly isOurs: boolean }[];
  readonly requiredApprovals: number;
  readonly dismissesStaleReviews: boolean;
  readonly requiresCodeOwners: boolean;
  /** What a person could still go around, a sentence each, without a full stop: `administrators may merge without the check`. */
  readonly loopholes: readonly string[];
  /** What could not be read for lack of a permission, a sentence each. */
  readonly unseen: readonly string[];
}

export type Permission = 'none' | 'read' | 'write' | 'admin';

export interface People {
  /** What the forge says that the person may do in the repository; never guessed from the kind of an author. */
  permission(repository: RepositoryRef, login: string): Promise<Permission>;
  /**
   * Authors and committers of the commits after `from` (left out: of `to` alone) up to `to`. Answers are remembered: commits do not change.
   * @returns undefined when the bot may not see the repository or a commit does not exist there
   */
  commitAuthors(
    repository: RepositoryRef,
    commits: { readonly from?: string; readonly to: string },
  ): Promise<ReviewState['authors'] | undefined>;
}

export interface Reactions {
  /** Shows at once that a comment was seen or refused. Succeeds when it stands already, and where none can be given. */
  react(change: ChangeRef, comment: CommentRef, reaction: 'seen' | 'done' | 'refused' | 'confused'): Promise<void>;
}

export interface Issues {
  /** Opens or updates the one open issue of the bot that carries the marker. @returns undefined where the repository takes no issues */
  upsertIssue(
    repository: RepositoryRef,
    issue: { readonly marker: string; readonly title: string; readonly body: string },
  ): Promise<{ readonly number: number; readonly url: string } | undefined>;
}
