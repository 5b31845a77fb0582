import type { Transaction } from 'kysely';
import { fromKysely, type Job, PgBoss } from 'pg-boss';
import type { Log } from '../telemetry/telemetry.ts';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';
import { sayWhenUnavailable } from './unavailable.ts';

/**
 * The queue holds at most one job for each subject: waiting, or held by one worker. A job says nothing but "look at
 * this subject"; what is to be done stands in the wakes. So a job may be lost, or be one too many, without harm.
 */
export interface Queue {
  /** Puts a job for each subject that has none. Jobs appear when the transaction commits. */
  ring(transaction: Transaction<Tables>, rings: readonly Ring[]): Promise<void>;
  /** Makes waiting jobs due at once. */
  hasten(transaction: Transaction<Tables>, subjects: readonly string[]): Promise<void>;
  /** Makes waiting jobs come no later than others, when they are due. */
  prefer(transaction: Transaction<Tables>, subjects: readonly string[]): Promise<void>;
  /** Removes a held job. @returns whether this worker still held it: if not, another has taken the subject over. */
  settle(transaction: Transaction<Tables>, held: HeldJob): Promise<boolean>;
  /** Forgets every job, held or not. Only for a process that knows itself to be alone. */
  clear(): Promise<void>;
  /** Starts `concurrency` workers. */
  work(concurrency: number, handle: (held: HeldJob) => Promise<void>): Promise<void>;
  /** Takes no new job; resolves when the running ones have ended. */
  pause(): Promise<void>;
  close(): Promise<void>;
}

export interface Ring {
  readonly subject: string;
  readonly delayMs: number;
  /** Others that are due come first. */
  readonly isPatient?: boolean;
}

export interface HeldJob {
  readonly id: string;
  /** Tells this hold apart from a later one of the same job, after this worker was taken for lost. */
  readonly retryCount: number;
  readonly subject: string;
}

/** How long a run may take before the subject is taken from it. */
export const RUN_TIMEOUT_SECONDS = 15 * 60;

const NAME = 'subjects';
/** How late another process may take a job that becomes due. */
const POLL_SECONDS = 2;
/** For the transaction to be committed, and for clocks that tick coarsely. */
const ALARM_DELAY_MS = 20;
/** Others have 0. */
const PATIENT = -1;
const LONGEST_ALARM_MS = 10 * 60_000;
/** A worker that has shown no sign of life for this long is lost, and its subject is given to another. */
const HEARTBEAT_SECONDS = 10;

interface JobData {
  readonly subject: string;
}

/** Opens the queue, and makes it in the database when it is not there. */
export async function openQueue(database: Database, log: Log): Promise<Queue> {
  const embedded = database.kind === 'embedded';
  const boss = new PgBoss({
    ...database.queue,
    schema: 'tagalong_queue',
    useListenNotify: true,
    schedule: false,
    // Whether a worker is lost is asked this often; alone in the database, there is no other to take over from.
    superviseIntervalSeconds: embedded ? 60 : 2,
    monitorIntervalSeconds: embedded ? 60 : 2,
    flowIntervalSeconds: 3_600,
    bamIntervalSeconds: 3_600,
    ...(embedded && { reindex: false, monitorVacuum: false }),
  });
  boss.on(
    'error',
    sparingly((error) => log.warn({ error: error.message }, 'The queue could not reach the database')),
  );
  boss.on('warning', ({ message }) => log.warn({ warning: message }, 'The queue warns'));
  await sayWhenUnavailable(async () => {
    await boss.start();
    await boss.createQueue(NAME, {
      policy: 'exclusive',
      notify: true,
      retryLimit: 1_000_000,
      retryDelay: 0,
      expireInSeconds: RUN_TIMEOUT_SECONDS,
      ...(!embedded && { heartbeatSeconds: HEARTBEAT_SECONDS }),
    });
    await boss.getQueue(NAME);
  });
  return operations(boss);
}

function operations(boss: PgBoss): Queue {
  const workers: string[] = [];
  const alarms = new Set<NodeJS.Timeout>();

  /** Nothing is announced when a waiting job becomes due; whoever made it wait looks again then. */
  function setAlarm(delayMs: number): void {
    const alarm = setTimeout(() => {
      alarms.delete(alarm);
      for (const worker of workers) boss.notifyWorker(worker);
    }, delayMs + ALARM_DELAY_MS);
    alarms.add(alarm.unref());
  }

  return {
    async ring(transaction, rings) {
      if (rings.length === 0) return;
      const jobs = rings.map(({ subject, delayMs, isPatient = false }) => ({
        singletonKey: subject,
        data: { subject } satisfies JobData,
        startAfter: `${Math.max(0, delayMs)} milliseconds`,
        ...(isPatient && { priority: PATIENT }),
      }));
      await boss.insert(NAME, jobs, { db: fromKysely(transaction) });
      const soonest = Math.min(...rings.map(({ delayMs }) => delayMs));
      if (soonest > 0 && soonest < LONGEST_ALARM_MS) setAlarm(soonest);
    },
    async hasten(transaction, subjects) {
      for (const subject of subjects)
        await boss.update(NAME, undefined, { singletonKey: subject, startAfter: 0, db: fromKysely(transaction) });
    },
    async prefer(transaction, subjects) {
      for (const subject of subjects)
        await boss.update(NAME, undefined, { singletonKey: subject, priority: 0, db: fromKysely(transaction) });
    },
    async settle(transaction, { id, retryCount }) {
      const response = await boss.deleteJob(NAME, { id, retryCount }, { db: fromKysely(transaction) });
      return !('affected' in response) || response.affected !== 0;
    },
    clear: () => boss.deleteAllJobs(NAME),
    async work(concurrency, handle) {
      for (let index = 0; index < concurrency; index += 1) {
        const worker = await boss.work(NAME, pollOptions, async ([job]: Job<JobData>[]) => {
          if (job !== undefined) await handle({ id: job.id, retryCount: job.retryCount, subject: job.data.subject });
          // There may be more; without this the worker would sleep until the next poll.
          const self = workers[index];
          if (self !== undefined) boss.notifyWorker(self);
        });
        workers.push(worker);
      }
    },
    async pause() {
      await boss.offWork(NAME, { wait: true });
      workers.length = 0;
    },
    async close() {
      for (const alarm of alarms) clearTimeout(alarm);
      await boss.stop({ graceful: false });
    },
  };
}

const pollOptions = {
  pollingIntervalSeconds: POLL_SECONDS,
  // The default of 30 s would also be how late a retry starts: nothing is announced when a waiting job becomes due.
  notifyPollingIntervalSeconds: POLL_SECONDS,
};

/** Passes the first call on, and then one in half a minute: a database that is gone is told of by every poll. */
function sparingly<T>(action: (value: T) => void): (value: T) => void {
  let silentUntil = 0;
  return (value) => {
    const now = performance.now();
    if (now < silentUntil) return;
    silentUntil = now + 30_000;
    action(value);
  };
}
