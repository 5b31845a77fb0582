import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configPaths } from './config/config.ts';
import { readSettings, type Settings, type Variables } from './config/settings.ts';
import { TagalongError } from './domain/errors.ts';
import { createGitHub, type GitHub } from './forge/github/github.ts';
import { createMirrors } from './git/mirrors.ts';
import { createReceivers } from './intake/registry.ts';
import type { Notifier } from './notify/notify.ts';
import { createRenderer } from './render/renderer.ts';
import { createServer } from './server/server.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';
import { createLog } from './telemetry/pino.ts';
import { createMetrics, type PrometheusMetrics } from './telemetry/prometheus.ts';
import type { Log } from './telemetry/telemetry.ts';
import { accept } from './workflows/accept.ts';
import { reconciler } from './workflows/reconcile.ts';
import { discoverInstalled, resyncKnown } from './workflows/resync.ts';
import { repeat } from './workflows/repeat.ts';

export interface Bot {
  /** Where the server listens, with the port that was found. */
  readonly url: string;
  /** Takes nothing new, lets what runs finish within the grace time, releases the rest. Done once, however often called. */
  stop(): Promise<void>;
}

/** What every part of the composition shares. */
interface Ground {
  readonly settings: Settings;
  readonly log: Log;
  readonly metrics: PrometheusMetrics;
  readonly now: () => Date;
}

/** GitHub's limit for the text of a comment, in characters. */
const GITHUB_COMMENT_LIMIT = 65_536;

/** How far back a starting process looks for webhooks that nobody took. GitHub remembers them for three days. */
const MISSED_WEBHOOKS_MS = 24 * 60 * 60_000;

/** The settings in an environment, the files that they name read. @throws TagalongError `settings-invalid`, telling all problems */
export function settingsFrom(env: Variables): Settings {
  const read = readSettings(env, (path) => readFileSync(path, 'utf8'));
  if (read.ok) return read.settings;
  throw new TagalongError('settings-invalid', read.problems.join('\n'));
}

/**
 * Puts the whole bot together and starts it: the only place that knows every adapter. When it returns, webhooks are accepted and
 * subjects are worked on.
 * @throws TagalongError before anything listens, when a setting is wrong or the store cannot be opened
 */
export async function startBot(settings: Settings, env: Variables): Promise<Bot> {
  const { app } = settings.github;
  if (app === undefined)
    throw new TagalongError('settings-invalid', 'APP_ID, PRIVATE_KEY and WEBHOOK_SECRET are not set.');
  const log = createLog({ ...settings.log, color: process.stdout.isTTY });
  const ground: Ground = { settings, log, metrics: createMetrics(), now: () => new Date() };
  const github = createGitHub({
    appId: app.id,
    privateKey: app.privateKey,
    webhookSecret: app.webhookSecret,
    ...settings.github,
    ...ground,
  });
  const store = await openStoreOf(ground);
  try {
    return await run(ground, github, store, env.PATH ?? '');
  } catch (error) {
    await store.close();
    throw error;
  }
}

function openStoreOf({ settings: { store, work }, log, metrics, now }: Ground): Promise<Store> {
  const { databaseUrl, dataDirectory } = store;
  const where = databaseUrl === undefined ? { dataDirectory: join(dataDirectory, 'database') } : { databaseUrl };
  return openStore({ ...where, concurrency: work.concurrency, log, metrics, now });
}

async function run(ground: Ground, github: GitHub, store: Store, searchPath: string): Promise<Bot> {
  const { settings, log, metrics, now } = ground;
  const mirrors = createMirrors({
    directory: join(settings.store.dataDirectory, 'mirrors'),
    remote: (repository) => github.gitRemote(repository),
    maxBytes: settings.store.mirrorSize,
    log,
    now,
  });
  const { helmPath: helm, kustomizePath: kustomize, timeout: timeoutMs } = settings.renderers;
  const renderer = createRenderer({ helm, kustomize, searchPath, timeoutMs }, metrics);
  const server = createServer({
    receivers: [
      github.receiver,
      ...createReceivers({ generic: settings.server.genericSecrets, deploys: settings.server.deploySecrets }),
    ],
    accept: (sender, id, events) => accept({ inbox: store.inbox, configPaths, log, metrics, now }, sender, id, events),
    ping: () => store.ping(),
    exposition: () => metrics.exposition(),
    bodyLimit: settings.server.bodyLimit,
    metrics,
    log,
    now,
  });
  const notifier = await openNotifier(ground);
  const bypassWaitMs = settings.work.bypassWait;
  const deps = { forge: github, mirrors, renderer, store, notifier, log, metrics, now, bypassWaitMs };
  await store.workers.start(reconciler({ ...deps, commentLimit: GITHUB_COMMENT_LIMIT }));
  const url = await server.listen(settings.server);
  const resync = startResync(ground, github, store);
  log.info({ url }, 'listening');

  const stop = async () => {
    log.info({}, 'stopping');
    resync.stop();
    await server.close();
    await store.workers.stop(settings.server.grace);
    await mirrors.close();
    await store.close();
    log.info({}, 'stopped');
  };
  let stopping: Promise<void> | undefined;
  return { url, stop: () => (stopping ??= stop()) };
}

/** Slack's library is loaded only where Slack is told anything. */
async function openNotifier({ settings: { slack }, now }: Ground): Promise<Notifier> {
  if (slack.token === undefined && slack.webhookUrl === undefined) {
    return { mode: 'off', notify: () => Promise.resolve(undefined) };
  }
  const { createSlack } = await import('./notify/slack.ts');
  return createSlack({ ...slack, now });
}

/** At once, and then at every interval: what a lost webhook would have said is found out. */
function startResync({ settings, log, now }: Ground, github: GitHub, store: Store): { stop(): void } {
  const deps = { inbox: store.inbox, index: store, log };
  let since = new Date(now().getTime() - MISSED_WEBHOOKS_MS);
  return repeat(settings.work.resync, log, async () => {
    const startedAt = now();
    await resyncKnown(deps);
    await discoverInstalled(deps, github);
    await github.redeliverFailed(since);
    since = startedAt;
  });
}
