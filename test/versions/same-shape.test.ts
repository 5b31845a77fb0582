import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PublishedVersion } from '../../src/domain/version.ts';
import { decide, type Decision } from '../../src/versions/decide.ts';

const SHA1 = '593e9dd0c0ffee0c0ffee0c0ffee0c0ffee0c0ff';
const OTHER_SHA1 = '12e4567891011121314151617181920212223242';

/** Published a day apart, in the order given. */
function publish(...tags: readonly string[]): PublishedVersion[] {
  return tags.map((tag, day) => ({ tag, publishedAt: new Date(Date.UTC(2024, 0, 1 + day)) }));
}

function follow(standing: string, ...published: readonly string[]): Decision {
  return decide({ kind: 'same-shape' }, [{ tag: standing }], publish(...published));
}

function outcome(decision: Decision): string {
  return decision.ok ? decision.to.tag : decision.reason;
}

describe('versions', () => {
  test.each([
    // standing, published oldest first, outcome
    ['1.4.2', ['1.5.0'], '1.5.0'],
    ['1.4.2', ['1.5.0', '2.0.0', '1.6.0'], '2.0.0'],
    ['1.4.9', ['1.4.10'], '1.4.10'],
    ['1.4.2', ['1.4.1'], 'backwards'],
    ['1.4.2', ['1.4.2'], 'already-current'],
    ['1.4.2', ['1.4.2', '1.4.1'], 'already-current'],
    ['v1.4.2', ['v1.5.0'], 'v1.5.0'],
    ['v1.4.2', ['1.5.0'], 'tag-not-followed'],
    ['1.4.2', ['v1.5.0'], 'tag-not-followed'],
    ['1.4', ['1.5'], '1.5'],
    ['1.4', ['1.5.0', '2'], 'tag-not-followed'],
    ['16', ['17'], '17'],
    ['16', ['17.1', '1234567', 'latest'], 'tag-not-followed'],
    ['1.2.3.4', ['1.2.3.5'], '1.2.3.5'],
    ['2024.10.11', ['2024.11.0'], '2024.11.0'],
    ['24.04', ['24.10'], '24.10'],
    ['1.4.2-alpine', ['1.5.0-alpine'], '1.5.0-alpine'],
    ['1.4.2-alpine', ['1.5.0', '1.5.0-bookworm', '1.5.0-alpine3.20'], 'tag-not-followed'],
    ['1.4.2', ['1.5.0-alpine'], 'tag-not-followed'],
    ['1.4.2-debian-12', ['1.4.3-debian-12'], '1.4.3-debian-12'],
    ['1.4.2-1', ['1.4.2-2'], '1.4.2-2'],
    ['1.4.2-1', ['1.4.2', '1.4.3'], 'tag-not-followed'],
    ['release-1.4.2', ['release-1.5.0'], 'release-1.5.0'],
    ['release-1.4.2', ['hotfix-1.5.0', '1.5.0'], 'tag-not-followed'],
    ['build-41', ['build-42'], 'build-42'],
    ['build-999999', ['build-1000000'], 'build-1000000'],
    ['pr-41', ['pr-42'], 'tag-not-followed'],
    ['1.4.2-3f2a91c', ['1.4.3-593e9dd'], '1.4.3-593e9dd'],
    ['1.4.2-3f2a91c', ['1.4.2-3f2a91c', '1.4.2-593e9dd'], '1.4.2-593e9dd'],
    ['1.4.2-3f2a91c', ['1.4.2-593e9dd', '1.4.2-3f2a91c'], 'already-current'],
    ['1.04', ['1.4'], 'backwards'],
  ])('%s, published %j: %s', (standing, published, expected) => {
    expect(outcome(follow(standing, ...published))).toBe(expected);
  });
});

describe('pre-releases', () => {
  test.each([
    ['1.4.2', ['1.5.0-rc.1', '1.5.0-beta1', '1.5.0b2', '1.5.0-SNAPSHOT'], 'tag-not-followed'],
    ['1.5.0-rc.1', ['1.5.0-rc.2'], '1.5.0-rc.2'],
    ['1.5.0-rc.9', ['1.5.0-rc.10'], '1.5.0-rc.10'],
    ['1.5.0-rc9', ['1.5.0-rc10'], '1.5.0-rc10'],
    ['1.5.0-rc.2', ['1.5.0-rc.1', '1.5.0-beta.3'], 'backwards'],
    ['1.5.0-rc.1', ['1.5.0'], '1.5.0'],
    ['1.5.0-rc.1', ['1.6.0-alpha.1'], '1.6.0-alpha.1'],
    ['1.5.0-rc.1-alpine', ['1.5.0-rc.2-alpine'], '1.5.0-rc.2-alpine'],
    ['1.5.0-rc.1-alpine', ['1.5.0-rc.2'], 'tag-not-followed'],
    ['3.13.0a1-slim', ['3.13.0b1-slim'], '3.13.0b1-slim'],
  ])('%s, published %j: %s', (standing, published, expected) => {
    expect(outcome(follow(standing, ...published))).toBe(expected);
  });
});

