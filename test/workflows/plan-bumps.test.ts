import { describe, expect, it } from 'vitest';
import type { ProposedBump } from '../../src/domain/bump.ts';
import { parseImageName } from '../../src/domain/image.ts';
import type { PublishedVersion } from '../../src/domain/version.ts';
import { planBump, type BumpSituation } from '../../src/workflows/plan-bumps.ts';

const image = parseImageName('ghcr.io/acme/shop');
if (image === undefined) throw new Error('unreachable');
const repository = { forge: 'github', path: 'acme/deploy' } as const;

const version = (tag: string, minute = 0): PublishedVersion => ({ tag, publishedAt: new Date(minute * 60_000) });

function proposed(tag: string, state: ProposedBump['state'], change = 1): ProposedBump {
  return {
    repository,
    environment: 'staging',
    image: image ?? expect.unreachable(),
    from: [{ tag: '1.0.0' }],
    to: version(tag),
    change,
    branch: 'tagalong/staging/acme-shop.000000',
    headCommit: 'a'.repeat(40),
    baseCommit: 'b'.repeat(40),
    state,
    history: [],
    proposedAt: new Date(0),
  };
}

function situation(part: Partial<BumpSituation>): BumpSituation {
  return {
    repository,
    environment: 'staging',
    image: image ?? expect.unreachable(),
    policy: { kind: 'same-shape' },
    current: [{ tag: '1.0.0' }],
    published: [],
    proposed: [],
    skips: [],
    ...part,
  };
}

describe('the plan for an image in an environment', () => {
  it.each<[string, Partial<BumpSituation>, object]>([
    ['nothing was published', {}, { kind: 'none', reason: 'nothing-newer' }],
    [
      'a newer version was published',
      { published: [version('1.1.0')] },
      { kind: 'open', bump: { to: { tag: '1.1.0' } } },
    ],
    [
      'several newer ones were published out of order',
      { published: [version('1.1.0', 3), version('1.3.0', 2), version('1.2.0', 1)] },
      { kind: 'open', bump: { to: { tag: '1.3.0' } } },
    ],
    ['only older ones were published', { published: [version('0.9.0')] }, { kind: 'none', reason: 'nothing-newer' }],
    [
      'the newer one is proposed already',
      { published: [version('1.1.0')], proposed: [proposed('1.1.0', 'open')] },
      { kind: 'none', reason: 'already-proposed', open: { change: 1 } },
    ],
    [
      'a still newer one is published while one is open',
      { published: [version('1.2.0'), version('1.1.0')], proposed: [proposed('1.1.0', 'open')] },
      { kind: 'revise', open: { change: 1 }, bump: { to: { tag: '1.2.0' }, from: [{ tag: '1.0.0' }] } },
    ],
    [
      'a person closed the change of that version',
      { published: [version('1.1.0')], proposed: [proposed('1.1.0', 'closed')] },
      { kind: 'none', reason: 'declined' },
    ],
    [
      'a newer one comes after a declined one',
      { published: [version('1.2.0'), version('1.1.0')], proposed: [proposed('1.1.0', 'closed')] },
      { kind: 'open', bump: { to: { tag: '1.2.0' } } },
    ],
    [
      'the version was merged and reverted by hand',
      { published: [version('1.1.0')], proposed: [proposed('1.1.0', 'merged')] },
      { kind: 'none', reason: 'merged' },
    ],
    [
      'somebody wrote the proposed version by hand',
      { current: [{ tag: '1.1.0' }], published: [version('1.1.0')], proposed: [proposed('1.1.0', 'open')] },
      { kind: 'close', open: { change: 1 } },
    ],
    [
      'somebody wrote a version beyond the proposed one by hand',
      { current: [{ tag: '1.5.0' }], published: [version('1.1.0')], proposed: [proposed('1.1.0', 'open')] },
      { kind: 'close', open: { change: 1 } },
    ],
    [
      'only one of two sites is behind',
      { current: [{ tag: '1.1.0' }, { tag: '1.0.0' }], published: [version('1.1.0')] },
      { kind: 'open', bump: { from: [{ tag: '1.1.0' }, { tag: '1.0.0' }] } },
    ],
    [
      'several sites have the same version',
      { current: [{ tag: '1.0.0' }, { tag: '1.0.0' }], published: [version('1.1.0')] },
      { kind: 'open', bump: { from: [{ tag: '1.0.0' }] } },
    ],
    [
      'the open change is for a version that the policy does not follow any more',
      {
        policy: { kind: 'semver', range: '2.x' },
        published: [version('1.1.0')],
        proposed: [proposed('1.1.0', 'open')],
      },
      { kind: 'close', open: { change: 1 } },
    ],
  ])('when %s', (_, part, expected) => {
    expect(planBump(situation(part))).toMatchObject(expected);
  });
});
