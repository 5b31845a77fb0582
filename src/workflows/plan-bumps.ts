import type { Bump, ProposedBump } from '../domain/bump.ts';
import type { ImageName } from '../domain/image.ts';
import type { TagPolicy } from '../domain/policy.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { BumpRequest, Pin } from '../domain/steering.ts';
import { formatVersion, sameVersion, type PublishedVersion, type Version } from '../domain/version.ts';
import { escapeInline, inlineCode } from '../markdown/escape.ts';
import { quoted } from '../markdown/replies.ts';
import { decide, type Decision, type StandingVersion } from '../versions/decide.ts';
import { isAt, steeredSites } from '../versions/steered-sites.ts';
import { skipOf, type BumpSteering } from './bump-steering.ts';

/** One image in one environment: what stands there, what was published, what was proposed before, and what people decided. */
export interface BumpSituation extends BumpSteering {
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
  /** A merged bump that `current` does not show yet, as far as was asked. */
  readonly awaited?: ProposedBump;
}

/** What is to be done about it. `none` is a decision too: its reason is told to whoever asks why nothing happened. */
export type BumpPlan =
  | { readonly kind: 'open'; readonly bump: Bump }
  | { readonly kind: 'revise'; readonly bump: Bump; readonly open: ProposedBump }
  /** An open change that has nothing left to do. `reason` is Markdown. */
  | {
      readonly kind: 'close';
      readonly open: ProposedBump;
      readonly reason: string;
      /** What it came to propose in the end, where that is not what it says: closing it declines nothing else. */
      readonly became?: PublishedVersion;
      /** It stands there without it: closing it declines nothing at all. */
      readonly isWithdrawn?: true;
    }
  | {
      readonly kind: 'none';
      readonly reason: NoneReason;
      readonly detail: string;
      /** The open change stays; it may have to be rebuilt on a newer base. */
      readonly open?: ProposedBump;
    };

export type NoneReason =
  | 'already-proposed'
  | 'declined'
  | 'merged'
  | 'nothing-newer'
  /** The pinned version stands. */
  | 'pinned'
  | 'skipped'
  /** The request has come to its end, and is to be forgotten; the plan without it comes next. */
  | 'fulfilled';

/**
 * Decides from the present state alone, so that the order and number of the events that led here do not matter.
 * A pin comes first: while it lasts nothing but its version is proposed, backwards too, whatever the policy says. Then what a person asked
 * for. Else the policy; a version that a person closed unmerged or skipped, or that was merged and is no longer there, is never proposed
 * again by itself.
 */
export function planBump(situation: BumpSituation): BumpPlan {
  const { pin, request } = situation;
  if (pin !== undefined) return isOutdated(request, pin) ? outdated(pin) : planPinned(situation, pin);
  if (request !== undefined) return planRequested(situation, request);
  return planFollowed(situation);
}

/** Whether the pin is a newer word than the request, which must not come back when the pin ends. */
function isOutdated(request: BumpRequest | undefined, pin: Pin): boolean {
  return request !== undefined && request.at <= pin.at;
}

function outdated(pin: Pin): BumpPlan {
  return { kind: 'none', reason: 'fulfilled', detail: `${code(pin.version)} was pinned after that.` };
}

function planPinned(situation: BumpSituation, pin: Pin): BumpPlan {
  const open = openOf(situation);
  const kept = `${code(pin.version)} is pinned in ${inlineCode(situation.environment)} by ${escapeInline(pin.by)}${because(pin)}`;
  // A revert by hand says what is to stay, and not what else is to follow it.
  const stands = pin.origin === 'revert' || !isMissing(situation, pin.version);
  const isSkipped = skipOf(situation.skips, pin.version, pin) !== undefined;
  if (!stands && !isSkipped) return planAsked(situation, pin);
  const detail = stands ? `${kept}, and stands there.` : `${kept}, and was skipped after that.`;
  if (open === undefined) return { kind: 'none', reason: stands ? 'pinned' : 'skipped', detail };
  return {
    kind: 'close',
    open,
    reason: detail,
    became: publicationOf(situation, pin),
    ...(stands && { isWithdrawn: true }),
  };
}

function planRequested(situation: BumpSituation, request: BumpRequest): BumpPlan {
  const end = (detail: string): BumpPlan => ({ kind: 'none', reason: 'fulfilled', detail });
  const version = code(request.version);
  if (skipOf(situation.skips, request.version, request) !== undefined) return end(`${version} was skipped.`);
  if (!isMissing(situation, request.version)) return end(`${version} stands there.`);
  const settled = settledSince(situation, request);
  return settled === undefined ? planAsked(situation, request) : end(`#${settled.change} was ${settled.state}.`);
}

