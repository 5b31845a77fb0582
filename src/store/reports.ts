import { sql, type Transaction } from 'kysely';
import type { DeployReport } from '../domain/deploy.ts';
import { type ForgeName, type RepositoryRef, repositoryKey } from '../domain/repository.ts';
import type { Tables } from './schema.ts';
import { toJson } from './text.ts';

/*
 * What is kept is a set: of each report the first one like it. What is told of it are the newest of each application at each revision in
 * each state. A set knows nothing of the order in which it was filled, nor of what was put in twice, so neither does what is told.
 */

/** A report as a sender delivered it. */
export interface ReceivedReport {
  readonly report: DeployReport;
  readonly receivedAt: Date;
}

/** Which of two reports is the newer. In the same moment an end is newer than the way to it: tools tell whole seconds. */
export const newestReportFirst = sql`
  happened_at desc, array_position(array['queued', 'in-progress', 'succeeded', 'failed'], state) desc, received_at desc,
  said_at desc`;

/**
 * Keeps reports where they fit, and lets the others wait. To be called where {@link lockCommits} holds commits back.
 * @returns for each report, by its position, the repositories for which it is news
 */
export async function keepReports(
  transaction: Transaction<Tables>,
  reports: readonly ReceivedReport[],
): Promise<ReadonlyMap<number, readonly RepositoryRef[]>> {
  const rows = reports.map(toRow);
  const fits = await findRepositories(transaction, rows);
  const placed = new Set(fits.map(({ position }) => position));
  await letWait(
    transaction,
    rows.filter((_, position) => !placed.has(position)),
  );
  const kept = fits.flatMap(({ position, repository, revision }) => {
    const row = rows[position];
    return row === undefined ? [] : [{ ...row, position, repository, revision }];
  });
  return storeReports(transaction, kept);
}

/** A report with the columns that stand beside it. */
export interface ReportRow {
  readonly named: string;
  readonly revision: string;
  readonly tool: string;
  readonly application: string;
  /** The environment and the path that it names: one application may be deployed to several. */
  readonly target: string;
  readonly state: string;
  readonly saidAt: string;
  readonly happenedAt: Date;
  readonly receivedAt: Date;
  readonly report: DeployReport;
}

/** A report at its repository. */
export interface PlacedReport extends Omit<ReportRow, 'named'> {
  /** Which one it is to the caller. */
  readonly position: number;
  readonly repository: string;
}

/**
 * Stores reports at their repositories.
 * @returns by position, the repositories for which a report is newer than any other of its application, revision and state
 */
export async function storeReports(
  transaction: Transaction<Tables>,
  placed: readonly PlacedReport[],
): Promise<ReadonlyMap<number, readonly RepositoryRef[]>> {
  if (placed.length === 0) return new Map();
  const { rows } = await sql<{ position: number; forge: ForgeName; path: string }>`
    with given as materialized (
      select distinct on (repository, revision, tool, application, target, state, said_at) *
      from json_to_recordset(${toJson(placed.map(toSent))}::text::json) as given (
        position integer, repository text, revision text, tool text, application text, target text, state text, said_at text,
        happened_at timestamptz, received_at timestamptz, report jsonb
      )
      order by repository, revision, tool, application, target, state, said_at, received_at, report::text
    ), stored as (
      insert into tagalong.reports as old
        (repository, revision, tool, application, target, state, said_at, happened_at, received_at, report)
      select repository, revision, tool, application, target, state, said_at, happened_at, received_at, report from given
      on conflict (repository, revision, tool, application, target, state, said_at) do update
        set happened_at = excluded.happened_at, received_at = excluded.received_at, report = excluded.report
        where (excluded.received_at, excluded.report::text) < (old.received_at, old.report::text)
      returning repository, revision, tool, application, target, state, said_at
    ), ranked as (
      select *, row_number() over (partition by repository, revision, tool, application, target, state order by ${newestReportFirst}) as rank
      from (
        select false as fresh, 0 as position, old.repository, old.revision, old.tool, old.application, old.target, old.state, old.said_at,
          old.happened_at, old.received_at
        from tagalong.reports old
        where (old.repository, old.revision, old.tool, old.application, old.target, old.state)
          in (select repository, revision, tool, application, target, state from stored)
        union all
        select true, position, repository, revision, tool, application, target, state, said_at, happened_at, received_at
        from given join stored using (repository, revision, tool, application, target, state, said_at)
      ) report
    )
    select distinct ranked.position, split_part(ranked.repository, ':', 1) as forge,
      coalesce(repository.path, substr(ranked.repository, strpos(ranked.repository, ':') + 1)) as path
    from ranked left join tagalong.repositories repository on repository.key = ranked.repository
    where ranked.rank = 1 and ranked.fresh`.execute(transaction);
  return new Map(
    [...Map.groupBy(rows, ({ position }) => position)].map(([position, of]) => [
      position,
      of.map(({ forge, path }) => ({ forge, path })),
    ]),
  );
}

