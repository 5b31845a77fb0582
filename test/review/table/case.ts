import type { RuleName } from '../../../src/review/rule.ts';
import type { Snapshot } from '../../../src/review/snapshot.ts';
import type { Outcome } from '../../../src/review/verdict.ts';

/** One snapshot and what the gate must say of it. */
export interface TableCase {
  readonly name: string;
  /** The public thread in which users of another gate told of it. */
  readonly because?: string;
  readonly snapshot: Snapshot;
  readonly outcome: Outcome;
  /** Rules that do not pass, in their order; `-` for a node that is of no rule. */
  readonly rules: readonly (RuleName | '-')[];
  /** What the first of their reasons, or for a pass any reason, must say. */
  readonly says: string;
}
