import type { Pin } from '../domain/steering.ts';
import { formatVersion, sameVersion } from '../domain/version.ts';
import { wrongUsage } from '../markdown/replies-refusals.ts';
import { needsVersion, pinned } from '../markdown/replies-steering.ts';
import { decision, DURATION_WANTED, takeDuration, untilOf } from './arguments.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command, CommandAnswer, CommandContext } from './command.ts';
import { findVersion, type FoundVersion } from './find-version.ts';
import { targetOf, type Target } from './target.ts';
import { repositorySteered } from './wakes.ts';

export const pin: Command = {
  name: 'pin',
  usage: '/pin [version] [for 7d]',
  summary: 'Keeps an environment at a version, by default at the one that this change proposes.',
  needs: 'write',
  afterEnd: 'merged-or-closed',
  examples: ['/pin', '/pin 1.4.2', '/pin 1.4.2 for 7d'],
  async run(context, { text }) {
    const timed = takeDuration(text);
    if (!timed.ok) return refused(timed.problem);
    if (/\s/.test(timed.rest)) {
      return refused(/\sfor\s/i.test(timed.rest) ? DURATION_WANTED : '`/pin` takes one version.');
    }
    const found = await targetOf(context);
    if (!found.ok) return { kind: 'refused', markdown: found.markdown };
    const version = await versionFor(context, found.target, timed.rest);
    if (!version.ok) return { kind: 'refused', markdown: version.markdown };
    const decided: Pin = {
      ...decision(context),
      ...untilOf(context, timed),
      ...found.target,
      repository: context.change.repository,
      version: version.version,
      origin: 'pin',
    };
    return keep(context, decided);
  },
};

function refused(problem: string): CommandAnswer {
  return { kind: 'refused', markdown: wrongUsage(problem, pin.usage) };
}

async function versionFor(context: CommandContext, target: Target, text: string): Promise<FoundVersion> {
  if (text !== '') return findVersion(context, target, text);
  const { bump } = context;
  if (bump === undefined) return { ok: false, markdown: needsVersion(target) };
  const { tag, digest } = bump.to;
  return { ok: true, version: { tag, ...(digest !== undefined && { digest }) } };
}

async function keep(context: CommandContext, decided: Pin): Promise<CommandAnswer> {
  const { repository, environment, image, version, until } = decided;
  const details = { version: formatVersion(version), until: until?.toISOString() };
  const entry = auditEntry(context, 'pin', { environment, image, details });
  await context.steering.apply(repository, { kind: 'pin', pin: decided }, entry, [repositorySteered(repository)]);
  const standing = (await context.standing(environment)).get(image) ?? [];
  const isStanding = standing.length > 0 && standing.every((stands) => sameVersion(stands, version));
  return { kind: 'done', markdown: pinned(decided, { isStanding }) };
}
