import type { Selectable, Transaction } from 'kysely';
import { repositoryKey } from '../domain/repository.ts';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';
import type { RememberedVerdict, Verdicts } from './store.ts';
import { toJson } from './text.ts';

export function openVerdicts(database: Database): Verdicts {
  return {
    async verdict(repository, number) {
      const row = await database.run((db) =>
        db
          .selectFrom('tagalong.verdicts')
          .selectAll()
          .where('repository', '=', repositoryKey(repository))
          .where('number', '=', number)
          .executeTakeFirst(),
      );
      return row && toVerdict(row);
    },
    async ofHead(repository, headCommit) {
      const rows = await database.run((db) =>
        db
          .selectFrom('tagalong.verdicts')
          .selectAll()
          .where('repository', '=', repositoryKey(repository))
          .where('head_commit', '=', headCommit)
          .orderBy('number')
          .execute(),
      );
      return rows.map(toVerdict);
    },
    saveVerdict: (verdict) =>
      database.transaction(async (transaction) => {
        await saveVerdict(transaction, verdict);
        if (verdict.outcome === 'pass') await savePass(transaction, verdict);
      }),
    async passed(repository, number, headCommit) {
      const row = await database.run((db) =>
        db
          .selectFrom('tagalong.passes')
          .select('number')
          .where('repository', '=', repositoryKey(repository))
          .where('number', '=', number)
          .where('head_commit', '=', headCommit)
          .executeTakeFirst(),
      );
      return row !== undefined;
    },
  };
}

function toVerdict(row: Selectable<Tables['tagalong.verdicts']>): RememberedVerdict {
  return {
    repository: { forge: row.forge, path: row.path },
    number: row.number,
    headCommit: row.head_commit,
    baseCommit: row.base_commit,
    outcome: row.outcome,
    verdict: row.verdict,
    requiredChecks: row.required_checks,
    decidedAt: row.decided_at,
  };
}

async function saveVerdict(transaction: Transaction<Tables>, verdict: RememberedVerdict): Promise<void> {
  const { repository, number } = verdict;
  const values = {
    forge: repository.forge,
    path: repository.path,
    head_commit: verdict.headCommit,
    base_commit: verdict.baseCommit,
    outcome: verdict.outcome,
    verdict: toJson(verdict.verdict),
    required_checks: toJson(verdict.requiredChecks),
    decided_at: verdict.decidedAt,
  };
  await transaction
    .insertInto('tagalong.verdicts')
    .values({ repository: repositoryKey(repository), number, ...values })
    .onConflict((conflict) => conflict.columns(['repository', 'number']).doUpdateSet(values))
    .execute();
}

async function savePass(transaction: Transaction<Tables>, verdict: RememberedVerdict): Promise<void> {
  const { repository, number, headCommit, decidedAt } = verdict;
  await transaction
    .insertInto('tagalong.passes')
    .values({ repository: repositoryKey(repository), number, head_commit: headCommit, passed_at: decidedAt })
    .onConflict((conflict) =>
      conflict.columns(['repository', 'number', 'head_commit']).doUpdateSet({ passed_at: decidedAt }),
    )
    .execute();
}
