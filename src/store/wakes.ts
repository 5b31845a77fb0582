import { sql, type Transaction } from 'kysely';
import type { ForgeName } from '../domain/repository.ts';
import { formatSubject, parseSubject, type Subject } from '../domain/subject.ts';
import type { HeldJob, Queue } from './queue.ts';
import type { AfterFailure, Failures } from './retry-policy.ts';
import type { Tables } from './schema.ts';
import type { Wake, WakeReason } from './store.ts';
import { toJson } from './text.ts';

export interface NewWake {
  readonly subject: Subject;
  readonly reason: WakeReason;
  /** `<sender> <id>` of the delivery that told of it. */
  readonly delivery?: string;
}

/** What a worker gets to do. */
export interface PendingWork extends Failures {
  readonly subject: Subject;
  /** Oldest first. */
  readonly wakes: readonly Wake[];
}

/**
 * Adds wakes and rings for their subjects. A dead subject lives again, with nothing held against it; one that waits
 * after a failure is looked at now, unless the other side is known to be unwell.
 */
export async function addWakes(
  transaction: Transaction<Tables>,
  queue: Queue,
  wakes: readonly NewWake[],
  now: Date,
): Promise<void> {
  if (wakes.length === 0) return;
  const subjects = await insertWakes(transaction, wakes, now);
  const dead = subjects.filter((subject) => subject.dead).map(({ key }) => key);
  if (dead.length > 0)
    await transaction.updateTable('tagalong.subjects').set(unharmed).where('key', 'in', dead).execute();
  // The others have a job: it came with their first wake, and goes with their last.
  const urgent = new Set(wakes.filter(({ reason }) => !isPatient(reason)).map(({ subject }) => formatSubject(subject)));
  await queue.ring(
    transaction,
    subjects
      .filter((subject) => subject.isNew || subject.dead)
      .map(({ key }) => ({ subject: key, delayMs: 0, isPatient: !urgent.has(key) })),
  );
  // Only changes ever wait so patiently, and somebody may now wait for one of them.
  const preferred = subjects.filter(({ key, isNew, isChange }) => isChange && !isNew && urgent.has(key));
  await queue.prefer(
    transaction,
    preferred.map(({ key }) => key),
  );
  const waiting = subjects.filter((subject) => subject.attempts > 0 && !subject.dead && subject.notBefore === null);
  await queue.hasten(
    transaction,
    waiting.map(({ key }) => key),
  );
}

/**
 * Whether a look can wait until there is nothing else to do: nobody did anything to the subject, but something beside it moved, and
 * thousands may be woken for that at once.
 */
function isPatient(reason: WakeReason): boolean {
  return reason.kind === 'change-touched' && reason.what === 'base';
}

/** The same, of the column of {@link Tables}. */
const PATIENT_REASON = sql`(reason ->> 'kind' = 'change-touched' and reason ->> 'what' = 'base')`;

/** The wakes of a subject. @returns undefined when there are none. */
export async function pendingWork(transaction: Transaction<Tables>, key: string): Promise<PendingWork | undefined> {
  const subject = await transaction
    .selectFrom('tagalong.subjects')
    .select(['key', 'forge', 'path', 'attempts', 'failures'])
    .where('key', '=', key)
    .executeTakeFirst();
  if (subject === undefined) return undefined;
  const wakes = await transaction
    .selectFrom('tagalong.wakes')
    .select([sql<string>`id::text`.as('id'), 'reason', 'woken_at as wokenAt', 'delivery'])
    .where('subject', '=', key)
    .orderBy('tagalong.wakes.id')
    .execute();
  if (wakes.length === 0) return undefined;
  return {
    subject: toSubject(subject),
    wakes: wakes.map(({ delivery, ...wake }) => (delivery === null ? wake : { ...wake, delivery })),
    attempts: subject.attempts,
    failures: subject.failures,
  };
}

/** The subject was taken from this worker while it ran, because it showed no sign of life. */
export class LostSubject extends Error {
  constructor() {
    super('The subject was taken from this worker.');
    this.name = 'LostSubject';
  }
}

/**
 * Ends a run that did its work: its wakes are gone, and newer ones ring again.
 * @throws LostSubject
 */
export async function settleDone(
  transaction: Transaction<Tables>,
  queue: Queue,
  held: HeldJob,
  wakes: readonly Wake[],
): Promise<void> {
  await endHold(transaction, queue, held);
  await sql`
    delete from tagalong.wakes
    where subject = ${held.subject} and id in (select value::bigint from json_array_elements_text(${ids(wakes)}::text::json))`.execute(
    transaction,
  );
  if (await hasWakesBeside(transaction, held.subject, [])) {
    await transaction.updateTable('tagalong.subjects').set(unharmed).where('key', '=', held.subject).execute();
    await queue.ring(transaction, [{ subject: held.subject, delayMs: 0 }]);
  } else {
    await transaction.deleteFrom('tagalong.subjects').where('key', '=', held.subject).execute();
  }
}

/**
 * Ends a run that failed: its wakes stay, for another run or as dead letters. Wakes that came during the run count as
 * new ones.
 * @throws LostSubject
 */
