import fc from 'fast-check';
import { ruleNames } from '../../src/review/rule.ts';
import type { Authors, Snapshot, SnapshotReview } from '../../src/review/snapshot.ts';
import { BOT, byPerson, passing, person, policy } from './passing.ts';

const login = fc.constantFrom('alice', 'Alice', 'bob', 'carol', 'dave', 'approver[bot]', 'web-flow');
const moment = fc.integer({ min: 0, max: 40 }).map((hours) => new Date(Date.UTC(2024, 10, 5, hours)).toISOString());
const alike = fc.constantFrom<boolean | 'unknown'>(true, true, true, false, 'unknown');

const anyReview: fc.Arbitrary<SnapshotReview> = fc.record({
  id: fc.constantFrom('1', '2', '3', 'command'),
  by: login.map(person),
  state: fc.constantFrom<SnapshotReview['state'][]>(
    'approved',
    'approved',
    'changes-requested',
    'commented',
    'dismissed',
  ),
  at: moment,
  rendersAlike: alike,
  mayWrite: fc.constantFrom(true, true, false),
});

const anyAuthors: fc.Arbitrary<Authors> = fc.record({
  people: fc.array(login.map(person), { maxLength: 2 }),
  unknown: fc.array(fc.constantFrom('Bob <bob@laptop>', 'GitHub <noreply@github.com>'), { maxLength: 1 }),
  isComplete: fc.constantFrom(true, true, true, false),
});

const anyPolicy = fc
  .record({
    environment: fc.constantFrom('staging', 'production', undefined),
    merge: fc.constantFrom<('auto' | 'manual')[]>('auto', 'manual'),
    approvals: fc.constantFrom(undefined, 0, 1, 2),
    from: fc.constantFrom(undefined, ['@acme/sre'], ['@acme/ghosts', '@bob']),
    codeowners: fc.boolean(),
    zone: fc.constantFrom('UTC', 'Asia/Tokyo', 'Europe/Berlin', 'Nowhere'),
    isFrozen: fc.boolean(),
  })
  .map(({ environment, merge, approvals, from, codeowners, zone, isFrozen }) => {
    const asked = policy({
      merge,
      freeze: isFrozen ? [{ from: 0, to: 3000, zone }] : [],
      review: { codeowners, ...(approvals !== undefined && { approvals }), ...(from !== undefined && { from }) },
    });
    return {
      merge: asked.merge,
      freeze: asked.freeze,
      review: asked.review,
      paths: asked.paths,
      ...(environment !== undefined && { environment }),
    };
  });

/** Snapshots near the border between passing and not, of the shape that the gate is given. */
export const anySnapshot: fc.Arbitrary<Snapshot> = fc
  .record({
    base: fc.constantFrom(passing(), byPerson()),
    author: fc.constantFrom(BOT, person('alice'), person('bob')),
    reviews: fc.array(anyReview, { maxLength: 6 }),
    authors: anyAuthors,
    policies: fc.array(anyPolicy, { maxLength: 2 }),
    codeowners: fc.constantFrom('* @acme/sre\n', '* @bob\n/apps/ @acme/ghosts\n', '* @alice\n![x] @bob\n', ''),
    overrides: fc.array(
      fc.record({
        rule: fc.constantFrom(...ruleNames),
        by: login,
        reason: fc.string(),
        rendersAlike: alike,
        isAdmin: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
  })
  .map(({ base, author, policies, codeowners, ...parts }) => ({
    ...base,
    ...parts,
    change: { ...base.change, author },
    config: { kind: 'valid', policies },
    codeowners: { path: 'CODEOWNERS', text: codeowners },
    teams: { ...base.teams, '@acme/ghosts': null },
  }));

/** Whatever has the keys of a snapshot, with nearly anything behind one of them. */
export const looseSnapshot: fc.Arbitrary<Snapshot> = fc
  .tuple(anySnapshot, fc.constantFrom(...keysOf(passing())), fc.anything())
  .map(([snapshot, key, value]) => ({ ...snapshot, [key]: value }));

function keysOf(snapshot: Snapshot): (keyof Snapshot)[] {
  return (Object.keys(snapshot) as (keyof Snapshot)[]).concat('pin', 'mergeGroup');
}
