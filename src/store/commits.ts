import { type Kysely, sql, type Transaction } from 'kysely';
import type { DeployReport } from '../domain/deploy.ts';
import { type RepositoryRef, repositoryKey } from '../domain/repository.ts';
import { beginsWith, type PlacedReport, storeReports } from './reports.ts';
import type { Tables } from './schema.ts';
import { toJson } from './text.ts';

/** How many commits of a repository are remembered. */
const MOST_COMMITS = 5_000;

/** How long a report waits for its commit. */
export const REPORT_WAIT_MS = 24 * 60 * 60_000;

/*
 * A report that looks for its commit and a commit that looks for its reports, at the same moment, must not miss each other. Reports hold
 * this lock together, from before they look; a commit holds it alone.
 */
const REPORTING = 7_246_391_006;

/** Called before {@link keepReports}; in force until the transaction ends. */
export async function lockCommits(transaction: Transaction<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${REPORTING}::bigint)`.execute(transaction);
}

/**
 * Remembers commits, oldest first, and gives them the reports that waited for them.
 * @returns whether there is anything new to know of what is deployed
 */
export async function addCommits(
  transaction: Transaction<Tables>,
  repository: RepositoryRef,
  commits: readonly string[],
  now: Date,
): Promise<boolean> {
  const key = repositoryKey(repository);
  await sql`select pg_advisory_xact_lock(${REPORTING}::bigint)`.execute(transaction);
  const fresh = await insertCommits(transaction, key, commits);
  if (fresh.length === 0) return false;
  await forgetCommits(transaction, key);
  const added = toJson(fresh);
  const placed = [
    ...(await takeWaiting(transaction, key, added, now)),
    ...(await takeAbbreviated(transaction, key, added)),
  ];
  await storeReports(transaction, placed);
  return placed.length > 0 || (await isReported(transaction, key, added));
}

/** @returns those that were not there yet. */
async function insertCommits(
  transaction: Transaction<Tables>,
  key: string,
  commits: readonly string[],
): Promise<readonly string[]> {
  const newest = toJson(commits.slice(-MOST_COMMITS).map((commit) => commit.toLowerCase()));
  const { rows } = await sql<{ hash: string }>`
    insert into tagalong.commits (repository, hash)
    select ${key}, commit.hash
    from json_array_elements_text(${newest}::text::json) with ordinality as commit (hash, position)
    where not exists (select from tagalong.commits old where old.hash = commit.hash and old.repository = ${key})
    order by commit.position
    on conflict do nothing
    returning hash`.execute(transaction);
  return rows.map(({ hash }) => hash);
}

async function forgetCommits(transaction: Transaction<Tables>, key: string): Promise<void> {
  await sql`
    delete from tagalong.commits where repository = ${key} and id <= (
      select id from tagalong.commits where repository = ${key} order by id desc offset ${MOST_COMMITS}::integer limit 1
    )`.execute(transaction);
}

/** Takes the reports that waited for one of these commits, unless they name another repository that is known. */
async function takeWaiting(
  transaction: Transaction<Tables>,
  key: string,
  added: string,
  now: Date,
): Promise<PlacedReport[]> {
  const since = new Date(now.getTime() - REPORT_WAIT_MS);
  const { rows } = await sql<TakenReport>`
    with added as materialized (select json_array_elements_text(${added}::text::json) as hash), taken as (
      delete from tagalong.waiting_reports waiting
      where waiting.received_at >= ${since}::timestamptz
        and (waiting.named in ('', ${key}) or waiting.named not in (select repository.key from tagalong.repositories repository))
        and exists (select from added where ${beginsWith('added.hash', 'waiting.revision')})
      returning *
    )
    select taken.*, added.hash as full_revision
    from taken join added on ${beginsWith('added.hash', 'taken.revision')}`.execute(transaction);
  return rows.map((row) => toPlaced(row, key));
}

/** Takes the reports that the repository has under the abbreviation of one of these commits. */
async function takeAbbreviated(transaction: Transaction<Tables>, key: string, added: string): Promise<PlacedReport[]> {
  const { rows } = await sql<TakenReport>`
    with added as materialized (select json_array_elements_text(${added}::text::json) as hash), taken as (
      delete from tagalong.reports kept
      where kept.repository = ${key} and exists (
        select from added where ${beginsWith('added.hash', 'kept.revision')} and added.hash <> kept.revision
      )
      returning *
    )
    select taken.*, added.hash as full_revision
    from taken join added on ${beginsWith('added.hash', 'taken.revision')}`.execute(transaction);
  return rows.map((row) => toPlaced(row, key));
}

interface TakenReport {
  readonly full_revision: string;
  readonly tool: string;
  readonly application: string;
  readonly target: string;
  readonly state: string;
  readonly said_at: string;
  readonly happened_at: Date;
  readonly received_at: Date;
  readonly report: DeployReport;
}

function toPlaced(row: TakenReport, repository: string): PlacedReport {
  const { full_revision: revision, said_at: saidAt, happened_at: happenedAt, received_at: receivedAt } = row;
  const { tool, application, target, state, report } = row;
  return {
    position: 0,
    repository,
    revision,
    tool,
    application,
    target,
    state,
    saidAt,
    happenedAt,
    receivedAt,
    report,
  };
}

async function isReported(db: Kysely<Tables>, key: string, added: string): Promise<boolean> {
  const { rows } = await sql`
    select from tagalong.reports
    where repository = ${key} and revision in (select json_array_elements_text(${added}::text::json)) limit 1`.execute(
    db,
  );
  return rows.length > 0;
}