describe('commit hashes are ordered by their publication', () => {
  test.each([
    ['593e9dd', ['593e9dd', '0362525'], '0362525'],
    ['593e9dd', ['0362525', '593e9dd'], 'already-current'],
    ['593e9dd', ['1234567'], '1234567'],
    ['1234567', ['593e910', '12e4567'], '12e4567'],
    ['0362525', ['593e9dd'], '593e9dd'],
    ['593e9dd', ['593e9dd0'], '593e9dd0'],
    ['593e9dd', [SHA1, 'latest', '1.4.2', 'main-0362525', '593E9DE'], 'tag-not-followed'],
    ['593e9dd', ['20241102'], 'tag-not-followed'],
    [SHA1, [OTHER_SHA1], OTHER_SHA1],
    [SHA1, ['593e9dd'], 'tag-not-followed'],
    ['main-3f2a91c', ['main-593e9dd'], 'main-593e9dd'],
    ['main-3f2a91c', ['develop-593e9dd', '593e9dd', 'main', 'main-1.4.2', `main-${SHA1}`], 'tag-not-followed'],
    ['main-3f2a91c', ['main-593e9dd', 'main-3f2a91c', 'develop-593e9dd'], 'already-current'],
    ['main-3f2a91c-1730551800', ['main-593e9dd-1730551900'], 'main-593e9dd-1730551900'],
    ['release-1.4-3f2a91c', ['release-1.5-593e9dd'], 'tag-not-followed'],
    ['pr-41-3f2a91c', ['pr-42-593e9dd'], 'tag-not-followed'],
    ['sha-3f2a91c', ['sha-593e910'], 'sha-593e910'],
    ['3f2a91c-arm64', ['593e910-arm64', '593e911-amd64'], '593e910-arm64'],
  ])('%s, published %j: %s', (standing, published, expected) => {
    expect(outcome(follow(standing, ...published))).toBe(expected);
  });
});

describe('dates', () => {
  test.each([
    ['2024-11-02.3', ['2024-11-02.4'], '2024-11-02.4'],
    ['2024-11-02.9', ['2024-11-02.10'], '2024-11-02.10'],
    ['2024-11-02.3', ['2024-11-03.1'], '2024-11-03.1'],
    ['2024-11-02.3', ['2024-11-01.9'], 'backwards'],
    ['2024-11-02.3', ['2024-11-03', '20241103.1', '2024-11-03-1', 'x-2024-11-03.1'], 'tag-not-followed'],
    ['2024-11-02', ['2024-12-01', '2024-11-30'], '2024-12-01'],
    ['20241102', ['20241103', 'abcdef12'], '20241103'],
    ['20241102', ['20241399'], 'tag-not-followed'],
    ['20241102-0930', ['20241102-1530'], '20241102-1530'],
    ['20241102093000', ['20241102153000'], '20241102153000'],
    ['main-20241102', ['main-20241103'], 'main-20241103'],
    ['RELEASE.2024-11-07T00-52-20Z', ['RELEASE.2024-11-07T01-02-03Z'], 'RELEASE.2024-11-07T01-02-03Z'],
    ['2024-11-02-3f2a91c', ['2024-11-02-3f2a91c', '2024-11-02-593e9dd'], '2024-11-02-593e9dd'],
    ['2024-11-02-3f2a91c', ['2024-11-01-593e9dd'], 'backwards'],
  ])('%s, published %j: %s', (standing, published, expected) => {
    expect(outcome(follow(standing, ...published))).toBe(expected);
  });
});

