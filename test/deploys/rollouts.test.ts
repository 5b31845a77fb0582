import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeployState } from '../../src/domain/deploy.ts';
import { rolloutsOf, unattributed, type HeardReport, type MergedBump } from '../../src/deploys/rollouts.ts';
import { facts, heightOf, landscape, merged, minutes, report } from './facts.ts';

/** States by the number of the change, as `rolloutsOf` tells them. */
function states(bumps: readonly MergedBump[], reports: readonly HeardReport[], now?: Date): Record<number, string> {
  return Object.fromEntries(rolloutsOf(facts(bumps, reports, now)).map(({ bump, state }) => [bump.change, state]));
}

describe('one bump', () => {
  const bump = merged(2);

  test.each<[string, HeardReport[], string]>([
    ['is queued without a report', [], 'queued'],
    ['is queued while the tool waits', [report('queued', 2)], 'queued'],
    ['is on its way', [report('in-progress', 2)], 'in-progress'],
    ['is live', [report('succeeded', 2)], 'live'],
    ['has failed', [report('failed', 2)], 'failed'],
    ['is live by a newer revision that contains it', [report('succeeded', 5)], 'live'],
    ['is not meant by an older revision', [report('succeeded', 1)], 'queued'],
    ['is not meant by another environment', [report('succeeded', 2, { app: 'shop-production' })], 'queued'],
    ['is not meant by another application', [report('succeeded', 2, { app: 'cart-staging' })], 'queued'],
    ['is not meant by a revision that is not there', [report('succeeded', 2, { revision: 'abcdef1' })], 'queued'],
    ['begins', [report('queued', 2, { at: 1 }), report('in-progress', 2, { at: 2 })], 'in-progress'],
    ['ends', [report('in-progress', 2, { at: 1 }), report('succeeded', 2, { at: 2 })], 'live'],
    ['ends in the second in which it began', [report('in-progress', 2), report('succeeded', 2)], 'live'],
    [
      'stays live when it is applied again',
      [report('succeeded', 2, { at: 1 }), report('in-progress', 2, { at: 2 })],
      'live',
    ],
    ['fails after it was live', [report('succeeded', 2, { at: 1 }), report('failed', 2, { at: 2 })], 'failed'],
    ['is tried again', [report('failed', 2, { at: 1 }), report('in-progress', 2, { at: 2 })], 'in-progress'],
    ['recovers', [report('failed', 2, { at: 1 }), report('succeeded', 2, { at: 2 })], 'live'],
    ['recovers with a newer revision', [report('failed', 2, { at: 1 }), report('succeeded', 3, { at: 2 })], 'live'],
    ['fails with a newer revision', [report('in-progress', 2, { at: 1 }), report('failed', 3, { at: 2 })], 'failed'],
    [
      'stays live when a newer revision fails',
      [report('succeeded', 2, { at: 1 }), report('failed', 3, { at: 2 })],
      'live',
    ],
    [
      'is not covered by an older revision',
      [report('failed', 3, { at: 1 }), report('in-progress', 2, { at: 2 })],
      'failed',
    ],
    [
      'wants all applications',
      [report('succeeded', 2), report('in-progress', 2, { app: 'shop-eu-staging' })],
      'in-progress',
    ],
    ['fails with one application', [report('succeeded', 2), report('failed', 2, { app: 'shop-eu-staging' })], 'failed'],
    ['is live in all', [report('succeeded', 2), report('succeeded', 3, { app: 'shop-eu-staging' })], 'live'],
  ])('%s', (_, reports, state) => {
    expect(states([bump], reports)).toEqual({ 2: state });
  });

  test('a clock that is fast decides nothing', () => {
    const skewed = report('failed', 2, { at: 1, receivedAt: minutes(1) });
    const future = { ...skewed, at: '2099-01-01T00:00:00Z' };
    expect(states([bump], [future, report('succeeded', 2, { at: 2 })])).toEqual({ 2: 'live' });
  });

  test('two applications that fail again and again do not take turns in what is told', () => {
    const one = (at: number) => report('failed', 2, { at });
    const other = (at: number) => report('failed', 2, { at, app: 'shop-eu-staging' });
    const told = [
      [one(1), other(2)],
      [one(3), other(2)],
      [one(3), other(4)],
    ].map((reports) => rolloutsOf(facts([bump], reports))[0]?.report?.application);
    expect(new Set(told).size).toBe(1);
  });

  test('the moment is that of the first success, and of a failure its own', () => {
    const [again] = rolloutsOf(facts([bump], [report('succeeded', 2, { at: 3 }), report('succeeded', 2, { at: 2 })]));
    expect(again).toMatchObject({ since: minutes(2), report: { state: 'succeeded' } });
  });
});

