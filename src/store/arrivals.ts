import { repositoryKey, type RepositoryRef } from '../domain/repository.ts';
import type { Database } from './database.ts';
import type { Arrival, Arrivals } from './store.ts';

export function openArrivals(database: Database): Arrivals {
  return {
    async unexplained(repository) {
      const rows = await database.run((db) =>
        db
          .selectFrom('tagalong.arrivals')
          .selectAll()
          .where('repository', '=', repositoryKey(repository))
          .orderBy('seen_at')
          .orderBy('commit_hash')
          .execute(),
      );
      return rows.map((row) => ({ commit: row.commit_hash, from: row.branch_before, seenAt: row.seen_at }));
    },
    keep: (repository, arrivals) => keep(database, repository, arrivals),
    async settle(repository, commits) {
      if (commits.length === 0) return;
      await database.run((db) =>
        db
          .deleteFrom('tagalong.arrivals')
          .where('repository', '=', repositoryKey(repository))
          .where('commit_hash', 'in', [...commits])
          .execute(),
      );
    },
  };
}

async function keep(database: Database, repository: RepositoryRef, arrivals: readonly Arrival[]): Promise<void> {
  if (arrivals.length === 0) return;
  const rows = arrivals.map(({ commit, from, seenAt }) => ({
    repository: repositoryKey(repository),
    commit_hash: commit,
    branch_before: from,
    seen_at: seenAt,
  }));
  await database.run((db) =>
    db
      .insertInto('tagalong.arrivals')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['repository', 'commit_hash']).doNothing())
      .execute(),
  );
}
