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

/** ``by **alice**, until 2026-11-21 04:30 UTC: `checkout fails` `` */
export function decisionWords({ by, reason, until }: Decision & { readonly until?: Date }, open: string): string {
  const end = until === undefined ? open : `until ${moment(until)}`;
  return `by **${escapeInline(by)}**, ${end}${reason === undefined ? '' : `: ${quoted(reason)}`}`;
}

export interface KeptPin {
  readonly pin: Pin;
  /** The pin that it takes the place of. */
  readonly before?: Pin;
}

const PINNED = {
  standing: 'It stands there already.',
  proposed: 'It is proposed now.',
  'config-broken':
    'Nothing is proposed until the configuration is mended; the check on the newest commit of the base branch says how.',
} as const;

export function pinned({ pin, before }: KeptPin, state: keyof typeof PINNED): string {
  const next = [PINNED[state], 'Nothing else is proposed there.', ...instead(before)].join(' ');
  return `Pinned ${placeWords(pin)} at ${versionCode(pin.version)} ${decisionWords(pin, 'until `/unpin`')}. ${next}`;
}

/** @param before the pin that has ended */
export function unpinned(place: Place, before: Pin | undefined): string {
  const ended =
    before === undefined
      ? `${placeWords(place)} is not pinned.`
      : `${placeWords(place)} is not pinned at ${versionCode(before.version)} any more.`;
  return `${ended} Newer versions are proposed again; one that was taken back, closed or skipped only by \`/bump\`.`;
}

export function needsVersion(place: Place): string {
  return `This change proposes no version of ${placeWords(place)}. Say which one to keep, for instance \`/pin 1.4.2\`. Nothing was done.`;
}

/** A version, and the change whose rollout of it failed. */
export interface FailedRollout {
  readonly version: Version;
  readonly number: number;
}

export interface RollbackDoubts {
  readonly isStanding: boolean;
  readonly passedOver: readonly FailedRollout[];
  /** That of the version itself. */
  readonly failed?: FailedRollout;
}

export function rolledBack(
  { pin, before }: KeptPin,
  standing: readonly Version[],
  { isStanding, passedOver, failed }: RollbackDoubts,
): string {
  const what = isStanding
    ? `${placeWords(pin)} stays at ${versionCode(pin.version)}, which stands there already.`
    : `Rolling back ${placeWords(pin)}${from(standing)} to ${versionCode(pin.version)}. The pull request for it is on its way.`;
  return [
    what,
    ...(failed === undefined
      ? []
      : [`Look twice: the rollout of ${versionCode(failed.version)} failed in #${failed.number}.`]),
    ...passedOver.map(
      ({ version, number }) => `${versionCode(version)} is passed over: its rollout failed in #${number}.`,
    ),
    `Pinned ${decisionWords(pin, 'until `/unpin`')}, so that no newer version undoes it.`,
    ...instead(before),
  ].join(' ');
}

export function rollbackUnderWay(pin: Pin, further: Version | undefined): string {
  const more =
    further === undefined
      ? ''
      : ` To go further back: ${inlineCode(`/rollback to ${versionToCopy(further, pin.version)}`)}.`;
  return `${placeWords(pin)} is on its way back to ${versionCode(pin.version)} already, pinned ${decisionWords(pin, 'until `/unpin`')}.${more}`;
}

/** As a command takes it: with the whole digest where the tag alone does not tell it from the other. */
function versionToCopy({ tag, digest }: Version, other: Version): string {
  return tag === other.tag && digest !== undefined ? `${tag}@${digest}` : tag;
}

export function nothingBefore(place: Place, standing: readonly Version[]): string {
  const now = standing.length === 0 ? '' : `: ${listed(standing.map(formatVersion))} stands there, and`;
  return `There is nothing to roll back to for ${placeWords(place)}${now} neither a merged bump nor the branch tells what stood before. Name a version: \`/rollback to <version>\`. Nothing was done.`;
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

/** @param pin that is in force there */
export function skipped(skip: Skip, pin: Pin | undefined): string {
  const next =
    pin === undefined
      ? 'A newer one is.'
      : `A newer one is once the pin at ${versionCode(pin.version)} has ended: \`/unpin\`.`;
  return `${versionCode(skip.version)} of ${placeWords(skip)} is never proposed again, skipped by **${escapeInline(skip.by)}**${skip.reason === undefined ? '' : `: ${quoted(skip.reason)}`}. ${next}`;
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

function instead(before: Pin | undefined): string[] {
  if (before === undefined) return [];
  return [
    `It takes the place of the pin at ${versionCode(before.version)} ${decisionWords(before, 'until `/unpin`')}.`,
  ];
}

function from(standing: readonly Version[]): string {
  return standing.length === 0 ? '' : ` from ${listed(standing.map(formatVersion))}`;
}
