import { setTimeout as sleep } from 'node:timers/promises';
import { type BotProcessOptions, spawnBot, type StartedBot } from './bot-process.ts';
import type { GitHubSimulator, JournalEntry } from './forge/github/simulator.ts';

/** How the processes died. */
export interface Deaths {
  beforeListening: number;
  /** GitHub has done what it was asked for, and nobody was left to hear so. */
  afterWrite: number;
  /** GitHub has not done what it was asked for. */
  beforeWrite: number;
  /** Right after the bot has logged that something is done, which is when the store has it and GitHub may not. */
  afterStep: number;
  /** Where nothing came of the aim within a life. */
  atRest: number;
}

export interface KillLoop {
  readonly bot: BotProcessOptions;
  readonly kills: number;
  readonly random: () => number;
  /** How many writes and steps of a life are passed over, at most, before it is ended at the next. */
  readonly spared: number;
  /** Nothing is left to do, so that nothing is left to interrupt. */
  readonly isOver: () => boolean;
}

/** Those that die early die within this time of their start. */
const EARLY_MS = 2_500;

/** As long a process lives where the moment that was chosen for its end does not come. */
const LONGEST_LIFE_MS = 6_000;

/** What the bot logs when something is in the store that is not on the forge yet, or the other way round. */
const STEPS: readonly unknown[] = [
  'delivery accepted',
  'command answered',
  'change gated',
  'change merged',
  'bump proposed',
  'change closed',
  'rollout moved on',
  'branch moved around the gate',
  'revert proposed',
  'rendered diff commented',
];

/** Starts the bot and kills it without warning, again and again, each time at the moment that chance has chosen. */
export async function killAgainAndAgain(loop: KillLoop): Promise<Deaths> {
  const deaths: Deaths = { beforeListening: 0, afterWrite: 0, beforeWrite: 0, afterStep: 0, atRest: 0 };
  for (let kill = 0; kill < loop.kills && !loop.isOver(); kill += 1) deaths[await oneLife(loop)] += 1;
  return deaths;
}

async function oneLife(loop: KillLoop): Promise<keyof Deaths> {
  const { bot: options, random } = loop;
  const [how, spared] = [random(), Math.floor(random() * loop.spared)];
  const bot = spawnBot(options);
  if (how < 0.1) await Promise.race([sleep(random() * EARLY_MS), bot.listening()]);
  if (how < 0.1) return end(bot, 'beforeListening');
  await bot.listening();
  if (how < 0.4) return dieAtWrite(options.github, bot, { spared, isDone: true });
  if (how < 0.55) return dieAtWrite(options.github, bot, { spared, isDone: false });
  return dieAfterStep(bot, spared);
}

/** The signal is sent while GitHub has the request in its hands: whatever it answers, nobody is there. */
async function dieAtWrite(
  { faults }: GitHubSimulator,
  bot: StartedBot,
  { spared, isDone }: { readonly spared: number; readonly isDone: boolean },
): Promise<keyof Deaths> {
  let [writes, isOver] = [0, false];
  const match = (request: JournalEntry) => {
    if (isOver || !isWrite(request)) return false;
    writes += 1;
    if (writes === spared + 1) void bot.kill('SIGKILL');
    return writes > spared;
  };
  faults.push({ match, resetSocket: true, afterwards: isDone, times: Infinity });
  await until(() => writes > spared, LONGEST_LIFE_MS);
  isOver = true;
  if (writes <= spared) return end(bot, 'atRest');
  return end(bot, isDone ? 'afterWrite' : 'beforeWrite');
}

async function dieAfterStep(bot: StartedBot, spared: number): Promise<keyof Deaths> {
  const steps = () => bot.logs.filter(({ msg }) => STEPS.includes(msg)).length;
  await until(() => steps() > spared, LONGEST_LIFE_MS);
  return end(bot, steps() > spared ? 'afterStep' : 'atRest');
}

/** What changes something on GitHub; the bot asks for much else. */
export function isWrite({ kind, method, path, operations }: JournalEntry): boolean {
  if (kind === 'graphql') return !operations.every((field) => QUESTIONS.includes(field));
  return kind === 'rest' && method !== 'GET' && path.includes('/repos/');
}

const QUESTIONS: readonly string[] = ['repository', 'node', 'nodes', 'organization', 'rateLimit'];

async function end(bot: StartedBot, death: keyof Deaths): Promise<keyof Deaths> {
  await bot.kill('SIGKILL');
  return death;
}

async function until(isSo: () => boolean, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!isSo() && performance.now() < deadline) await sleep(1);
}
