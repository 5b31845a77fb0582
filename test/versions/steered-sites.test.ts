import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TagPolicy } from '../../src/domain/policy.ts';
import type { Version } from '../../src/domain/version.ts';
import type { StandingVersion } from '../../src/versions/decide.ts';
import { isAt, steeredSites } from '../../src/versions/steered-sites.ts';

const [D1, D2] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`];
const sameShape: TagPolicy = { kind: 'same-shape' };

/** `tag`, `tag@digest` or `@digest`. */
function site(text: string): StandingVersion {
  const [tag = '', digest] = text.split('@');
  return { ...(tag !== '' && { tag }), ...(digest !== undefined && { digest }) };
}

function version(text: string): Version {
  const [tag = '', digest] = text.split('@');
  return { tag, ...(digest !== undefined && { digest }) };
}

describe('the sites that go to a version that was asked for', () => {
  it.each<[name: string, policy: TagPolicy, sites: string[], to: string, moving: string[]]>([
    ['one that is behind it', sameShape, ['1.4.1'], '1.4.2', ['1.4.1']],
    ['one that is beyond it', sameShape, ['1.5.0'], '1.4.2', ['1.5.0']],
    ['none that has it', sameShape, ['1.4.2'], '1.4.2', []],
    ['those that do not have it', sameShape, ['1.4.2', '1.5.0', '1.4.1'], '1.4.2', ['1.5.0', '1.4.1']],
    ['none of another shape beside those of its own', sameShape, ['1.27', '1.27-alpine'], '1.26', ['1.27']],
    ['none of another shape beside one that has it', sameShape, ['1.26', '1.27-alpine'], '1.26', []],
    ['a pre-release that stands', sameShape, ['1.5.0-rc.1'], '1.4.2', ['1.5.0-rc.1']],
    ['every site where none has its shape', sameShape, ['1.4.2', 'main'], 'v9', ['1.4.2', 'main']],
    ['hashes, which have no order', sameShape, ['main-3f2a91c'], 'main-593e9dd', ['main-3f2a91c']],
    ['a moving tag of another digest', sameShape, [`latest@${D1}`], `latest@${D2}`, [`latest@${D1}`]],
    ['none where only the digest is unknown', sameShape, [`1.4.2@${D1}`], '1.4.2', []],
    ['none where only the digest is not written', sameShape, ['1.4.2'], `1.4.2@${D1}`, []],
    ['one with a digest, to a version without', sameShape, [`1.5.0@${D1}`], '1.4.2', [`1.5.0@${D1}`]],
    ['one outside of the range', { kind: 'semver', range: '>=2' }, ['2.1.0'], '1.9.0', ['2.1.0']],
    ['one that the pattern does not know', { kind: 'pattern', pattern: '^main-' }, ['main-1'], 'test', ['main-1']],
    ['a tag that is followed by digest', { kind: 'digest', tag: 'latest' }, ['latest'], '1.4.2', ['latest']],
    ['a digest alone, when nothing else stands', sameShape, [`@${D1}`], `1.4.2@${D2}`, [`@${D1}`]],
    ['no site without any version', sameShape, [''], '1.4.2', []],
  ])('are %s', (_, policy, sites, to, moving) => {
    expect(steeredSites(policy, sites.map(site), version(to))).toEqual(moving.map(site));
  });

  it('are none once they have it, whatever stood there', () => {
    const tag = fc.constantFrom('1.4.2', '1.5', 'v2', '1.27-alpine', 'main-3f2a91c', 'latest', '2024-11-02', '593e9dd');
    fc.assert(
      fc.property(fc.array(tag), tag, (tags, to) => {
        const sites = tags.map((each) => ({ tag: each }));
        const moving = new Set(steeredSites(sameShape, sites, { tag: to }));
        const after = sites.map((each) => (moving.has(each) ? { tag: to } : each));
        expect(steeredSites(sameShape, after, { tag: to })).toEqual([]);
        for (const each of moving) expect(isAt(each, { tag: to })).toBe(false);
      }),
    );
  });
});
