import { sql } from 'kysely';
import type { ForgeName } from '../domain/repository.ts';
import { formatSubject } from '../domain/subject.ts';
import type { Database } from './database.ts';
import type { Queue } from './queue.ts';
import type { Inbox, WakeReason } from './store.ts';
import { addWakes, type NewWake, toSubject } from './wakes.ts';

/** How many alarms ring in one transaction. */
const AT_ONCE = 200;

/** Sets the one alarm of a subject for this reason, or takes it back. */
export async function setAlarm(
  database: Database,
  ...[subject, reason, at]: Parameters<Inbox['wakeAt']>
): Promise<void> {
  const key = formatSubject(subject);
  const { forge, path } = subject.repository;
  await database.run(async (db) => {
    if (at === undefined)
      return db.deleteFrom('tagalong.alarms').where('subject', '=', key).where('what', '=', reason.what).execute();
    return db
      .insertInto('tagalong.alarms')
      .values({ subject: key, what: reason.what, forge, path, rings_at: at })
      .onConflict((conflict) => conflict.columns(['subject', 'what']).doUpdateSet({ path, rings_at: at }))
      .execute();
  });
}

/**
 * Turns the alarms that are due into wakes. Each rings once: its row goes in the transaction that wakes, and a row that another
 * replica has in its hands is passed over.
 * @returns how many rang
 */
export async function ringAlarms(database: Database, queue: Queue, now: Date): Promise<number> {
  const isAnyDue = await database.run((db) =>
    db.selectFrom('tagalong.alarms').select('subject').where('rings_at', '<=', now).limit(1).executeTakeFirst(),
  );
  if (isAnyDue === undefined) return 0;
  return database.transaction(async (transaction) => {
    const { rows } = await sql<{ key: string; forge: ForgeName; path: string; what: DueReason['what'] }>`
      delete from tagalong.alarms where (subject, what) in (
        select subject, what from tagalong.alarms where rings_at <= ${now}::timestamptz
        order by rings_at limit ${AT_ONCE}::integer for update skip locked
      )
      returning subject as key, forge, path, what`.execute(transaction);
    const wakes = rows.map((row): NewWake => ({ subject: toSubject(row), reason: { kind: 'due', what: row.what } }));
    await addWakes(transaction, queue, wakes, now);
    return rows.length;
  });
}

type DueReason = Extract<WakeReason, { kind: 'due' }>;
