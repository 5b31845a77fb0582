import { isTag } from '../domain/image.ts';
import type { TagPolicy } from '../domain/policy.ts';
import type { PublishedVersion } from '../domain/version.ts';
import { code, refuse, type Decision, type StandingVersion } from './decision.ts';
import { followDigest } from './moving-tag.ts';
import { followPattern } from './pattern.ts';
import { followShape } from './same-shape.ts';
import { followRange } from './semver-range.ts';

export type { Decision, Refusal, StandingVersion } from './decision.ts';

/**
 * Which published version the sites of one image go to. Never backwards. Sites that are behind decide, those that are current do
 * not hold them back; where they lead to different versions (their tags differ in shape), the one published last.
 * @param standing what stands at each site; which of them follow the decision is for {@link decideSites} to say
 * @param published in any order
 */
export function decide(
  policy: TagPolicy,
  standing: readonly StandingVersion[],
  published: readonly PublishedVersion[],
): Decision {
  const decisions = standing.map((version) => decideOne(policy, version, published));
  const [target] = decisions
    .flatMap((decision) => (decision.ok ? [decision] : []))
    .sort((a, b) => b.to.publishedAt.getTime() - a.to.publishedAt.getTime());
  return target ?? mostTelling(decisions) ?? refuse('no-version', 'The image stands nowhere.');
}

export interface SiteDecisions<S extends StandingVersion> {
  /** Each version that sites go to, with those sites, in the order of the sites. */
  readonly moves: readonly { readonly to: PublishedVersion; readonly sites: readonly S[] }[];
  readonly stays: readonly { readonly site: S; readonly decision: Extract<Decision, { ok: false }> }[];
}

/** Decides for each site by itself, and groups the sites that go to the same version. */
export function decideSites<S extends StandingVersion>(
  policy: TagPolicy,
  sites: readonly S[],
  published: readonly PublishedVersion[],
): SiteDecisions<S> {
  const moves = new Map<PublishedVersion, S[]>();
  const stays: { site: S; decision: Extract<Decision, { ok: false }> }[] = [];
  for (const site of sites) {
    const decision = decideOne(policy, site, published);
    if (decision.ok) moves.set(decision.to, [...(moves.get(decision.to) ?? []), site]);
    else stays.push({ site, decision });
  }
  return { moves: [...moves].map(([to, followers]) => ({ to, sites: followers })), stays };
}

function decideOne(policy: TagPolicy, standing: StandingVersion, published: readonly PublishedVersion[]): Decision {
  const legal = published.filter(({ tag }) => isTag(tag));
  if (legal.length === 0)
    return refuse('nothing-published', 'No version of this image is known to have been published.');
  const decision = follow(policy, standing, legal);
  if (!decision.ok || standing.digest === undefined || decision.to.digest !== undefined) return decision;
  const { tag } = decision.to;
  return refuse(
    'digest-unknown',
    `A digest stands there, and that of ${code(tag)} is not known; the old one would win over the new tag.`,
  );
}

function follow(policy: TagPolicy, standing: StandingVersion, published: readonly PublishedVersion[]): Decision {
  switch (policy.kind) {
    case 'same-shape':
      return followShape(standing, published);
    case 'semver':
      return followRange(policy.range, standing, published);
    case 'pattern':
      return followPattern(policy.pattern, standing, published);
    case 'digest': {
      const { tag = policy.tag } = standing;
      if (tag === policy.tag) return followDigest({ ...standing, tag }, published);
      return refuse(
        'tag-not-followed',
        `${code(tag)} stands there, and the digest of ${code(policy.tag)} is what is followed.`,
      );
    }
  }
}

/** Of several sites' refusals, the one that says most about what would have to change. */
function mostTelling(decisions: readonly Decision[]): Decision | undefined {
  return decisions.find((decision) => !decision.ok && decision.reason === 'already-current') ?? decisions[0];
}