describe('moving tags: the tag stays and the digest moves', () => {
  const digestOf = (digit: string) => `sha256:${digit.repeat(64)}`;
  const [old, middle, newest] = [digestOf('0'), digestOf('1'), digestOf('2')] as const;
  const at = (day: number, tag: string, digest?: string): PublishedVersion => ({
    tag,
    ...(digest !== undefined && { digest }),
    publishedAt: new Date(Date.UTC(2024, 0, day)),
  });
  const decideFor = (standing: { tag?: string; digest?: string }, ...published: PublishedVersion[]) => {
    return decide({ kind: 'same-shape' }, [standing], published);
  };

  test.each(['latest', 'main', 'edge', 'stable-alpine', '1.4.2', '3f2a91c'])('%s', (tag) => {
    expect(decideFor({ tag, digest: old }, at(2, tag, middle), at(3, tag, newest), at(1, tag, old))).toMatchObject({
      ok: true,
      to: { tag, digest: newest },
    });
    expect(decideFor({ tag, digest: newest }, at(2, tag, middle), at(3, tag, newest))).toMatchObject({
      reason: 'already-current',
    });
    expect(decideFor({ tag }, at(3, tag, newest))).toMatchObject({ reason: 'already-current' });
    expect(decideFor({ tag, digest: old }, at(3, tag))).toMatchObject({ reason: 'digest-unknown' });
  });

  test('never to another moving tag', () => {
    expect(decideFor({ tag: 'latest', digest: old }, at(3, 'main', newest))).toMatchObject({
      reason: 'tag-not-followed',
    });
  });

  test('a newer tag wins over a newer digest of the standing one', () => {
    expect(decideFor({ tag: '1.4.2', digest: old }, at(2, '1.4.2', middle), at(1, '1.4.3', newest))).toMatchObject({
      to: { tag: '1.4.3' },
    });
  });

  test('a newer tag without a digest is refused where a digest stands', () => {
    expect(decideFor({ tag: '1.4.2', digest: old }, at(1, '1.4.3'))).toMatchObject({ reason: 'digest-unknown' });
  });

  test('a digest without a tag says nothing', () => {
    expect(decideFor({ digest: old }, at(1, '1.4.3', newest))).toMatchObject({ reason: 'no-version' });
  });
});

describe('never backwards', () => {
  const version = fc
    .tuple(fc.nat(20), fc.nat(20), fc.nat(20), fc.constantFrom('', '-rc.1', '-rc.2', '-alpine', '-3f2a91c', '-593e9dd'))
    .map(([major, minor, patch, suffix]) => `${major}.${minor}.${patch}${suffix}`);
  const tag = fc.oneof(
    version,
    fc.stringMatching(/^[0-9a-f]{7,8}$/),
    fc
      .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10)),
    fc.constantFrom('latest', 'main', '16', '17', 'build-1', 'build-2'),
  );

  test('following once leads to where nothing more is to be followed, in any order of events', () => {
    fc.assert(
      fc.property(tag, fc.uniqueArray(tag, { minLength: 1, maxLength: 12 }), fc.nat(), (standing, tags, seed) => {
        const published = publish(...tags);
        const decision = decide({ kind: 'same-shape' }, [{ tag: standing }], published);
        if (!decision.ok) return;
        const shuffled = published.toSorted(
          (a, b) => ((a.publishedAt.getTime() ^ seed) % 7) - ((b.publishedAt.getTime() ^ seed) % 7),
        );
        expect(decide({ kind: 'same-shape' }, [{ tag: standing }], shuffled)).toEqual(decision);
        expect(decide({ kind: 'same-shape' }, [decision.to], published).ok).toBe(false);
      }),
    );
  });

  test('what stands there is never the way back from what it led to', () => {
    fc.assert(
      fc.property(tag, tag, (a, b) => {
        const published = publish(a, b);
        const there = decide({ kind: 'same-shape' }, [{ tag: a }], published);
        const back = decide({ kind: 'same-shape' }, [{ tag: b }], published);
        expect(there.ok && back.ok).toBe(false);
      }),
    );
  });
});

describe('the reason is told', () => {
  test.each([
    ['1.4.2', '1.4.1', '`1.4.2` stands there, and `1.4.1` is not newer.'],
    [
      '1.4.2-alpine',
      'foo',
      '`1.4.2-alpine` stands there, which is a version of 3 numbers before `-alpine`; nothing of that shape was published, only `foo`.',
    ],
    [
      '593e9dd',
      'foo',
      '`593e9dd` stands there, which is a commit hash; nothing of that shape was published, only `foo`.',
    ],
    [
      'main-593e9dd',
      'foo',
      '`main-593e9dd` stands there, which is `main-<commit>`; nothing of that shape was published, only `foo`.',
    ],
    [
      '2024-11-02.3',
      'foo',
      '`2024-11-02.3` stands there, which is a date written `YYYY-MM-DD.n`; nothing of that shape was published, only `foo`.',
    ],
    [
      'latest',
      'foo',
      '`latest` stands there, which is a moving tag, of which only the digest is followed; nothing of that shape was published, only `foo`.',
    ],
  ])('%s, published %s', (standing, published, detail) => {
    const decision = follow(standing, published);
    expect(decision.ok ? '' : decision.detail).toBe(detail);
  });

  test('nothing published, and tags that are none', () => {
    expect(outcome(follow('1.4.2'))).toBe('nothing-published');
    expect(outcome(follow('1.4.2', 'no tag', '1.5.0@x'))).toBe('nothing-published');
  });
});
