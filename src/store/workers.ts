import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, TagalongError } from '../domain/errors.ts';
import type { Subject } from '../domain/subject.ts';
import type { Log, Metrics } from '../telemetry/telemetry.ts';
import { ringAlarms } from './alarms.ts';
import { type Chore, repeat } from './chore.ts';
import type { Database } from './database.ts';
import { type HeldJob, type Queue, RUN_TIMEOUT_SECONDS } from './queue.ts';
import { afterFailure, describeError, type RetrySettings } from './retry-policy.ts';
import type { Reconciler, Workers } from './store.ts';
import { LostSubject, type PendingWork, pendingWork, release, ringPending, settleDone, settleFailed } from './wakes.ts';

export interface WorkerSettings {
  readonly now: () => Date;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** How many subjects this process reconciles at a time. */
  readonly concurrency: number;
  readonly retry: RetrySettings;
}

/** How late an alarm may ring. */
const ALARMS_EVERY_MS = 2_000;

export function openWorkers(database: Database, queue: Queue, settings: WorkerSettings): Workers {
  const running = new Map<string, HeldJob>();
  let alarms: Chore | undefined;
  return {
    async start(reconcile) {
      // Alone in the database, whatever a job says to be held is held by nobody: the process that held it is dead.
      if (database.kind === 'embedded') await queue.clear();
      const { now, concurrency } = settings;
      await database.transaction((transaction) => ringPending(transaction, queue, now()));
      await queue.work(concurrency, async (held) => {
        running.set(held.id, held);
        try {
          await run(database, queue, settings, reconcile, held);
        } finally {
          running.delete(held.id);
        }
      });
      alarms = repeat(ALARMS_EVERY_MS, settings.log, () => ringAlarms(database, queue, now()));
    },
    async stop(graceMs) {
      const idle = Promise.all([queue.pause(), alarms?.stop()]);
      await Promise.race([idle, sleep(graceMs, undefined, { ref: false })]);
      for (const held of running.values()) await giveBack(database, queue, held);
    },
  };
}

/** Does what is to be done for one subject, and remembers how it ended. */
async function run(
  database: Database,
  queue: Queue,
  settings: WorkerSettings,
  reconcile: Reconciler,
  held: HeldJob,
): Promise<void> {
  const log = settings.log.child({ subject: held.subject });
  const started = performance.now();
  const work = await database.transaction((transaction) => pendingWork(transaction, held.subject));
  const failed = work && (await attempt(reconcile, work));
  try {
    if (failed === undefined) {
      await database.transaction((transaction) => settleDone(transaction, queue, held, work?.wakes ?? []));
      if (work !== undefined) tell(settings, work.subject, 'done', started);
    } else {
      await fail(database, queue, settings, held, failed, started, log);
    }
  } catch (error) {
    if (!(error instanceof LostSubject)) throw error;
    log.warn({}, 'Another worker took the subject over before this one had ended');
  }
}

interface FailedAttempt {
  readonly work: PendingWork;
  readonly error: unknown;
}

/** @returns undefined when it succeeded. */
async function attempt(reconcile: Reconciler, work: PendingWork): Promise<FailedAttempt | undefined> {
  const timer = new AbortController();
  try {
    await Promise.race([reconcile(work.subject, work.wakes), timeout(timer.signal)]);
    return undefined;
  } catch (error) {
    return { work, error };
  } finally {
    timer.abort();
  }
}

/** Rejects a little before the queue itself takes a run that does not end for lost, which would count as no failure. */
async function timeout(signal: AbortSignal): Promise<void> {
  try {
    await sleep((RUN_TIMEOUT_SECONDS - 10) * 1_000, undefined, { signal, ref: false });
  } catch {
    return;
  }
  throw new TagalongError('run-timeout', `The run did not end within ${RUN_TIMEOUT_SECONDS} seconds.`);
}

async function fail(
  database: Database,
  queue: Queue,
  settings: WorkerSettings,
  held: HeldJob,
  { work, error }: FailedAttempt,
  started: number,
  log: Log,
): Promise<void> {
  const now = settings.now();
  const outcome = afterFailure(work, error, settings.retry, now, Math.random());
  const failure = { ...outcome, error: describeError(error) };
  await database.transaction((transaction) => settleFailed(transaction, queue, held, work.wakes, failure, now));
  const fields = { error: failure.error, code: errorCode(error), attempts: failure.attempts };
  if (failure.state === 'dead') {
    log.error(fields, 'Gave up on a subject until it is woken or requeued');
    tell(settings, work.subject, 'dead', started);
  } else {
    log.warn({ ...fields, nextAttemptAt: failure.nextAttemptAt }, 'A subject will be reconciled again');
    tell(settings, work.subject, 'retry', started);
  }
}

function tell(settings: WorkerSettings, subject: Subject, outcome: 'done' | 'retry' | 'dead', started: number): void {
  settings.metrics?.reconciled(subject.kind, outcome, (performance.now() - started) / 1_000);
}

async function giveBack(database: Database, queue: Queue, held: HeldJob): Promise<void> {
  try {
    await database.transaction((transaction) => release(transaction, queue, held));
  } catch (error) {
    if (!(error instanceof LostSubject)) throw error;
  }
}
