import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, type Transaction } from 'kysely';
import { type Db as QueueConnection, fromKysely, fromPglite } from 'pg-boss';
import { TagalongError } from '../domain/errors.ts';
import type { Database } from './database.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import { DurableFileSystem, syncPath, syncTree } from './durable-file-system.ts';
import type { Tables } from './schema.ts';
import { withStorableText } from './text.ts';
import { sayWhenUnavailable } from './unavailable.ts';

/**
 * Opens the database that lives in a directory of this machine and runs inside this process.
 * @throws TagalongError `data-directory-locked`, `store-not-durable`
 */
export async function openEmbedded(dataDirectory: string, onBroken: (error: Error) => void): Promise<Database> {
  const directory = resolve(dataDirectory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const lock = lockDirectory(directory);
  try {
    const files = new DurableFileSystem(await prepare(directory), onBroken);
    const pglite = await startDurably(files, startParameters);
    return wrap(pglite, files, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Whether there is a database in this directory. */
export function hasDatabase(dataDirectory: string): boolean {
  return existsSync(join(dataDirectory, FILES));
}

const FILES = 'cluster';

/**
 * Makes the files of the database, once: in a folder beside, which takes its name only when all of it is on the disk.
 * A machine that stops in the middle leaves nothing that the next start could take for a database.
 */
async function prepare(directory: string): Promise<string> {
  const files = join(directory, FILES);
  if (!hasDatabase(directory)) {
    const unfinished = join(directory, `${FILES}.unfinished`);
    await rm(unfinished, { recursive: true, force: true });
    const first = await PGlite.create({ dataDir: unfinished });
    await first.close();
    await syncTree(unfinished);
    await rename(unfinished, files);
    syncPath(directory);
  }
  return files;
}

/** The defaults of PGlite without `-F`, which switches durability off, and small, for a process with other work. */
export const startParameters = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  ...['fsync=on', 'wal_sync_method=fsync', 'full_page_writes=on', 'synchronous_commit=on'].flatMap((it) => ['-c', it]),
  ...['shared_buffers=8MB', 'max_wal_size=64MB', 'timezone=UTC'].flatMap((it) => ['-c', it]),
];

/** @throws TagalongError `store-not-durable` when a commit does not reach the disk */
export async function startDurably(files: DurableFileSystem, parameters: string[]): Promise<PGlite> {
  const pglite = await PGlite.create({ fs: files, startParams: parameters });
  const reason = await whyNotDurable(pglite, files);
  if (reason === undefined) return pglite;
  await pglite.close();
  throw new TagalongError('store-not-durable', reason);
}

/** Commits something, and looks whether it was written to the disk. */
async function whyNotDurable(pglite: PGlite, files: DurableFileSystem): Promise<string | undefined> {
  const { rows } = await pglite.query<{ fsync: string }>('show fsync');
  if (rows[0]?.fsync !== 'on') return 'The embedded database runs with fsync switched off.';
  await pglite.query('create table if not exists public.durability_proof (proved_at timestamptz not null)');
  await pglite.query('delete from public.durability_proof');
  const before = files.syncs;
  await pglite.query('insert into public.durability_proof values (now())');
  return files.syncs > before ? undefined : 'The embedded database committed without an fsync.';
}

function wrap(pglite: PGlite, files: DurableFileSystem, lock: DirectoryLock): Database {
  const db = new Kysely<Tables>({ dialect: withStorableText(new PGliteDialect({ pglite })) });
  const open = new AsyncLocalStorage<Transaction<Tables>>();
  const use = <T>(work: () => Promise<T>): Promise<T> =>
    sayWhenUnavailable(() => (files.stopped === undefined ? work() : Promise.reject(files.stopped)));
  return {
    kind: 'embedded',
    run: (work) => use(() => work(db)),
    transaction: (work) =>
      use(() => db.transaction().execute((transaction) => open.run(transaction, work, transaction))),
    queue: { db: queueConnection(pglite, open), backend: 'pglite' },
    upkeep: {
      async checkpoint() {
        if ((await bytesOfLog(pglite)) > LARGEST_LOG_BYTES) await pglite.exec('checkpoint');
      },
      async vacuum() {
        await pglite.exec('vacuum analyze');
      },
    },
    async close() {
      if (files.stopped === undefined) await pglite.close();
      lock.release();
    },
  };
}

/** How much was written since the last checkpoint. */
async function bytesOfLog(pglite: PGlite): Promise<number> {
  const { rows } = await pglite.query<{ bytes: number }>(
    'select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::float8 as bytes from pg_control_checkpoint()',
  );
  return rows[0]?.bytes ?? 0;
}

const LARGEST_LOG_BYTES = 32 * 1024 ** 2;

/**
 * The queue's statements join the transaction that its caller has open. There is one session, so a statement beside an
 * open transaction would wait for that transaction, which waits for the statement.
 */
function queueConnection(pglite: PGlite, open: AsyncLocalStorage<Transaction<Tables>>): QueueConnection {
  const outside = fromPglite(pglite);
  return {
    ...outside,
    executeSql(text, values) {
      const transaction = open.getStore();
      return transaction === undefined
        ? outside.executeSql(text, values)
        : fromKysely(transaction).executeSql(text, values);
    },
  };
}
