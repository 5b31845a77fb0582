import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { formatSubject, type Subject } from '../../src/domain/subject.ts';
import { openStore, type StoreLocation } from '../../src/store/open-store.ts';
import type { Store, Wake } from '../../src/store/store.ts';
import { startChild } from '../support/child.ts';
import { allBackends } from '../support/database.ts';
import { silentLog } from '../support/silent.ts';
import {
  delivery,
  deployReport,
  newCommit,
  newImage,
  newRepository,
  published,
  verdictOf,
} from '../support/store-examples.ts';

const child = join(import.meta.dirname, '../support/store-child.ts');
const backends = await allBackends();

afterAll(async () => {
  for (const backend of backends) await backend.close();
});

const eventually = { timeout: 20_000, interval: 20 };

describe.each(backends)('alarms, $name', (backend) => {
  const open: Store[] = [];
  let now = new Date('2025-03-10T12:00:00Z');

  async function newStore(location: StoreLocation): Promise<Store> {
    const store = await openStore({ ...location, now: () => now, log: silentLog });
    open.push(store);
    return store;
  }

  afterEach(async () => {
    for (const store of open.splice(0)) {
      await store.workers.stop(5_000);
      await store.close();
    }
  });

  /** What the workers of a store were woken for. */
  async function listen(store: Store): Promise<[string, Wake['reason']][]> {
    const heard: [string, Wake['reason']][] = [];
    await store.workers.start((subject, wakes) => {
      heard.push(...wakes.map(({ reason }): [string, Wake['reason']] => [formatSubject(subject), reason]));
      return Promise.resolve();
    });
    return heard;
  }

  const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
  const due = (what: 'gate' | 'steering' | 'rollout') => ({ kind: 'due', what }) as const;
  const marker = { kind: 'resync' } as const;

  /** Waits until a wake that is written now was heard: whatever an alarm had to say before it was said. */
  async function settle(store: Store, heard: readonly [string, Wake['reason']][]): Promise<void> {
    const subject: Subject = { kind: 'repository', repository: newRepository() };
    await store.inbox.wakeAt(subject, due('steering'), now);
    await vi.waitFor(() => expect(heard).toContainEqual([formatSubject(subject), due('steering')]), eventually);
  }

  test('ring when they are due, once, for every kind of subject', async () => {
    const store = await newStore(await backend.newLocation());
    const repository = newRepository();
    const subjects: Subject[] = [
      { kind: 'repository', repository },
      { kind: 'change', repository, number: 12 },
      { kind: 'deploys', repository },
    ];
    for (const subject of subjects) await store.inbox.wakeAt(subject, due('gate'), later(60));
    const heard: [Subject, Wake['reason']][] = [];
    await store.workers.start((subject, wakes) => {
      heard.push(...wakes.map(({ reason }): [Subject, Wake['reason']] => [subject, reason]));
      return Promise.resolve();
    });
    now = later(59);
    await store.inbox.wake({ kind: 'deploys', repository }, marker);
    await vi.waitFor(() => expect(heard).toEqual([[subjects[2], marker]]), eventually);
    now = later(1);
    await vi.waitFor(() => expect(heard).toHaveLength(4), eventually);
    for (const subject of subjects) expect(heard).toContainEqual([subject, due('gate')]);
    await vi.waitFor(async () => expect(await store.admin.entries()).toEqual([]), eventually);
    now = later(60);
    const other: Subject = { kind: 'repository', repository: newRepository() };
    await store.inbox.wakeAt(other, due('gate'), now);
    await vi.waitFor(() => expect(heard.slice(4)).toEqual([[other, due('gate')]]), eventually);
  });

  test('are one for each subject and reason: the last wins, or takes it back', async () => {
    const store = await newStore(await backend.newLocation());
    const [moved, withdrawn] = [newRepository(), newRepository()].map((repository): Subject => ({
      kind: 'change',
      repository,
      number: 1,
    }));
    if (moved === undefined || withdrawn === undefined) throw new Error('There are two.');
    const { inbox } = store;
    await inbox.wakeAt(moved, due('gate'), later(10));
    await inbox.wakeAt(moved, due('rollout'), later(10));
    await inbox.wakeAt(moved, due('gate'), later(100));
    await inbox.wakeAt(withdrawn, due('gate'), later(10));
    await inbox.wakeAt(withdrawn, due('gate'), undefined);
    await inbox.wakeAt(withdrawn, due('steering'), undefined);
    const heard = await listen(store);
    now = later(50);
    await settle(store, heard);
    const about = (subject: Subject) =>
      heard.filter(([key]) => key === formatSubject(subject)).map(([, reason]) => reason);
    await vi.waitFor(() => expect([about(moved), about(withdrawn)]).toEqual([[due('rollout')], []]), eventually);
    now = later(50);
    await settle(store, heard);
    const both = [[due('rollout'), due('gate')], []];
    await vi.waitFor(() => expect([about(moved), about(withdrawn)]).toEqual(both), eventually);
  });

  test('ring in the next process when theirs was killed', { timeout: 60_000 }, async () => {
    const location = await backend.newLocation();
    now = new Date();
    const lost = startChild(child, [JSON.stringify(location), 'alarm']);
    await lost.untilLines(2);
    await lost.kill();
    now = new Date(Date.now() + 60_000);
    const heard = await listen(await newStore(location));
    const key = `github:${lost.lines[1]?.toLowerCase() ?? ''}!deploys`;
    await vi.waitFor(() => expect(heard).toEqual([[key, due('rollout')]]), eventually);
  });

  test('ring on one replica only', { timeout: 60_000 }, async () => {
    const location = await backend.newLocation();
    const replicas = 'databaseUrl' in location ? 3 : 1;
    const stores = await Promise.all(Array.from({ length: replicas }, () => newStore(location)));
    const [first] = stores;
    if (first === undefined) throw new Error('There is one.');
    const subjects = Array.from({ length: 300 }, (): Subject => ({ kind: 'deploys', repository: newRepository() }));
    for (const subject of subjects) await first.inbox.wakeAt(subject, due('rollout'), later(1));
    const heard = await Promise.all(stores.map(listen));
    now = later(1);
    const all = () => heard.flat().map(([key]) => key);
    await vi.waitFor(() => expect(new Set(all())).toEqual(new Set(subjects.map(formatSubject))), {
      ...eventually,
      timeout: 40_000,
    });
    await vi.waitFor(async () => expect(await first.admin.entries()).toEqual([]), eventually);
    expect(all().toSorted()).toEqual(subjects.map(formatSubject).toSorted());
  });
});

