import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changedPaths } from '../../src/cli/changed-paths.ts';
import type { Tree } from '../../src/git/git.ts';
import { memoryTree } from '../support/memory-tree.ts';

/** As of a directory on disk: no file has an object id. */
function withoutIds(tree: Tree): Tree {
  return { ...tree, list: async () => (await tree.list()).map(({ path, mode }) => ({ path, mode })) };
}

const before = {
  'same.yaml': 'a',
  'edited.yaml': 'a',
  'deleted.yaml': 'a',
  link: { linkTo: 'same.yaml' },
  'file-to-link': 'a',
};
const after = {
  'same.yaml': 'a',
  'edited.yaml': 'ä',
  'added.yaml': 'a',
  link: { linkTo: 'edited.yaml' },
  'file-to-link': { linkTo: 'a' },
};
const expected = ['added.yaml', 'deleted.yaml', 'edited.yaml', 'file-to-link', 'link'];

test.each([
  ['two commits', memoryTree(before), memoryTree(after)],
  ['a commit and a work tree', memoryTree(before), withoutIds(memoryTree(after))],
  ['two work trees', withoutIds(memoryTree(before)), withoutIds(memoryTree(after))],
])('%s', async (_name, base, head) => {
  expect(await changedPaths(base, head)).toEqual(expected);
});

test('two commits are compared without reading any file', async () => {
  const [base, head] = [memoryTree(before), memoryTree(after)];
  await changedPaths(base, head);
  expect([base.reads, head.reads]).toEqual([0, 0]);
});

test('with ids or without, the answer is the same', async () => {
  const files = fc.dictionary(fc.stringMatching(/^[a-d]$/), fc.constantFrom('1', '2', ''));
  await fc.assert(
    fc.asyncProperty(files, files, async (a, b) => {
      const known = await changedPaths(memoryTree(a), memoryTree(b));
      expect(await changedPaths(memoryTree(a), withoutIds(memoryTree(b)))).toEqual(known);
    }),
  );
});
