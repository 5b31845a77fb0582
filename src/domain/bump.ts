import type { ImageName } from './image.ts';
import type { RepositoryRef } from './repository.ts';
import type { PublishedVersion, Version } from './version.ts';

/** One image going from one version to another in one environment. */
export interface Bump {
  readonly repository: RepositoryRef;
  readonly environment: string;
  readonly image: ImageName;
  /** What stands on the base branch; several where the sites disagree, oldest site first, without repeats. */
  readonly from: readonly Version[];
  readonly to: PublishedVersion;
}

/** A bump with the change that proposes it, as remembered. */
export interface ProposedBump extends Bump {
  readonly change: number;
  readonly branch: string;
  /** The head commit that we wrote last; a different one on the forge means that a person pushed. */
  readonly headCommit: string;
  /** The commit of the target branch that the change was built on. */
  readonly baseCommit: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** Versions that this change proposed before, oldest first. */
  readonly history: readonly Version[];
  readonly proposedAt: Date;
}

/** Everything that must be equal for two bumps to share one living change. */
export function bumpKey(bump: Pick<Bump, 'environment' | 'image'>): string {
  return `${bump.environment} ${bump.image}`;
}
