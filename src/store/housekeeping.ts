import { type Kysely, sql } from 'kysely';
import type { Log } from '../telemetry/telemetry.ts';
import { repeat } from './chore.ts';
import { REPORT_WAIT_MS } from './commits.ts';
import type { Database } from './database.ts';
import type { Queue } from './queue.ts';
import { newestReportFirst } from './reports.ts';
import type { Tables } from './schema.ts';
import { ringPending } from './wakes.ts';

/** How long, or how many, things are remembered. */
const keep = {
  /** A sender that delivers again later than this is taken at its word. */
  deliveryDays: 7,
  versionDays: 180,
  versionsOfImage: 1_000,
  /** Closed ones. */
  bumpDays: 180,
  /** Merged ones, since a rollback goes back to them; and the newest of each image in each environment, however old. */
  mergedDays: 400,
  mergedOfImage: 50,
  verdictDays: 180,
  /** The change may still be open, and its approvals go by them. */
  renderDays: 180,
  rendersAfterChangeDays: 30,
  /** Of people about changes, and those that have ended by themselves. */
  changeDecisionDays: 400,
  endedDecisionDays: 30,
  reportDays: 30,
  /** Reports after which there was a newer one, so that their repetition is known. */
  outdatedReportDays: 2,
  supersededRolloutDays: 400,
  /** A comment that is written over later than this is written anew. */
  commentDays: 400,
  /** Of repositories that are not followed any more. */
  arrivalDays: 7,
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
  await forgetBumps(db, now);
  await forgetReviews(db, now);
  await forgetDeploys(db, now);
  await db.deleteFrom('tagalong.comments').where('touched_at', '<', daysBefore(now, keep.commentDays)).execute();
}

async function forgetBumps(db: Kysely<Tables>, now: Date): Promise<void> {
  await sql`
    delete from tagalong.bumps using (
      select repository, number,
        row_number() over (partition by repository, environment, image, state order by settled_at desc, number desc) as rank
      from tagalong.bumps where state <> 'open'
    ) ranked
    where ranked.repository = bumps.repository and ranked.number = bumps.number and case state
      when 'merged' then settled_at < ${daysBefore(now, keep.mergedDays)}::timestamptz and rank > ${keep.mergedOfImage}::integer
      else settled_at < ${daysBefore(now, keep.bumpDays)}::timestamptz
    end`.execute(db);
}

/** Of a change that is not a bump, nobody says here whether it is open: as long as the gate looks at it, it is taken to be. */
async function forgetReviews(db: Kysely<Tables>, now: Date): Promise<void> {
  await sql`
    delete from tagalong.renders render using (
      select render.repository, render.number, bump.state, bump.settled_at,
        greatest(max(render.saved_at), max(verdict.decided_at)) as seen_at
      from tagalong.renders render
      left join tagalong.bumps bump on bump.repository = render.repository and bump.number = render.number
      left join tagalong.verdicts verdict on verdict.repository = render.repository and verdict.number = render.number
      group by render.repository, render.number, bump.state, bump.settled_at
    ) change
    where change.repository = render.repository and change.number = render.number and case
      when change.state = 'open' then false
      when change.settled_at is not null then change.settled_at < ${daysBefore(now, keep.rendersAfterChangeDays)}::timestamptz
      else change.seen_at < ${daysBefore(now, keep.renderDays)}::timestamptz
    end`.execute(db);
  await db.deleteFrom('tagalong.verdicts').where('decided_at', '<', daysBefore(now, keep.verdictDays)).execute();
  await db.deleteFrom('tagalong.arrivals').where('seen_at', '<', daysBefore(now, keep.arrivalDays)).execute();
  await db.deleteFrom('tagalong.passes').where('passed_at', '<', daysBefore(now, keep.verdictDays)).execute();
  await db
    .deleteFrom('tagalong.decisions')
    .where((is) =>
      is.or([
        is('ends_at', '<', daysBefore(now, keep.endedDecisionDays)),
        is.and([is('number', '<>', 0), is('decided_at', '<', daysBefore(now, keep.changeDecisionDays))]),
      ]),
    )
    .execute();
}

async function forgetDeploys(db: Kysely<Tables>, now: Date): Promise<void> {
  await db.deleteFrom('tagalong.reports').where('received_at', '<', daysBefore(now, keep.reportDays)).execute();
  await sql`
    delete from tagalong.reports using (
      select repository, revision, tool, application, target, state, said_at,
        row_number() over (partition by repository, revision, tool, application, target, state order by ${newestReportFirst}) as rank
      from tagalong.reports
    ) ranked
    where ranked.rank > 1 and reports.received_at < ${daysBefore(now, keep.outdatedReportDays)}::timestamptz
      and (ranked.repository, ranked.revision, ranked.tool, ranked.application, ranked.target, ranked.state, ranked.said_at)
        = (reports.repository, reports.revision, reports.tool, reports.application, reports.target, reports.state, reports.said_at)`.execute(
    db,
  );
  await db
    .deleteFrom('tagalong.waiting_reports')
    .where('received_at', '<', new Date(now.getTime() - REPORT_WAIT_MS))
    .execute();
  await db
    .deleteFrom('tagalong.rollouts')
    .where('state', '=', 'superseded')
    .where('since', '<', daysBefore(now, keep.supersededRolloutDays))
    .execute();
}

function daysBefore(now: Date, days: number): Date {
  return new Date(now.getTime() - days * 24 * 60 * 60 * 1_000);
}
