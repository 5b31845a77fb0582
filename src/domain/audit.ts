import type { ImageName } from './image.ts';
import type { RepositoryRef } from './repository.ts';

/** One line of the audit log: who or what did something, when, by which event. Never changed and never removed. */
export interface AuditEntry {
  /**
   * What makes it one: a second entry with the same key is not written. Built from what happened, for instance
   * `github:acme/deploy#12 merge 3f2a91c…`, or `comment 123 line 2`.
   */
  readonly key: string;
  readonly at: Date;
  readonly actor: AuditActor;
  readonly action: AuditAction;
  readonly repository: RepositoryRef;
  readonly change?: number;
  readonly environment?: string;
  readonly image?: ImageName;
  /** What led to it: `comment 123 line 2`, `delivery 1a2b…`, `policy merge: auto`, `schedule`. */
  readonly event: string;
  /** More, as short texts by name: `version`, `reason`, `commit`, `until`, `rule`. Never a secret or a manifest value. */
  readonly details: Readonly<Record<string, string>>;
}

export interface AuditActor {
  /** `bot`: by itself, as the configuration says. `tool`: a deploy tool. */
  readonly kind: 'person' | 'bot' | 'tool';
  readonly name: string;
}

export type AuditAction =
  | 'propose'
  | 'revise'
  | 'close'
  | 'approve'
  | 'unapprove'
  | 'dismiss'
  | 'hold'
  | 'unhold'
  | 'override'
  | 'rebase'
  | 'request-merge'
  | 'withdraw-merge'
  | 'merge'
  | 'bypass'
  | 'revert'
  | 'skip'
  | 'pin'
  | 'unpin'
  | 'rollback'
  | 'freeze'
  | 'unfreeze'
  | 'request-bump'
  /** A requested bump has come to its end. */
  | 'fulfil'
  | 'deploy';
