import type { Pin } from '../domain/steering.ts';
import { formatVersion, sameVersion, type Version } from '../domain/version.ts';
import { wrongUsage } from '../markdown/replies-refusals.ts';
import { nothingBefore, rollbackUnderWay, rolledBack } from '../markdown/replies-steering.ts';
import { decision, firstWord } from './arguments.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command, CommandAnswer, CommandContext } from './command.ts';
import { findVersion, HISTORY_LIMIT } from './find-version.ts';
import { targetOf, type Target } from './target.ts';
import { repositorySteered } from './wakes.ts';
import { standingHistory, versionBefore } from './version-history.ts';

export const rollback: Command = {
  name: 'rollback',
  usage: '/rollback [to <version>]',
  summary: 'Proposes the version that stood before, and pins it until `/unpin`, so that it holds.',
  needs: 'write',
  afterEnd: 'merged-or-closed',
  examples: ['/rollback', '/rollback to 1.4.1'],
  async run(context, { text }) {
    const wanted = wantedVersion(text);
    if (wanted === undefined) {
      return { kind: 'refused', markdown: wrongUsage('`/rollback` takes one version, after `to`.', rollback.usage) };
    }
    const found = await targetOf(context);
    if (!found.ok) return { kind: 'refused', markdown: found.markdown };
    return wanted === '' ? stepBack(context, found.target) : goTo(context, found.target, wanted);
  },
};

/** Empty: none is named. undefined: it cannot be read. */
function wantedVersion(text: string): string | undefined {
  const { word, rest } = firstWord(text);
  const version = word.toLowerCase() === 'to' ? rest : text;
  const isLost = word.toLowerCase() === 'to' && rest === '';
  return isLost || /\s/.test(version) ? undefined : version;
}

async function goTo(context: CommandContext, target: Target, wanted: string): Promise<CommandAnswer> {
  const version = await findVersion(context, target, wanted);
  if (!version.ok) return { kind: 'refused', markdown: version.markdown };
  return pinTo(context, target, { version: version.version, standing: await standingOf(context, target) });
}

/**
 * One step back from what stands there. While an earlier step is still on its way, two people who ask for the same at once do not go two
 * steps; and the same comment, when its run is repeated, does not go another one.
 */
async function stepBack(context: CommandContext, target: Target): Promise<CommandAnswer> {
  const { environment, image } = target;
  const { repository } = context.change;
  const standing = await standingOf(context, target);
  const history = standingHistory(await context.bumps.merged(repository, { ...target, limit: HISTORY_LIMIT }));
  const { pins } = await context.steering.ofRepository(repository, context.now);
  const present = pins.find((each) => each.environment === environment && each.image === image);
  if (present?.origin === 'rollback') {
    if (isOwn(present, context)) return pinTo(context, target, { version: present.version, standing });
    if (!standsAt(standing, present.version)) {
      const further = versionBefore(history, [present.version]);
      return { kind: 'done', markdown: rollbackUnderWay(present, further) };
    }
  }
  const version = versionBefore(history, standing);
  if (version === undefined) return { kind: 'refused', markdown: nothingBefore(target, standing) };
  return pinTo(context, target, { version, standing });
}

function isOwn(pin: Pin, { by, at }: CommandContext): boolean {
  return pin.by === by.login && pin.at.getTime() === at.getTime();
}

async function standingOf({ standing }: CommandContext, { environment, image }: Target): Promise<readonly Version[]> {
  return (await standing(environment)).get(image) ?? [];
}

function standsAt(standing: readonly Version[], version: Version): boolean {
  return standing.length > 0 && standing.every((stands) => sameVersion(stands, version));
}

async function pinTo(
  context: CommandContext,
  target: Target,
  { version, standing }: { readonly version: Version; readonly standing: readonly Version[] },
): Promise<CommandAnswer> {
  const { repository } = context.change;
  const pin: Pin = { ...decision(context), ...target, repository, version, origin: 'rollback' };
  const details = { version: formatVersion(version), from: standing.map(formatVersion).join(', ') || undefined };
  const entry = auditEntry(context, 'rollback', { ...target, details });
  await context.steering.apply(repository, { kind: 'pin', pin }, entry, [repositorySteered(repository)]);
  return { kind: 'done', markdown: rolledBack(pin, standing, { isStanding: standsAt(standing, version) }) };
}
