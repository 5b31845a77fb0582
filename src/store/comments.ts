import type { RepositoryRef } from '../domain/repository.ts';
import { repositoryKey } from '../domain/repository.ts';
import type { Database } from './database.ts';
import type { CommentMemory } from './store.ts';

export function openCommentMemory(database: Database, now: () => Date): CommentMemory {
  return {
    async comment(repository, number, marker) {
      const row = await database.run((db) =>
        db
          .selectFrom('tagalong.comments')
          .select(['comment_id', 'body_hash'])
          .where('repository', '=', repositoryKey(repository))
          .where('number', '=', number)
          .where('marker', '=', marker)
          .executeTakeFirst(),
      );
      if (row === undefined) return undefined;
      const { comment_id: id, body_hash: bodyHash } = row;
      return id === null || bodyHash === null ? 'unknown' : { id, bodyHash };
    },
    begin: (repository, number, marker) =>
      remember(database, repository, number, marker, {
        comment_id: null,
        body_hash: null,
        touched_at: now(),
      }),
    finish: (repository, number, marker, { id, bodyHash }) =>
      remember(database, repository, number, marker, { comment_id: id, body_hash: bodyHash, touched_at: now() }),
  };
}

async function remember(
  database: Database,
  repository: RepositoryRef,
  number: number,
  marker: string,
  values: { comment_id: string | null; body_hash: string | null; touched_at: Date },
): Promise<void> {
  await database.run((db) =>
    db
      .insertInto('tagalong.comments')
      .values({ repository: repositoryKey(repository), number, marker, ...values })
      .onConflict((conflict) => conflict.columns(['repository', 'number', 'marker']).doUpdateSet(values))
      .execute(),
  );
}
