import { join } from 'node:path';
import { readdirSync, statSync } from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCommentMemory } from '../../src/store/comments.ts';
import type { Database } from '../../src/store/database.ts';
import { DurableFileSystem } from '../../src/store/durable-file-system.ts';
import { openEmbedded, startDurably, startParameters } from '../../src/store/embedded.ts';
import { forgetOld } from '../../src/store/housekeeping.ts';
import { embeddedBackend, type TestBackend } from '../support/database.ts';
import { newRepository } from '../support/store-examples.ts';

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
    });
  });

  test('forgets comments that nobody has touched for long', async () => {
    let at = daysAgo(401);
    const comments = openCommentMemory(database, () => at);
    const repository = newRepository();
    for (const marker of ['old', 'touched']) {
      await comments.begin(repository, 1, marker);
      await comments.finish(repository, 1, marker, { id: marker, bodyHash: 'h1' });
    }
    at = daysAgo(399);
    await comments.finish(repository, 1, 'touched', { id: 'touched', bodyHash: 'h2' });
    await database.run((db) => forgetOld(db, now));
    expect(await comments.comment(repository, 1, 'old')).toBeUndefined();
    expect(await comments.comment(repository, 1, 'touched')).toEqual({ id: 'touched', bodyHash: 'h2' });
  });

  test('forgets closed bumps after a while, and merged ones that no rollback goes back to', async () => {
    await database.run(async (db) => {
      await sql`
        insert into tagalong.bumps
        select 'github:acme/deploy', number, 'github', 'acme/deploy', 'staging', image, '[]', '1', null, ${daysAgo(900)},
          null, 'b', 'h', 'b', state, '[]', ${daysAgo(900)}, ${now}::timestamptz - days * interval '1 day'
        from (
          values (1, 'open', 'acme/old', null), (2, 'closed', 'acme/old', 179), (3, 'closed', 'acme/old', 181),
            (4, 'merged', 'acme/rare', 800)
          union all
          select 100 + n, 'merged', 'acme/many', 351 + n from generate_series(0, 99) n
        ) as bump (number, state, image, days)`.execute(db);
      await forgetOld(db, now);
      const numbers = await db.selectFrom('tagalong.bumps').select('number').orderBy('number').execute();
      // Those within the time, and no fewer than fifty.
      const merged = Array.from({ length: 50 }, (_, index) => 100 + index);
      expect(numbers.map(({ number }) => number)).toEqual([1, 2, 4, ...merged]);
      await sql`update tagalong.bumps set settled_at = settled_at + interval '20 days' where image = 'acme/many'`.execute(
        db,
      );
      await sql`update tagalong.bumps set settled_at = ${daysAgo(399)} where number = 4`.execute(db);
      await forgetOld(db, now);
      expect(await db.selectFrom('tagalong.bumps').select('number').execute()).toHaveLength(53);
    });
  });

  test('keeps what a change renders to for as long as it may be open', async () => {
    await database.run(async (db) => {
      await sql`
        insert into tagalong.renders (repository, number, head_commit, base_commit, fingerprint, summary, saved_at)
        select 'github:acme/deploy', number, 'h', 'b', 'f', '{}', ${now}::timestamptz - days * interval '1 day'
        from (values (201, 500), (202, 500), (203, 500), (1001, 179), (1002, 181), (1003, 181)) as render (number, days)`.execute(
        db,
      );
      await sql`
        insert into tagalong.verdicts
        select 'github:acme/deploy', number, 'github', 'acme/deploy', 'h', 'b', 'wait', '{}', '[]',
          ${now}::timestamptz - days * interval '1 day'
        from (values (1003, 10), (1004, 181)) as verdict (number, days)`.execute(db);
      await sql`
        insert into tagalong.bumps
        select 'github:acme/deploy', number, 'github', 'acme/deploy', 'staging', 'acme/rendered', '[]', '1', null, ${daysAgo(900)},
          null, 'b', 'h', 'b', state, '[]', ${daysAgo(900)}, ${now}::timestamptz - days * interval '1 day'
        from (values (201, 'open', null), (202, 'closed', 29), (203, 'closed', 31)) as bump (number, state, days)`.execute(
        db,
      );
      await forgetOld(db, now);
      const numbers = async (table: 'renders' | 'verdicts') =>
        (await db.selectFrom(`tagalong.${table}`).select('number').orderBy('number').execute()).map(
          ({ number }) => number,
        );
      expect(await numbers('renders')).toEqual([201, 202, 1001, 1003]);
      expect(await numbers('verdicts')).toEqual([1003]);
    });
  });

  test('forgets decisions that have ended long ago, and keeps the others and the audit log', async () => {
    await database.run(async (db) => {
      await sql`
        insert into tagalong.decisions
          (repository, kind, number, environment, image, what, forge, path, decided_by, decided_at, ends_at)
        select 'github:acme/deploy', kind, number, what, '', what, 'github', 'acme/deploy', 'ada',
          ${now}::timestamptz - decided * interval '1 day', ${now}::timestamptz - ended * interval '1 day'
        from (values
          ('freeze', 0, 'endless', 900, null), ('freeze', 0, 'ended', 900, 29), ('freeze', 0, 'forgotten', 900, 31),
          ('approval', 7, 'ada', 399, null), ('approval', 7, 'grace', 401, null)
        ) as decision (kind, number, what, decided, ended)`.execute(db);
      await sql`
        insert into tagalong.audit (key, happened_at, actor_kind, actor, action, repository, forge, path, event, details)
        values ('1', ${daysAgo(9_000)}, 'person', 'ada', 'pin', 'github:acme/deploy', 'github', 'acme/deploy', 'e', '{}')`.execute(
        db,
      );
      await forgetOld(db, now);
      const left = await db.selectFrom('tagalong.decisions').select('what').orderBy('what').execute();
      expect(left.map(({ what }) => what)).toEqual(['ada', 'ended', 'endless']);
      expect(await db.selectFrom('tagalong.audit').select('id').execute()).toHaveLength(1);
    });
  });

  test('forgets reports that are old, or that another has outdated', async () => {
    await database.run(async (db) => {
      const report = sql`tool, application, target, state, said_at, happened_at, received_at, report`;
      const values = sql`'flux', application, '', state, days::text, happened, happened, '{}'
        from (select *, ${now}::timestamptz - days * interval '1 day' from (values
          ('shop', 'in-progress', 3.0), ('shop', 'in-progress', 1.9), ('shop', 'in-progress', 1.8), ('shop', 'failed', 4.0),
          ('cart', 'succeeded', 29.0), ('old', 'succeeded', 31.0), ('new', 'queued', 0.9)
        ) as said (application, state, days)) as report (application, state, days, happened)`;
      await sql`insert into tagalong.reports (repository, revision, ${report}) select 'r', 'c', ${values}`.execute(db);
      await sql`insert into tagalong.waiting_reports (named, revision, ${report}) select '', 'c', ${values}`.execute(
        db,
      );
      await sql`
        insert into tagalong.rollouts (repository, number, environment, image, forge, path, state, since, told)
        select 'r', number, 'e', 'i', 'github', 'r', state, ${now}::timestamptz - days * interval '1 day', '{}'
        from (values (1, 'superseded', 399), (2, 'superseded', 401), (3, 'live', 900)) as rollout (number, state, days)`.execute(
        db,
      );
      await forgetOld(db, now);
      const left = async (table: 'reports' | 'waiting_reports') =>
        (
          await db.selectFrom(`tagalong.${table}`).select(['application', 'said_at']).orderBy('happened_at').execute()
        ).map(({ application, said_at: days }) => `${application} ${days}`);
      expect(await left('reports')).toEqual(['cart 29.0', 'shop 4.0', 'shop 1.9', 'shop 1.8', 'new 0.9']);
      expect(await left('waiting_reports')).toEqual(['new 0.9']);
      const rollouts = await db.selectFrom('tagalong.rollouts').select('number').orderBy('number').execute();
      expect(rollouts.map(({ number }) => number)).toEqual([1, 3]);
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
