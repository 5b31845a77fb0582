import { type Selectable, sql } from 'kysely';
import type { DeployReport } from '../domain/deploy.ts';
import { type RepositoryRef, repositoryKey } from '../domain/repository.ts';
import { appendAudit } from './audit.ts';
import { addCommits } from './commits.ts';
import type { Database } from './database.ts';
import type { Queue } from './queue.ts';
import { newestReportFirst } from './reports.ts';
import type { Tables } from './schema.ts';
import type { Deploys, KeptReport, Rollout } from './store.ts';
import { toJson } from './text.ts';
import { addWakes } from './wakes.ts';

/** How long reports are told of. */
const REPORT_DAYS = 30;
/** How long rollouts are told of that another has superseded. */
const SUPERSEDED_DAYS = 7;

export function openDeploys(database: Database, queue: Queue, now: () => Date): Deploys {
  const daysAgo = (days: number) => new Date(now().getTime() - days * 24 * 60 * 60 * 1_000);
  return {
    async reports(repository) {
      const { rows } = await database.run((db) =>
        sql<StoredReport>`
          select revision, said_at, happened_at, received_at, report - 'at' as report from (
            select distinct on (tool, application, target, revision, state) * from tagalong.reports
            where repository = ${repositoryKey(repository)} and received_at >= ${daysAgo(REPORT_DAYS)}::timestamptz
            order by tool, application, target, revision, state, ${newestReportFirst}
          ) newest
          order by ${newestReportFirst}, tool, application, target, revision`.execute(db),
      );
      return rows.map((row) => toKept(row, repository));
    },
    saveCommits: (repository, commits) =>
      database.transaction(async (transaction) => {
        if (!(await addCommits(transaction, repository, commits, now()))) return;
        const subject = { kind: 'deploys', repository } as const;
        await addWakes(transaction, queue, [{ subject, reason: { kind: 'deploy-reported' } }], now());
      }),
    async rollouts(repository) {
      const rows = await database.run((db) =>
        db
          .selectFrom('tagalong.rollouts')
          .selectAll()
          .where('repository', '=', repositoryKey(repository))
          .where((is) => is.or([is('state', '<>', 'superseded'), is('since', '>=', daysAgo(SUPERSEDED_DAYS))]))
          .orderBy('since', 'desc')
          .orderBy('number', 'desc')
          .execute(),
      );
      return rows.map(toRollout);
    },
    async rolloutsOf(repository, number) {
      const rows = await database.run((db) =>
        db
          .selectFrom('tagalong.rollouts')
          .selectAll()
          .where('repository', '=', repositoryKey(repository))
          .where('number', '=', number)
          .orderBy('environment')
          .orderBy('image')
          .execute(),
      );
      return rows.map(toRollout);
    },
    saveRollout: (rollout, entry) =>
      database.transaction(async (transaction) => {
        const { repository, number, environment, image, ...values } = toRow(rollout);
        await transaction
          .insertInto('tagalong.rollouts')
          .values({ repository, number, environment, image, ...values })
          .onConflict((conflict) =>
            conflict.columns(['repository', 'number', 'environment', 'image']).doUpdateSet(values),
          )
          .execute();
        if (entry !== undefined) await appendAudit(transaction, [entry]);
      }),
  };
}

interface StoredReport {
  readonly revision: string;
  readonly said_at: string;
  readonly happened_at: Date;
  readonly received_at: Date;
  /** Without `at`, which is told as it is believed. */
  readonly report: DeployReport;
}

function toKept(row: StoredReport, repository: RepositoryRef): KeptReport {
  return {
    ...row.report,
    repository,
    revision: row.revision,
    ...(row.said_at !== '' && { at: row.happened_at.toISOString() }),
    receivedAt: row.received_at,
  };
}

function toRow(rollout: Rollout) {
  return {
    repository: repositoryKey(rollout.repository),
    number: rollout.number,
    environment: rollout.environment,
    image: rollout.image,
    forge: rollout.repository.forge,
    path: rollout.repository.path,
    state: rollout.state,
    since: rollout.since,
    application: rollout.application ?? null,
    tool: rollout.tool ?? null,
    message: rollout.message ?? null,
    url: rollout.url ?? null,
    environment_url: rollout.environmentUrl ?? null,
    told: toJson(rollout.told),
  };
}

function toRollout(row: Selectable<Tables['tagalong.rollouts']>): Rollout {
  const { application, tool, message, url, environment_url: environmentUrl } = row;
  return {
    repository: { forge: row.forge, path: row.path },
    number: row.number,
    environment: row.environment,
    image: row.image,
    state: row.state,
    since: row.since,
    ...(application !== null && { application }),
    ...(tool !== null && { tool }),
    ...(message !== null && { message }),
    ...(url !== null && { url }),
    ...(environmentUrl !== null && { environmentUrl }),
    told: row.told,
  };
}
