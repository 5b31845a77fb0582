import { errorCode } from '../domain/errors.ts';
import { acceptAll } from './accept.ts';
import { setAlarm } from './alarms.ts';
import type { Database } from './database.ts';
import { groupCommit } from './group-commit.ts';
import type { Queue } from './queue.ts';
import type { Inbox } from './store.ts';
import { addWakes } from './wakes.ts';

const LARGEST_BATCH = 200;

export function openInbox(database: Database, queue: Queue, now: () => Date): Inbox {
  const accept = groupCommit(
    (deliveries: readonly Parameters<Inbox['accept']>[0][]) =>
      onceMore(() => database.transaction((transaction) => acceptAll(transaction, queue, deliveries, now()))),
    { limit: LARGEST_BATCH, concernsAll: isUnavailable },
  );
  return {
    accept,
    wake: (subject, reason) =>
      database.transaction((transaction) => addWakes(transaction, queue, [{ subject, reason }], now())),
    wakeAt: (subject, reason, at) => setAlarm(database, subject, reason, at),
  };
}

/**
 * A connection that broke, a server that restarts or a deadlock are over by the second try, and senders need not know
 * of them. Where the first try was committed after all, the second finds its deliveries stored.
 */
async function onceMore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return await work();
  }
}

function isUnavailable(error: unknown): boolean {
  return errorCode(error) === 'store-unavailable';
}
