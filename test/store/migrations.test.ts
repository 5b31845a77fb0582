import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { afterAll, describe, expect, test } from 'vitest';
import { openEmbedded } from '../../src/store/embedded.ts';
import { migrateToLatest } from '../../src/store/migrations/index.ts';
import * as initial from '../../src/store/migrations/0001-initial.ts';
import { openStore } from '../../src/store/open-store.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { postgresBackend, type TestBackend, temporaryDirectory } from '../support/database.ts';
import { silentLog } from '../support/silent.ts';
import { newRepository } from '../support/store-examples.ts';

const [directory, server] = await Promise.all([temporaryDirectory(), postgresBackend()]);
const embedded: Pick<TestBackend, 'newLocation'> = {
  newLocation: () => Promise.resolve({ dataDirectory: directory.path }),
};

afterAll(async () => {
  await server?.close();
  await directory.remove();
});

describe.each([
  { name: 'embedded', backend: embedded },
  ...(server === undefined ? [] : [{ name: 'PostgreSQL', backend: server }]),
])('a database of the first release, $name', ({ backend }) => {
  test('is brought up to date with all it holds', async () => {
    const location = await backend.newLocation();
    const database =
      'dataDirectory' in location
        ? await openEmbedded(location.dataDirectory, (error) => {
            throw error;
          })
        : openPostgres(location.databaseUrl, silentLog);
    const { forge, path } = newRepository();
    const [key, subject] = [`${forge}:${path.toLowerCase()}`, `${forge}:${path.toLowerCase()}#7`];
    await database.run(async (db) => {
      await sql`create schema tagalong`.execute(db);
      const provider = { getMigrations: () => Promise.resolve({ '0001-initial': initial }) };
      const { error } = await new Migrator({ db, provider, migrationTableSchema: 'tagalong' }).migrateToLatest();
      expect(error).toBeUndefined();
      await sql`insert into tagalong.subjects (key, forge, path, number) values (${subject}, ${forge}, ${path}, 7)`.execute(
        db,
      );
      await sql`insert into tagalong.wakes (subject, reason, woken_at) values (${subject}, '{"kind":"resync"}', now())`.execute(
        db,
      );
      await sql`
        insert into tagalong.bumps values (${key}, 7, ${forge}, ${path}, 'staging', 'ghcr.io/acme/shop', '[]', '1', null, now(),
          null, 'b', 'h', 'b', 'merged', '[]', now(), now())`.execute(db);
      await migrateToLatest(db);
      await migrateToLatest(db);
    });
    await database.close();

    const store = await openStore({ ...location, now: () => new Date(), log: silentLog });
    const repository = { forge, path };
    expect(await store.bumps.merged(repository, { limit: 10 })).toMatchObject([{ change: 7, environment: 'staging' }]);
    const { promise: woken, resolve } = Promise.withResolvers<unknown>();
    await store.workers.start((...run) => {
      resolve(run);
      return Promise.resolve();
    });
    expect(await woken).toEqual([
      { kind: 'change', repository, number: 7 },
      [{ id: expect.any(String) as string, reason: { kind: 'resync' }, wokenAt: expect.any(Date) as Date }],
    ]);
    await store.workers.stop(5_000);
    await store.close();
  });

  test('that a newer release has changed is not opened', async () => {
    const location = await backend.newLocation();
    const options = { ...location, now: () => new Date(), log: silentLog };
    await (await openStore(options)).close();
    const database =
      'dataDirectory' in location
        ? await openEmbedded(location.dataDirectory, (error) => {
            throw error;
          })
        : openPostgres(location.databaseUrl, silentLog);
    await database.run((db) =>
      sql`insert into tagalong.kysely_migration values ('9999-later', '2999-01-01T00:00:00Z')`.execute(db),
    );
    await database.close();
    await expect(openStore(options)).rejects.toMatchObject({
      code: 'store-newer',
      message: 'A newer release has changed the database: this one knows nothing of 9999-later.',
    });
  });
});
