import type { Change, ChangeRef } from '../domain/change.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { GitRemote } from '../git/git.ts';
import type { Deployments } from './deployments.ts';
import type { Issues, KnownCheck, Merging, People, Reactions, Reviews } from './reviews.ts';

/**
 * The port to a forge. All writes are idempotent: repeating one, also after a crash in the middle, leads to the same state.
 * Every method may throw TagalongError `forge-unavailable`, `forge-rate-limited` (with `retryAt`) or `forge-refused`.
 */
export interface Forge
  extends Repositories, Files, Changes, Comments, Checks, Reviews, Merging, People, Reactions, Issues, Deployments {}

export interface ForgeRepository {
  readonly repository: RepositoryRef;
  readonly defaultBranch: string;
}

export interface Repositories {
  /** Every repository the bot is installed on and may write to; archived ones are left out. */
  installed(): AsyncIterable<ForgeRepository>;
  /** undefined when it does not exist or the bot may not see it. */
  repository(repository: RepositoryRef): Promise<ForgeRepository | undefined>;
  /** Where git fetches from, with fresh credentials. */
  gitRemote(repository: RepositoryRef): Promise<GitRemote>;
  /** A page that shows what lies between two commits, or undefined when the repository is not on this forge. */
  compareUrl(repository: RepositoryRef, from: string, to: string): string;
  /** A page that shows one commit. */
  commitUrl(repository: RepositoryRef, commit: string): string;
}

export interface Files {
  /** The text of those of `paths` that exist at the head of the default branch; in one request. */
  readFiles(repository: RepositoryRef, paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface CommitFile {
  readonly path: string;
  readonly content: string;
}

export interface CommitMessage {
  readonly headline: string;
  readonly body?: string;
}

export interface Proposal {
  readonly branch: string;
  readonly targetBranch: string;
  /** The commit of the target branch that `files` were computed from. */
  readonly baseCommit: string;
  readonly files: readonly CommitFile[];
  /** Paths to remove. */
  readonly deletions?: readonly string[];
  readonly message: CommitMessage;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
}

export interface Revision {
  readonly branch: string;
  /**
   * The head that `files` were computed from. When the branch has moved, nothing is written and `forge-conflict` is thrown.
   */
  readonly expectedHead: string;
  /** Empty: only title, body and labels change. */
  readonly files: readonly CommitFile[];
  readonly message: CommitMessage;
  /** Given: the branch is built anew on this commit of the target branch, and what was on it is gone, instead of adding a commit to it. */
  readonly rebuildOn?: string;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
}

export interface WrittenChange {
  readonly number: number;
  readonly url: string;
  readonly headCommit: string;
  /** False when an equal proposal stood there already, left by an interrupted attempt. */
  readonly created: boolean;
}

export interface Changes {
  change(change: ChangeRef): Promise<Change | undefined>;
  /** The git ref under which the forge serves the head of a change, forks included: `refs/pull/12/head`. */
  headRef(number: number): string;
  /**
   * Branch, signed commit and change in as few requests as the forge allows. Where the branch or the change already stands (an
   * interrupted attempt, a branch left over from a merged or closed change) it is made equal to the proposal.
   */
  propose(repository: RepositoryRef, proposal: Proposal): Promise<WrittenChange>;
  /** Whether nobody but the bot has committed on the branch since it left its target; true where there is nothing between the two. */
  isOwnBranch(repository: RepositoryRef, branches: { branch: string; target: string }): Promise<boolean>;
  /**
   * Writes a newer version into an open change.
   * @throws TagalongError `forge-conflict` when it is not open any more: its text stays as it is
   */
  revise(change: ChangeRef, revision: Revision): Promise<WrittenChange>;
  /**
   * Closes the change, and deletes its branch when it is the bot's and still where the change left it. Succeeds when that is so
   * already.
   * @returns what the change is now.
   */
  close(change: ChangeRef, options: { deleteBranch?: string }): Promise<'merged' | 'closed'>;
}

export interface Comments {
  /**
   * Creates or replaces the one comment of the bot that carries `marker` (an HTML comment on a line of its own).
   * @param known the comment as remembered: an id is updated without a search; `none` says that there cannot be one yet, so that
   * it is created without a search; undefined searches first.
   * @returns also where the conversation is locked, so that nothing is written: with the id of the comment as it stands, or `none`
   */
  upsertComment(
    change: ChangeRef,
    comment: { readonly marker: string; readonly body: string; readonly known?: string },
  ): Promise<{ readonly id: string; readonly url: string }>;
}

export interface CheckAnnotation {
  readonly path: string;
  readonly line: number;
  readonly column?: number;
  readonly message: string;
}

export interface Check {
  /** For instance `tagalong/config`. One per name and commit. */
  readonly name: string;
  /** `pending`: it has not come to its end, and holds back a merge where it is required. */
  readonly conclusion: 'success' | 'failure' | 'neutral' | 'pending';
  readonly title: string;
  /** Markdown. */
  readonly summary: string;
  readonly annotations: readonly CheckAnnotation[];
  /** Buttons; pressing one is an `action-requested` event. At most three, labels of at most 20 characters. */
  readonly actions?: readonly { readonly id: string; readonly label: string; readonly description: string }[];
  /** A page with more. */
  readonly url?: string;
}

export interface Checks {
  /**
   * @param known the check as it stands, from `reviewState`: an equal one is not written, another is updated without a search; `none` says that there is none yet
   */
  upsertCheck(repository: RepositoryRef, commit: string, check: Check, known?: KnownCheck | 'none'): Promise<void>;
}
