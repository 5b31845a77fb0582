import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProposedBump } from '../../src/domain/bump.ts';
import { parseImageName } from '../../src/domain/image.ts';
import type { BumpRequest, Pin, Skip } from '../../src/domain/steering.ts';
import { sameVersion, type PublishedVersion } from '../../src/domain/version.ts';
import { causeOf, firstEnd, steeringOf } from '../../src/workflows/bump-steering.ts';
import { planBump, type BumpPlan, type BumpSituation } from '../../src/workflows/plan-bumps.ts';

const image = parseImageName('ghcr.io/acme/shop') ?? expect.unreachable();
const repository = { forge: 'github', path: 'acme/deploy' } as const;
const place = { repository, environment: 'production', image };

const at = (minute: number) => new Date(minute * 60_000);
const version = (tag: string, minute = 0): PublishedVersion => ({ tag, publishedAt: at(minute) });

function pin(tag: string, part: Partial<Pin> = {}): Pin {
  return { ...place, version: { tag }, origin: 'pin', by: 'ann', at: at(100), ...part };
}

function request(tag: string, part: Partial<BumpRequest> = {}): BumpRequest {
  return { ...place, version: version(tag), by: 'ann', at: at(100), ...part };
}

function skip(tag: string, minute = 100): Skip {
  return { ...place, version: { tag }, by: 'ann', at: at(minute) };
}

function proposed(tag: string, state: ProposedBump['state'], minute: number, change = minute): ProposedBump {
  return {
    ...place,
    from: [{ tag: '1.0.0' }],
    to: version(tag),
    change,
    branch: 'tagalong/production/acme-shop.000000',
    headCommit: 'a'.repeat(40),
    baseCommit: 'b'.repeat(40),
    state,
    history: [],
    proposedAt: at(minute),
  };
}

function situation(part: Partial<BumpSituation>): BumpSituation {
  return {
    ...place,
    policy: { kind: 'same-shape' },
    current: [{ tag: '1.5.0' }],
    published: [version('1.6.0', 60), version('1.5.0', 50), version('1.4.2', 42)],
    proposed: [],
    skips: [],
    ...part,
  };
}

type Row = [when: string, part: Partial<BumpSituation>, expected: object];

