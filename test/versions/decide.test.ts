import { describe, expect, test } from 'vitest';
import type { TagPolicy } from '../../src/domain/policy.ts';
import type { PublishedVersion } from '../../src/domain/version.ts';
import { decide, decideSites } from '../../src/versions/decide.ts';

const OLD = `sha256:${'0'.repeat(64)}`;
const NEW = `sha256:${'1'.repeat(64)}`;

/** Published a day apart, in the order given. */
function publish(...tags: readonly string[]): PublishedVersion[] {
  return tags.map((tag, day) => ({ tag, publishedAt: new Date(Date.UTC(2024, 0, 1 + day)) }));
}

function outcome(policy: TagPolicy, standing: string, published: readonly string[]): string {
  const decision = decide(policy, [{ tag: standing }], publish(...published));
  return decision.ok ? decision.to.tag : decision.reason;
}

describe('semver', () => {
  test.each([
    ['>=1.0.0', '1.4.2', ['1.5.0', '2.0.0', '1.9.0'], '2.0.0'],
    ['^1.4.0', '1.4.2', ['1.5.0', '2.0.0'], '1.5.0'],
    ['~1.4', '1.4.2', ['1.5.0'], 'tag-not-followed'],
    ['^1.4.0', '1.4.2', ['1.4.1'], 'backwards'],
    ['^1.4.0', '1.4.2', ['1.4.2'], 'already-current'],
    ['<2', '2.1.0', ['1.9.0'], 'backwards'],
    ['>=1.0.0', '1.4.2', ['1.5.0-rc.1'], 'tag-not-followed'],
    ['>=1.5.0-rc.0', '1.4.2', ['1.5.0-rc.1'], '1.5.0-rc.1'],
    ['>=1.5.0-rc.0', '1.5.0-rc.9', ['1.5.0-rc.10'], '1.5.0-rc.10'],
    ['>=1.0.0', 'v1.4.2', ['v1.5.0', '1.6.0'], 'v1.5.0'],
    ['>=1.0.0', '1.4.2-alpine', ['1.5.0-alpine', '1.6.0'], '1.5.0-alpine'],
    ['>=1.0.0', '1.4', ['1.5', '1.6.0'], '1.5'],
    ['>=1.0.0', 'latest', ['1.5.0', '1.4.0', '1.6.0-alpine', '2'], '1.5.0'],
    ['>=1.0.0', '3f2a91c', ['v1.5.0'], 'v1.5.0'],
    ['>=1.0.0', '1.2.3.4', ['1.2.3.5'], 'tag-not-followed'],
    ['nonsense', '1.4.2', ['1.5.0'], 'policy-invalid'],
  ])('%s: %s, published %j: %s', (range, standing, published, expected) => {
    expect(outcome({ kind: 'semver', range }, standing, published)).toBe(expected);
  });
});

describe('pattern', () => {
  test.each([
    ['^main-[0-9a-f]{7,40}$', 'main-3f2a91c', ['main-593e9dd', 'main-1234567', 'develop-593e9dd'], 'main-1234567'],
    ['^main-[0-9a-f]{7,40}$', 'main-3f2a91c', ['main-593e9dd', 'main-3f2a91c'], 'already-current'],
    ['^main-', 'develop-1', ['main-2'], 'main-2'],
    ['^main-[0-9a-f]{7,40}$', 'main-3f2a91c', ['main-593e9dd-dirty', 'latest'], 'tag-not-followed'],
    ['(?<sha>[0-9a-f]{7})', 'x', ['y-593e9dd-z'], 'y-593e9dd-z'],
    ['(', '1', ['2'], 'policy-invalid'],
    ['(?=look-ahead)', '1', ['2'], 'policy-invalid'],
  ])('%s: %s, published %j: %s', (pattern, standing, published, expected) => {
    expect(outcome({ kind: 'pattern', pattern }, standing, published)).toBe(expected);
  });

  test('a pattern that would take a backtracking engine for ever is answered', () => {
    const longest = `${'a'.repeat(127)}-`;
    expect(outcome({ kind: 'pattern', pattern: '^(((a+)+)+)+$' }, 'b', [longest])).toBe('tag-not-followed');
  });
});

describe('digest', () => {
  const policy: TagPolicy = { kind: 'digest', tag: 'latest' };
  const published: PublishedVersion[] = [
    { tag: 'latest', digest: OLD, publishedAt: new Date(1) },
    { tag: 'latest', digest: NEW, publishedAt: new Date(2) },
    { tag: 'edge', digest: OLD, publishedAt: new Date(3) },
  ];

  test.each([
    [{ tag: 'latest', digest: OLD }, NEW],
    [{ digest: OLD }, NEW],
    [{ tag: 'latest', digest: NEW }, 'already-current'],
    [{ tag: 'latest' }, 'already-current'],
    [{ tag: 'edge', digest: OLD }, 'tag-not-followed'],
  ])('%j → %s', (standing, expected) => {
    const decision = decide(policy, [standing], published);
    expect(decision.ok ? decision.to.digest : decision.reason).toBe(expected);
  });
});

describe('several sites', () => {
  const sameShape: TagPolicy = { kind: 'same-shape' };

  test('those that are behind decide', () => {
    const published = publish('1.4.2', '1.5.0');
    expect(decide(sameShape, [{ tag: '1.5.0' }, { tag: '1.4.2' }], published)).toMatchObject({ to: { tag: '1.5.0' } });
  });

  test('where all stay, being current says most', () => {
    expect(decide(sameShape, [{ tag: 'x' }, { tag: '1.5.0' }], publish('1.5.0'))).toMatchObject({
      reason: 'already-current',
    });
    expect(decide(sameShape, [{ tag: 'x' }, { tag: 'y' }], publish('1.5.0'))).toMatchObject({
      reason: 'tag-not-followed',
    });
    expect(decide(sameShape, [], publish('1.5.0'))).toMatchObject({ reason: 'no-version' });
  });

  test('of different targets, the one published last', () => {
    const sites = [{ tag: '1.4.2' }, { tag: '1.4.2-alpine' }];
    expect(decide(sameShape, sites, publish('1.5.0', '1.5.0-alpine'))).toMatchObject({ to: { tag: '1.5.0-alpine' } });
    expect(decide(sameShape, sites, publish('1.5.0-alpine', '1.5.0'))).toMatchObject({ to: { tag: '1.5.0' } });
  });

  test('each by itself, grouped by where they go', () => {
    const published = publish('1.5.0', '1.5.0-alpine');
    const [plain, alpine] = published;
    const [a, b, c, d] = [{ tag: '1.4.2' }, { tag: '1.4.1-alpine' }, { tag: '1.4.0' }, { tag: 'latest' }];
    expect(decideSites(sameShape, [a, b, c, d], published)).toMatchObject({
      moves: [
        { to: plain, sites: [a, c] },
        { to: alpine, sites: [b] },
      ],
      stays: [{ site: d, decision: { ok: false, reason: 'tag-not-followed' } }],
    });
  });
});
