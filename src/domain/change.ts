import type { RepositoryRef } from './repository.ts';

/** The forge-neutral word for pull request and merge request. */
export interface ChangeRef {
  readonly repository: RepositoryRef;
  readonly number: number;
}

/** An account of the forge. Logins compare without case. */
export interface Person {
  readonly login: string;
  readonly isBot: boolean;
}

export interface Change extends ChangeRef {
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  readonly title: string;
  readonly body: string;
  readonly author: Person;
  readonly sourceBranch: string;
  readonly fromFork: boolean;
  readonly headCommit: string;
  readonly targetBranch: string;
  readonly isDraft: boolean;
  readonly labels: readonly string[];
  /** The commit that it became on its target branch, once it is merged. */
  readonly mergeCommit?: string;
  /** Who merged it, where the forge was asked and says it. */
  readonly mergedBy?: Person;
}

/** While a change carries it, the gate keeps it from merging. */
export const HOLD_LABEL = 'tagalong: hold';

/** The name of the check that is the gate: branch protection has to require it. */
export const REVIEW_CHECK = 'tagalong/review';
