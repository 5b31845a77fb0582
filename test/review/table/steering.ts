import type { WeeklyFreeze } from '../../../src/domain/policy.ts';
import type { Snapshot } from '../../../src/review/snapshot.ts';
import { AT, byPerson, override, passing, policy, review } from '../passing.ts';
import type { TableCase } from './case.ts';

const HOUR = 60;
const DAY = 24 * HOUR;
const SATURDAY = '2024-11-09T12:00:00Z';

const weekend: WeeklyFreeze = {
  from: 4 * DAY + 17 * HOUR,
  to: 8 * HOUR,
  zone: 'Asia/Tokyo',
  reason: 'weekend',
};

function frozenAt(at: string, freeze: WeeklyFreeze = weekend): Snapshot {
  return passing({ at, config: { kind: 'valid', policies: [policy({ freeze: [freeze] })] } });
}

/** Freezes, pins and overrides. */
export const steering: readonly TableCase[] = [
  {
    name: 'outside the weekly freeze',
    snapshot: frozenAt(AT),
    outcome: 'pass',
    rules: [],
    says: 'Nothing that it touches is frozen',
  },
  {
    name: 'in the weekly freeze, over the end of the week',
    snapshot: frozenAt(SATURDAY),
    outcome: 'wait',
    rules: ['freeze'],
    says: 'Frozen every week until Mon 2024-11-11 08:00 Asia/Tokyo: weekend',
  },
  {
    name: 'Friday, 17:00 in Tokyo is Friday, 08:00 in UTC',
    because: 'renovatebot/renovate#20447',
    snapshot: frozenAt('2024-11-08T08:00:00Z'),
    outcome: 'wait',
    rules: ['freeze'],
    says: 'Frozen every week',
  },
  {
    name: 'a minute before Friday, 17:00 in Tokyo',
    because: 'Mergifyio/mergify#3438',
    snapshot: frozenAt('2024-11-08T07:59:59Z'),
    outcome: 'pass',
    rules: [],
    says: 'Nothing that it touches is frozen',
  },
  {
    name: 'a time zone that there is not',
    snapshot: frozenAt(AT, { ...weekend, zone: 'Mars/Olympus' }),
    outcome: 'block',
    rules: ['freeze'],
    says: 'The rule freeze could not be judged',
  },
  {
    name: 'frozen by a person, without an end',
    snapshot: passing({ freezes: [{ by: 'carol', reason: 'audit' }] }),
    outcome: 'wait',
    rules: ['freeze'],
    says: 'Frozen by @carol: audit',
  },
  {
    name: 'frozen by a person until a moment',
    snapshot: passing({ freezes: [{ environment: 'production', by: 'carol', until: '2024-11-07T00:00:00Z' }] }),
    outcome: 'wait',
    rules: ['freeze'],
    says: 'Frozen by @carol until 2024-11-07 00:00 UTC',
  },
  {
    name: 'a freeze by a person that is over',
    snapshot: passing({ freezes: [{ by: 'carol', until: AT }] }),
    outcome: 'pass',
    rules: [],
    says: 'Nothing that it touches is frozen',
  },
  {
    name: 'another environment is frozen',
    snapshot: passing({ freezes: [{ environment: 'staging', by: 'carol' }] }),
    outcome: 'pass',
    rules: [],
    says: 'Nothing that it touches is frozen',
  },
  {
    name: 'a version over a pin',
    snapshot: passing({ pin: { version: '1.4.2', by: 'carol', reason: 'rollback' } }),
    outcome: 'block',
    rules: ['pin'],
    says: 'ghcr.io/acme/shop is pinned to 1.4.2 by @carol: rollback; this brings 1.5.0',
  },
  {
    name: 'the pinned version itself',
    snapshot: passing({ pin: { version: '1.5.0', by: 'carol' } }),
    outcome: 'pass',
    rules: [],
    says: 'as pinned by @carol',
  },
  {
    name: 'a pin that is over',
    snapshot: passing({ pin: { version: '1.4.2', by: 'carol', until: AT } }),
    outcome: 'pass',
    rules: [],
    says: 'No pin is in its way',
  },
  {
    name: 'an administrator overrides a freeze',
    snapshot: { ...frozenAt(SATURDAY), overrides: [override('freeze')] },
    outcome: 'pass',
    rules: [],
    says: 'Frozen every week until',
  },
  {
    name: 'somebody who is no administrator overrides a freeze',
    because: 'runatlantis/atlantis#4962',
    snapshot: { ...frozenAt(SATURDAY), overrides: [override('freeze', { by: 'mallory', isAdmin: false })] },
    outcome: 'wait',
    rules: ['freeze'],
    says: 'The override by @mallory does not count: only an administrator can override',
  },
  {
    name: 'an override that was given for another rendered result',
    because: 'runatlantis/atlantis#6271',
    snapshot: { ...frozenAt(SATURDAY), overrides: [override('freeze', { rendersAlike: false })] },
    outcome: 'wait',
    rules: ['freeze'],
    says: 'it was given for another rendered result',
  },
  {
    name: 'an override whose rendered result cannot be compared',
    snapshot: { ...frozenAt(SATURDAY), overrides: [override('freeze', { rendersAlike: 'unknown' })] },
    outcome: 'wait',
    rules: ['freeze'],
    says: 'could not be rendered, so it cannot be compared',
  },
  {
    name: 'nobody overrides the configuration',
    snapshot: passing({ config: { kind: 'absent' }, overrides: [override('config')] }),
    outcome: 'block',
    rules: ['config'],
    says: 'The override by @root does not count: nobody can override this',
  },
  {
    name: 'nobody overrides a merge queue that would merge something else',
    snapshot: passing({
      mergeGroup: { headCommit: 'd'.repeat(40), rendersAlike: false },
      overrides: [override('mergeable')],
    }),
    outcome: 'block',
    rules: ['mergeable'],
    says: 'nobody can override this',
  },
  {
    name: 'an override of a rule that there is not',
    snapshot: passing({ overrides: [override('everything')] }),
    outcome: 'block',
    rules: ['-'],
    says: '@root has overridden "everything", which is no rule of the gate',
  },
  {
    name: 'an override of one rule frees no other',
    because: 'runatlantis/atlantis#4243',
    snapshot: byPerson({ reviews: [], freezes: [{ by: 'carol' }], overrides: [override('freeze')] }),
    outcome: 'wait',
    rules: ['approvals'],
    says: 'Waiting for 1 approval',
  },
  {
    name: 'overriding what does not render leaves what could not be looked through',
    snapshot: passing({ render: { kind: 'failed', message: 'no' }, overrides: [override('render')] }),
    outcome: 'block',
    rules: ['findings'],
    says: 'What does not render could not be looked through',
  },
  {
    name: 'an administrator who approves without write access overrides nothing',
    snapshot: passing({ reviews: [review('root', { mayWrite: false })] }),
    outcome: 'wait',
    rules: ['approvals'],
    says: 'no write access',
  },
];