describe('the plan under a pin', () => {
  const pinned = pin('1.4.2', { origin: 'rollback' });

  it.each<Row>([
    [
      'the pinned version is older',
      { pin: pinned },
      { kind: 'open', bump: { to: { tag: '1.4.2', publishedAt: at(42) }, from: [{ tag: '1.5.0' }] } },
    ],
    ['the pinned version is newer', { pin: pin('1.5.7') }, { kind: 'open', bump: { to: { tag: '1.5.7' } } }],
    [
      'the pinned version is no published one, and not of the policy',
      { pin: pin('hotfix'), policy: { kind: 'semver', range: '>=1.5' } },
      { kind: 'open', bump: { to: { tag: 'hotfix', publishedAt: at(100) } } },
    ],
    [
      'one site has it',
      { pin: pinned, current: [{ tag: '1.4.2' }, { tag: '1.5.0' }] },
      { kind: 'open', bump: { to: { tag: '1.4.2' } } },
    ],
    [
      'it stands, and a newer one is published',
      { pin: pin('1.5.0') },
      { kind: 'none', reason: 'pinned', detail: '`1.5.0` is pinned in `production` by ann, and stands there.' },
    ],
    [
      'it stands, and a newer one is proposed',
      { pin: pin('1.5.0'), proposed: [proposed('1.6.0', 'open', 60)] },
      { kind: 'close', open: { change: 60 }, became: { tag: '1.5.0' } },
    ],
    [
      'another one is proposed',
      { pin: pinned, proposed: [proposed('1.6.0', 'open', 60)] },
      { kind: 'revise', open: { change: 60 }, bump: { to: { tag: '1.4.2' } } },
    ],
    [
      'it is proposed because of the pin',
      { pin: pinned, proposed: [proposed('1.4.2', 'open', 100)] },
      { kind: 'none', reason: 'already-proposed', open: { change: 100 } },
    ],
    [
      'it was proposed before the pin, and its text does not say so',
      { pin: pinned, proposed: [proposed('1.4.2', 'open', 99)] },
      { kind: 'revise', open: { change: 99 }, bump: { to: { tag: '1.4.2' } } },
    ],
    [
      'its change was closed by a person',
      { pin: pinned, proposed: [proposed('1.4.2', 'closed', 101)] },
      { kind: 'none', reason: 'declined' },
    ],
    [
      'its change was withdrawn when it stood there, and it stands there no more',
      { pin: pinned, proposed: [proposed('1.4.2', 'withdrawn', 101)] },
      { kind: 'open', bump: { to: { tag: '1.4.2' } } },
    ],
    [
      'a change of that version was closed before',
      { pin: pinned, proposed: [proposed('1.4.2', 'closed', 99)] },
      { kind: 'open', bump: { to: { tag: '1.4.2' } } },
    ],
    [
      'its change was merged, and the files do not show it yet',
      { pin: pinned, proposed: [proposed('1.4.2', 'merged', 101)], awaited: proposed('1.4.2', 'merged', 101) },
      { kind: 'none', reason: 'merged' },
    ],
    [
      'its change was merged, and somebody has moved on since',
      { pin: pinned, proposed: [proposed('1.4.2', 'merged', 101)] },
      { kind: 'open', bump: { to: { tag: '1.4.2' } } },
    ],
    [
      'the version was merged long before the pin, and that is not in the files',
      { pin: pinned, proposed: [proposed('1.4.2', 'merged', 42)], awaited: proposed('1.4.2', 'merged', 42) },
      { kind: 'open', bump: { to: { tag: '1.4.2' } } },
    ],
    [
      'it was skipped before it was pinned',
      { pin: pinned, skips: [skip('1.4.2', 99)] },
      { kind: 'open', bump: { to: { tag: '1.4.2' } } },
    ],
    [
      'it was skipped after it was pinned',
      { pin: pinned, skips: [skip('1.4.2')] },
      { kind: 'none', reason: 'skipped' },
    ],
    [
      'it was skipped after it was pinned, and is proposed',
      { pin: pinned, skips: [skip('1.4.2')], proposed: [proposed('1.4.2', 'open', 100)] },
      { kind: 'close', open: { change: 100 } },
    ],
    [
      'a request asks for another version',
      { pin: pinned, request: request('1.6.0', { at: at(200) }) },
      { kind: 'open', bump: { to: { tag: '1.4.2' } } },
    ],
    [
      'a request from before it asks for another version',
      { pin: pinned, request: request('1.6.0', { at: at(99) }) },
      { kind: 'none', reason: 'fulfilled', detail: '`1.4.2` was pinned after that.' },
    ],
    [
      'it is a revert by hand, and a site has another version',
      { pin: pin('1.4.2', { origin: 'revert' }), current: [{ tag: '1.4.2' }, { tag: '1.5.0' }] },
      { kind: 'none', reason: 'pinned' },
    ],
    [
      'it is a revert by hand, and a newer one is proposed',
      { pin: pin('1.4.2', { origin: 'revert' }), proposed: [proposed('1.6.0', 'open', 60)] },
      { kind: 'close', open: { change: 60 }, became: { tag: '1.4.2' } },
    ],
    [
      'a digest is pinned',
      {
        pin: pin('latest', { version: { tag: 'latest', digest: 'sha256:old' } }),
        current: [{ tag: 'latest', digest: 'sha256:new' }],
        published: [{ tag: 'latest', digest: 'sha256:new', publishedAt: at(2) }],
      },
      { kind: 'open', bump: { to: { tag: 'latest', digest: 'sha256:old' } } },
    ],
    [
      'a tag is pinned where digests stand, and its digest is known',
      {
        pin: pinned,
        current: [{ tag: '1.5.0', digest: 'sha256:new' }],
        proposed: [
          { ...proposed('1.4.2', 'merged', 42), to: { ...version('1.4.2'), digest: 'sha256:old' } },
          proposed('1.5.0', 'merged', 50),
        ],
      },
      { kind: 'open', bump: { to: { tag: '1.4.2', digest: 'sha256:old' } } },
    ],
  ])('when %s', (_, part, expected) => {
    expect(planBump(situation(part))).toMatchObject(expected);
  });
});

