import { repositoryKey } from '../domain/repository.ts';
import type { Database } from './database.ts';
import type { Arrivals } from './store.ts';

export function openArrivals(database: Database): Arrivals {
  return {
    async unexplained(repository) {
      const rows = await database.run((db) =>
        db
          .selectFrom('tagalong.arrivals')
          .selectAll()
          .where('repository', '=', repositoryKey(repository))
          .orderBy('seen_at')
          .orderBy('branch_before')
          .orderBy('branch_after')
          .execute(),
      );
      return rows.map((row) => ({ from: row.branch_before, to: row.branch_after, seenAt: row.seen_at }));
    },
    async keep(repository, { from, to, seenAt }) {
      const move = { repository: repositoryKey(repository), branch_before: from, branch_after: to, seen_at: seenAt };
      await database.run((db) =>
        db
          .insertInto('tagalong.arrivals')
          .values(move)
          .onConflict((conflict) => conflict.columns(['repository', 'branch_before', 'branch_after']).doNothing())
          .execute(),
      );
    },
    async settle(repository, { from, to }) {
      await database.run((db) =>
        db
          .deleteFrom('tagalong.arrivals')
          .where('repository', '=', repositoryKey(repository))
          .where('branch_before', '=', from)
          .where('branch_after', '=', to)
          .execute(),
      );
    },
  };
}
