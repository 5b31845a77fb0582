import type { Bump, ProposedBump } from '../domain/bump.ts';
import type { ImageName } from '../domain/image.ts';
import type { TagPolicy } from '../domain/policy.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import { formatVersion, sameVersion, type PublishedVersion, type Version } from '../domain/version.ts';
import { decide, type StandingVersion } from '../versions/decide.ts';

/** One image in one environment: what stands there, what was published, and what was proposed before. */
export interface BumpSituation {
  readonly repository: RepositoryRef;
  readonly environment: string;
  readonly image: ImageName;
  readonly policy: TagPolicy;
  /** What stands at the sites of the base branch. */
  readonly current: readonly StandingVersion[];
  /** Newest first. */
  readonly published: readonly PublishedVersion[];
  /** Open, merged and closed ones of this image and environment. */
  readonly proposed: readonly ProposedBump[];
}

/** What is to be done about it. `none` is a decision too: its reason is told to whoever asks why nothing happened. */
export type BumpPlan =
  | { readonly kind: 'open'; readonly bump: Bump }
  | { readonly kind: 'revise'; readonly bump: Bump; readonly open: ProposedBump }
  /** An open change that has nothing left to do. */
  | { readonly kind: 'close'; readonly open: ProposedBump; readonly reason: string }
  | {
      readonly kind: 'none';
      readonly reason: 'already-proposed' | 'declined' | 'merged' | 'nothing-newer';
      readonly detail: string;
      /** The open change stays; it may have to be rebuilt on a newer base. */
      readonly open?: ProposedBump;
    };

/**
 * Decides from the present state alone, so that the order and number of the events that led here do not matter.
 * A version that a person closed unmerged, or that was merged and is no longer there, is never proposed again by itself.
 */
export function planBump(situation: BumpSituation): BumpPlan {
  const open = situation.proposed.find(({ state }) => state === 'open');
  const decision = decide(situation.policy, situation.current, situation.published);
  if (!decision.ok) return withoutTarget(situation, open, decision.detail);

  const to = decision.to;
  const bump: Bump = {
    repository: situation.repository,
    environment: situation.environment,
    image: situation.image,
    from: standingVersions(situation.current),
    to,
  };
  if (open !== undefined) {
    if (!sameVersion(open.to, to)) return { kind: 'revise', bump, open };
    return { kind: 'none', reason: 'already-proposed', detail: `#${open.change} proposes ${formatVersion(to)}.`, open };
  }
  const settled = situation.proposed.find((earlier) => sameVersion(earlier.to, to));
  if (settled === undefined) return { kind: 'open', bump };
  return settled.state === 'merged'
    ? { kind: 'none', reason: 'merged', detail: `#${settled.change} brought ${formatVersion(to)}.` }
    : { kind: 'none', reason: 'declined', detail: `#${settled.change} proposed ${formatVersion(to)} and was closed.` };
}

function withoutTarget(situation: BumpSituation, open: ProposedBump | undefined, detail: string): BumpPlan {
  if (open !== undefined) {
    const still = decide(situation.policy, situation.current, [open.to]);
    if (!still.ok) return { kind: 'close', open, reason: still.detail };
  }
  return { kind: 'none', reason: 'nothing-newer', detail, ...(open !== undefined && { open }) };
}

/** Versions in the order of their sites, each once. A site with a digest alone has no version that could be named. */
export function standingVersions(standing: readonly StandingVersion[]): Version[] {
  const versions = standing.flatMap(({ tag, digest }) => {
    if (tag === undefined) return [];
    return [digest === undefined ? { tag } : { tag, digest }];
  });
  return versions.filter((version, index) => versions.findIndex((other) => sameVersion(other, version)) === index);
}
