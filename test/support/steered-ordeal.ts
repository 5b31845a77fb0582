import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '../../src/store/open-store.ts';
import { type Aftermath, aftermathOf } from './aftermath.ts';
import { type BotProcessOptions, spawnBot, WEBHOOK_SECRET } from './bot-process.ts';
import { temporaryDirectory } from './database.ts';
import { type GitHubSimulator, startGitHub } from './forge/github/simulator.ts';
import { isWrite, killAgainAndAgain, type Deaths } from './kill-loop.ts';
import type { Lane } from './lane.ts';
import { runLanes } from './lanes.ts';
import { freePort, isDelivered, storeOf, untilAtRest } from './ordeal.ts';
import { seededRandom } from './seeded-random.ts';

export interface SteeredOrdealOptions {
  /** 0: how it goes when nothing goes wrong. */
  readonly kills: number;
  readonly seed: number;
  /** How often everything happens, side by side. */
  readonly rounds: number;
  readonly databaseUrl?: string;
}

/** What came of it. */
export interface SteeredOrdeal {
  readonly github: GitHubSimulator;
  readonly lanes: readonly Lane[];
  /** By the organisation of the lane, as it stood when the bot had come to rest. */
  readonly aftermath: ReadonlyMap<string, Aftermath>;
  /** The same once more, after a further process has looked at everything anew. */
  readonly reconsidered: ReadonlyMap<string, Aftermath>;
  readonly figures: Readonly<Record<string, number>>;
  /** How the last process ended, when it was asked to. */
  readonly end: number | string | null;
  close(): Promise<void>;
}

/** About as many writes to GitHub, and as many steps, are in one round; so the deaths are spread over all of the work. */
const WRITES = 200;

/** What is waited for has the time of all the killing, and some more. */
const PATIENCE_MS = 120_000;
const PATIENCE_FOR_A_KILL_MS = 20_000;

/** People steer and tools report, as `lanes.ts` says, while the bot is killed without warning and started again; then it comes to rest. */
export async function runSteeredOrdeal(options: SteeredOrdealOptions): Promise<SteeredOrdeal> {
  const { kills, seed, rounds, databaseUrl } = options;
  const temporary = await temporaryDirectory();
  const github = await startGitHub({ checkAnswers: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const bot = {
    ...{ github, port, dataDirectory: temporary.path, env: { TAGALONG_BYPASS_WAIT: '1s' } },
    ...(databaseUrl !== undefined && { databaseUrl }),
  };
  github.deliverTo(`${url}/webhooks/github`, WEBHOOK_SECRET);

  const startedAt = performance.now();
  const patienceMs = PATIENCE_MS + kills * PATIENCE_FOR_A_KILL_MS;
  const running = Array.from({ length: rounds }, (_, round) => runLanes({ github, url, patienceMs, round })).flat();
  const lanes = running.map(({ lane }) => lane);
  const state = { isOver: false };
  const played = Promise.all(running.map(({ done }) => done)).finally(() => (state.isOver = true));
  played.catch(() => undefined);
  const pressing = pressRedeliver(github, () => state.isOver);
  const isOver = () => state.isOver;
  const deaths = await killAgainAndAgain({
    bot,
    kills,
    random: seededRandom(seed),
    spared: Math.ceil((2 * rounds * WRITES) / Math.max(kills, 1)),
    isOver,
  });
  const killedAt = performance.now();
  const writesAtLastKill = github.requests.filter(isWrite).length;

  const last = await restUnder(bot, lanes, async () => {
    await played;
    await pressing;
  });
  const again = await restUnder(bot, lanes, () => Promise.resolve());
  return {
    github,
    lanes,
    aftermath: last.aftermath,
    reconsidered: again.aftermath,
    end: again.end,
    figures: {
      ...deaths,
      writesAtLastKill,
      writes: github.requests.filter(isWrite).length,
      deliveries: github.outbox.deliveries.length,
      secondsOfKilling: Math.round((killedAt - startedAt) / 1000),
      seconds: Math.round((performance.now() - startedAt) / 1000),
    },
    async close() {
      await github.close();
      await temporary.remove();
    },
  };
}

export type { Deaths };

/** Starts a process, lets everything come to its end and to rest under it, and ends it. */
async function restUnder(bot: BotProcessOptions, lanes: readonly Lane[], whatHappens: () => Promise<void>) {
  const process = spawnBot(bot);
  await process.listening();
  await whatHappens().catch(async (error: unknown) => {
    await process.kill('SIGKILL');
    const lines = process.logs.slice(-20).map((line) => JSON.stringify(line).slice(0, 500));
    throw new Error([String(error), ...lines].join('\n'));
  });
  while (!process.logs.some(({ msg }) => msg === 'installed repositories woken')) await sleep(10);
  await untilAtRest(bot.github, { problems: () => [] }, process, bot);
  const end = await process.kill('SIGTERM');
  return { end, aftermath: await aftermathOfAll(bot, lanes) };
}

async function aftermathOfAll(bot: BotProcessOptions, lanes: readonly Lane[]): Promise<ReadonlyMap<string, Aftermath>> {
  const store = await openStore(storeOf(bot));
  try {
    const found = new Map<string, Aftermath>();
    for (const lane of lanes) found.set(lane.owner, await aftermathOf(lane, store));
    return found;
  } finally {
    await store.close();
  }
}

/** As somebody who looks after what GitHub could not deliver, beside the bot, which asks for it when it starts. */
async function pressRedeliver(github: GitHubSimulator, isOver: () => boolean): Promise<void> {
  const isMissing = () => github.outbox.deliveries.filter((delivery) => !isDelivered(delivery));
  while (!isOver() || isMissing().length > 0) {
    await sleep(1_000);
    for (const delivery of isMissing()) if (delivery.attempts.length > 0) github.outbox.redeliver(delivery);
    await github.settled();
  }
}
