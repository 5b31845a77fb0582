import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeployReport } from '../../src/domain/deploy.ts';
import type { RepositoryRef } from '../../src/domain/repository.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Rollout, Store } from '../../src/store/store.ts';
import { allBackends } from '../support/database.ts';
import { silentLog } from '../support/silent.ts';
import { delivery, deployReport, newCommit, newImage, newRepository } from '../support/store-examples.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const start = new Date('2025-03-10T12:00:00Z');
const minute = (count: number) => new Date(start.getTime() + count * MINUTE_MS);
const backends = await allBackends();

describe.each(backends)('deploys in a store, $name', (backend) => {
  let store: Store;
  let now = start;

  beforeAll(async () => {
    store = await openStore({ ...(await backend.newLocation()), now: () => now, log: silentLog });
  });

  afterAll(async () => {
    await store.close();
    await backend.close();
  });

  /** A known repository whose branch has had these commits. */
  async function knownRepository(...commits: string[]): Promise<RepositoryRef> {
    const repository = newRepository();
    await store.update({ repository, defaultBranch: 'main' }, new Map());
    await store.deploys.saveCommits(repository, commits);
    return repository;
  }

  const accept = (report: DeployReport, receivedAt = now) =>
    store.inbox.accept(delivery({ receivedAt, reports: [report] }));

  const isWoken = async (repository: RepositoryRef) =>
    (await store.admin.entries()).some(({ subject }) => subject === `github:${repository.path.toLowerCase()}!deploys`);

  describe('a report', () => {
    test('is kept with all it says for the repository that had the commit, and wakes its deploys', async () => {
      const [commit, other] = [newCommit(), newCommit()];
      const [repository, elsewhere] = [await knownRepository(commit), await knownRepository(other)];
      const report = deployReport({
        revision: commit,
        path: 'apps/shop',
        environment: 'production',
        message: 'Synced \u{1F680}',
        url: 'https://argo.example.com/shop',
        environmentUrl: 'https://shop.example.com',
        at: '2025-03-10T12:59:00.000+01:00',
      });
      expect(await accept(report)).toEqual({ status: 'accepted', woken: 1, unmentioned: [] });
      const kept = { ...report, at: '2025-03-10T11:59:00.000Z', repository, receivedAt: now };
      expect(await store.deploys.reports(repository)).toEqual([kept]);
      expect(await store.deploys.reports(elsewhere)).toEqual([]);
      expect([await isWoken(repository), await isWoken(elsewhere)]).toEqual([true, false]);
    });

    test('with an abbreviated revision is kept with the whole, for all that had such a commit', async () => {
      const abbreviated = newCommit().slice(0, 9);
      const [first, second] = [abbreviated + newCommit().slice(9), abbreviated + newCommit().slice(9)];
      const repositories = [await knownRepository(newCommit(), first), await knownRepository(second)];
      expect(await accept(deployReport({ revision: abbreviated.toUpperCase() }))).toMatchObject({ woken: 2 });
      const revisions = repositories.map(async (each) =>
        (await store.deploys.reports(each)).map(({ revision }) => revision),
      );
      expect(await Promise.all(revisions)).toEqual([[first], [second]]);
    });

    test('belongs to the repository that it names, when that is known', async () => {
      const commit = newCommit();
      const [named, other] = [await knownRepository(), await knownRepository(commit)];
      const spelledOtherwise = { ...named, path: named.path.toUpperCase() };
      expect(await accept(deployReport({ revision: commit, repository: spelledOtherwise }))).toMatchObject({
        woken: 1,
      });
      expect(await store.deploys.reports(named)).toMatchObject([{ revision: commit, repository: named }]);
      expect(await store.deploys.reports(other)).toEqual([]);
      const unknown = deployReport({ revision: commit, repository: newRepository() });
      await accept(unknown);
      expect(await store.deploys.reports(other)).toMatchObject([{ revision: commit, repository: other }]);
    });

    test.each(['main', 'abc123', '', '%', "'; drop table tagalong.reports; --", '1.4.2'])(
      'whose revision is %j is about no commit',
      async (revision) => {
        const repository = await knownRepository(newCommit());
        expect(await accept(deployReport({ revision }))).toMatchObject({ status: 'accepted', woken: 0 });
        expect(await store.deploys.reports(repository)).toEqual([]);
      },
    );

    test('that is repeated changes nothing and wakes nobody', async () => {
      const repository = await knownRepository();
      const report = deployReport({ repository, at: minute(0).toISOString() });
      const silent = deployReport({
        repository,
        state: 'failed',
        revision: report.revision,
        tool: 'flux',
      });
      for (const each of [report, silent]) expect(await accept(each, minute(1))).toMatchObject({ woken: 1 });
      const before = await store.deploys.reports(repository);
      for (const each of [report, silent, { ...report, message: 'other words' }])
        expect(await accept(each, minute(3))).toMatchObject({ status: 'accepted', woken: 0 });
      expect(await store.deploys.reports(repository)).toEqual(before);
    });

    test('never takes the place of a newer one, and is told beside one in another state', async () => {
      const [repository, revision] = [await knownRepository(), newCommit()];
      const say = (state: DeployReport['state'], at: Date | undefined, received: number) =>
        accept(
          deployReport({ repository, revision, state, ...(at !== undefined && { at: at.toISOString() }) }),
          minute(received),
        );
      const told = async () => (await store.deploys.reports(repository)).map(({ state, at }) => [state, at]);
      const [first, second, third] = [minute(4), minute(5), minute(9)].map((at) => at.toISOString());
      await say('succeeded', minute(5), 5);
      expect(await say('succeeded', minute(4), 6)).toMatchObject({ woken: 0 });
      expect(await told()).toEqual([['succeeded', second]]);
      expect(await say('in-progress', minute(4), 6)).toMatchObject({ woken: 1 });
      expect(await told()).toEqual([
        ['succeeded', second],
        ['in-progress', first],
      ]);
      // Tools tell whole seconds: in the same one the end comes after the way to it.
      expect(await say('in-progress', minute(5), 7)).toMatchObject({ woken: 1 });
      expect(await told()).toEqual([
        ['succeeded', second],
        ['in-progress', second],
      ]);
      expect(await say('in-progress', undefined, 8)).toMatchObject({ woken: 1 });
      expect(await say('failed', minute(9), 9)).toMatchObject({ woken: 1 });
      expect(await told()).toEqual([
        ['failed', third],
        ['in-progress', undefined],
        ['succeeded', second],
      ]);
    });

    test('of another environment or folder is about something else', async () => {
      const repository = await knownRepository();
      const report = deployReport({ repository, at: minute(0).toISOString() });
      const places = [{}, { environment: 'staging' }, { environment: 'production' }, { path: 'production' }];
      for (const place of places) expect(await accept({ ...report, ...place })).toMatchObject({ woken: 1 });
      const told = (await store.deploys.reports(repository)).map(({ environment, path }) => ({ environment, path }));
      expect(told).toHaveLength(4);
      expect(told).toEqual(
        expect.arrayContaining(places.map((place) => ({ environment: undefined, path: undefined, ...place }))),
      );
    });

    test.each([
      ['an hour ahead', minute(60).toISOString(), minute(0).toISOString()],
      ['a little ahead', minute(4).toISOString(), minute(4).toISOString()],
      ['in a year without end', '+275760-09-13T00:00:00Z', minute(0).toISOString()],
      ['before there was time', '0001-01-01T00:00:00Z', undefined],
      ['before that', '-200000-01-01T00:00:00Z', undefined],
      ['no time', 'soon', undefined],
    ])('of a clock that is %s is taken at our time where it must', async (_, at, believed) => {
      const repository = await knownRepository();
      await accept(deployReport({ repository, at }), minute(0));
      const [kept] = await store.deploys.reports(repository);
      expect(kept?.at).toBe(believed);
      expect(kept?.receivedAt).toEqual(minute(0));
    });

    test('of each application at each revision is told, the newest first, for thirty days', async () => {
      const repository = await knownRepository();
      const say = (application: string, revision: string, count: number) =>
        accept(deployReport({ repository, application, revision, at: minute(count).toISOString() }), minute(count));
      const [first, second] = [newCommit(), newCommit()];
      await say('shop', first, 1);
      await say('shop', second, 3);
      await say('cart', first, 2);
      const told = async () =>
        (await store.deploys.reports(repository)).map(({ application, revision }) => [application, revision]);
      expect(await told()).toEqual([
        ['shop', second],
        ['cart', first],
        ['shop', first],
      ]);
      now = new Date(minute(2).getTime() + 30 * DAY_MS);
      expect(await told()).toEqual([
        ['shop', second],
        ['cart', first],
      ]);
      now = start;
    });
  });

  describe('a report that came before its commit', () => {
    test('is found by it, and wakes then', async () => {
      const [commit, next] = [newCommit(), newCommit()];
      const repository = await knownRepository();
      await accept(deployReport({ revision: commit, state: 'in-progress', at: minute(1).toISOString() }), minute(1));
      await accept(deployReport({ revision: commit.slice(0, 7), at: minute(2).toISOString() }), minute(2));
      expect(await isWoken(repository)).toBe(false);
      await store.deploys.saveCommits(repository, [newCommit(), commit.toUpperCase(), next]);
      expect(await store.deploys.reports(repository)).toMatchObject([
        { revision: commit, state: 'succeeded', repository },
        { revision: commit, state: 'in-progress', repository },
      ]);
      expect(await isWoken(repository)).toBe(true);
      // What was found is not found again.
      const fork = await knownRepository(commit);
      expect([await isWoken(fork), await store.deploys.reports(fork)]).toEqual([false, []]);
    });

    test('waits for a day', async () => {
      const [early, late] = [newCommit(), newCommit()];
      await accept(deployReport({ revision: early }), new Date(now.getTime() - DAY_MS - 1));
      await accept(deployReport({ revision: late }), new Date(now.getTime() - DAY_MS + MINUTE_MS));
      const repository = await knownRepository(early, late);
      expect((await store.deploys.reports(repository)).map(({ revision }) => revision)).toEqual([late]);
    });

    test('and names a known repository stands there already, and wakes it again when the commit comes', async () => {
      const [commit, other] = [newCommit(), newCommit()];
      const repository = await knownRepository();
      const report = deployReport({ repository, revision: commit.slice(0, 8) });
      await accept(report);
      await accept(deployReport({ repository, revision: other }));
      expect((await store.deploys.reports(repository)).map(({ revision }) => revision).toSorted()).toEqual(
        [commit.slice(0, 8), other].toSorted(),
      );
      const wakes = async () =>
        (await store.admin.entries()).find(({ subject }) => subject.includes(repository.path.toLowerCase()))?.wakes;
      expect(await wakes()).toBe(2);
      await store.deploys.saveCommits(repository, [commit]);
      expect((await store.deploys.reports(repository)).map(({ revision }) => revision).toSorted()).toEqual(
        [commit, other].toSorted(),
      );
      expect(await wakes()).toBe(3);
      await store.deploys.saveCommits(repository, [commit, other]);
      expect(await wakes()).toBe(4);
      await store.deploys.saveCommits(repository, [commit, other, newCommit()]);
      expect(await wakes()).toBe(4);
    });

    test('at the same moment does not miss it', async () => {
      for (let round = 0; round < 20; round += 1) {
        const [repository, commit] = [await knownRepository(), newCommit()];
        await Promise.all([
          accept(deployReport({ revision: commit })),
          store.deploys.saveCommits(repository, [commit]),
        ]);
        expect([round, await isWoken(repository)]).toEqual([round, true]);
        expect(await store.deploys.reports(repository)).toHaveLength(1);
      }
    });
  });

  test('the last commits are remembered, in whatever pieces they come', async () => {
    const commits = Array.from({ length: 5_010 }, () => newCommit());
    const repository = await knownRepository(...commits.slice(0, 3_000));
    await store.deploys.saveCommits(repository, commits.slice(2_000));
    await store.deploys.saveCommits(repository, commits);
    const fits = async (revision: string | undefined) =>
      (await accept(deployReport({ revision: revision ?? '' }))).woken === 1;
    expect(await fits(commits[9])).toBe(false);
    expect(await fits(commits[10])).toBe(true);
    expect(await fits(commits.at(-1))).toBe(true);
    await store.forget(repository);
    expect(await fits(commits[11])).toBe(false);
  });

  test('the same reports in any order, and any number of times, end in the same', { timeout: 120_000 }, async () => {
    const times = fc.option(fc.constantFrom(0, 1, 9), { nil: undefined, freq: 1 });
    const reportOf = fc.record({
      tool: fc.constantFrom('argo-cd' as const, 'argo-cd' as const, 'flux' as const),
      state: fc.constantFrom('in-progress' as const, 'succeeded' as const, 'failed' as const),
      isShort: fc.boolean(),
      message: fc.constantFrom('a', 'b'),
      at: times,
      received: fc.integer({ min: 0, max: 2 }),
    });
    const story = fc.array(reportOf, { minLength: 1, maxLength: 6 }).chain((reports) =>
      fc.tuple(
        fc.constant(reports),
        fc.array(fc.shuffledSubarray([...reports, ...reports, undefined], { minLength: reports.length * 2 + 1 }), {
          minLength: 2,
          maxLength: 2,
        }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(story, async ([, orders]) => {
        const outcomes: unknown[] = [];
        for (const order of orders) {
          const [repository, commit] = [newRepository(), newCommit()];
          for (const each of order) {
            // undefined: the commit comes.
            if (each === undefined) {
              await store.deploys.saveCommits(repository, [commit]);
              continue;
            }
            const { tool, state, isShort, message, at, received } = each;
            const revision = isShort ? commit.slice(0, 10) : commit;
            const moment = at === undefined ? {} : { at: minute(at).toISOString() };
            await accept(deployReport({ tool, state, message, revision, ...moment }), minute(received));
          }
          const kept = await store.deploys.reports(repository);
          expect(kept.every(({ revision }) => revision === commit)).toBe(true);
          outcomes.push(kept.map((each) => ({ ...each, repository: undefined, revision: undefined })));
        }
        expect(outcomes[1]).toEqual(outcomes[0]);
      }),
      { numRuns: 40 },
    );
  });

  describe('rollouts', () => {
    const rollout = (parts: Partial<Rollout> = {}): Rollout => ({
      repository: newRepository(),
      number: 7,
      environment: 'production',
      image: newImage(),
      state: 'queued',
      since: start,
      told: {},
      ...parts,
    });

    test('come back as they were saved, the last of each bump', async () => {
      const first = rollout();
      await store.deploys.saveRollout(first);
      expect(await store.deploys.rolloutsOf(first.repository, 7)).toEqual([first]);
      const second: Rollout = {
        ...first,
        state: 'failed',
        since: minute(1),
        application: 'shop-production',
        tool: 'argo-cd',
        message: 'CrashLoopBackOff',
        url: 'https://argo.example.com',
        environmentUrl: 'https://shop.example.com',
        told: { deployment: '1', status: 'failure' },
      };
      await store.deploys.saveRollout(second);
      const other = rollout({ repository: first.repository, number: 8 });
      await store.deploys.saveRollout(other);
      expect(await store.deploys.rolloutsOf(first.repository, 7)).toEqual([second]);
      expect(await store.deploys.rollouts(first.repository)).toEqual([second, other]);
      await store.deploys.saveRollout(first);
      expect(await store.deploys.rolloutsOf(first.repository, 7)).toEqual([first]);
      expect(await store.deploys.rollouts(newRepository())).toEqual([]);
    });

    test('that are superseded are told of for a week, others for good', async () => {
      const repository = newRepository();
      const long = new Date(start.getTime() - 8 * DAY_MS);
      const states = ['live', 'unknown', 'superseded'] as const;
      for (const [number, state] of states.entries()) {
        await store.deploys.saveRollout(rollout({ repository, number, state, since: long }));
        await store.deploys.saveRollout(rollout({ repository, number: number + 10, state }));
      }
      const numbers = (await store.deploys.rollouts(repository)).map(({ number }) => number);
      expect(numbers).toEqual([12, 11, 10, 1, 0]);
      expect(await store.deploys.rolloutsOf(repository, 2)).toHaveLength(1);
    });
  });
});