describe('the plan for a version that a person asked for', () => {
  it.each<Row>([
    ['it is older', { request: request('1.4.2') }, { kind: 'open', bump: { to: { tag: '1.4.2' } } }],
    ['it is not of the policy', { request: request('test') }, { kind: 'open', bump: { to: { tag: 'test' } } }],
    [
      'it was declined before',
      { request: request('1.6.0'), proposed: [proposed('1.6.0', 'closed', 99)] },
      { kind: 'open', bump: { to: { tag: '1.6.0' } } },
    ],
    [
      'it was merged and taken back before',
      { request: request('1.6.0'), proposed: [proposed('1.6.0', 'merged', 99)] },
      { kind: 'open', bump: { to: { tag: '1.6.0' } } },
    ],
    [
      'it was skipped before',
      { request: request('1.6.0'), skips: [skip('1.6.0', 99)] },
      { kind: 'open', bump: { to: { tag: '1.6.0' } } },
    ],
    [
      'a newer one is proposed',
      { request: request('1.4.2'), proposed: [proposed('1.6.0', 'open', 60)] },
      { kind: 'revise', open: { change: 60 }, bump: { to: { tag: '1.4.2' } } },
    ],
    [
      'it is proposed, and a newer one is published',
      { request: request('1.5.1'), proposed: [proposed('1.5.1', 'open', 100)] },
      { kind: 'none', reason: 'already-proposed', open: { change: 100 } },
    ],
    ['it stands', { request: request('1.5.0') }, { kind: 'none', reason: 'fulfilled' }],
    [
      'its change was closed',
      { request: request('1.4.2'), proposed: [proposed('1.4.2', 'closed', 100)] },
      { kind: 'none', reason: 'fulfilled' },
    ],
    [
      'its change was merged, which the files may not show yet',
      { request: request('1.6.0'), proposed: [proposed('1.6.0', 'merged', 100)] },
      { kind: 'none', reason: 'fulfilled' },
    ],
    [
      'it was skipped after that',
      { request: request('1.6.0'), skips: [skip('1.6.0', 101)], proposed: [proposed('1.6.0', 'open', 100)] },
      { kind: 'none', reason: 'fulfilled' },
    ],
  ])('when %s', (_, part, expected) => {
    expect(planBump(situation(part))).toMatchObject(expected);
  });
});

describe('the plan where a version was skipped', () => {
  it.each<Row>([
    ['it is the newest', { skips: [skip('1.6.0')] }, { kind: 'none', reason: 'skipped' }],
    [
      'a newer one is published',
      { skips: [skip('1.6.0')], published: [version('1.7.0'), version('1.6.0')] },
      { kind: 'open', bump: { to: { tag: '1.7.0' } } },
    ],
    [
      'it is proposed',
      { skips: [skip('1.6.0')], proposed: [proposed('1.6.0', 'open', 60)] },
      { kind: 'close', open: { change: 60 } },
    ],
    [
      'an earlier one is proposed',
      { skips: [skip('1.6.0')], proposed: [proposed('1.5.1', 'open', 60)] },
      { kind: 'none', reason: 'skipped', open: { change: 60 } },
    ],
    [
      'an open change is left over from a pin that has ended',
      {
        policy: { kind: 'pattern', pattern: '^main-' },
        current: [{ tag: 'main-2' }],
        published: [version('main-2', 2), version('main-1', 1)],
        proposed: [proposed('main-1', 'open', 100)].map((bump) => ({ ...bump, to: version('main-1', 1) })),
      },
      { kind: 'close', open: { change: 100 } },
    ],
  ])('when %s', (_, part, expected) => {
    expect(planBump(situation(part))).toMatchObject(expected);
  });
});

describe('decisions that are in force', () => {
  const none = { pins: [], freezes: [], skips: [], requests: [] };

  it('are those of the image in the environment, and have not ended', () => {
    const other = { environment: 'staging' };
    const steering = {
      ...none,
      pins: [pin('1', { until: at(5) }), pin('2', other)],
      skips: [skip('3'), { ...skip('4'), ...other }],
      requests: [request('5', other), request('6')],
    };
    expect(steeringOf(steering, place, at(4))).toMatchObject({
      pin: { version: { tag: '1' } },
      skips: [{ version: { tag: '3' } }],
      request: { version: { tag: '6' } },
    });
    expect(steeringOf(steering, place, at(5))).not.toHaveProperty('pin');
    expect(steeringOf(steering, { ...place, environment: 'test' }, at(0))).toEqual({ skips: [] });
  });

  it('are looked at again when the first of them ends', () => {
    const freeze = { repository, by: 'ann', at: at(0), until: at(7) };
    const steering = { ...none, pins: [pin('1'), pin('2', { until: at(8) })], freezes: [freeze] };
    expect(firstEnd(steering, at(0))).toEqual(at(7));
    expect(firstEnd(steering, at(7))).toEqual(at(8));
    expect(firstEnd(steering, at(8))).toBeUndefined();
  });

  it('are named as the cause of no other version', () => {
    const [pinned, asked] = [pin('1.4.2'), request('1.6.0')];
    expect(causeOf({ pin: pinned, request: asked, skips: [] }, { tag: '1.4.2' })).toBe(pinned);
    expect(causeOf({ pin: pinned, request: asked, skips: [] }, { tag: '1.6.0' })).toBeUndefined();
    expect(causeOf({ request: asked, skips: [] }, { tag: '1.6.0' })).toBe(asked);
    expect(causeOf({ skips: [] }, { tag: '1.6.0' })).toBeUndefined();
  });
});

