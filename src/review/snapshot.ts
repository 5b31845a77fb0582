import type { Person } from '../domain/change.ts';
import type { EnvironmentPolicy, ForbiddenFinding } from '../domain/policy.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { Outcome } from './verdict.ts';

/**
 * Everything that the gate looks at, read once, as plain JSON: what `tagalong simulate` takes. Dates are ISO 8601, commits full
 * hashes. Whatever could not be read says so instead of being left out.
 */
export interface Snapshot {
  readonly version: 1;
  /** The moment that all of it is about. */
  readonly at: string;
  readonly repository: RepositoryRef;
  readonly change: SnapshotChange;
  /** Present where a merge queue asks. */
  readonly mergeGroup?: SnapshotMergeGroup;
  /** The bot's own bump, where the change is one. */
  readonly bump?: SnapshotBump;
  /** Every path that the change touches, deleted ones included. */
  readonly paths: readonly string[];
  /** From the base branch, never from the change. */
  readonly config: SnapshotConfig;
  /** Authors, committers and, as far as the forge tells, pushers of the commits in the change, without the bot itself. */
  readonly authors: Authors;
  /** Logins of those who asked the bot for what the change does: by `/bump`, `/rollback`, `/pin`, or the button for a revert. */
  readonly requestedBy?: readonly string[];
  /** Those of the application commits that the bump brings; absent where the bump does not tell its application repository. */
  readonly applicationAuthors?: Authors;
  /** Every review that was ever submitted and every `/approve` in force, oldest first. */
  readonly reviews: readonly SnapshotReview[];
  /** Members by team, `@acme/sre`; null: no such team, or it may not be read. Every team that policies and code owners name. */
  readonly teams: Readonly<Record<string, readonly string[] | null>>;
  /** The CODEOWNERS file of the base branch that the forge obeys; absent: there is none. */
  readonly codeowners?: { readonly path: string; readonly text: string };
  readonly checks: SnapshotChecks;
  readonly render: SnapshotRender;
  /** Freezes that people made and that are in force. */
  readonly freezes: readonly SnapshotFreeze[];
  /** The pin of the bump's image in its environment. */
  readonly pin?: { readonly version: string; readonly by: string; readonly reason?: string; readonly until?: string };
  readonly overrides: readonly SnapshotOverride[];
  /** Other open changes with the same head, and so with the same check. */
  readonly twins?: readonly SnapshotTwin[];
}

export interface SnapshotMergeGroup {
  /** The commit that the queue would merge. */
  readonly headCommit: string;
  /** Whether what that adds to the commit below it renders as the change itself does. */
  readonly rendersAlike: boolean | 'unknown';
  /** Changes before it in the queue, whose work is in that commit too. */
  readonly before?: readonly SnapshotTwin[];
}

/** Another change that the same check lets through. */
export interface SnapshotTwin {
  readonly number: number;
  /** What the gate says of it by itself. */
  readonly outcome: Outcome;
}

export interface SnapshotChange {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  readonly title: string;
  readonly author: Person;
  readonly isDraft: boolean;
  readonly fromFork: boolean;
  readonly headCommit: string;
  /** The head of the target branch. */
  readonly baseCommit: string;
  readonly targetBranch: string;
  readonly labels: readonly string[];
  /** Whether the forge can merge it without conflicts; it may not know yet. */
  readonly mergeable: 'yes' | 'conflicting' | 'unknown';
  /** Who put it on hold, and why, where that is known; whether it is on hold is told by its label. */
  readonly hold?: { readonly by: string; readonly reason?: string };
}

export interface SnapshotBump {
  readonly environment: string;
  readonly image: string;
  readonly from: readonly string[];
  readonly to: string;
  /** Nobody but the bot has committed to it. */
  readonly isUntouched: boolean;
}

export type SnapshotConfig =
  /** The policy of each environment that the change touches, in the order of the file, with those of its paths that belong there. */
  | {
      readonly kind: 'valid';
      readonly policies: readonly (EnvironmentPolicy & { readonly paths: readonly string[] })[];
    }
  | { readonly kind: 'invalid'; readonly file: string; readonly problems: readonly string[] }
  | { readonly kind: 'absent' };

/** `unknown`: some could not be told (no account behind an address, more than could be read). */
export interface Authors {
  readonly people: readonly Person[];
  /** Commits whose author is not known to the forge, as `name <address>` without more. */
  readonly unknown: readonly string[];
  /** False: there are more than were read, or they could not be read. */
  readonly isComplete: boolean;
}

export interface SnapshotReview {
  /** The forge's id, or `command` for an `/approve`. */
  readonly id: string;
  readonly by: Person;
  readonly state: 'approved' | 'changes-requested' | 'commented' | 'dismissed';
  readonly at: string;
  /** The head that it was given for; absent when the forge does not know it any more. */
  readonly commit?: string;
  /** What that head renders to is what the present head renders to. `unknown`: it could not be rendered. */
  readonly rendersAlike: boolean | 'unknown';
  /** Whether its author may write to the repository, by the forge's own answer. */
  readonly mayWrite: boolean;
}

export interface SnapshotChecks {
  /** Names that branch protection or rulesets demand, without the bot's own. `unknown`: they could not be read. */
  readonly required: readonly string[] | 'unknown';
  /** Of the head, the newest of each name, without the bot's own. */
  readonly reported: readonly { readonly name: string; readonly state: 'success' | 'failure' | 'pending' }[];
}

export type SnapshotRender =
  | {
      readonly kind: 'rendered';
      readonly findings: readonly { readonly rule: ForbiddenFinding; readonly resource: string }[];
      /** Units that could not be rendered at the head. */
      readonly failures: readonly { readonly unit: string; readonly message: string }[];
    }
  | { readonly kind: 'failed'; readonly message: string };

export interface SnapshotFreeze {
  readonly environment?: string;
  readonly by: string;
  readonly reason?: string;
  readonly until?: string;
}

export interface SnapshotOverride {
  readonly rule: string;
  readonly by: string;
  readonly reason: string;
  /** The head that it was given for renders as the present one. */
  readonly rendersAlike: boolean | 'unknown';
  /** Whether the person was allowed to, by the forge's own answer. */
  readonly isAdmin: boolean;
}