/** How far ahead of ours a clock may go. */
const SKEW_MS = 5 * 60_000;

function toRow({ report, receivedAt }: ReceivedReport): ReportRow {
  const said = report.at === undefined ? Number.NaN : Date.parse(report.at);
  // A moment before there were computers is how some tools write that they know none.
  const saidAt = said > 0 ? new Date(said) : undefined;
  const isCredible = saidAt !== undefined && saidAt.getTime() <= receivedAt.getTime() + SKEW_MS;
  return {
    named: report.repository === undefined ? '' : repositoryKey(report.repository),
    revision: report.revision.toLowerCase(),
    tool: report.tool,
    application: report.application,
    target: toJson([report.environment, report.path]),
    state: report.state,
    saidAt: saidAt?.toISOString() ?? '',
    happenedAt: isCredible ? saidAt : receivedAt,
    receivedAt,
    report,
  };
}

interface Fit {
  readonly position: number;
  readonly repository: string;
  /** In full where a commit begins with what the report says. */
  readonly revision: string;
}

/** The repository that each report names, when it is known; else those whose branch had the commit. */
async function findRepositories(transaction: Transaction<Tables>, rows: readonly ReportRow[]): Promise<readonly Fit[]> {
  const asked = rows.map(({ revision, named }, position) => ({ position, revision, named }));
  const { rows: fits } = await sql<Fit>`
    with asked as materialized (
      select asked.*, repository.key from json_to_recordset(${toJson(asked)}::text::json)
        as asked (position integer, revision text, named text)
      left join tagalong.repositories repository on repository.key = asked.named
    ), had as materialized (
      select asked.position, commit.repository, commit.hash
      from asked join tagalong.commits commit on ${beginsWith('commit.hash', 'asked.revision')}
    )
    select asked.position, asked.key as repository, coalesce(had.hash, asked.revision) as revision
    from asked left join had on had.position = asked.position and had.repository = asked.key
    where asked.key is not null
    union
    select had.position, had.repository, had.hash from had join asked on asked.position = had.position where asked.key is null
    order by position, repository`.execute(transaction);
  return fits;
}

/** Whether a hash is, or is abbreviated to, a revision, in a way that an index answers. The names are those of columns. */
export function beginsWith(hash: string, revision: string) {
  const [full, short] = [sql.ref(hash), sql.ref(revision)];
  return sql`${short} ~ '^[0-9a-f]{7,64}$' and ${full} >= ${short} and ${full} < ${short} || 'g'`;
}

async function letWait(transaction: Transaction<Tables>, rows: readonly ReportRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into tagalong.waiting_reports as old
      (named, revision, tool, application, target, state, said_at, happened_at, received_at, report)
    select distinct on (named, revision, tool, application, target, state, said_at) *
    from json_to_recordset(${toJson(rows.map(toSent))}::text::json) as given (
      named text, revision text, tool text, application text, target text, state text, said_at text,
      happened_at timestamptz, received_at timestamptz, report jsonb
    )
    order by named, revision, tool, application, target, state, said_at, received_at, report::text
    on conflict (revision, tool, application, target, named, state, said_at) do update
      set happened_at = excluded.happened_at, received_at = excluded.received_at, report = excluded.report
      where (excluded.received_at, excluded.report::text) < (old.received_at, old.report::text)`.execute(transaction);
}

function toSent<T extends Pick<ReportRow, 'saidAt' | 'happenedAt' | 'receivedAt'>>(row: T) {
  const { saidAt, happenedAt, receivedAt, ...rest } = row;
  return { ...rest, said_at: saidAt, happened_at: happenedAt, received_at: receivedAt };
}
