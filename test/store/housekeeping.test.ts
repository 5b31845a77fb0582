import { join } from 'node:path';
import { readdirSync, statSync } from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/store/database.ts';
import { DurableFileSystem } from '../../src/store/durable-file-system.ts';
import { openEmbedded, startDurably, startParameters } from '../../src/store/embedded.ts';
import { forgetOld } from '../../src/store/housekeeping.ts';
import { embeddedBackend, type TestBackend } from '../support/database.ts';

const now = new Date('2025-06-01T00:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 24 * 60 * 60 * 1_000);

let backend: TestBackend;
beforeAll(async () => {
  backend = await embeddedBackend();
});
afterAll(() => backend.close());

async function newDirectory(): Promise<string> {
  const location = await backend.newLocation();
  if (!('dataDirectory' in location)) throw new Error('That is no directory.');
  return location.dataDirectory;
}

describe('housekeeping', () => {
  let database: Database;
  let directory: string;

  beforeAll(async () => {
    directory = await newDirectory();
    database = await openEmbedded(directory, (error) => {
      throw error;
    });
  });
  afterAll(() => database.close());

  test('forgets what was kept for long enough, and nothing else', async () => {
    await database.run(async (db) => {
      await db
        .insertInto('tagalong.deliveries')
        .values([6.9, 7.1].map((days) => ({ sender: 'test', id: `${days}`, received_at: daysAgo(days) })))
        .execute();
      await sql`
        insert into tagalong.versions (image, tag, digest, published_at)
        select 'acme/old', days::text, '', ${now}::timestamptz - days * interval '1 day' from unnest(array[179.0, 181.0]) days
        union all
        select 'acme/many', n::text, '', ${now}::timestamptz - n * interval '1 minute' from generate_series(1, 1005) n`.execute(
        db,
      );
      await sql`
        insert into tagalong.bumps
        select 'github:acme/deploy', number, 'github', 'acme/deploy', 'staging', 'acme/old', '[]', '1', null, ${daysAgo(400)},
          null, 'b', 'h', 'b', case when days is null then 'open' else 'merged' end, '[]', ${daysAgo(400)},
          ${now}::timestamptz - days * interval '1 day'
        from (values (1, null), (2, 179), (3, 181)) as bump (number, days)`.execute(db);
      await forgetOld(db, now);

      const ids = async (query: Promise<{ id: string }[]>) => (await query).map(({ id }) => id);
      expect(await ids(db.selectFrom('tagalong.deliveries').select('id').execute())).toEqual(['6.9']);
      const tags = (image: string) =>
        ids(
          sql<{ id: string }>`select tag as id from tagalong.versions where image = ${image} order by published_at`
            .execute(db)
            .then(({ rows }) => rows),
        );
      expect(await tags('acme/old')).toEqual(['179.0']);
      expect(await tags('acme/many')).toEqual(Array.from({ length: 1_000 }, (_, index) => `${1_000 - index}`));
      const numbers = await db.selectFrom('tagalong.bumps').select('number').orderBy('number').execute();
      expect(numbers.map(({ number }) => number)).toEqual([1, 2]);
    });
  });

  test('lets go of the log of the embedded database when it has grown', async () => {
    const log = join(directory, 'cluster', 'pg_wal');
    const bytes = () =>
      readdirSync(log).reduce(
        (sum, name) => sum + (/^[0-9A-F]{24}$/.test(name) ? statSync(join(log, name)).size : 0),
        0,
      );
    const write = () =>
      database.run((db) =>
        sql`select pg_logical_emit_message(false, 'test', repeat('x', 1000000)) from generate_series(1, 50)`.execute(
          db,
        ),
      );
    await write();
    const first = bytes();
    for (let round = 0; round < 5; round += 1) {
      await database.upkeep.checkpoint();
      await write();
    }
    await database.upkeep.checkpoint();
    expect(bytes()).toBeLessThan(first * 2);
    await database.upkeep.vacuum();
  });
});

describe('an embedded database that is not durable is refused', () => {
  /** As its maker delivers it. */
  class Forgetful extends DurableFileSystem {
    override init(...parameters: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
      return NodeFS.prototype.init.apply(this, parameters);
    }
  }

  test.each([
    ['fsync is switched off', DurableFileSystem, [...startParameters, '-F'], 'fsync switched off'],
    ['fsync does nothing', Forgetful, startParameters, 'without an fsync'],
  ])('when %s', async (_, FileSystem, parameters, message) => {
    const files = new FileSystem(join(await newDirectory(), 'cluster'));
    await expect(startDurably(files, parameters)).rejects.toMatchObject({
      code: 'store-not-durable',
      message: expect.stringContaining(message) as string,
    });
  });
});