describe('silence', () => {
  test.each<[string, HeardReport[], number, string]>([
    ['is waited for', [], 29, 'queued'],
    ['is told', [], 30, 'unknown'],
    ['after a beginning is waited for', [report('in-progress', 1, { at: 10 })], 39, 'in-progress'],
    ['after a beginning is told', [report('in-progress', 1, { at: 10 })], 40, 'unknown'],
    ['ends with a late report', [report('succeeded', 1, { at: 50 })], 60, 'live'],
  ])('%s', (_, reports, now, state) => {
    expect(states([merged(1)], reports, minutes(now))).toEqual({ 1: state });
  });

  test('is counted from when something was heard, though the clock of the tool is slow', () => {
    const slow = report('in-progress', 1, { at: 1, receivedAt: minutes(100) });
    expect(rolloutsOf(facts([merged(1)], [slow], minutes(101)))).toMatchObject([
      { state: 'in-progress', since: minutes(1), dueAt: minutes(130) },
    ]);
  });

  test('says when it is over', () => {
    expect(rolloutsOf(facts([merged(1)], []))).toMatchObject([{ state: 'queued', dueAt: minutes(30) }]);
    expect(rolloutsOf(facts([merged(1)], [], minutes(45)))).toMatchObject([{ state: 'unknown', since: minutes(30) }]);
  });
});

/** The bumps with what is remembered of them after a look at these reports. */
function lookedAt(bumps: readonly MergedBump[], reports: readonly HeardReport[]): MergedBump[] {
  const rollouts = new Map(rolloutsOf(facts(bumps, reports)).map((rollout) => [rollout.bump, rollout]));
  return bumps.map((merged) => {
    const rollout = rollouts.get(merged.bump);
    if (rollout === undefined) return merged;
    const { state, since, report: by } = rollout;
    return { ...merged, prior: { state, since, ...(by !== undefined && { application: by.application }) } };
  });
}

describe('what is known and not told any more', () => {
  test('stays as it was, and is replaced all the same', () => {
    const known = lookedAt([merged(2), merged(4)], [report('succeeded', 3), report('failed', 4)]);
    expect(states(known, [], minutes(99_999))).toEqual({ 2: 'live', 4: 'failed' });
    expect(states(known, [report('succeeded', 5)], minutes(99_999))).toEqual({ 2: 'superseded', 4: 'live' });
    const replaced = lookedAt(known, [report('succeeded', 5)]);
    expect(states(replaced, [], minutes(99_999))).toEqual({ 2: 'superseded', 4: 'live' });
  });
});