/** Towards a version that a person has asked for, and that is missing somewhere. */
function planAsked(situation: BumpSituation, asked: Pin | BumpRequest): BumpPlan {
  const { awaited } = situation;
  const to = publicationOf(situation, asked);
  const open = openOf(situation);
  // What was proposed before it was asked for is proposed anew, so that its text says who asked.
  if (open !== undefined && open.proposedAt < asked.at) return { kind: 'revise', bump: bumpTo(situation, to), open };
  if (open !== undefined) return towards(situation, open, to);
  if (awaited !== undefined && settledSince(situation, asked)?.change === awaited.change) {
    return { kind: 'none', reason: 'merged', detail: `#${awaited.change} was merged, and is awaited.` };
  }
  const settled = settledSince(situation, asked);
  return settled?.state === 'closed' ? declined(settled, to) : { kind: 'open', bump: bumpTo(situation, to) };
}

function planFollowed(situation: BumpSituation): BumpPlan {
  const decision = decide(situation.policy, situation.current, situation.published);
  if (!decision.ok) return withoutTarget(situation, 'nothing-newer', decision.detail);
  const { to } = decision;
  const skip = skipOf(situation.skips, to);
  if (skip !== undefined) return withoutTarget(situation, 'skipped', `${code(to)} was skipped.`);
  const open = openOf(situation);
  if (open !== undefined) return towards(situation, open, to);
  const settled = situation.proposed.find((earlier) => sameVersion(earlier.to, to));
  if (settled === undefined) return { kind: 'open', bump: bumpTo(situation, to) };
  return settled.state === 'merged'
    ? { kind: 'none', reason: 'merged', detail: `#${settled.change} brought ${formatVersion(to)}.` }
    : declined(settled, to);
}

function withoutTarget(situation: BumpSituation, reason: NoneReason, detail: string): BumpPlan {
  const open = openOf(situation);
  if (open === undefined) return { kind: 'none', reason, detail };
  if (skipOf(situation.skips, open.to) !== undefined) {
    return { kind: 'close', open, reason: `${code(open.to)} was skipped.` };
  }
  const still = leadsForward(situation, open.to);
  return still.ok ? { kind: 'none', reason, detail, open } : { kind: 'close', open, reason: still.detail };
}

/** Whether the policy would follow the version, were it the only one beside those that stand. */
export function leadsForward(
  { policy, current, published }: Pick<BumpSituation, 'policy' | 'current' | 'published'>,
  to: PublishedVersion,
): Decision {
  const standing = published.filter((version) => current.some((site) => isAt(site, version)));
  return decide(policy, current, [to, ...standing]);
}

function towards(situation: BumpSituation, open: ProposedBump, to: PublishedVersion): BumpPlan {
  if (!sameVersion(open.to, to)) return { kind: 'revise', bump: bumpTo(situation, to), open };
  return { kind: 'none', reason: 'already-proposed', detail: `#${open.change} proposes ${formatVersion(to)}.`, open };
}

function declined({ change }: ProposedBump, to: Version): BumpPlan {
  return { kind: 'none', reason: 'declined', detail: `#${change} proposed ${formatVersion(to)} and was closed.` };
}

function openOf({ proposed }: BumpSituation): ProposedBump | undefined {
  return proposed.find(({ state }) => state === 'open');
}

/** Whether a site that is to go to the version does not have it. */
function isMissing({ policy, current }: BumpSituation, to: Version): boolean {
  return steeredSites(policy, current, to).length > 0;
}

/** What became of the bump that a decision led to. */
function settledSince({ proposed }: BumpSituation, { version, at }: Pin | BumpRequest): ProposedBump | undefined {
  return proposed.findLast(
    (earlier) => earlier.state !== 'open' && sameVersion(earlier.to, version) && earlier.proposedAt >= at,
  );
}

/** With all that is known of the version: its digest, and where it was built. */
function publicationOf({ published, proposed }: BumpSituation, { version, at }: Pin | BumpRequest): PublishedVersion {
  const known = [version, ...published, ...proposed.map(({ to }) => to)].filter((each) => sameVersion(each, version));
  const digest = known.find((each) => each.digest !== undefined)?.digest;
  const exact: Version = { tag: version.tag, ...(digest !== undefined && { digest }) };
  const builds = known.filter((each): each is PublishedVersion => 'publishedAt' in each && sameVersion(each, exact));
  const told = builds.find(({ provenance }) => provenance !== undefined) ?? builds[0];
  return { publishedAt: at, ...told, ...exact };
}

function bumpTo({ repository, environment, image, current }: BumpSituation, to: PublishedVersion): Bump {
  return { repository, environment, image, from: standingVersions(current), to };
}

/** Versions in the order of their sites, each once. A site with a digest alone has no version that could be named. */
export function standingVersions(standing: readonly StandingVersion[]): Version[] {
  const versions = standing.flatMap(({ tag, digest }) => {
    if (tag === undefined) return [];
    return [digest === undefined ? { tag } : { tag, digest }];
  });
  return versions.filter((version, index) => versions.findIndex((other) => sameVersion(other, version)) === index);
}

function because({ reason }: Pin): string {
  return reason === undefined ? '' : ` (${quoted(reason)})`;
}

function code(version: Version): string {
  return inlineCode(formatVersion(version));
}
