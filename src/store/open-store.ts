import { join } from 'node:path';
import { sql } from 'kysely';
import type { Log, Metrics } from '../telemetry/telemetry.ts';
import { openAdmin } from './admin.ts';
import { connectAdmin, serveAdmin, type StoreAdmin } from './admin-socket.ts';
import { openArrivals } from './arrivals.ts';
import { openAudit } from './audit.ts';
import { openBumps } from './bumps.ts';
import { openCommentMemory } from './comments.ts';
import type { Database } from './database.ts';
import { openDeploys } from './deploys.ts';
import { hasDatabase, openEmbedded } from './embedded.ts';
import { startHousekeeping } from './housekeeping.ts';
import { openImageIndex } from './image-index.ts';
import { openInbox } from './inbox.ts';
import { migrateToLatest } from './migrations/index.ts';
import { openPostgres } from './postgres.ts';
import { openQueue } from './queue.ts';
import { openRenders } from './renders.ts';
import { defaultRetrySettings, type RetrySettings } from './retry-policy.ts';
import { openSteering } from './steering.ts';
import type { InboxAdmin, Store } from './store.ts';
import { openVerdicts } from './verdicts.ts';
import { openWorkers } from './workers.ts';

/** A folder of this machine, for one process; or the URL of a PostgreSQL database, for any number of them. */
export type StoreLocation = { readonly dataDirectory: string } | { readonly databaseUrl: string };

export interface StoreSettings {
  readonly now: () => Date;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** How many subjects this process reconciles at a time. Default 4. */
  readonly concurrency?: number;
  readonly retry?: Partial<RetrySettings>;
  /**
   * The embedded database met an error of the disk after which it cannot go on, such as a full one: nothing is lost, and
   * the process has to be started again. If left out, the process ends by this error.
   */
  readonly onBroken?: (error: Error) => void;
}

/**
 * Opens the store, brings its tables to the newest shape, and starts its housekeeping.
 * @throws TagalongError `data-directory-locked`, `store-not-durable`, `store-newer`, `store-unavailable`
 */
export async function openStore(options: StoreLocation & StoreSettings): Promise<Store> {
  const database =
    'dataDirectory' in options
      ? await openEmbedded(options.dataDirectory, options.onBroken ?? endProcess)
      : openPostgres(options.databaseUrl, options.log);
  try {
    await database.run(migrateToLatest);
    const store = await assemble(database, options);
    if (!('dataDirectory' in options)) return store;
    const socket = await serveAdmin(options.dataDirectory, { inbox: store.admin, audit: store.audit }, options.log);
    return {
      ...store,
      async close() {
        await socket.close();
        await store.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function endProcess(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}

/** Where the store is, by the settings: the database that is named, else a folder in the data directory. */
export function storeLocation(settings: { dataDirectory: string; databaseUrl?: string }): StoreLocation {
  const { dataDirectory, databaseUrl } = settings;
  return databaseUrl === undefined ? { dataDirectory: join(dataDirectory, 'database') } : { databaseUrl };
}

/** Uses the inbox alone, as {@link withStoreAdmin} does. */
export function withInboxAdmin<T>(
  options: StoreLocation & StoreSettings,
  use: (admin: InboxAdmin) => Promise<T>,
): Promise<T> {
  return withStoreAdmin(options, ({ inbox }) => use(inbox));
}

/**
 * Uses the store as an operator does, beside a running bot or without one.
 * @throws TagalongError as {@link openStore}
 */
export async function withStoreAdmin<T>(
  options: StoreLocation & StoreSettings,
  use: (admin: StoreAdmin) => Promise<T>,
): Promise<T> {
  const running = 'dataDirectory' in options ? await connectAdmin(options.dataDirectory) : undefined;
  if (running !== undefined) return use(running);
  if ('dataDirectory' in options && !hasDatabase(options.dataDirectory)) return use(emptyStore);
  const store = await openStore(options);
  try {
    return await use({ inbox: store.admin, audit: store.audit });
  } finally {
    await store.close();
  }
}

/** That of a database which was never made, and need not be made to tell so. */
const emptyStore: StoreAdmin = {
  inbox: { entries: () => Promise.resolve([]), retry: () => Promise.resolve(0) },
  audit: { entries: () => Promise.resolve([]) },
};

async function assemble(database: Database, options: StoreSettings): Promise<Store> {
  const { now, log, metrics, concurrency = 4 } = options;
  const queue = await openQueue(database, log);
  const retry = { ...defaultRetrySettings, ...options.retry };
  const workers = openWorkers(database, queue, { now, log, ...(metrics && { metrics }), concurrency, retry });
  const housekeeping = startHousekeeping(database, queue, now, log);
  return {
    ...openImageIndex(database),
    inbox: openInbox(database, queue, now),
    workers,
    admin: openAdmin(database, queue),
    bumps: openBumps(database, queue, now),
    comments: openCommentMemory(database, now),
    verdicts: openVerdicts(database),
    renders: openRenders(database, now),
    steering: openSteering(database, queue, now),
    audit: openAudit(database),
    arrivals: openArrivals(database),
    deploys: openDeploys(database, queue, now),
    async ping() {
      await database.run((db) => sql`select 1`.execute(db));
    },
    async close() {
      await housekeeping.stop();
      await queue.close();
      await database.close();
    },
  };
}
