import { LRUCache } from 'lru-cache';
import { pino } from 'pino';
import { Probot, ProbotOctokit } from 'probot';
import type { z } from 'zod';
import type { RepositoryRef } from '../../domain/repository.ts';
import type { Log, Metrics } from '../../telemetry/telemetry.ts';
import { GitHubError, isRecord, translate, unreadable } from './errors.ts';
import { createKnown, type Known } from './known.ts';
import { createGate, noPace, writePace } from './limits.ts';
import { splitPath, type OwnerAndRepo } from './paths.ts';

export interface ClientOptions {
  readonly appId: number | string;
  /** PEM. */
  readonly privateKey: string;
  /** `https://api.github.com`, or `https://<host>/api/v3` of a GitHub Enterprise Server. */
  readonly apiUrl: string;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'forgeRequest'>;
  readonly now: () => Date;
}

export type Octokit = ProbotOctokit;

/**
 * Requests to GitHub, signed in as the app or as one of its installations. Everything thrown is a TagalongError; reads are repeated
 * twice within two seconds when GitHub fails to answer, writes never.
 */
export interface Client {
  asApp<T>(run: (octokit: Octokit) => Promise<T>): Promise<T>;
  asInstallation<T>(installation: number, run: (octokit: Octokit) => Promise<T>): Promise<T>;
  /** As the installation that the repository belongs to. */
  inRepository<T>(repository: RepositoryRef, run: (octokit: Octokit, at: OwnerAndRepo) => Promise<T>): Promise<T>;
  /** Runs a document and checks that the answer has the shape that it asks for. Any error in the answer is thrown. */
  graphql<T>(repository: RepositoryRef, document: string, variables: object, shape: z.ZodType<T>): Promise<T>;
  installationOf(repository: RepositoryRef): Promise<number>;
  /** `<slug>[bot]`, the name under which the app writes. */
  botLogin(): Promise<string>;
  readonly known: Known;
}

export function createClient(options: ClientOptions): Client {
  const probot = createProbot(options);
  const gate = createGate(options.now);
  const known = createKnown();
  const octokits = new LRUCache<number, Octokit>({ max: 5_000 });
  let login: Promise<string> | undefined;

  async function guarded<T>(key: string, run: () => Promise<T>): Promise<T> {
    gate.check(key);
    try {
      return await run();
    } catch (error) {
      const translated = translate(error, options.now());
      gate.shut(key, translated);
      if (translated.code === 'forge-rate-limited') {
        options.log.warn({ forge: 'github', account: key, retryAt: translated.retryAt }, 'forge asked us to wait');
      }
      throw translated;
    }
  }

  async function octokitOf(installation: number): Promise<Octokit> {
    const octokit = octokits.get(installation) ?? (await probot.auth(installation));
    octokits.set(installation, octokit);
    return octokit;
  }

  const client: Client = {
    known,
    asApp: (run) => guarded('app', async () => run(await probot.auth())),
    asInstallation: (installation, run) =>
      guarded(String(installation), async () => run(await octokitOf(installation))),

    async inRepository(repository, run) {
      const installation = await client.installationOf(repository);
      try {
        return await client.asInstallation(installation, (octokit) => run(octokit, splitPath(repository)));
      } catch (error) {
        // The app may have been installed anew under another id, or the repository created anew.
        if (error instanceof GitHubError && (error.status === 401 || error.status === 404)) known.forget(repository);
        throw error;
      }
    },

    graphql: (repository, document, variables, shape) =>
      client.inRepository(repository, async (octokit) =>
        readable(await octokit.graphql(document, { ...variables }), shape),
      ),

    async installationOf(repository) {
      const remembered = known.installation(repository);
      if (remembered !== undefined) return remembered;
      const { data } = await client.asApp((octokit) =>
        octokit.rest.apps.getRepoInstallation({ ...splitPath(repository) }),
      );
      known.remember(repository, { installation: data.id });
      return data.id;
    },

    async botLogin() {
      login ??= client.asApp(
        async (octokit) => `${(await octokit.rest.apps.getAuthenticated()).data?.slug ?? ''}[bot]`,
      );
      try {
        return await login;
      } catch (error) {
        login = undefined;
        throw error;
      }
    },
  };
  return client;
}

const READ_RETRIES = 2;
const TIMEOUT_MS = 20_000;

/**
 * Probot signs in and caches the tokens. Its log is off, because it writes request bodies (files and their values) at level debug; its own
 * handling of rate limits is replaced, because it sleeps until a limit is over while a worker holds the subject.
 */
function createProbot({ appId, privateKey, apiUrl, metrics }: ClientOptions): Probot {
  const pace = writePace(apiUrl);
  const unpaced = noPace();
  const Octokit = ProbotOctokit.plugin(insistOnObjects, sendWritesOnce).defaults((given: { throttle?: object }) => ({
    ...given,
    userAgent: 'tagalong',
    throttle: {
      ...given.throttle,
      write: pace,
      notifications: unpaced,
      onRateLimit: () => false,
      onSecondaryRateLimit: () => false,
    },
    retry: {
      retries: READ_RETRIES,
      retryAfterBaseValue: 200,
      doNotRetry: Array.from({ length: 100 }, (_, index) => 400 + index),
    },
  }));
  return new Probot({
    appId,
    privateKey,
    baseUrl: apiUrl.replace(/\/+$/, ''),
    log: pino({ level: 'silent' }),
    Octokit,
    request: { fetch: countingFetch(metrics) },
  });
}

function insistOnObjects(octokit: Pick<Octokit, 'hook'>): object {
  octokit.hook.after('request', ({ data, status }) => {
    const hasBody = status === 200 || status === 201;
    if (hasBody && !isRecord(data)) throw unreadable(`a body that is not JSON (${status})`);
  });
  return {};
}

/**
 * What is no read is sent once; the retry plugin repeats the rest as often as its `retries` say. The settings are copied, because octokit
 * shares one object among all requests and its plugins write their counts into it.
 */
function sendWritesOnce(octokit: Pick<Octokit, 'hook'>): object {
  octokit.hook.before('request', (options) => {
    const isQuery = typeof options['query'] === 'string' && options['query'].startsWith('query ');
    const isRead = options.method === 'GET' || isQuery;
    options.request = { ...options.request, ...(!isRead && { retries: 0 }) };
  });
  return {};
}

function countingFetch(metrics: ClientOptions['metrics']): typeof fetch {
  return async (input, init) => {
    try {
      const sent = typeof init?.body === 'string' ? { ...init, body: withWholeCharacters(init.body) } : init;
      const response = await fetch(input, { ...sent, signal: AbortSignal.timeout(TIMEOUT_MS) });
      metrics.forgeRequest('github', outcome(response));
      return response;
    } catch (error) {
      metrics.forgeRequest('github', 'network-error');
      throw error;
    }
  };
}

/**
 * Text of others that was cut may end in half a character, which JSON.stringify escapes and no reader of JSON has to take (RFC 8259, 8.2):
 * U+FFFD goes in its place.
 */
function withWholeCharacters(json: string): string {
  return json.replace(/\\(?:u(d[89a-f]..)|.)/g, (escape, half) => (half === undefined ? escape : '\\ufffd'));
}

function outcome({ status, headers }: Response): Parameters<Metrics['forgeRequest']>[1] {
  if (status < 400) return 'ok';
  if (status >= 500) return 'server-error';
  const isLimited = headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0';
  return status === 429 || (status === 403 && isLimited) ? 'rate-limited' : 'client-error';
}

function readable<T>(data: unknown, shape: z.ZodType<T>): T {
  const parsed = shape.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unreadable(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong shape'}`);
}
