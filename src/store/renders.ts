import { repositoryKey } from '../domain/repository.ts';
import type { Database } from './database.ts';
import type { Renders } from './store.ts';
import { toJson } from './text.ts';

export function openRenders(database: Database, now: () => Date): Renders {
  return {
    async renders(repository, number) {
      const rows = await database.run((db) =>
        db
          .selectFrom('tagalong.renders')
          .selectAll()
          .where('repository', '=', repositoryKey(repository))
          .where('number', '=', number)
          .orderBy('saved_at', 'desc')
          .orderBy('head_commit')
          .execute(),
      );
      return rows.map((row) => ({
        headCommit: row.head_commit,
        baseCommit: row.base_commit,
        fingerprint: row.fingerprint,
        summary: row.summary,
      }));
    },
    async saveRender(repository, number, { headCommit, baseCommit, fingerprint, summary }) {
      const values = {
        base_commit: baseCommit,
        fingerprint,
        summary: toJson(summary),
        saved_at: now(),
      };
      await database.run((db) =>
        db
          .insertInto('tagalong.renders')
          .values({ repository: repositoryKey(repository), number, head_commit: headCommit, ...values })
          .onConflict((conflict) => conflict.columns(['repository', 'number', 'head_commit']).doUpdateSet(values))
          .execute(),
      );
    },
  };
}