describe('whatever was published, proposed and stands', () => {
  const tag = fc.oneof(
    fc.tuple(fc.nat(3), fc.nat(3)).map(([minor, patch]) => `1.${minor}.${patch}`),
    fc.constantFrom('main-3f2a91c', 'main-593e9dd', '1.2.3-alpine', 'latest'),
  );
  const minute = fc.nat(200);
  const state = fc.constantFrom<ProposedBump['state']>('merged', 'closed');
  const settled = fc.array(fc.tuple(tag, state, minute), { maxLength: 4 });
  const opened = fc.option(fc.tuple(tag, minute), { nil: undefined });
  const skips = fc.array(fc.tuple(tag, minute), { maxLength: 3 });
  const asked = fc.option(fc.tuple(tag, minute), { nil: undefined });
  const policy = fc.constantFrom<BumpSituation['policy']>(
    { kind: 'same-shape' },
    { kind: 'semver', range: '>=1.1' },
    { kind: 'pattern', pattern: '^main-' },
    { kind: 'digest', tag: 'latest' },
  );
  const world = fc
    .record({
      policy,
      current: fc.array(tag, { minLength: 1, maxLength: 3 }),
      published: fc.array(fc.tuple(tag, minute), { maxLength: 6 }),
      settled,
      opened,
      skips,
      asked,
    })
    .map((parts): BumpSituation => {
      const history = parts.settled.map(([each, ended, when], index) => proposed(each, ended, when, index + 1));
      const open = parts.opened && proposed(parts.opened[0], 'open', parts.opened[1], 99);
      return situation({
        policy: parts.policy,
        current: parts.current.map((each) => ({ tag: each })),
        published: parts.published.map(([each, when]) => version(each, when)),
        proposed: open === undefined ? history : [...history, open],
        skips: parts.skips.map(([each, when]) => skip(each, when)),
        ...(parts.asked && { request: request(parts.asked[0], { at: at(parts.asked[1]) }) }),
      });
    });
  const origin = fc.constantFrom<Pin['origin']>('pin', 'rollback', 'revert');

  it('a pin lets no other version through', () => {
    fc.assert(
      fc.property(world, tag, origin, minute, (given, kept, from, when) => {
        const { target, open } = outcome(planBump({ ...given, pin: pin(kept, { origin: from, at: at(when) }) }));
        expect([kept, undefined]).toContain(target);
        expect([kept, undefined]).toContain(open);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a pin that has ended changes nothing', () => {
    fc.assert(
      fc.property(world, tag, origin, (given, kept, from) => {
        const ended = pin(kept, { origin: from, until: at(150) });
        const {
          pins,
          requests,
          skips: skipped,
        } = {
          pins: [ended],
          requests: given.request === undefined ? [] : [given.request],
          skips: given.skips,
        };
        const steering = steeringOf({ pins, requests, skips: skipped, freezes: [] }, place, at(150));
        expect(planBump({ ...given, ...steering })).toEqual(planBump(given));
      }),
    );
  });

  it('a version that was skipped is never proposed, unless a person asked for it after that', () => {
    fc.assert(
      fc.property(world, fc.option(fc.tuple(tag, minute), { nil: undefined }), (given, kept) => {
        const decided = kept && { pin: pin(kept[0], { at: at(kept[1]) }) };
        const { target, open } = outcome(planBump({ ...given, ...decided }));
        const wish = decided?.pin ?? given.request;
        for (const { version: skipped, at: since } of given.skips) {
          const isAskedLater = wish !== undefined && sameVersion(wish.version, skipped) && wish.at > since;
          if (!isAskedLater) expect([target, open]).not.toContain(skipped.tag);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('a request that is not fulfilled is what is proposed', () => {
    fc.assert(
      fc.property(world, tag, minute, (given, wanted, when) => {
        const plan = planBump({ ...given, request: request(wanted, { at: at(when) }) });
        const { target, open } = outcome(plan);
        expect(plan.kind === 'none' && plan.reason === 'fulfilled' ? wanted : (target ?? open)).toBe(wanted);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** What is proposed by a plan: written now, or left as it is. */
function outcome(plan: BumpPlan): { target?: string | undefined; open?: string | undefined } {
  if (plan.kind === 'open' || plan.kind === 'revise') return { target: plan.bump.to.tag };
  return plan.kind === 'none' ? { open: plan.open?.to.tag } : {};
}
