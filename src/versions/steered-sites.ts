import type { TagPolicy } from '../domain/policy.ts';
import type { Version } from '../domain/version.ts';
import { decide } from './decide.ts';
import type { StandingVersion } from './decision.ts';

/**
 * The sites that go to a version which a person has asked for, forwards or backwards: those whose version the policy relates to it, in
 * either direction, and that do not have it. Where the policy relates it to no site at all and it stands nowhere, the person means every
 * site. Of `1.27` beside `1.27-alpine`, a wish for `1.26` moves the first alone.
 */
export function steeredSites<S extends StandingVersion>(
  policy: TagPolicy,
  sites: readonly S[],
  to: Version,
): readonly S[] {
  const related = sites.filter((site) => isRelated(policy, site, to));
  if (related.length > 0) return related;
  return sites.some((site) => isAt(site, to)) ? [] : sites.filter(({ tag, digest }) => (tag ?? digest) !== undefined);
}

/** Whether a version stands at a site, as far as can be told. */
export function isAt(site: StandingVersion, { tag, digest }: Version): boolean {
  const sameTag = site.tag === undefined ? site.digest !== undefined : site.tag === tag;
  return sameTag && (site.digest === undefined || digest === undefined || site.digest === digest);
}

function isRelated(policy: TagPolicy, site: StandingVersion, to: Version): boolean {
  if (site.tag === undefined || isAt(site, to)) return false;
  return site.tag === to.tag || leadsTo(policy, site.tag, to.tag) || leadsTo(policy, to.tag, site.tag);
}

/** Whether a tag is behind another one, and not beside it: of commits, which only their publication orders, neither is. */
export function isBehind(policy: TagPolicy, tag: string, other: string): boolean {
  return leadsTo(policy, tag, other) && !leadsTo(policy, other, tag);
}

/** Of the tags alone. When they were published says nothing here, since only one of them is taken to be. */
function leadsTo(policy: TagPolicy, from: string, to: string): boolean {
  return decide(policy, [{ tag: from }], [{ tag: to, publishedAt: new Date(0) }]).ok;
}