describe('what has long been live', () => {
  const known = lookedAt([merged(2)], [report('succeeded', 2)]);

  test.each<[string, HeardReport[], string]>([
    ['stays so when it starts again', [report('in-progress', 2, { at: 600 })], 'live'],
    ['stays so when its application is applied at a newer commit', [report('in-progress', 9, { at: 600 })], 'live'],
    [
      'stays so when another application begins with it',
      [report('in-progress', 2, { app: 'shop-eu-staging', at: 600 })],
      'live',
    ],
    [
      'is unknown when another application began with it and told no end',
      [report('in-progress', 2, { app: 'shop-eu-staging', at: 9 })],
      'unknown',
    ],
    ['fails when it degrades', [report('failed', 2, { at: 600 })], 'failed'],
    [
      'fails when it fails in another application',
      [report('failed', 2, { app: 'shop-eu-staging', at: 600 })],
      'failed',
    ],
    ['stays so when a newer commit of something else fails', [report('failed', 5, { at: 600 })], 'live'],
    [
      'is live again after it degraded',
      [report('failed', 2, { at: 600 }), report('succeeded', 2, { at: 601 })],
      'live',
    ],
  ])('%s', (_, reports, state) => {
    expect(states(known, [report('succeeded', 2), ...reports], minutes(602))).toEqual({ 2: state });
  });
});

describe('several bumps of an image', () => {
  const both = [merged(2), merged(4)];

  test.each<[string, HeardReport[], object]>([
    ['between two syncs: the later is live', [report('succeeded', 4)], { 2: 'superseded', 4: 'live' }],
    ['the earlier is live, the later waits', [report('succeeded', 3)], { 2: 'live', 4: 'queued' }],
    [
      'the earlier stays live while the later comes',
      [report('succeeded', 3), report('in-progress', 4)],
      { 2: 'live', 4: 'in-progress' },
    ],
    [
      'the earlier stays live when the later fails',
      [report('succeeded', 3), report('failed', 4)],
      { 2: 'live', 4: 'failed' },
    ],
    ['one after the other', [report('succeeded', 3), report('succeeded', 5)], { 2: 'superseded', 4: 'live' }],
    ['the earlier had failed', [report('failed', 3), report('in-progress', 4)], { 2: 'superseded', 4: 'in-progress' }],
    ['the earlier was never tried', [report('failed', 4)], { 2: 'superseded', 4: 'failed' }],
    [
      'late news of the earlier',
      [report('succeeded', 4, { at: 1 }), report('failed', 3, { at: 9 })],
      { 2: 'superseded', 4: 'live' },
    ],
  ])('%s', (_, reports, expected) => {
    expect(states(both, reports)).toEqual(expected);
  });

  test('the one that took its place is named', () => {
    const [earlier] = rolloutsOf(facts(both, [report('succeeded', 4)]));
    expect(earlier).toMatchObject({ state: 'superseded', replacedBy: { change: 4 } });
  });

  test.each<[string, HeardReport[], object]>([
    [
      'was live',
      [report('succeeded', 3, { at: 2 }), report('succeeded', 5, { at: 8 })],
      { state: 'live', since: minutes(2) },
    ],
    [
      'had failed',
      [report('failed', 3, { at: 3 }), report('in-progress', 4, { at: 8 })],
      { state: 'failed', since: minutes(3) },
    ],
  ])('one that was replaced tells that it %s', (_, reports, ended) => {
    expect(rolloutsOf(facts(both, reports))[0]).toMatchObject({ state: 'superseded', since: minutes(8), ended });
  });

  test('one that was replaced on its way had come to no end', () => {
    expect(rolloutsOf(facts(both, [report('in-progress', 3), report('succeeded', 4)]))[0]).not.toHaveProperty('ended');
  });

  test('one that was replaced tells the same when the other is replaced in turn', () => {
    const [then] = rolloutsOf(facts(both, [report('succeeded', 3), report('succeeded', 5)]));
    const three = [...both, merged(6)];
    const [now] = rolloutsOf(facts(three, [report('succeeded', 3), report('succeeded', 5), report('succeeded', 7)]));
    expect(now).toEqual(then);
  });

  test('each knows the next, and the last knows none', () => {
    const three = rolloutsOf(facts([...both, merged(6)], [report('succeeded', 6)]));
    expect(three.map(({ followedBy, replacedBy }) => [followedBy?.change, replacedBy?.change])).toEqual([
      [4, 6],
      [6, 6],
      [undefined, undefined],
    ]);
  });

  test('in other environments and of other images have nothing to do with each other', () => {
    const others = [merged(2), merged(3, { app: 'cart' }), merged(4, { environment: 'production' })];
    expect(states(others, [report('succeeded', 4, { app: 'shop-production' })])).toEqual({
      2: 'queued',
      3: 'queued',
      4: 'live',
    });
  });

  test('of one commit: the higher number is the later', () => {
    expect(states([merged(2, { change: 8 }), merged(2, { change: 9 })], [report('succeeded', 2)])).toEqual({
      8: 'superseded',
      9: 'live',
    });
  });
});

