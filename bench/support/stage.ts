import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { type BotProcess, startBotProcess } from '../../test/support/bot-process.ts';
import { type GitHubSimulator, startGitHub } from '../../test/support/forge/github/simulator.ts';
import type { ManifestRepository } from './manifest-repository.ts';

/** The manifest repository of every benchmark. */
export const MANIFESTS = 'acme/deploy';

/** How long anything that a benchmark waits for may take. */
export const PATIENCE_MS = 60_000;

export interface Stage extends AsyncDisposable {
  /** Runs in this process. */
  readonly github: GitHubSimulator;
  /** Runs in its own. */
  readonly bot: BotProcess;
  /** Where the bot keeps what it remembers. */
  readonly directory: string;
  /** Ends the bot, and starts another with what the first remembered. */
  restart(): Promise<void>;
}

/**
 * A simulated GitHub with this manifest repository, where there is one, and the bot with an empty data directory.
 * @param databaseUrl a PostgreSQL database instead of the embedded one
 * @param env further settings of the bot
 */
export async function openStage(
  repository?: ManifestRepository,
  databaseUrl?: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'tagalong-bench-'));
  const github = await openGitHub(repository);
  const close = async (): Promise<void> => {
    await github.close();
    await rm(directory, { recursive: true, force: true });
  };
  const start = () =>
    startBotProcess({ github, dataDirectory: directory, env, ...(databaseUrl !== undefined && { databaseUrl }) });
  let bot: BotProcess;
  try {
    bot = await start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    github,
    directory,
    get bot() {
      return bot;
    },
    async restart() {
      await bot.kill('SIGTERM');
      bot = await start();
    },
    async [Symbol.asyncDispose]() {
      await bot.kill('SIGTERM');
      await close();
    },
  };
}

/** A simulated GitHub that sends the events which the app subscribes to, and no other. */
export async function openGitHub(repository: ManifestRepository | undefined): Promise<GitHubSimulator> {
  const github = await startGitHub({ app: { events: subscribedEvents() } });
  const [owner = '', name = ''] = MANIFESTS.split('/');
  if (repository !== undefined) github.people.createRepository({ owner, name, files: repository.files });
  return github;
}

/** Resolves when the bot has told that the configuration is good, and has had no work since. */
export async function indexed({ github, bot }: Stage): Promise<void> {
  await until('a check on the configuration', () =>
    github.state.checkRuns(MANIFESTS).some(({ name }) => name === 'tagalong/config'),
  );
  await untilIdle({ github, bot });
}

/** Resolves when no webhook is under way and neither side has asked anything of the other for so many milliseconds. */
export async function untilIdle({ github, bot }: Pick<Stage, 'github' | 'bot'>, quietMs = QUIET_MS): Promise<void> {
  for (let before = -1; before !== github.requests.length + bot.logs.length;) {
    before = github.requests.length + bot.logs.length;
    await new Promise((resolve) => setTimeout(resolve, quietMs));
    await github.settled();
  }
}

const QUIET_MS = 150;

/** Looks every few milliseconds. @throws when it does not come */
export async function until(what: string, look: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!look()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${PATIENCE_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function subscribedEvents(): readonly string[] {
  const manifest = readFileSync(new URL('../../app.yml', import.meta.url), 'utf8');
  return z.object({ default_events: z.array(z.string()) }).parse(parse(manifest)).default_events;
}
