import type { ImageName } from './image.ts';
import type { RepositoryRef } from './repository.ts';
import type { PublishedVersion, Version } from './version.ts';

/** Who decided something, when, and why. Every decision of a person carries it, and it is shown wherever the decision has effect. */
export interface Decision {
  /** The login of a person; of a revert made by hand, the author of its commit. */
  readonly by: string;
  readonly at: Date;
  readonly reason?: string;
}

/** A version that is kept in an environment: no other one is proposed there. */
export interface Pin extends Decision {
  readonly repository: RepositoryRef;
  readonly environment: string;
  readonly image: ImageName;
  readonly version: Version;
  /** `revert`: recognised from a revert made by hand. */
  readonly origin: 'pin' | 'rollback' | 'revert';
  /** When it ends by itself. */
  readonly until?: Date;
}

/** Nothing merges into an environment, or into any (`environment` left out). */
export interface Freeze extends Decision {
  readonly repository: RepositoryRef;
  readonly environment?: string;
  readonly until?: Date;
}

/** A version that is never proposed in an environment. */
export interface Skip extends Decision {
  readonly repository: RepositoryRef;
  readonly environment: string;
  readonly image: ImageName;
  readonly version: Version;
}

/** A version that a person asked for; proposed whatever the tag policy says, until it stands there or its change is closed. */
export interface BumpRequest extends Decision {
  readonly repository: RepositoryRef;
  readonly environment: string;
  readonly image: ImageName;
  readonly version: PublishedVersion;
}

/** `/approve`: counts like a review of the head that it was given for. */
export interface CommandApproval extends Decision {
  readonly headCommit: string;
}

/** `/override`: one rule of the gate passes for one change at one head, whatever it finds. */
export interface Override extends Decision {
  readonly rule: string;
  readonly headCommit: string;
}

/** `/merge`: the bot merges as soon as the verdict passes. It ends when somebody other than the bot pushes. */
export interface MergeRequest extends Decision {
  readonly headCommit: string;
}

/** Decisions about a repository that are in force. */
export interface RepositorySteering {
  readonly pins: readonly Pin[];
  readonly freezes: readonly Freeze[];
  readonly skips: readonly Skip[];
  readonly requests: readonly BumpRequest[];
}

/** Decisions about one change that are in force. */
export interface ChangeSteering {
  readonly approvals: readonly CommandApproval[];
  readonly overrides: readonly Override[];
  readonly mergeRequest?: MergeRequest;
}

/** What changes decisions. Each is idempotent. */
export type SteeringAction =
  | { readonly kind: 'pin'; readonly pin: Pin }
  | { readonly kind: 'unpin'; readonly environment: string; readonly image: ImageName }
  | { readonly kind: 'freeze'; readonly freeze: Freeze }
  /** Without an environment: every freeze of the repository that a person made. */
  | { readonly kind: 'unfreeze'; readonly environment?: string }
  | { readonly kind: 'skip'; readonly skip: Skip }
  | { readonly kind: 'request'; readonly request: BumpRequest }
  | { readonly kind: 'fulfil'; readonly environment: string; readonly image: ImageName }
  | { readonly kind: 'approve'; readonly number: number; readonly approval: CommandApproval }
  | { readonly kind: 'unapprove'; readonly number: number; readonly by: string }
  | { readonly kind: 'override'; readonly number: number; readonly override: Override }
  | { readonly kind: 'request-merge'; readonly number: number; readonly request: MergeRequest }
  | { readonly kind: 'withdraw-merge'; readonly number: number };
