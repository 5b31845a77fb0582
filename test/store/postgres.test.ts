import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { startChild } from '../support/child.ts';
import { postgresBackend } from '../support/database.ts';
import { silentLog } from '../support/silent.ts';
import { delivery, newImage, newRepository, published, repositorySubject } from '../support/store-examples.ts';

const server = await postgresBackend();
const child = join(import.meta.dirname, '../support/store-child.ts');

afterAll(() => server?.close());

describe.skipIf(server === undefined)('a store on PostgreSQL', () => {
  async function newLocation(): Promise<{ databaseUrl: string }> {
    if (server === undefined) throw new Error('There is no server.');
    return server.newLocation();
  }

  const open = (location: { databaseUrl: string }) =>
    openStore({ ...location, now: () => new Date(), log: silentLog, retry: { baseMs: 5 } });

  test('may be opened by many processes at the same moment, on an empty database', async () => {
    const location = await newLocation();
    const stores = await Promise.all(Array.from({ length: 4 }, () => open(location)));
    for (const store of stores) await store.ping();
    await Promise.all(stores.map((store) => store.close()));
  });

  test('an index update waits for a delivery that looked at the index before it', async () => {
    const location = await newLocation();
    const store = await open(location);
    const [repository, shop, busy] = [newRepository(), newImage(), repositorySubject()];
    await store.inbox.wake(busy, { kind: 'installed' });
    const other = new Client({ connectionString: location.databaseUrl });
    await other.connect();
    await other.query('begin');
    await other.query('select from tagalong.subjects for update');
    // The delivery has looked at the index, and waits for the subject that is locked.
    const wakes = [{ subject: busy, reason: { kind: 'resync' }, onlyIfKnown: false }] as const;
    const accepted = store.inbox.accept(delivery({ published: [published(shop, '1')], wakes }));
    const waiting = () => other.query(`select 1 from pg_locks where not granted and locktype <> 'advisory'`);
    await vi.waitFor(async () => expect((await waiting()).rowCount).toBe(1), { timeout: 10_000 });

    const updated = store.update({ repository, defaultBranch: 'main' }, new Map([['a.yaml', [shop]]]));
    const versions = updated.then(() => store.published([shop]));
    await Promise.race([versions, sleep(500)]);
    await other.query('commit');
    await other.end();
    expect(await accepted).toMatchObject({ woken: 1, unmentioned: [shop] });
    expect((await versions).get(shop)).toMatchObject([{ tag: '1' }]);
    await store.close();
  });

  test('gives the subjects of a killed process to another', { timeout: 60_000 }, async () => {
    const location = await newLocation();
    const store = await open(location);
    const subject = repositorySubject();
    const lost = startChild(child, [JSON.stringify(location), 'hold']);
    await lost.untilLines(1);
    await store.inbox.wake(subject, { kind: 'installed' });
    await lost.untilLines(2);
    await lost.kill();
    const taken: string[][] = [];
    await store.workers.start((_, wakes) => {
      taken.push(wakes.map(({ reason }) => reason.kind));
      return Promise.resolve();
    });
    await vi.waitFor(() => expect(taken).toEqual([['installed']]), { timeout: 40_000, interval: 100 });
    await store.workers.stop(1_000);
    await store.close();
  });

  test('says that the database is gone while it is, and works on when it is back', { timeout: 60_000 }, async () => {
    if (server === undefined) return;
    const store = await open(await newLocation());
    const [shop, subject] = [newImage(), repositorySubject()];
    const runs: string[] = [];
    await store.workers.start((_, wakes) => {
      runs.push(...wakes.map(({ reason }) => reason.kind));
      return Promise.resolve();
    });
    await store.inbox.accept(delivery({ published: [published(shop, 'before')] }));

    await server.stop();
    const gone = { code: 'store-unavailable', transient: true };
    await expect(store.ping()).rejects.toMatchObject(gone);
    await expect(store.published([shop])).rejects.toMatchObject(gone);
    await expect(store.inbox.wake(subject, { kind: 'resync' })).rejects.toMatchObject(gone);
    const refused = await Promise.allSettled(
      Array.from({ length: 50 }, () => store.inbox.accept(delivery({ published: [published(shop, 'during')] }))),
    );
    for (const outcome of refused) expect(outcome).toMatchObject({ status: 'rejected', reason: gone });
    await expect(open(await Promise.resolve({ databaseUrl: 'postgresql://localhost:1/none' }))).rejects.toMatchObject(
      gone,
    );
    // Long enough for the workers' polls to fail too.
    await sleep(2_500);

    await server.start();
    await vi.waitFor(() => store.ping(), { timeout: 20_000, interval: 50 });
    await store.inbox.accept(delivery({ published: [published(shop, 'after')] }));
    await store.inbox.wake(subject, { kind: 'installed' });
    await vi.waitFor(() => expect(runs).toEqual(['installed']), { timeout: 20_000, interval: 50 });
    expect((await store.published([shop])).get(shop)?.map(({ tag }) => tag)).toEqual(['after', 'before']);
    await store.workers.stop(1_000);
    await store.close();
  });
});
