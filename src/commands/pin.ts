import type { Version } from '../domain/version.ts';
import { versionMoved, wrongUsage } from '../markdown/replies-refusals.ts';
import { needsVersion, pinned } from '../markdown/replies-steering.ts';
import { DURATION_WANTED, firstWord, takeDuration, untilOf, type Timed } from './arguments.ts';
import type { Command, CommandAnswer, CommandContext } from './command.ts';
import { isOwn, keepVersion, pinOf, standsAt } from './keep-version.ts';
import { versionThatWasSeen } from './seen-version.ts';
import { targetOf, type Target } from './target.ts';
import { isBecause, readVersionAndReason } from './version-and-reason.ts';

export const pin: Command = {
  name: 'pin',
  usage: '/pin [version] [for 7d] [reason]',
  summary: 'Keeps an environment at a version, by default at the one that this change proposes.',
  needs: 'write',
  afterEnd: 'merged-or-closed',
  examples: ['/pin', '/pin 1.4.2', '/pin 1.4.2 for 7d', '/pin 1.4.2 for 7d until the migration is through'],
  async run(context, { text }) {
    const timed = readDuration(text);
    if (!timed.ok) return refused(wrongUsage(timed.problem, pin.usage));
    const found = await targetOf(context);
    if (!found.ok) return refused(found.markdown);
    const { target } = found;
    const wanted = await readVersionAndReason(context, target, timed.rest);
    if (!wanted.ok) return refused(wanted.markdown);
    const version = wanted.version ?? (await proposedVersion(context, target));
    if (typeof version === 'string') return refused(version);
    const { reason } = wanted;
    const why = reason === undefined ? {} : { reason };
    const kept = await keepVersion(context, { ...target, ...why, ...untilOf(context, timed), version, origin: 'pin' });
    const standing = (await context.standing(target.environment)).get(target.image) ?? [];
    const state =
      context.config === undefined ? 'config-broken' : standsAt(standing, version) ? 'standing' : 'proposed';
    return { kind: 'done', markdown: pinned(kept, state) };
  },
};

function refused(markdown: string): CommandAnswer {
  return { kind: 'refused', markdown };
}

/** The duration behind the version, or at the end. Behind `because` everything is a reason. */
function readDuration(text: string): Timed {
  const { word, rest } = firstWord(text);
  const isVersion = word.toLowerCase() !== 'for' && !isBecause(word);
  const [version, behind] = isVersion ? [word, rest] : ['', text.trim()];
  if (isBecause(firstWord(behind).word)) return { ok: true, rest: text };
  const timed = takeDuration(behind);
  if (!timed.ok) return timed;
  if (/^for\s|\sfor\s+\d\S*\s+\S+$/i.test(timed.rest)) return { ok: false, problem: DURATION_WANTED };
  return { ...timed, rest: `${version} ${timed.rest}`.trim() };
}

/** What the change proposes. @returns a text where that does not tell which version is meant */
async function proposedVersion(context: CommandContext, target: Target): Promise<Version | string> {
  const { bump, at } = context;
  if (bump === undefined) return needsVersion(target);
  const present = await pinOf(context, target);
  if (present?.origin === 'pin' && isOwn(present, context)) return present.version;
  return versionThatWasSeen(bump, at) ?? versionMoved('pin', bump.to);
}
