import { sql } from 'kysely';
import { formatSubject } from '../domain/subject.ts';
import type { Database } from './database.ts';
import type { Queue } from './queue.ts';
import type { InboxAdmin, InboxEntry } from './store.ts';
import { unharmed } from './wakes.ts';

export function openAdmin(database: Database, queue: Queue): InboxAdmin {
  return {
    entries: () => entries(database),
    retry: (subject) =>
      database.transaction(async (transaction) => {
        const chosen = transaction.updateTable('tagalong.subjects').set(unharmed).returning('key');
        const rows = await (
          subject === undefined
            ? chosen.where('dead', '=', true)
            : chosen
                .where('key', '=', formatSubject(subject))
                .where((is) => is.or([is('dead', '=', true), is('attempts', '>', 0)]))
        ).execute();
        const keys = rows.map(({ key }) => key);
        await queue.ring(
          transaction,
          keys.map((key) => ({ subject: key, delayMs: 0 })),
        );
        await queue.hasten(transaction, keys);
        return keys.length;
      }),
  };
}

async function entries(database: Database): Promise<InboxEntry[]> {
  const { rows } = await database.run((db) =>
    sql<{
      subject: string;
      dead: boolean;
      attempts: number;
      error: string | null;
      nextAttemptAt: Date | null;
      wakes: number;
      oldest: Date;
    }>`
      select subject.key as subject, subject.dead, subject.attempts, subject.error,
        subject.next_attempt_at as "nextAttemptAt", count(*)::integer as wakes, min(wake.woken_at) as oldest
      from tagalong.subjects subject join tagalong.wakes wake on wake.subject = subject.key
      group by subject.key
      order by oldest, subject.key`.execute(db),
  );
  return rows.map(({ dead, attempts, error, nextAttemptAt, ...entry }) => ({
    ...entry,
    attempts,
    state: dead ? 'dead' : attempts > 0 ? 'retrying' : 'pending',
    ...(error !== null && { error }),
    ...(nextAttemptAt !== null && { nextAttemptAt }),
  }));
}
