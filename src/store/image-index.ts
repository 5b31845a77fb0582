import { sql } from 'kysely';
import type { ImageName } from '../domain/image.ts';
import { type ForgeName, type RepositoryRef, repositoryKey } from '../domain/repository.ts';
import type { Database } from './database.ts';
import { awaitAcceptances } from './index-barrier.ts';
import type { ImageIndex, KnownRepository } from './store.ts';
import { toJson } from './text.ts';
import { publishedVersions } from './versions.ts';

export function openImageIndex(database: Database): ImageIndex {
  return {
    async known(repository) {
      const row = await database.run((db) =>
        db
          .selectFrom('tagalong.repositories')
          .selectAll()
          .where('key', '=', repositoryKey(repository))
          .executeTakeFirst(),
      );
      return row && toKnown(row);
    },
    async knownRepositories() {
      const rows = await database.run((db) =>
        db.selectFrom('tagalong.repositories').selectAll().orderBy('key').execute(),
      );
      return rows.map(toKnown);
    },
    update: (repository, mentions, options) => update(database, repository, mentions, options?.complete ?? false),
    async forget(repository) {
      const key = repositoryKey(repository);
      await database.transaction(async (transaction) => {
        await transaction.deleteFrom('tagalong.repositories').where('key', '=', key).execute();
        await transaction
          .deleteFrom('tagalong.bumps')
          .where('repository', '=', key)
          .where('state', '=', 'open')
          .execute();
        await transaction.deleteFrom('tagalong.commits').where('repository', '=', key).execute();
        // What people decided, and the audit log, can not be read again from anywhere: they stay.
      });
    },
    files: (repository, images) => files(database, repository, images),
    published: (images, limit = 100) => database.run((db) => publishedVersions(db, images, limit)),
  };
}

async function update(
  database: Database,
  { repository, defaultBranch, indexedCommit }: KnownRepository,
  mentions: ReadonlyMap<string, readonly ImageName[]>,
  complete: boolean,
): Promise<void> {
  const key = repositoryKey(repository);
  const files = toJson([...mentions.keys()]);
  const pairs = toJson([...mentions].flatMap(([file, images]) => images.map((image) => ({ file, image }))));
  await database.transaction(async (transaction) => {
    await sql`
      insert into tagalong.repositories (key, forge, path, default_branch, indexed_commit)
      values (${key}, ${repository.forge}, ${repository.path}, ${defaultBranch}, ${indexedCommit ?? null})
      on conflict (key) do update set
        path = excluded.path, default_branch = excluded.default_branch, indexed_commit = excluded.indexed_commit`.execute(
      transaction,
    );
    await sql`
      delete from tagalong.mentions
      where repository = ${key}
        and (${complete}::boolean or file in (select json_array_elements_text(${files}::text::json)))
        and (file, image) not in (select * from json_to_recordset(${pairs}::text::json) as pair (file text, image text))`.execute(
      transaction,
    );
    await sql`
      insert into tagalong.mentions (repository, file, image)
      select distinct ${key}, file, image from json_to_recordset(${pairs}::text::json) as pair (file text, image text)
      on conflict do nothing`.execute(transaction);
  });
  await database.run(awaitAcceptances);
}

async function files(
  database: Database,
  repository: RepositoryRef,
  images: readonly ImageName[] | undefined,
): Promise<Map<ImageName, string[]>> {
  const rows = await database.run((db) => {
    const all = db
      .selectFrom('tagalong.mentions')
      .select(['image', 'file'])
      .where('repository', '=', repositoryKey(repository))
      .orderBy('image')
      .orderBy('file');
    if (images === undefined) return all.execute();
    const asked = sql<ImageName>`(select json_array_elements_text(${toJson(images)}::text::json))`;
    return all.where('image', 'in', asked).execute();
  });
  return new Map(
    [...Map.groupBy(rows, ({ image }) => image)].map(([image, of]) => [image, of.map(({ file }) => file)]),
  );
}

function toKnown(row: {
  forge: ForgeName;
  path: string;
  default_branch: string;
  indexed_commit: string | null;
}): KnownRepository {
  return {
    repository: { forge: row.forge, path: row.path },
    defaultBranch: row.default_branch,
    ...(row.indexed_commit !== null && { indexedCommit: row.indexed_commit }),
  };
}
