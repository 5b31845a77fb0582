import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore, storeLocation, withInboxAdmin } from '../../src/store/open-store.ts';
import type { InboxEntry } from '../../src/store/store.ts';
import { type BotProcessOptions, spawnBot, type StartedBot, WEBHOOK_SECRET } from './bot-process.ts';
import { temporaryDirectory } from './database.ts';
import { Fleet, type Release } from './fleet.ts';
import { type Delivery, type GitHubSimulator, startGitHub } from './forge/github/simulator.ts';
import { sendGeneric, signGeneric } from './generic-sender.ts';
import { seededRandom, shuffled } from './seeded-random.ts';
import { silentLog } from './silent.ts';

export interface OrdealOptions {
  readonly kills: number;
  readonly seed: number;
  readonly databaseUrl?: string;
  readonly size: { readonly repositories: number; readonly images: number };
}

/** What was done to the bot. */
export interface Ordeal {
  readonly github: GitHubSimulator;
  readonly fleet: Fleet;
  readonly figures: Readonly<Record<string, number>>;
  /** What the bot remembers of published versions, as `name:tag`. */
  readonly remembered: ReadonlySet<string>;
  /** How the last process ended, when it was asked to. */
  readonly end: number | string | null;
  close(): Promise<void>;
}

/** How long everything may take to come to rest after the last kill. */
const PATIENCE_MS = 180_000;

/** Those that die early die within this time of their start: half of them before they listen. */
const EARLY_MS = 2_500;

/** The others die after so many writes to GitHub, at most, that their deaths are spread over all of the work. */
const writesPerLife = (releases: number, kills: number) => (releases * 10) / kills;

/** Or after this time, where there is too little to do. */
const LONGEST_LIFE_MS = 10_000;

/**
 * Publishes every release of a fleet, by senders that repeat until they are told yes, while the bot is killed without warning and
 * started again and people merge and push; then lets it come to rest.
 */
export async function runOrdeal(options: OrdealOptions): Promise<Ordeal> {
  const random = seededRandom(options.seed);
  const temporary = await temporaryDirectory();
  const github = await startGitHub();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { databaseUrl } = options;
  const bot = { github, port, dataDirectory: temporary.path, ...(databaseUrl !== undefined && { databaseUrl }) };
  github.deliverTo(`${url}/webhooks/github`, WEBHOOK_SECRET);
  const fleet = new Fleet(github, options.size);

  const startedAt = performance.now();
  const progress = { kills: 0 };
  const sending = sendAll({ github, fleet, url, random, progress, kills: options.kills });
  const starts = await killAgainAndAgain(bot, fleet, options.kills, random, progress);
  const killedAt = performance.now();
  const pullRequestsAtLastKill = fleet.pullRequests().length;
  const last = spawnBot(bot);
  await last.listening();
  const attempts = await sending;
  await untilAtRest(github, fleet, last, bot);
  const end = await last.kill('SIGTERM');
  return {
    github,
    fleet,
    end,
    remembered: await rememberedVersions(fleet, bot),
    figures: {
      kills: options.kills,
      killsBeforeListening: starts.killedBeforeListening,
      events: fleet.releases.length,
      attempts,
      pullRequestsAtLastKill,
      pullRequests: fleet.pullRequests().length,
      writes: countWrites(github),
      merged: fleet.pullRequests().filter(({ merge }) => merge !== undefined).length,
      secondsOfKilling: Math.round((killedAt - startedAt) / 1000),
      seconds: Math.round((performance.now() - startedAt) / 1000),
    },
    async close() {
      await github.close();
      await temporary.remove();
    },
  };
}

interface Progress {
  kills: number;
}

async function killAgainAndAgain(
  options: BotProcessOptions,
  fleet: Fleet,
  kills: number,
  random: () => number,
  progress: Progress,
): Promise<{ killedBeforeListening: number }> {
  let killedBeforeListening = 0;
  while (progress.kills < kills) {
    const bot = spawnBot(options);
    if (random() < 0.25) await sleep(random() * EARLY_MS);
    else {
      await bot.listening();
      fleet.meddle(random);
      const enough = countWrites(options.github) + random() * writesPerLife(fleet.releases.length, kills);
      const latest = performance.now() + LONGEST_LIFE_MS;
      await until(() => countWrites(options.github) >= enough || performance.now() > latest);
      await sleep(random() * 50);
    }
    if (!bot.logs.some(({ msg }) => msg === 'listening')) killedBeforeListening += 1;
    await bot.kill('SIGKILL');
    progress.kills += 1;
  }
  return { killedBeforeListening };
}