describe.each(backends)('wakes, $name', (backend) => {
  test('tell which delivery they are from', async () => {
    const store = await openStore({ ...(await backend.newLocation()), now: () => new Date(), log: silentLog });
    const [repository, shop, commit, verdict] = [newRepository(), newImage(), newCommit(), verdictOf()];
    await store.update({ repository, defaultBranch: 'main' }, new Map([['a.yaml', [shop]]]));
    await store.verdicts.saveVerdict(verdict);
    const subject: Subject = { kind: 'repository', repository };
    const sent = delivery({
      sender: 'github',
      published: [published(shop, '1')],
      wakes: [{ subject: { kind: 'change', repository, number: 3 }, reason: { kind: 'resync' }, onlyIfKnown: true }],
      heads: [{ repository: verdict.repository, commit: verdict.headCommit, reason: { kind: 'resync' } }],
      reports: [deployReport({ repository, revision: commit })],
    });
    expect(await store.inbox.accept(sent)).toEqual({ status: 'accepted', woken: 4, unmentioned: [] });
    await store.inbox.wake(subject, { kind: 'resync' });
    const heard: [string, (string | undefined)[]][] = [];
    await store.workers.start((woken, wakes) => {
      heard.push([formatSubject(woken), wakes.map((wake) => wake.delivery)]);
      return Promise.resolve();
    });
    await vi.waitFor(() => expect(heard).toHaveLength(4), eventually);
    await store.workers.stop(5_000);
    await store.close();
    const key = formatSubject(subject);
    const origin = `github ${sent.id}`;
    expect(Object.fromEntries(heard)).toEqual({
      [key]: [origin, undefined],
      [`${key}#3`]: [origin],
      [`${key}!deploys`]: [origin],
      [formatSubject({ kind: 'change', repository: verdict.repository, number: 7 })]: [origin],
    });
  });
});
