import { describe, expect, it } from 'vitest';
import { commitInTag } from '../../src/workflows/write-bump.ts';

const commit = '593e9100000000000000000000000000000000aa';

describe('the commit in a tag', () => {
  it.each([
    ['593e9dd', '593e910', '593e9dd'],
    ['main-3f2a91c', 'main-593e910', '3f2a91c'],
    ['main-3f2a91c-1700000000', 'main-593e910-1800000000', undefined],
    ['v1-3f2a91c-amd64', 'v1-593e910-amd64', '3f2a91c'],
    ['dev-3f2a91c', 'main-593e910', undefined],
    ['1.4.1', '1.4.2', undefined],
    ['main-3f2a91c', 'main-0000000', undefined],
    ['main-latest', 'main-593e910', undefined],
  ])('%s beside %s is %s', (tag, sample, expected) => {
    expect(commitInTag(tag, { tag: sample, commit })).toBe(expected);
  });
});
