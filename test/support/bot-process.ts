import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import type { GitHubSimulator } from './forge/github/simulator.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** What the simulator signs webhooks with, and what the generic endpoint is signed with. */
export const WEBHOOK_SECRET = 'webhook-secret-of-the-simulation';
export const GENERIC_SECRET = 'generic-secret-of-the-simulation';
/** What deploy tools prove themselves with. */
export const DEPLOY_SECRET = 'deploy-secret-of-the-simulation';

export interface BotProcessOptions {
  readonly github: GitHubSimulator;
  readonly dataDirectory: string;
  readonly databaseUrl?: string;
  /** 0, any free one, unless told. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The bot as it runs in production: a process of its own, told everything by its environment. */
export interface BotProcess extends StartedBot {
  readonly url: string;
}

/** A process that may not listen yet, or never will. */
export interface StartedBot {
  readonly pid: number;
  /** Every line that it logged, parsed. */
  readonly logs: readonly Readonly<Record<string, unknown>>[];
  /** Every line that it wrote to its standard error. */
  readonly complaints: readonly string[];
  /** Resolves with its address. @throws with what it said, when it ends before it listens */
  listening(): Promise<string>;
  /** Resolves when it is gone, with its exit code or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals | null>;
  /** Resolves when it is gone, as {@link ended}. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | NodeJS.Signals | null>;
}

/** Starts the bot, and points the simulator's webhooks at it. @throws with what it said, when it ends before it listens */
export async function startBotProcess(options: BotProcessOptions): Promise<BotProcess> {
  const started = spawnBot(options);
  const url = await started.listening();
  options.github.deliverTo(`${url}/webhooks/github`, WEBHOOK_SECRET);
  return { ...started, url };
}

/** Starts the bot and waits for nothing. */
export function spawnBot(options: BotProcessOptions): StartedBot {
  const child = spawn(process.execPath, [CLI, 'serve'], {
    env: environment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const logs: Record<string, unknown>[] = [];
  const complaints: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => complaints.push(line));
  const ended = once(child, 'close').then(() => child.exitCode ?? child.signalCode);
  const listening = untilListening(child, logs, complaints);
  // Whoever does not ask does not want to know.
  listening.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    logs,
    complaints,
    listening: () => listening,
    ended: () => ended,
    kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

function environment({ github, dataDirectory, databaseUrl, port = 0, env }: BotProcessOptions): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: dataDirectory,
    APP_ID: String(github.appId),
    PRIVATE_KEY: github.privateKey,
    WEBHOOK_SECRET,
    TAGALONG_GENERIC_SECRET: GENERIC_SECRET,
    TAGALONG_DEPLOY_SECRET: DEPLOY_SECRET,
    GHE_HOST: new URL(github.url).host,
    GHE_PROTOCOL: 'http',
    PORT: String(port),
    TAGALONG_DATA: dataDirectory,
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    ...env,
  };
}

async function untilListening(
  child: ChildProcess,
  logs: Record<string, unknown>[],
  complaints: string[],
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  if (child.stdout === null) throw new Error('the bot has no standard output');
  createInterface({ input: child.stdout }).on('line', (line) => {
    const entry = parse(line);
    logs.push(entry);
    if (entry['msg'] === 'listening') resolve(String(entry['url']));
  });
  child.once('close', (code) => {
    reject(
      new Error([`the bot ended with ${code}`, ...complaints, ...logs.map((log) => JSON.stringify(log))].join('\n')),
    );
  });
  return promise;
}

function parse(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : { line };
  } catch {
    return { line };
  }
}
