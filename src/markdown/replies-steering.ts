import { familiarName, type ImageName } from '../domain/image.ts';
import type { BumpRequest, Decision, Freeze, Override, Pin, Skip } from '../domain/steering.ts';
import { formatVersion, type Version } from '../domain/version.ts';
import { escapeInline, inlineCode } from './escape.ts';
import { listed, moment, quoted } from './replies.ts';

/** One image in one environment. */
export interface Place {
  readonly environment: string;
  readonly image: ImageName;
}

/** `acme/shop` in **staging** */
export function placeWords({ environment, image }: Place): string {
  return `${quoted(familiarName(image))} in **${escapeInline(environment)}**`;
}

export function versionCode(version: Version): string {
  return quoted(formatVersion(version));
}

/** `by **alice** until 2026-11-21 04:30 UTC: because` */
export function decisionWords({ by, reason, until }: Decision & { readonly until?: Date }, open: string): string {
  const end = until === undefined ? open : `until ${moment(until)}`;
  return `by **${escapeInline(by)}**, ${end}${reason === undefined ? '' : `: ${quoted(reason)}`}`;
}

export function pinned(pin: Pin, { isStanding }: { readonly isStanding: boolean }): string {
  const next = isStanding ? 'It stands there already.' : 'It is proposed now.';
  return `Pinned ${placeWords(pin)} at ${versionCode(pin.version)} ${decisionWords(pin, 'until `/unpin`')}. ${next} Nothing else is proposed there.`;
}

export function unpinned(place: Place): string {
  return `${placeWords(place)} is not pinned any more: the newest version that its tag policy follows is proposed.`;
}

export function needsVersion(place: Place): string {
  return `This change proposes no version of ${placeWords(place)}. Say which one to keep, for instance \`/pin 1.4.2\`. Nothing was done.`;
}

export function rolledBack(
  pin: Pin,
  standing: readonly Version[],
  { isStanding }: { readonly isStanding: boolean },
): string {
  const what = isStanding
    ? `${placeWords(pin)} stays at ${versionCode(pin.version)}, which stands there already.`
    : `Rolling back ${placeWords(pin)}${from(standing)} to ${versionCode(pin.version)}. The pull request for it is on its way.`;
  return `${what} Pinned ${decisionWords(pin, 'until `/unpin`')}, so that no newer version undoes it.`;
}

export function rollbackUnderWay(pin: Pin, further: Version | undefined): string {
  const more = further === undefined ? '' : ` To go further back: ${inlineCode(`/rollback to ${further.tag}`)}.`;
  return `${placeWords(pin)} is on its way back to ${versionCode(pin.version)} already, pinned ${decisionWords(pin, 'until `/unpin`')}.${more}`;
}

export function nothingBefore(place: Place, standing: readonly Version[]): string {
  const now = standing.length === 0 ? '' : `: ${listed(standing.map(formatVersion))} stands there, and`;
  return `There is nothing to roll back to for ${placeWords(place)}${now} no merged bump is known that tells what stood before. Name a version: \`/rollback to <version>\`.`;
}

export function pinnedOtherwise(pin: Pin): string {
  return `${placeWords(pin)} is pinned at ${versionCode(pin.version)} ${decisionWords(pin, 'until `/unpin`')}. Nothing was done; \`/unpin\` first.`;
}

/** Where a freeze reaches. */
export function frozenWords(environment: string | undefined): string {
  return environment === undefined ? 'Every environment' : `**${escapeInline(environment)}**`;
}

/** @param before the freeze that this one takes the place of */
export function frozen(freeze: Freeze, before: Freeze | undefined): string {
  const instead =
    before === undefined ? '' : ` It takes the place of the one ${decisionWords(before, 'until `/unfreeze`')}.`;
  return `${frozenWords(freeze.environment)} is frozen ${decisionWords(freeze, 'until `/unfreeze`')}. Nothing merges there; an administrator can let one change through with \`/override freeze <reason>\`.${instead}`;
}

export interface Unfrozen {
  readonly environment: string | undefined;
  /** Freezes of people that hold there all the same. */
  readonly remaining: readonly Freeze[];
  /** Environments with a weekly freeze in the configuration. */
  readonly weekly: readonly string[];
}

export function unfrozen({ environment, remaining, weekly }: Unfrozen): string {
  return [
    environment === undefined
      ? 'No freeze that people made is in force any more.'
      : `**${escapeInline(environment)}** has no freeze of its own any more.`,
    ...remaining.map((freeze) => `Still frozen: every environment, ${decisionWords(freeze, 'until `/unfreeze`')}.`),
    ...weeklyWords(weekly),
  ].join(' ');
}

function weeklyWords(weekly: readonly string[]): string[] {
  if (weekly.length === 0) return [];
  return [
    `The weekly freeze of ${listed(weekly)} stands in \`.tagalong.yml\` and no comment ends it; an administrator can let one change through with \`/override freeze <reason>\`.`,
  ];
}

export function skipped(skip: Skip): string {
  return `${versionCode(skip.version)} of ${placeWords(skip)} is never proposed again, skipped by **${escapeInline(skip.by)}**${skip.reason === undefined ? '' : `: ${quoted(skip.reason)}`}. A newer one is.`;
}

export function requested(request: BumpRequest, { isPublished }: { readonly isPublished: boolean }): string {
  const doubt = isPublished
    ? ''
    : ' No registry has announced this tag, so look twice whether it is there before you merge.';
  return `Proposing ${versionCode(request.version)} for ${placeWords(request)}; the pull request is on its way.${doubt}`;
}

export function overridden(override: Override): string {
  return `Break glass: **${escapeInline(override.by)}** lets this change pass the rule ${quoted(override.rule)}: ${quoted(override.reason ?? '')}. It holds for ${inlineCode(override.headCommit.slice(0, 7))} and ends when a push changes what is rendered, or with this change. It is in the audit log.`;
}

function from(standing: readonly Version[]): string {
  return standing.length === 0 ? '' : ` from ${listed(standing.map(formatVersion))}`;
}
