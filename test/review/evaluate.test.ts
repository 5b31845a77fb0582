import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { affectedBy, evaluate } from '../../src/review/evaluate.ts';
import { overridableRules, ruleNames } from '../../src/review/rule.ts';
import { rules } from '../../src/review/rules.ts';
import type { Snapshot, SnapshotReview } from '../../src/review/snapshot.ts';
import { asking, AT, byPerson, override, passing, person, policy, review } from './passing.ts';
import { anySnapshot, looseSnapshot } from './any-snapshot.ts';

describe('always', () => {
  test('the same snapshot has the same verdict', () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        expect(evaluate(structuredClone(snapshot))).toEqual(evaluate(snapshot));
      }),
    );
  });

  test('reviews count by their time, in whatever order they are listed', () => {
    const shuffled = anySnapshot.chain((snapshot) =>
      fc
        .shuffledSubarray([...snapshot.reviews], { minLength: snapshot.reviews.length })
        .map((reviews) => [snapshot, { ...snapshot, reviews }] as const),
    );
    fc.assert(
      fc.property(shuffled, ([snapshot, other]) => {
        expect(evaluate(other)).toEqual(evaluate(snapshot));
      }),
    );
  });

  test('the verdict is as bad as the worst of its nodes', () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        const { outcome, nodes } = evaluate(snapshot);
        const outcomes = nodes.map((node) => node.outcome);
        const worst = outcomes.includes('block') ? 'block' : outcomes.includes('wait') ? 'wait' : 'pass';
        expect(outcome).toBe(worst);
      }),
    );
  });

  test('what stands in the way of one change never helps another', () => {
    const obstacles: readonly ((snapshot: Snapshot) => Snapshot)[] = [
      (snapshot) => ({ ...snapshot, config: { kind: 'absent' } }),
      (snapshot) => ({ ...snapshot, change: { ...snapshot.change, mergeable: 'conflicting' } }),
      (snapshot) => ({ ...snapshot, change: { ...snapshot.change, isDraft: true } }),
      (snapshot) => ({ ...snapshot, change: { ...snapshot.change, labels: ['tagalong: hold'] } }),
      (snapshot) => ({ ...snapshot, checks: { ...snapshot.checks, required: 'unknown' } }),
      (snapshot) => ({ ...snapshot, freezes: [...snapshot.freezes, { by: 'carol' }] }),
      (snapshot) => ({ ...snapshot, render: { kind: 'failed', message: 'no' } }),
      (snapshot) => ({ ...snapshot, authors: { ...snapshot.authors, isComplete: false } }),
      (snapshot) => ({ ...snapshot, reviews: [...snapshot.reviews, requestFor(snapshot)] }),
      (snapshot) => ({ ...snapshot, mergeGroup: { headCommit: 'd', rendersAlike: false } }),
      (snapshot) => ({ ...snapshot, teams: {} }),
      (snapshot) => ({ ...snapshot, requestedBy: ['bob', 'carol'] }),
      (snapshot) => ({ ...snapshot, twins: [{ number: 13, outcome: 'wait' }] }),
    ];
    fc.assert(
      fc.property(anySnapshot, fc.constantFrom(...obstacles), (snapshot, obstruct) => {
        fc.pre(evaluate(snapshot).outcome !== 'pass');
        expect(evaluate(obstruct(snapshot)).outcome).not.toBe('pass');
      }),
    );
  });

  test('no number of approvals by those who may not makes it pass', () => {
    const excluded: fc.Arbitrary<SnapshotReview> = fc
      .constantFrom(
        { by: person('alice') },
        { by: person('ALICE') },
        { by: person('committer') },
        { by: person('author-of-the-app') },
        { by: person('Requester') },
        { by: person('approver[bot]') },
        { by: person('reader'), mayWrite: false },
        { by: person('early'), rendersAlike: false as const },
        { by: person('lost'), rendersAlike: 'unknown' as const },
        { by: person('talker'), state: 'commented' as const },
        { by: person('gone'), state: 'dismissed' as const },
      )
      .chain((parts) =>
        fc
          .record({ id: fc.constantFrom('1', 'command'), hour: fc.integer({ min: 0, max: 23 }) })
          .map(({ id, hour }) =>
            review('x', { id, at: new Date(Date.UTC(2024, 10, 5, hour)).toISOString(), ...parts }),
          ),
      );
    const approvals = fc.constantFrom<object>(
      {},
      { approvals: 1 },
      { approvals: 2 },
      { from: ['@alice', '@acme/all'] },
    );
    fc.assert(
      fc.property(fc.array(excluded, { maxLength: 12 }), approvals, (reviews, asked) => {
        const snapshot = byPerson({
          ...asking(asked),
          reviews,
          requestedBy: ['requester'],
          authors: { people: [person('committer')], unknown: [], isComplete: true },
          teams: { '@acme/all': reviews.map(({ by }) => by.login) },
        });
        const withApplication = {
          ...snapshot,
          applicationAuthors: { people: [person('author-of-the-app')], unknown: [], isComplete: true },
        };
        expect(evaluate(withApplication).outcome).not.toBe('pass');
      }),
    );
  });

  test('it answers, whatever it is given', () => {
    fc.assert(
      fc.property(looseSnapshot, (snapshot) => {
        expect(['pass', 'wait', 'block']).toContain(evaluate(snapshot).outcome);
      }),
    );
  });

  test.each([undefined, null, {}, [], 'text', { config: { kind: 'valid' } }])('%j blocks', (value) => {
    expect(evaluate(value as unknown as Snapshot).outcome).toBe('block');
  });
});