describe('always', () => {
  const reports = fc.array(
    fc.record({
      state: fc.constantFrom<DeployState>('queued', 'in-progress', 'succeeded', 'failed'),
      height: fc.integer({ min: 1, max: 6 }),
      app: fc.constantFrom('shop-staging', 'shop-eu-staging', 'cart-production', 'all'),
      at: fc.integer({ min: 1, max: 9 }),
    }),
    { maxLength: 12 },
  );
  const bumps = [merged(1), merged(2, { app: 'cart', environment: 'production' }), merged(3), merged(5)];
  const heard = (all: readonly { state: DeployState; height: number; app: string; at: number }[]) =>
    all.map(({ state, height, app, at }) => report(state, height, { app, at }));

  test('order and repetition of reports change nothing', () => {
    fc.assert(
      fc.property(
        reports.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
        ),
        ([all, shuffled]) => {
          expect(rolloutsOf(facts(bumps, heard(shuffled)))).toEqual(rolloutsOf(facts(bumps, heard(all))));
        },
      ),
    );
  });

  test('keeping only the newest of each state at each revision changes no state', () => {
    fc.assert(
      fc.property(reports, (all) => {
        const kept = new Map<string, HeardReport>();
        for (const each of heard(all).toSorted((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime())) {
          kept.set(JSON.stringify([each.application, each.revision, each.state]), each);
        }
        expect(states(bumps, [...kept.values()])).toEqual(states(bumps, heard(all)));
      }),
    );
  });

  test('looking in between changes nothing in the end', () => {
    fc.assert(
      fc.property(reports, fc.func(fc.boolean()), (all, isLookedAt) => {
        const inOrder = heard(all).toSorted((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime());
        let known = bumps;
        inOrder.forEach((_, index) => {
          if (isLookedAt(index)) known = lookedAt(known, inOrder.slice(0, index + 1));
        });
        expect(states(known, inOrder)).toEqual(states(bumps, inOrder));
      }),
    );
  });

  test('nothing is live that no report of a success contains, and no two bumps of an image are', () => {
    fc.assert(
      fc.property(reports, (all) => {
        const live = rolloutsOf(facts(bumps, heard(all))).filter(({ state }) => state === 'live');
        for (const { bump, report: by } of live) {
          expect(by?.state).toBe('succeeded');
          expect(heightOf(by?.revision ?? '')).toBeGreaterThanOrEqual(heightOf(bump.mergeCommit ?? '') ?? Infinity);
        }
        expect(new Set(live.map(({ bump }) => bump.image)).size).toBe(live.length);
      }),
    );
  });

  test('a report for an older revision never changes what is live at a newer one', () => {
    fc.assert(
      fc.property(reports, (all) => {
        const older = all.map(({ state, height, at }) => report(state, Math.min(height, 5), { at }));
        expect(states([merged(1)], [...older, report('succeeded', 6, { at: 1 })])).toEqual({ 1: 'live' });
      }),
    );
  });
});

test('what tells nobody anything is known, with why', () => {
  const reports = [
    report('succeeded', 2),
    report('failed', 1, { app: 'x' }),
    report('failed', 1, { revision: 'abcdef1' }),
  ];
  expect(unattributed(reports, { heightOf, landscape: landscape(['staging', 'production'], []) })).toEqual([
    { report: reports[1], reason: 'nothing tells which environment it deploys' },
    { report: reports[2], reason: 'its revision is not on the branch' },
  ]);
});