export async function settleFailed(
  transaction: Transaction<Tables>,
  queue: Queue,
  held: HeldJob,
  wakes: readonly Wake[],
  failure: AfterFailure & { readonly error: string },
  now: Date,
): Promise<void> {
  await endHold(transaction, queue, held);
  const news = await hasWakesBeside(transaction, held.subject, wakes);
  const revived = failure.state === 'dead' && news;
  const nextAttemptAt = failure.state === 'dead' ? null : failure.newsWaits || !news ? failure.nextAttemptAt : now;
  await transaction
    .updateTable('tagalong.subjects')
    .set({
      attempts: revived ? 0 : failure.attempts,
      failures: revived ? 0 : failure.failures,
      error: failure.error,
      failed_at: now,
      next_attempt_at: nextAttemptAt,
      not_before: failure.state === 'retrying' && failure.newsWaits ? failure.nextAttemptAt : null,
      dead: failure.state === 'dead' && !revived,
    })
    .where('key', '=', held.subject)
    .execute();
  if (failure.state === 'retrying' || revived)
    await queue.ring(transaction, [
      {
        subject: held.subject,
        delayMs: delay(nextAttemptAt, now),
        isPatient: !news && wakes.every(({ reason }) => isPatient(reason)),
      },
    ]);
}

/**
 * Ends a run that did not come to its end: everything is as before it, and another worker may take the subject.
 * @throws LostSubject
 */
export async function release(transaction: Transaction<Tables>, queue: Queue, held: HeldJob): Promise<void> {
  await endHold(transaction, queue, held);
  await queue.ring(transaction, [{ subject: held.subject, delayMs: 0 }]);
}

/** Rings for every subject that has wakes and no job, whatever became of the job. */
export async function ringPending(transaction: Transaction<Tables>, queue: Queue, now: Date): Promise<number> {
  const isPatient = sql<boolean>`not exists (select from tagalong.wakes where subject = key and not ${PATIENT_REASON})`;
  const subjects = await transaction
    .selectFrom('tagalong.subjects')
    .select(['key', 'next_attempt_at', isPatient.as('isPatient')])
    .where('dead', '=', false)
    .execute();
  await queue.ring(
    transaction,
    subjects.map(({ key, next_attempt_at, isPatient }) => ({
      subject: key,
      delayMs: delay(next_attempt_at, now),
      isPatient,
    })),
  );
  return subjects.length;
}

/** What a subject looks like against which nothing is held. */
export const unharmed = {
  attempts: 0,
  failures: 0,
  error: null,
  failed_at: null,
  next_attempt_at: null,
  not_before: null,
  dead: false,
};

interface WokenSubject {
  readonly key: string;
  readonly isChange: boolean;
  readonly isNew: boolean;
  readonly dead: boolean;
  readonly attempts: number;
  readonly notBefore: Date | null;
}

/**
 * Adds wakes. The rows of their subjects are made where missing and locked, always in the same order so that two
 * transactions do not wait for each other.
 */
async function insertWakes(
  transaction: Transaction<Tables>,
  wakes: readonly NewWake[],
  now: Date,
): Promise<readonly WokenSubject[]> {
  const sent = wakes.map(({ subject, reason, delivery }) => ({
    key: formatSubject(subject),
    forge: subject.repository.forge,
    path: subject.repository.path,
    number: subject.kind === 'change' ? subject.number : null,
    reason,
    delivery,
  }));
  const { rows } = await sql<WokenSubject>`
    with wake as materialized (
      select * from json_to_recordset(${toJson(sent)}::text::json)
        as wake (key text, forge text, path text, number integer, reason jsonb, delivery text)
    ), subject as (
      insert into tagalong.subjects as old (key, forge, path, number)
      select distinct on (key) key, forge, path, number from wake order by key
      on conflict (key) do update set path = excluded.path, next_attempt_at = old.not_before, is_new = false
      returning key, number, is_new, dead, attempts, not_before
    ), added as (
      insert into tagalong.wakes (subject, reason, woken_at, delivery)
      select key, reason, ${now}::timestamptz, delivery from wake
    )
    select key, number is not null as "isChange", is_new as "isNew", dead, attempts, not_before as "notBefore" from subject`.execute(
    transaction,
  );
  return rows;
}

/**
 * Locks the row of the subject before the job goes, in the order of those who add wakes. The row is made when it is
 * missing (a job without wakes), since a row that someone else is about to make can not be waited for otherwise.
 */
async function endHold(transaction: Transaction<Tables>, queue: Queue, held: HeldJob): Promise<void> {
  await sql`
    insert into tagalong.subjects (key, forge, path) values (${held.subject}, split_part(${held.subject}, ':', 1), '')
    on conflict (key) do update set key = excluded.key`.execute(transaction);
  if (!(await queue.settle(transaction, held))) throw new LostSubject();
}

async function hasWakesBeside(transaction: Transaction<Tables>, key: string, known: readonly Wake[]): Promise<boolean> {
  const { rows } = await sql`
    select from tagalong.wakes
    where subject = ${key} and id not in (select value::bigint from json_array_elements_text(${ids(known)}::text::json))
    limit 1`.execute(transaction);
  return rows.length > 0;
}

function ids(wakes: readonly Wake[]): string {
  return toJson(wakes.map(({ id }) => id));
}

function delay(until: Date | null, now: Date): number {
  return until === null ? 0 : Math.max(0, until.getTime() - now.getTime());
}

/** The subject of a row, with the path as the forge spells it. */
export function toSubject({ key, forge, path }: { key: string; forge: ForgeName; path: string }): Subject {
  const subject = parseSubject(key);
  if (subject === undefined) throw new Error('The key of a subject is none.');
  return { ...subject, repository: { forge, path } };
}