/** What changes a repository; the bot asks for much else when it starts. */
function countWrites({ requests }: GitHubSimulator): number {
  return requests.filter(
    ({ kind, method, path }) => kind === 'graphql' || (method !== 'GET' && path.includes('/repos/')),
  ).length;
}

interface Sending {
  readonly github: GitHubSimulator;
  readonly fleet: Fleet;
  readonly url: string;
  readonly random: () => number;
  readonly progress: Progress;
  readonly kills: number;
}

/** Half of the releases by the generic endpoint, half by GitHub's registry, evenly over the kills. @returns attempts */
async function sendAll({ github, fleet, url, random, progress, kills }: Sending): Promise<number> {
  const releases = shuffled(fleet.releases, random);
  const attempts = releases.map(async (release, index) => {
    await until(() => progress.kills >= Math.floor((index * kills) / releases.length));
    return index % 2 === 0
      ? sendByGeneric(url, release, random)
      : sendByGitHub(github, () => fleet.publishOnGitHub(release));
  });
  return (await Promise.all(attempts)).reduce((sum, count) => sum + count, 0);
}

/** As a step of a CI that is run again until it passes; now and then with a signature of its own. */
async function sendByGeneric(url: string, { name, tag }: Release, random: () => number): Promise<number> {
  const sign = () => signGeneric({ image: `ghcr.io/acme/${name}`, tag });
  let request = sign();
  for (let attempt = 1; ; attempt += 1) {
    const status = await statusOf(() => sendGeneric(url, request));
    if (status === 202) return attempt;
    if (status !== undefined && status !== 503) throw new Error(`the generic endpoint answered ${status}`);
    if (random() < 0.5) request = sign();
    await sleep(100);
  }
}

async function statusOf(send: () => Promise<Response>): Promise<number | undefined> {
  try {
    const response = await send();
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined;
  }
}

/** Presses "Redeliver" until the bot says yes; the delivery keeps its id. */
async function sendByGitHub(github: GitHubSimulator, publish: () => void): Promise<number> {
  const before = github.outbox.deliveries.length;
  publish();
  const deliveries = github.outbox.deliveries.slice(before);
  for (const delivery of deliveries) {
    for (let attempt = 1; !isDelivered(delivery); attempt += 1) {
      await until(() => delivery.attempts.length >= attempt);
      await sleep(1_000);
      if (!isDelivered(delivery)) github.outbox.redeliver(delivery);
    }
  }
  return deliveries.reduce((sum, { attempts }) => sum + attempts.length, 0);
}

/** Somebody took it, at last. */
export function isDelivered({ attempts }: Delivery): boolean {
  return attempts.some(({ statusCode }) => statusCode >= 200 && statusCode < 300);
}

/** Resolves when nothing is under way and nothing waits. @throws with all that is still open, when that does not come */
export async function untilAtRest(
  github: GitHubSimulator,
  fleet: Pick<Fleet, 'problems'>,
  bot: StartedBot,
  options: BotProcessOptions,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  let entries: readonly InboxEntry[] = [];
  await withInboxAdmin(storeOf(options), async (admin) => {
    for (let quiet = 0; quiet < 2 && performance.now() < deadline;) {
      await github.settled();
      entries = await admin.entries();
      quiet = entries.length === 0 && github.outbox.deliveries.every(isDelivered) ? quiet + 1 : 0;
      await sleep(50);
    }
  });
  if (performance.now() < deadline) return;
  const undelivered = github.outbox.deliveries.filter((delivery) => !isDelivered(delivery));
  const lines = [...undelivered, ...entries, ...bot.logs.slice(-20)].map((each) => JSON.stringify(each).slice(0, 500));
  throw new Error(['the bot does not come to rest', ...fleet.problems(), ...lines].join('\n'));
}

async function rememberedVersions(fleet: Fleet, options: BotProcessOptions): Promise<Set<string>> {
  const store = await openStore(storeOf(options));
  try {
    const images = fleet.images();
    const published = await store.published(images);
    return new Set([...published].flatMap(([image, versions]) => versions.map(({ tag }) => `${image}:${tag}`)));
  } finally {
    await store.close();
  }
}

/** The store of a bot, for whoever looks into it while or after it runs. */
export function storeOf(options: BotProcessOptions) {
  return { ...storeLocation(options), now: () => new Date(), log: silentLog };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(10);
}

/** One that nothing listens on, so that a bot can have the same again and again. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
