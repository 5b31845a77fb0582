import { chmod, rm } from 'node:fs/promises';
import { createServer, request, type RequestListener } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseSubject, formatSubject } from '../domain/subject.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { formatFilter, parseFilter, readLines } from './audit-wire.ts';
import { describeError } from './retry-policy.ts';
import type { Audit, InboxAdmin, InboxEntry } from './store.ts';

/*
 * The embedded database belongs to one process. So that `tagalong inbox` and `tagalong audit` can be used while the bot runs, the bot answers them on
 * a socket in its data directory, which only those can reach who can also read the database.
 */

const NAME = 'admin.sock';

/** What operators may use of a store. */
export interface StoreAdmin {
  readonly inbox: InboxAdmin;
  readonly audit: Pick<Audit, 'entries'>;
}

/** Answers for `admin` until closed. Only for the process that holds the lock of the directory. */
export async function serveAdmin(directory: string, admin: StoreAdmin, log: Log): Promise<{ close(): Promise<void> }> {
  const path = join(directory, NAME);
  await rm(path, { force: true });
  const server = createServer(answer(admin, log)).unref();
  try {
    await once(server.listen(path), 'listening');
    await chmod(path, 0o600);
  } catch (error) {
    // For instance a path that is longer than sockets may have.
    log.warn(
      { error: describeError(error) },
      'The commands for the inbox and the audit log cannot be used while this process runs',
    );
  }
  return {
    async close() {
      if (server.listening) await new Promise((closed) => server.close(closed).closeAllConnections());
    },
  };
}

/** @returns undefined when no process answers for this directory */
export async function connectAdmin(directory: string): Promise<StoreAdmin | undefined> {
  const path = join(directory, NAME);
  try {
    await ask(path, 'GET', '/');
  } catch (error) {
    if (isNobodyThere(error)) return undefined;
    throw error;
  }
  return {
    inbox: {
      entries: async () => readEntries(await ask(path, 'GET', '/entries')),
      retry: async (subject) =>
        Number(await ask(path, 'POST', '/retry', subject === undefined ? '' : formatSubject(subject))),
    },
    audit: { entries: async (filter) => readLines(await ask(path, 'POST', '/audit', formatFilter(filter))) },
  };
}

function answer({ inbox, audit }: StoreAdmin, log: Log): RequestListener {
  const retryNamed = (text: string): Promise<number> | undefined => {
    const subject = parseSubject(text);
    return subject && inbox.retry(subject);
  };
  const route = async (name: string, body: string): Promise<unknown> => {
    if (name === 'GET /') return 'ready';
    if (name === 'GET /entries') return inbox.entries();
    if (name === 'POST /retry') return body === '' ? inbox.retry() : retryNamed(body);
    if (name === 'POST /audit') return audit.entries(parseFilter(body));
    return undefined;
  };
  return (incoming, response) => {
    const reply = async (): Promise<void> => {
      const result = await route(`${incoming.method} ${incoming.url}`, await text(incoming));
      response.writeHead(result === undefined ? 404 : 200).end(JSON.stringify(result));
    };
    reply().catch((error: unknown) => {
      log.warn({ error: describeError(error) }, 'A command for the inbox or the audit log failed');
      response.writeHead(500).end();
    });
  };
}

async function ask(socketPath: string, method: string, path: string, body = ''): Promise<unknown> {
  const sent = request({ socketPath, method, path, agent: false }).end(body);
  const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream & { statusCode?: number }];
  const answered = await text(response);
  if (response.statusCode !== 200) throw new Error(`The running process answered ${String(response.statusCode)}.`);
  return JSON.parse(answered) as unknown;
}

function isNobodyThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ECONNREFUSED');
}

/** Entries as JSON has them, with the dates as text. */
type SentEntry = Omit<InboxEntry, 'oldest' | 'nextAttemptAt'> & { oldest: string; nextAttemptAt?: string };

function readEntries(sent: unknown): InboxEntry[] {
  if (!Array.isArray(sent)) throw new Error('The running process answered with no list.');
  return (sent as SentEntry[]).map(({ oldest, nextAttemptAt, ...entry }) => ({
    ...entry,
    oldest: new Date(oldest),
    ...(nextAttemptAt !== undefined && { nextAttemptAt: new Date(nextAttemptAt) }),
  }));
}
