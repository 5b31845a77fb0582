import type { Pin } from '../domain/steering.ts';
import { formatVersion, sameVersion, type Version } from '../domain/version.ts';
import { decision } from './arguments.ts';
import { auditEntry } from './audit-entry.ts';
import type { CommandContext } from './command.ts';
import type { Target } from './target.ts';
import { repositorySteered } from './wakes.ts';

export interface VersionToKeep extends Target, Pick<Pin, 'version' | 'until'> {
  readonly origin: 'pin' | 'rollback';
  readonly reason?: string;
  /** What stands there now, for the audit log. */
  readonly from?: readonly Version[];
}

export interface KeptVersion {
  readonly pin: Pin;
  /** The pin that this one takes the place of. */
  readonly before?: Pin;
}

/** Pins a version, and has what is proposed decided anew. */
export async function keepVersion(
  context: CommandContext,
  { reason, from = [], ...kept }: VersionToKeep,
): Promise<KeptVersion> {
  const { change, steering } = context;
  const { repository } = change;
  const { environment, image, version, until, origin } = kept;
  const pin: Pin = { ...decision(context, reason), ...kept, repository };
  const details = {
    version: formatVersion(version),
    from: from.map(formatVersion).join(', ') || undefined,
    until: until?.toISOString(),
    reason,
  };
  const before = await pinOf(context, kept);
  const entry = auditEntry(context, origin, { environment, image, details });
  await steering.apply(repository, { kind: 'pin', pin }, entry, [repositorySteered(repository)]);
  return before === undefined || isOwn(before, context) ? { pin } : { pin, before };
}

/** The pin that is in force there. */
export async function pinOf(
  { change, steering, now }: Pick<CommandContext, 'change' | 'steering' | 'now'>,
  { environment, image }: Target,
): Promise<Pin | undefined> {
  const { pins } = await steering.ofRepository(change.repository, now);
  return pins.find((each) => each.environment === environment && each.image === image);
}

/** Whether the pin came from this very comment: its run is repeated. */
export function isOwn(pin: Pin, { by, at }: Pick<CommandContext, 'by' | 'at'>): boolean {
  return pin.by === by.login && pin.at.getTime() === at.getTime();
}

/** Whether the version is what stands at every site. */
export function standsAt(standing: readonly Version[], version: Version): boolean {
  return standing.length > 0 && standing.every((stands) => sameVersion(stands, version));
}
