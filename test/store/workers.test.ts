import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { TagalongError } from '../../src/domain/errors.ts';
import { formatSubject, type Subject } from '../../src/domain/subject.ts';
import { openStore, type StoreLocation, type StoreSettings } from '../../src/store/open-store.ts';
import type { Reconciler, Store, Wake } from '../../src/store/store.ts';
import { allBackends } from '../support/database.ts';
import { silentLog } from '../support/silent.ts';
import { delivery, newImage, newRepository, published, repositorySubject } from '../support/store-examples.ts';

const backends = await allBackends();
const eventually = { timeout: 20_000, interval: 20 };

describe.each(backends)('workers, $name', (backend) => {
  const open: Store[] = [];

  async function newStore(settings: Partial<StoreSettings> = {}, location?: StoreLocation): Promise<Store> {
    const store = await openStore({
      ...(location ?? (await backend.newLocation())),
      now: () => new Date(),
      log: silentLog,
      retry: { baseMs: 5, limit: 3 },
      ...settings,
    });
    open.push(store);
    return store;
  }

  afterEach(async () => {
    for (const store of open.splice(0)) {
      await store.workers.stop(5_000);
      await store.close();
    }
  });

  afterAll(() => backend.close());

  test('get all pending wakes of a subject at once, oldest first, with the path as the forge spells it', async () => {
    const store = await newStore();
    const [repository, shop] = [newRepository(), newImage()];
    const change: Subject = { kind: 'change', repository, number: 12 };
    await store.update({ repository, defaultBranch: 'main' }, new Map([['a.yaml', [shop]]]));
    await store.inbox.wake({ kind: 'repository', repository }, { kind: 'resync' });
    await store.inbox.accept(delivery({ published: [published(shop, '1')] }));
    await store.inbox.wake(change, { kind: 'change-updated', state: 'open', headCommit: 'c1' });
    const runs: [Subject, Wake['reason'][]][] = [];
    await store.workers.start((subject, wakes) => {
      runs.push([subject, wakes.map(({ reason }) => reason)]);
      return Promise.resolve();
    });
    await vi.waitFor(() => expect(runs).toHaveLength(2), eventually);
    expect(runs).toContainEqual([
      { kind: 'repository', repository },
      [{ kind: 'resync' }, { kind: 'image-published', image: shop }],
    ]);
    expect(runs).toContainEqual([change, [{ kind: 'change-updated', state: 'open', headCommit: 'c1' }]]);
    await vi.waitFor(async () => expect(await store.admin.entries()).toEqual([]), eventually);
  });

  test('run again for a wake that came during the run', async () => {
    const store = await newStore();
    const subject = repositorySubject();
    const seen: string[][] = [];
    await store.workers.start(async (_, wakes) => {
      seen.push(wakes.map(({ reason }) => reason.kind));
      if (seen.length === 1) await store.inbox.wake(subject, { kind: 'resync' });
    });
    await store.inbox.wake(subject, { kind: 'installed' });
    await vi.waitFor(() => expect(seen).toEqual([['installed'], ['resync']]), eventually);
  });

  test('do not let a subject that takes long keep others waiting', async () => {
    const store = await newStore({ concurrency: 2 });
    const [slow, quick] = [repositorySubject(), Array.from({ length: 10 }, () => repositorySubject())];
    const { promise: unblocked, resolve: unblock } = Promise.withResolvers<undefined>();
    const [started, done] = [new Set<string>(), new Set<string>()];
    await store.workers.start(async (subject) => {
      started.add(formatSubject(subject));
      if (formatSubject(subject) === formatSubject(slow)) await unblocked;
      done.add(formatSubject(subject));
    });
    await store.inbox.wake(slow, { kind: 'resync' });
    await vi.waitFor(() => expect(started).toContain(formatSubject(slow)), eventually);
    await store.inbox.wake(slow, { kind: 'installed' });
    for (const subject of quick) await store.inbox.wake(subject, { kind: 'resync' });
    await vi.waitFor(() => expect(done).toEqual(new Set(quick.map(formatSubject))), eventually);
    unblock(undefined);
    await vi.waitFor(() => expect(done).toContain(formatSubject(slow)), eventually);
  });

  test('come last to what is looked at again only because something beside it moved', async () => {
    const store = await newStore({ concurrency: 1 });
    const [repository, quick] = [newRepository(), repositorySubject()];
    const crowd = Array.from({ length: 20 }, (_, index): Subject => ({
      kind: 'change',
      repository,
      number: index + 1,
    }));
    for (const subject of crowd) await store.inbox.wake(subject, { kind: 'change-touched', what: 'base' });
    await store.inbox.wake(quick, { kind: 'installed' });
    const touched = { kind: 'change', repository, number: 20 } as const;
    await store.inbox.wake(touched, { kind: 'change-touched', what: 'reviews' });
    const order: string[] = [];
    await store.workers.start((subject) => {
      order.push(formatSubject(subject));
      return Promise.resolve();
    });
    await vi.waitFor(() => expect(order).toHaveLength(crowd.length + 1), eventually);
    expect(new Set(order.slice(0, 2))).toEqual(new Set([quick, touched].map(formatSubject)));
  });

  test('hold a subject one at a time, and miss no wake, whoever wakes whenever', async () => {
    const location = await backend.newLocation();
    const replicas = 'databaseUrl' in location ? 3 : 1;
    const stores = await Promise.all(Array.from({ length: replicas }, () => newStore({ concurrency: 4 }, location)));
    const subjects = Array.from({ length: 12 }, () => repositorySubject());
    const log = watchOverlaps(async () => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
      if (Math.random() < 0.1) throw new TagalongError('forge-conflict', 'Moved.');
    });
    for (const store of stores) await store.workers.start(log.reconcile);
    const wakers = Array.from({ length: 8 }, async (_, waker) => {
      for (let round = 0; round < 20; round += 1) {
        const subject = subjects[Math.floor(Math.random() * subjects.length)];
        const store = stores[waker % stores.length];
        if (subject === undefined || store === undefined) throw new Error('There is none.');
        const branch = `${waker}-${round}`;
        if (round % 2 === 0) await store.inbox.wake(subject, { kind: 'branch-pushed', branch });
        else
          await store.inbox.accept(
            delivery({ wakes: [{ subject, reason: { kind: 'branch-pushed', branch }, onlyIfKnown: false }] }),
          );
      }
    });
    await Promise.all(wakers);
    const all = Array.from({ length: 8 }, (_, waker) => Array.from({ length: 20 }, (_, round) => `${waker}-${round}`));
    await vi.waitFor(() => expect(log.handled).toEqual(new Set(all.flat())), eventually);
    await vi.waitFor(async () => expect(await stores[0]?.admin.entries()).toEqual([]), eventually);
    expect(log.overlaps).toBe(0);
  });

  describe('when a run fails', () => {
    test('repeat it with the same wakes and newer ones, for as long as the cause is a passing one', async () => {
      const store = await newStore();
      const subject = repositorySubject();
      const seen: string[][] = [];
      await store.workers.start((_, wakes) => {
        seen.push(wakes.map(({ reason }) => reason.kind));
        if (seen.length < 8) throw new TagalongError('forge-unavailable', 'The forge does not answer.');
        return Promise.resolve();
      });
      await store.inbox.wake(subject, { kind: 'installed' });
      await vi.waitFor(() => expect(seen.length).toBeGreaterThan(2), eventually);
      await store.inbox.wake(subject, { kind: 'resync' });
      await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(8), eventually);
      expect(seen[0]).toEqual(['installed']);
      expect(seen.at(-1)).toEqual(['installed', 'resync']);
      await vi.waitFor(async () => expect(await store.admin.entries()).toEqual([]), eventually);
    });

    test('wait for the moment that the other side named, and let news wait for it too', async () => {
      const store = await newStore();
      const subject = repositorySubject();
      const retryAt = new Date(Date.now() + 1_500);
      const times: number[] = [];
      await store.workers.start(() => {
        times.push(Date.now());
        if (times.length === 1) throw new TagalongError('forge-rate-limited', 'Wait.', { retryAt });
        return Promise.resolve();
      });
      await store.inbox.wake(subject, { kind: 'installed' });
      await vi.waitFor(
        async () => expect(await store.admin.entries()).toMatchObject([{ state: 'retrying', attempts: 1 }]),
        eventually,
      );
      await store.inbox.wake(subject, { kind: 'resync' });
      expect(await store.admin.entries()).toMatchObject([
        { wakes: 2, error: 'forge-rate-limited: Wait.', nextAttemptAt: expect.any(Date) as Date },
      ]);
      await vi.waitFor(() => expect(times).toHaveLength(2), eventually);
      expect(times[1]).toBeGreaterThanOrEqual(retryAt.getTime());
      await vi.waitFor(async () => expect(await store.admin.entries()).toEqual([]), eventually);
      expect(times).toHaveLength(2);
    });

    test('look at news at once when the cause is not a passing one', async () => {
      const store = await newStore({ retry: { baseMs: 3_600_000, capMs: 3_600_000, limit: 3 } });
      const subject = repositorySubject();
      let runs = 0;
      await store.workers.start(() => {
        runs += 1;
        return runs === 1 ? Promise.reject(new TagalongError('forge-refused', 'No.')) : Promise.resolve();
      });
      await store.inbox.wake(subject, { kind: 'installed' });
      await vi.waitFor(async () => expect(await store.admin.entries()).toMatchObject([{ attempts: 1 }]), eventually);
      await store.inbox.wake(subject, { kind: 'resync' });
      await vi.waitFor(async () => expect(await store.admin.entries()).toEqual([]), eventually);
      expect(runs).toBe(2);
    });

    test('give up after the limit, and start afresh when requeued or woken', async () => {
      const store = await newStore();
      const [broken, other] = [repositorySubject(), repositorySubject()];
      let runs = 0;
      await store.workers.start((subject) => {
        if (formatSubject(subject) === formatSubject(other)) return Promise.resolve();
        runs += 1;
        throw new TagalongError('forge-refused', 'Not allowed.');
      });
      const untilDead = async (total: number) => {
        const dead = {
          subject: formatSubject(broken),
          state: 'dead',
          attempts: 3,
          error: 'forge-refused: Not allowed.',
        };
        await vi.waitFor(async () => expect(await store.admin.entries()).toMatchObject([dead]), eventually);
        expect(runs).toBe(total);
      };
      await store.inbox.wake(broken, { kind: 'installed' });
      await untilDead(3);
      await store.inbox.wake(other, { kind: 'installed' });
      expect(await store.admin.retry(other)).toBe(0);
      expect(await store.admin.retry(repositorySubject())).toBe(0);
      expect(await store.admin.retry(broken)).toBe(1);
      await untilDead(6);
      expect(await store.admin.retry()).toBe(1);
      await untilDead(9);
      await store.inbox.wake(broken, { kind: 'resync' });
      await untilDead(12);
      expect(await store.admin.entries()).toMatchObject([{ wakes: 2 }]);
    });

    test('store nothing of an error that could hold a secret', async () => {
      const store = await newStore({ retry: { baseMs: 1, limit: 1 } });
      await store.workers.start(() => Promise.reject(new Error('https://x-access-token:ghs_secret@example.com')));
      await store.inbox.wake(repositorySubject(), { kind: 'installed' });
      await vi.waitFor(async () => expect(await store.admin.entries()).toMatchObject([{ state: 'dead' }]), eventually);
      expect(JSON.stringify(await store.admin.entries())).not.toContain('secret');
    });
  });

  test('finish what runs when stopped, and take nothing new', async () => {
    const store = await newStore();
    const { promise: unblocked, resolve: unblock } = Promise.withResolvers<undefined>();
    let [started, ended] = [0, 0];
    await store.workers.start(async () => {
      started += 1;
      await unblocked;
      ended += 1;
    });
    await store.inbox.wake(repositorySubject(), { kind: 'installed' });
    await vi.waitFor(() => expect(started).toBe(1), eventually);
    const stopped = store.workers.stop(20_000);
    await store.inbox.wake(repositorySubject(), { kind: 'resync' });
    unblock(undefined);
    await stopped;
    expect([started, ended]).toEqual([1, 1]);
    expect(await store.admin.entries()).toMatchObject([{ wakes: 1, state: 'pending' }]);
  });

  test('release what does not end in time, to be taken again at once; its late end changes nothing', async () => {
    const location = await backend.newLocation();
    const first = await newStore({}, location);
    const { promise: unblocked, resolve: unblock } = Promise.withResolvers<undefined>();
    let started = 0;
    await first.workers.start(async () => {
      started += 1;
      await unblocked;
    });
    const subject = repositorySubject();
    await first.inbox.wake(subject, { kind: 'installed' });
    await vi.waitFor(() => expect(started).toBe(1), eventually);
    await first.workers.stop(10);
    unblock(undefined);
    expect(await first.admin.entries()).toMatchObject([{ subject: formatSubject(subject), attempts: 0 }]);
    await first.close();
    open.splice(0);
    const second = await newStore({}, location);
    const wakes: string[] = [];
    await second.workers.start((_, all) => {
      wakes.push(...all.map(({ reason }) => reason.kind));
      return Promise.resolve();
    });
    await vi.waitFor(() => expect(wakes).toEqual(['installed']), eventually);
  });
});

/** A reconciler that counts how often a subject was held twice at a time, and remembers the branches of its wakes. */
function watchOverlaps(work: () => Promise<void>): { reconcile: Reconciler; handled: Set<string>; overlaps: number } {
  const held = new Set<string>();
  const log = { handled: new Set<string>(), overlaps: 0, reconcile };
  async function reconcile(subject: Subject, wakes: readonly Wake[]): Promise<void> {
    const key = formatSubject(subject);
    if (held.has(key)) log.overlaps += 1;
    held.add(key);
    try {
      await work();
    } finally {
      held.delete(key);
    }
    for (const { reason } of wakes) if (reason.kind === 'branch-pushed') log.handled.add(reason.branch);
  }
  return log;
}
