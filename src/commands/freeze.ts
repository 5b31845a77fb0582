import { nearestWord } from '../config/nearest.ts';
import type { Freeze } from '../domain/steering.ts';
import { unknownEnvironment, wrongUsage } from '../markdown/replies-refusals.ts';
import { frozen } from '../markdown/replies-steering.ts';
import { decision, firstWord, reasonIn, takeDuration, untilOf } from './arguments.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command, CommandAnswer, CommandContext } from './command.ts';
import { environmentCalled, environmentNames } from './environments.ts';
import { otherChangesSteered } from './wakes.ts';

export const freeze: Command = {
  name: 'freeze',
  usage: '/freeze [env] [for 2h] <reason>',
  summary: 'Stops every merge into an environment, or into all of them, until `/unfreeze` or the end that is named.',
  needs: 'write',
  afterEnd: 'merged-or-closed',
  examples: ['/freeze production for 2h database maintenance', '/freeze incident 4711'],
  async run(context, { text }) {
    const names = environmentNames(context);
    const read = readFreeze(text, names);
    if (!read.ok) return { kind: 'refused', markdown: read.markdown };
    const { environment, reason, duration } = read;
    const { repository } = context.change;
    const decided: Freeze = {
      ...decision(context, reason),
      ...untilOf(context, duration === undefined ? {} : { duration }),
      repository,
      ...(environment !== undefined && { environment }),
    };
    const entry = auditEntry(context, 'freeze', {
      environment,
      details: { reason, until: decided.until?.toISOString() },
    });
    const wakes = await otherChangesSteered(context);
    const before = await presentFreeze(context, decided);
    await context.steering.apply(repository, { kind: 'freeze', freeze: decided }, entry, wakes);
    return { kind: 'done', markdown: frozen(decided, before) } satisfies CommandAnswer;
  },
};

/** The one of the same reach, of which there is never more than one, made by another comment. */
async function presentFreeze({ steering, now }: CommandContext, decided: Freeze): Promise<Freeze | undefined> {
  const { freezes } = await steering.ofRepository(decided.repository, now);
  return freezes.find(
    ({ environment, by, at }) =>
      environment === decided.environment && (by !== decided.by || at.getTime() !== decided.at.getTime()),
  );
}

type ReadFreeze =
  | { readonly ok: true; readonly environment?: string; readonly reason: string; readonly duration?: number }
  | { readonly ok: false; readonly markdown: string };

function readFreeze(text: string, names: readonly string[]): ReadFreeze {
  const { word, rest } = firstWord(text);
  const environment = environmentCalled(names, word);
  if (environment === undefined && isMisspelt(word, rest, names)) {
    const nearest = nearestWord(word, names);
    return { ok: false, markdown: unknownEnvironment(word, { names, nearest }) };
  }
  const timed = takeDuration(environment === undefined ? text.trim() : rest);
  if (!timed.ok) return { ok: false, markdown: wrongUsage(timed.problem, freeze.usage) };
  const reason = reasonIn(timed.rest);
  if (reason === undefined) {
    return { ok: false, markdown: wrongUsage('`/freeze` wants a reason, for those who meet it.', freeze.usage) };
  }
  const { duration } = timed;
  return {
    ok: true,
    reason,
    ...(environment !== undefined && { environment }),
    ...(duration !== undefined && { duration }),
  };
}

/** A first word that is near an environment, or has `for 2h` behind it, was meant as one: freezing all instead would be a surprise. */
function isMisspelt(word: string, rest: string, names: readonly string[]): boolean {
  if (names.length === 0 || word.toLowerCase() === 'for') return false;
  return nearestWord(word, names) !== undefined || /^for\s+\d+[smhdw](?:\s|$)/i.test(rest);
}
