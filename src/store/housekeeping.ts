import { type Kysely, sql } from 'kysely';
import type { Log } from '../telemetry/telemetry.ts';
import type { Database } from './database.ts';
import type { Queue } from './queue.ts';
import { describeError } from './retry-policy.ts';
import type { Tables } from './schema.ts';
import { ringPending } from './wakes.ts';

/** How long, or how many, things are remembered. */
const keep = {
  /** A sender that delivers again later than this is taken at its word. */
  deliveryDays: 7,
  versionDays: 180,
  versionsOfImage: 1_000,
  /** Merged and closed ones. */
  bumpDays: 180,
};

const RING_EVERY_MS = 5 * 60_000;
const TIDY_EVERY_MS = 60 * 60_000;
const CHECKPOINT_EVERY_MS = 10_000;

export interface Housekeeping {
  stop(): Promise<void>;
}

/** Now and then rings for wakes whose job was lost, forgets what is old, and reclaims its room. */
export function startHousekeeping(database: Database, queue: Queue, now: () => Date, log: Log): Housekeeping {
  const rings = repeat(RING_EVERY_MS, log, () =>
    database.transaction((transaction) => ringPending(transaction, queue, now())),
  );
  const tidies = repeat(TIDY_EVERY_MS, log, async () => {
    await database.run((db) => forgetOld(db, now()));
    await database.upkeep.vacuum();
  });
  const checkpoints = repeat(CHECKPOINT_EVERY_MS, log, () => database.upkeep.checkpoint());
  return {
    async stop() {
      await Promise.all([rings.stop(), tidies.stop(), checkpoints.stop()]);
    },
  };
}

/** Forgets what was kept for long enough. Wakes are never forgotten. */
export async function forgetOld(db: Kysely<Tables>, now: Date): Promise<void> {
  await db.deleteFrom('tagalong.deliveries').where('received_at', '<', daysBefore(now, keep.deliveryDays)).execute();
  await db.deleteFrom('tagalong.versions').where('published_at', '<', daysBefore(now, keep.versionDays)).execute();
  await sql`
    delete from tagalong.versions using (
      select id, row_number() over (partition by image order by published_at desc, id desc) as rank from tagalong.versions
    ) ranked
    where ranked.id = versions.id and ranked.rank > ${keep.versionsOfImage}::integer`.execute(db);
  await db.deleteFrom('tagalong.bumps').where('settled_at', '<', daysBefore(now, keep.bumpDays)).execute();
}

function daysBefore(now: Date, days: number): Date {
  return new Date(now.getTime() - days * 24 * 60 * 60 * 1_000);
}

/** Runs a chore again and again, never twice at a time; one that fails is told of and tried at its next turn. */
function repeat(everyMs: number, log: Log, chore: () => Promise<unknown>): { stop(): Promise<void> } {
  let current: Promise<void> | undefined;
  const turn = async (): Promise<void> => {
    try {
      await chore();
    } catch (error) {
      log.warn({ error: describeError(error) }, 'A chore of the store failed and will be tried again');
    }
    current = undefined;
  };
  const timer = setInterval(() => {
    current ??= turn();
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await current;
    },
  };
}
