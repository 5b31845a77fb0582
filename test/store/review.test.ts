import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RepositoryRef } from '../../src/domain/repository.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store, WakeReason } from '../../src/store/store.ts';
import { allBackends } from '../support/database.ts';
import { silentLog } from '../support/silent.ts';
import { delivery, newCommit, newImage, newRepository, proposedBump, verdictOf } from '../support/store-examples.ts';

const MINUTE_MS = 60_000;
const backends = await allBackends();

describe.each(backends)('what a store remembers of changes, $name', (backend) => {
  let store: Store;
  let now = new Date('2025-03-10T12:00:00Z');

  beforeAll(async () => {
    store = await openStore({ ...(await backend.newLocation()), now: () => now, log: silentLog });
  });

  afterAll(async () => {
    await store.close();
    await backend.close();
  });

  const wokenOf = async (repository: RepositoryRef) =>
    (await store.admin.entries())
      .filter(({ subject }) => subject.startsWith(`github:${repository.path.toLowerCase()}`))
      .map(({ subject, wakes }) => [subject.replace(/^.*(?=[#!])/, ''), wakes]);

  describe('verdicts', () => {
    test('come back as they were saved, the last one of each change', async () => {
      const first = verdictOf();
      await store.verdicts.saveVerdict(first);
      expect(await store.verdicts.verdict(first.repository, 7)).toEqual(first);
      const second = verdictOf({
        repository: first.repository,
        outcome: 'block',
        verdict: ['held'],
        requiredChecks: [],
      });
      await store.verdicts.saveVerdict(second);
      expect(await store.verdicts.verdict(first.repository, 7)).toEqual(second);
      expect(await store.verdicts.verdict(first.repository, 8)).toBeUndefined();
      expect(await store.verdicts.verdict(newRepository(), 7)).toBeUndefined();
    });

    test('are found by the head that they were said of last', async () => {
      const first = verdictOf();
      const { repository, headCommit } = first;
      const second = { ...first, number: 8, outcome: 'block' as const };
      const moved = { ...verdictOf({ repository }), number: 9 };
      for (const verdict of [second, first, { ...moved, headCommit }, moved]) await store.verdicts.saveVerdict(verdict);
      expect(await store.verdicts.ofHead(repository, headCommit)).toEqual([first, second]);
      expect(await store.verdicts.ofHead(newRepository(), headCommit)).toEqual([]);
    });

    test('that let a head pass are remembered, whatever is said of it or another head later', async () => {
      const passing = verdictOf({ outcome: 'pass' });
      const { repository, headCommit } = passing;
      const waiting = verdictOf({ repository });
      for (const verdict of [waiting, passing, passing, { ...passing, outcome: 'block' as const }, waiting])
        await store.verdicts.saveVerdict(verdict);
      expect(await store.verdicts.passed(repository, 7, headCommit)).toBe(true);
      expect(await store.verdicts.passed(repository, 7, waiting.headCommit)).toBe(false);
      expect(await store.verdicts.passed(repository, 8, headCommit)).toBe(false);
      expect(await store.verdicts.passed(newRepository(), 7, headCommit)).toBe(false);
    });
  });

  test('moves of the branch that nobody has explained are kept as they were seen first, until they are settled', async () => {
    const repository = newRepository();
    const arrival = (to: string, minutes: number) => ({ from: 'f', to, seenAt: new Date(minutes * MINUTE_MS) });
    for (const each of [arrival('b', 2), arrival('a', 2), arrival('a', 5), arrival('c', 1)])
      await store.arrivals.keep(repository, each);
    expect(await store.arrivals.unexplained(repository)).toEqual([arrival('c', 1), arrival('a', 2), arrival('b', 2)]);
    await store.arrivals.settle(newRepository(), arrival('a', 2));
    for (const each of [arrival('c', 1), arrival('b', 9)]) await store.arrivals.settle(repository, each);
    expect(await store.arrivals.unexplained(repository)).toEqual([arrival('a', 2)]);
  });

  describe('news of a commit', () => {
    const news = (repository: RepositoryRef, commit: string, name = 'build') =>
      delivery({ heads: [{ repository, commit, reason: { kind: 'check-reported', name, commit } }] });

    test('wakes the changes whose head it was when the gate looked last, and no other', async () => {
      const verdict = verdictOf();
      const { repository, headCommit } = verdict;
      await store.verdicts.saveVerdict(verdict);
      await store.verdicts.saveVerdict({ ...verdict, number: 8 });
      await store.verdicts.saveVerdict(verdictOf({ repository, number: 9 }));
      await store.verdicts.saveVerdict(verdictOf({ headCommit }));
      const spelledOtherwise = { ...repository, path: repository.path.toUpperCase() };
      expect(await store.inbox.accept(news(spelledOtherwise, headCommit.toUpperCase()))).toEqual({
        status: 'accepted',
        woken: 2,
        unmentioned: [],
      });
      expect(await wokenOf(repository)).toEqual([
        ['#7', 1],
        ['#8', 1],
      ]);
      await store.verdicts.saveVerdict(verdictOf({ repository }));
      expect(await store.inbox.accept(news(repository, headCommit))).toMatchObject({ woken: 1 });
      expect(await store.inbox.accept(news(repository, newCommit()))).toMatchObject({ woken: 0 });
    });

    test('wakes a change that is looked at right now, and has no verdict yet', async () => {
      const [repository, headCommit] = [newRepository(), newCommit()];
      const reason: WakeReason = { kind: 'change-updated', state: 'open', headCommit };
      await store.inbox.wake({ kind: 'change', repository, number: 7 }, reason);
      await store.inbox.wake({ kind: 'change', repository, number: 8 }, { ...reason, headCommit: newCommit() });
      expect(await store.inbox.accept(news(repository, headCommit))).toMatchObject({ woken: 1 });
      expect(await wokenOf(repository)).toEqual([
        ['#7', 2],
        ['#8', 1],
      ]);
    });

    test('in many deliveries at once reaches each its own change, and a repeated one nobody', async () => {
      const verdicts = Array.from({ length: 10 }, () => verdictOf());
      for (const verdict of verdicts) await store.verdicts.saveVerdict(verdict);
      const all = verdicts.map(({ repository, headCommit }) => news(repository, headCommit));
      const outcomes = await Promise.all([...all, ...all].map((each) => store.inbox.accept(each)));
      expect(outcomes.map(({ woken }) => woken).toSorted()).toEqual([
        ...verdicts.map(() => 0),
        ...verdicts.map(() => 1),
      ]);
      for (const { repository } of verdicts) expect(await wokenOf(repository)).toEqual([['#7', 1]]);
    });
  });

  test('renders come back by head, the last one of each first', async () => {
    const repository = newRepository();
    const render = { headCommit: newCommit(), baseCommit: newCommit(), fingerprint: 'f1', summary: { findings: [] } };
    const { renders } = store;
    await renders.saveRender(repository, 7, render);
    now = new Date(now.getTime() + MINUTE_MS);
    const second = { ...render, headCommit: newCommit(), summary: null };
    await renders.saveRender(repository, 7, second);
    expect(await renders.renders(repository, 7)).toEqual([second, render]);
    now = new Date(now.getTime() + MINUTE_MS);
    await renders.saveRender(repository, 7, { ...render, fingerprint: 'f2' });
    expect(await renders.renders(repository, 7)).toEqual([{ ...render, fingerprint: 'f2' }, second]);
    expect(await renders.renders(repository, 8)).toEqual([]);
  });

  describe('merged bumps', () => {
    test('are told newest merge first, of an image, an environment or all', async () => {
      const [repository, shop, cart] = [newRepository(), newImage(), newImage()];
      const save = async (change: number, image: typeof shop, environment: string) => {
        const bump = proposedBump({ repository, change, image, environment });
        await store.bumps.save(bump);
        return bump;
      };
      const bumps = [await save(1, shop, 'staging'), await save(2, shop, 'production'), await save(3, cart, 'staging')];
      for (const { change } of bumps.toReversed()) {
        now = new Date(now.getTime() + MINUTE_MS);
        await store.bumps.setState(repository, change, 'merged', newCommit());
      }
      await save(4, shop, 'staging');
      const numbers = async (filter: Partial<Parameters<Store['bumps']['merged']>[1]>) =>
        (await store.bumps.merged(repository, { limit: 10, ...filter })).map(({ change }) => change);
      expect(await numbers({})).toEqual([1, 2, 3]);
      expect(await numbers({ limit: 2 })).toEqual([1, 2]);
      expect(await numbers({ environment: 'staging' })).toEqual([1, 3]);
      expect(await numbers({ image: shop })).toEqual([1, 2]);
      expect(await numbers({ image: cart, environment: 'production' })).toEqual([]);
    });

    test('keep the moment and the commit of their merge, whatever is saved later', async () => {
      const [bump, mergeCommit] = [proposedBump(), newCommit()];
      const { repository, change } = bump;
      const merged = () => store.bumps.merged(repository, { limit: 10 });
      await store.bumps.save(bump);
      await store.bumps.setState(repository, change, 'merged', mergeCommit);
      const later = proposedBump({ repository, change: 9, state: 'merged' });
      now = new Date(now.getTime() + MINUTE_MS);
      await store.bumps.save(later);
      now = new Date(now.getTime() + MINUTE_MS);
      await store.bumps.setState(repository, change, 'merged');
      await store.bumps.save({ ...bump, state: 'merged' });
      expect(await merged()).toEqual([later, { ...bump, state: 'merged', mergeCommit }]);
      const other = newCommit();
      await store.bumps.save({ ...bump, state: 'merged', mergeCommit: other });
      expect(await merged()).toEqual([later, { ...bump, state: 'merged', mergeCommit: other }]);
    });
  });
});
