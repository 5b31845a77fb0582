import type { RepositoryRef } from './repository.ts';

/** The forge-neutral word for pull request and merge request. */
export interface ChangeRef {
  readonly repository: RepositoryRef;
  readonly number: number;
}

export interface Change extends ChangeRef {
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  readonly title: string;
  readonly body: string;
  readonly author: { readonly login: string; readonly isBot: boolean };
  readonly sourceBranch: string;
  readonly fromFork: boolean;
  readonly headCommit: string;
  readonly targetBranch: string;
  readonly isDraft: boolean;
  readonly labels: readonly string[];
}