describe('overrides', () => {
  test('what was found stays to be read, with who and why', () => {
    const { nodes } = evaluate(passing({ reviews: [], overrides: [override('approvals', { reason: 'night' })] }));
    expect(nodes.find(({ rule }) => rule === 'approvals')).toEqual({
      rule: 'approvals',
      environment: 'production',
      outcome: 'pass',
      reason: 'Waiting for 1 approval from somebody with write access',
      override: { by: 'root', reason: 'night' },
      children: [],
    });
  });

  test('a rule that passes by itself is not called overridden', () => {
    const { nodes } = evaluate(passing({ overrides: overridableRules.map((name) => override(name)) }));
    expect(nodes.filter((node) => node.override !== undefined)).toEqual([]);
  });

  test('each rule that can be overridden tells how, and no other does', () => {
    const broken = evaluate({ overrides: [], bump: {}, pin: {} } as unknown as Snapshot).nodes;
    const telling = broken.filter(({ rule, remedy }) => remedy?.includes(`/override ${rule ?? ''} <reason>`));
    expect(telling.map(({ rule }) => rule)).toEqual(overridableRules);
  });
});

test('approvals whose rendered result is gone are named, so that they can be taken back', () => {
  const gone = { rendersAlike: false as const };
  const verdict = evaluate(
    passing({
      reviews: [
        review('bob', { id: '7', ...gone }),
        review('alice', { id: '8', ...gone }),
        review('carol', { id: '9', mayWrite: false, ...gone }),
        review('dave', { id: '10', rendersAlike: 'unknown' }),
        review('erin', { id: '11', ...gone }),
        review('erin', { id: '12' }),
      ],
    }),
  );
  expect(verdict.stale).toEqual([{ id: '7', by: 'bob' }]);
});

describe('the moment at which time alone changes the answer', () => {
  const friday = { from: 4 * 1440 + 17 * 60, to: 480, zone: 'UTC' };
  const frozen = (parts: Partial<Snapshot>) =>
    passing({ config: { kind: 'valid', policies: [policy({ freeze: [friday] })] }, ...parts });

  test.each([
    ['a freeze begins', frozen({}), '2024-11-08T17:00:00.000Z'],
    ['a freeze ends', frozen({ at: '2024-11-09T00:00:00Z' }), '2024-11-11T08:00:00.000Z'],
    [
      'the earliest of several',
      frozen({ freezes: [{ by: 'carol', until: '2024-11-07T01:02:03Z' }] }),
      '2024-11-07T01:02:03.000Z',
    ],
    [
      'a pin ends',
      passing({ pin: { version: '1', by: 'carol', until: '2024-11-10T00:00:00Z' } }),
      '2024-11-10T00:00:00.000Z',
    ],
    [
      'the forge is asked again about conflicts',
      passing({ change: { mergeable: 'unknown' } }),
      '2024-11-06T12:00:20.000Z',
    ],
    ['nothing is to come', passing({ freezes: [{ by: 'carol' }] }), undefined],
    [
      'a freeze of another environment ends',
      passing({ freezes: [{ environment: 'x', by: 'c', until: '2024-12-01T00:00:00Z' }] }),
      undefined,
    ],
  ])('%s', (_, snapshot, moment) => {
    expect(evaluate(snapshot).recheckAt).toBe(moment);
  });

  test('it is never in the past, so that nothing is looked at again without end', () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        const { recheckAt } = evaluate(snapshot);
        expect(recheckAt === undefined || Date.parse(recheckAt) > Date.parse(snapshot.at)).toBe(true);
      }),
    );
  });

  test('just before it nothing but time has changed, and the answer has not', () => {
    const snapshot = frozen({ at: AT });
    const before = { ...snapshot, at: '2024-11-08T16:59:59Z' };
    const after = { ...snapshot, at: '2024-11-08T17:00:00Z' };
    expect([snapshot, before, after].map((each) => evaluate(each).outcome)).toEqual(['pass', 'pass', 'wait']);
  });
});

describe('what can change the answer', () => {
  test('rules are registered once each, in the order of their names', () => {
    expect(rules.map(({ name }) => name)).toEqual(ruleNames);
  });

  test.each(['head', 'base', 'reviews', 'attributes', 'steering', 'time', 'checks'] as const)('%s', (trigger) => {
    expect(affectedBy([trigger])).toBe(true);
  });

  test('nothing happened', () => {
    expect(affectedBy([])).toBe(false);
  });

  test.each([
    ['a check that is demanded', ['ci/lint'], true],
    ['a check that nobody demands', ['coverage'], false],
    ['one of several', ['coverage', 'ci/lint'], true],
  ])('%s ended', (_, ended, affected) => {
    expect(affectedBy(['checks'], { ended, required: ['ci/lint'] })).toBe(affected);
  });

  test('a push counts, whatever check ended with it', () => {
    expect(affectedBy(['checks', 'head'], { ended: ['coverage'], required: [] })).toBe(true);
  });
});

/** By somebody who has said nothing else, at the end of time. */
function requestFor({ reviews }: Snapshot): SnapshotReview {
  return review(`critic-${reviews.length}`, { state: 'changes-requested', at: '2030-01-01T00:00:00Z' });
}
