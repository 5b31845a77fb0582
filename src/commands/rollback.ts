import type { Pin } from '../domain/steering.ts';
import { sameVersion, type Version } from '../domain/version.ts';
import { configBroken, notWritten } from '../markdown/replies-bump.ts';
import { wrongUsage } from '../markdown/replies-refusals.ts';
import { nothingBefore, rollbackUnderWay, rolledBack } from '../markdown/replies-steering.ts';
import { firstWord } from './arguments.ts';
import type { Command, CommandAnswer, CommandContext } from './command.ts';
import { isOwn, keepVersion, pinOf, standsAt } from './keep-version.ts';
import { failureAt, stepBackFrom, type StepBack } from './step-back.ts';
import { targetOf, type Target } from './target.ts';
import { isBecause, readVersionAndReason, readVersionThenReason, type VersionAndReason } from './version-and-reason.ts';

export const rollback: Command = {
  name: 'rollback',
  usage: '/rollback [to <version>] [reason]',
  summary: 'Proposes the version that stood before, and pins it until `/unpin`, so that it holds.',
  needs: 'write',
  afterEnd: 'merged-or-closed',
  examples: [
    '/rollback',
    '/rollback checkout fails',
    '/rollback to 1.4.1',
    '/rollback to 1.4.1 because checkout fails',
  ],
  async run(context, { text }) {
    const problem = problemIn(text);
    if (problem !== undefined) return refused(wrongUsage(problem, rollback.usage));
    if (context.config === undefined) return refused(configBroken());
    const found = await targetOf(context);
    if (!found.ok) return refused(found.markdown);
    const { target } = found;
    const standing = (await context.standing(target.environment)).get(target.image);
    if (standing === undefined) return refused(notWritten(target));
    const wanted = await readWanted(context, target, text);
    if (!wanted.ok) return refused(wanted.markdown);
    const { version, reason } = wanted;
    const why = reason === undefined ? {} : { reason };
    return version === undefined
      ? stepBack(context, { target, standing, why })
      : goTo(context, { target, standing, why }, version);
  },
};

function refused(markdown: string): CommandAnswer {
  return { kind: 'refused', markdown };
}

function problemIn(text: string): string | undefined {
  const { word, rest } = firstWord(text);
  const isTo = word.toLowerCase() === 'to';
  const { word: version, rest: behind } = firstWord(rest);
  if (isTo && (rest === '' || isBecause(version))) return '`/rollback to` wants a version.';
  if ([text, isTo ? behind : rest].some((each) => /^for\s+\d/i.test(each))) {
    return 'A rollback holds until `/unpin`; to keep a version for a time, write `/pin <version> for 7d`.';
  }
  return undefined;
}

function readWanted(context: CommandContext, target: Target, text: string): Promise<VersionAndReason> {
  const { word, rest } = firstWord(text);
  return word.toLowerCase() === 'to'
    ? readVersionThenReason(context, target, rest)
    : readVersionAndReason(context, target, text);
}

interface Asked {
  readonly target: Target;
  readonly standing: readonly Version[];
  readonly why: { readonly reason?: string };
}

async function goTo(context: CommandContext, asked: Asked, version: Version): Promise<CommandAnswer> {
  const failed = await failureAt(context, asked.target, version);
  return pinTo(context, asked, { version, passedOver: [], ...(failed !== undefined && { failed }) });
}

/**
 * One step back from what stands there. While an earlier step is still on its way, two people who ask for the same at once do not go two
 * steps; and the same comment, when its run is repeated, does not go another one. A step whose change was closed is taken again.
 */
async function stepBack(context: CommandContext, asked: Asked): Promise<CommandAnswer> {
  const { target, standing } = asked;
  const present = await pinOf(context, target);
  if (present?.origin === 'rollback') {
    if (isOwn(present, context)) return pinTo(context, asked, { version: present.version, passedOver: [] });
    if (!standsAt(standing, present.version)) {
      if (await isClosed(context, present)) return pinTo(context, asked, { version: present.version, passedOver: [] });
      const further = await stepBackFrom(context, target, [present.version]);
      return { kind: 'done', markdown: rollbackUnderWay(present, further?.version) };
    }
  }
  const step = await stepBackFrom(context, target, standing);
  return step === undefined ? refused(nothingBefore(target, standing)) : pinTo(context, asked, step);
}

/** Whether the change that the pin led to was closed unmerged: nothing leads there any more. */
async function isClosed({ bumps, change }: CommandContext, pin: Pin): Promise<boolean> {
  const proposed = await bumps.ofRepository(change.repository, [pin.image]);
  return proposed.some(
    ({ environment, state, to, proposedAt }) =>
      environment === pin.environment && state === 'closed' && sameVersion(to, pin.version) && proposedAt >= pin.at,
  );
}

async function pinTo(
  context: CommandContext,
  { target, standing, why }: Asked,
  { version, ...doubts }: StepBack,
): Promise<CommandAnswer> {
  const kept = await keepVersion(context, { ...target, ...why, version, origin: 'rollback', from: standing });
  const isStanding = standsAt(standing, version);
  return { kind: 'done', markdown: rolledBack(kept, standing, { isStanding, ...doubts }) };
}
