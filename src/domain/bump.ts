import { createHash } from 'node:crypto';
import { familiarName } from './image.ts';
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
  /** `withdrawn`: closed by the bot, because what it proposed had come to stand without it. It declines nothing. */
  readonly state: 'open' | 'merged' | 'closed' | 'withdrawn';
  /** Versions that this change proposed before, oldest first. */
  readonly history: readonly Version[];
  /** When the present version was proposed; of one that a person asked for, never before that. */
  readonly proposedAt: Date;
  /** The commit that it became on the target branch; known from when its merge was noticed. */
  readonly mergeCommit?: string;
}

/** Everything that must be equal for two bumps to share one living change. */
export function bumpKey(bump: Pick<Bump, 'environment' | 'image'>): string {
  return `${bump.environment} ${bump.image}`;
}

/** What the branches of the bot begin with, and no others do. */
export const BRANCH_PREFIX = 'tagalong/';

/** … and those of reverts of what went around the gate. */
export const REVERT_PREFIX = `${BRANCH_PREFIX}revert/`;

/**
 * The branch of the one living change for an image in an environment: `tagalong/staging/acme-shop.3fa2c1`. Six hex digits of the
 * whole name keep apart what flattening makes equal (`acme/shop-api`, `acme/shop/api`, the same path on two registries).
 */
export function bumpBranch({ environment, image }: Pick<Bump, 'environment' | 'image'>): string {
  const path = familiarName(image).replace(/^[^/]*[.:][^/]*\//, '');
  const hash = createHash('sha256').update(image).digest('hex').slice(0, 6);
  return `${BRANCH_PREFIX}${refComponents(environment)}/${path.replaceAll('/', '-')}.${hash}`;
}

/** What git allows in a ref (git-check-ref-format): anything else becomes a dash. */
function refComponents(text: string): string {
  return text
    .split('/')
    .map((part) => part.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/\.{2,}|^\.+|\.+$|\.lock$/g, '-'))
    .map((part) => (part === '' ? '-' : part))
    .join('/');
}
