import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesPath } from '../../src/config/glob.ts';
import { BatchParser, type GitObject } from '../../src/git/batch-output.ts';
import { Gate } from '../../src/git/gate.ts';
import { MAX_OBJECT_BYTES } from '../../src/git/object-reader.ts';
import { parseTree } from '../../src/git/tree-objects.ts';
import { compareTrees, findPaths, listFiles, type TreeLookup } from '../../src/git/walk.ts';
import { isSafePath } from '../../src/git/write-out.ts';

describe('the output of cat-file', () => {
  const oid = 'a'.repeat(40);
  const object = fc.option(fc.uint8Array({ maxLength: 200 }), { nil: undefined });
  const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 });

  it('is cut into the same objects, in whatever pieces it arrives', () => {
    fc.assert(
      fc.property(fc.array(object), cuts, (objects, sizes) => {
        const output = Buffer.concat(
          objects.map((bytes) =>
            bytes === undefined
              ? Buffer.from(`${oid} missing\n`)
              : Buffer.concat([Buffer.from(`${oid} blob ${bytes.length}\n`), bytes, Buffer.from('\n')]),
          ),
        );
        const parsed = parseInPieces(output, sizes, MAX_OBJECT_BYTES);
        expect(parsed.map((one) => one?.bytes)).toEqual(objects.map((bytes) => bytes && Buffer.from(bytes)));
      }),
    );
  });

  it('tells an object that is too large without its bytes, and goes on', () => {
    const output = Buffer.from(`${oid} blob 6\n123456\n${oid} blob 5\n12345\n${oid} tree 0\n\n`);
    expect(parseInPieces(output, [7], 5)).toEqual([
      { type: 'blob', size: 6 },
      { type: 'blob', size: 5, bytes: Buffer.from('12345') },
      { type: 'tree', size: 0, bytes: Buffer.alloc(0) },
    ]);
  });

  function parseInPieces(output: Buffer, sizes: readonly number[], limit: number): (GitObject | undefined)[] {
    const parsed: (GitObject | undefined)[] = [];
    const parser = new BatchParser(
      (size) => size <= limit,
      (one) => parsed.push(one),
    );
    for (let at = 0, turn = 0; at < output.length; turn += 1) {
      const size = sizes[turn % sizes.length] ?? 1;
      parser.push(output.subarray(at, at + size));
      at += size;
    }
    return parsed;
  }
});

describe('a tree object', () => {
  it('is read with old spellings of modes', () => {
    const line = (mode: string, name: string) =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.alloc(20, 0xab)]);
    const bytes = Buffer.concat([
      line('040000', 'a b'),
      line('100664', 'c\n'),
      line('100775', 'ü'),
      line('160000', 's'),
    ]);
    expect(parseTree(bytes, 20)).toEqual([
      { mode: '40000', name: 'a b', oid: 'ab'.repeat(20) },
      { mode: '100644', name: 'c\n', oid: 'ab'.repeat(20) },
      { mode: '100755', name: 'ü', oid: 'ab'.repeat(20) },
      { mode: '160000', name: 's', oid: 'ab'.repeat(20) },
    ]);
    expect(() => parseTree(bytes.subarray(0, -1), 20)).toThrow('cut short');
  });

  describe('of names that are not UTF-8', () => {
    const line = (name: string | Buffer) =>
      Buffer.concat([Buffer.from('100644 '), Buffer.from(name), Buffer.from([0]), Buffer.alloc(20, 0xab)]);
    const namesOf = (...names: (string | Buffer)[]) =>
      parseTree(Buffer.concat(names.map(line)), 20).map(({ name }) => name);
    const bytes = (...rest: number[]) => Buffer.from([0x61, ...rest]);

    it('has one of its own for each, which nobody can give to another file', () => {
      const names = namesOf(bytes(0xfe), bytes(0xff), 'a\ufffd');
      expect(new Set([...names, ...namesOf(...names)])).toHaveProperty('size', 6);
    });

    it.each([
      ['*', bytes(0xff)],
      ['*.yaml', Buffer.concat([bytes(0xff), Buffer.from('.yaml')])],
      ['a*', bytes(0xff)],
      ['.*', Buffer.concat([Buffer.from('.'), bytes(0xff)])],
    ])('has one in the same folder that matches %s as well', (glob, name) => {
      const [found = ''] = namesOf(name);
      expect(matchesPath([`apps/${glob}`], `apps/${found}`)).toBe(true);
    });
  });

  it.each([
    ['that is moved on', { mode: '160000', oid: 'b' }, 'modified'],
    ['that becomes a file', { mode: '100644', oid: 'b' }, 'modified'],
    ['that becomes a folder', { mode: '40000', oid: 'empty' }, 'deleted'],
    ['that is taken away', undefined, 'deleted'],
  ])('tells a submodule %s as a changed path', async (_what, after, status) => {
    const trees = new Map([
      ['before', [{ mode: '160000', name: 's', oid: 'a' }]],
      ['after', after === undefined ? [] : [{ name: 's', ...after }]],
      ['empty', []],
    ]);
    const lookup: TreeLookup = (oids) => Promise.resolve(new Map(oids.map((oid) => [oid, trees.get(oid) ?? []])));
    expect(await compareTrees(lookup, 'before', 'after')).toEqual([{ path: 's', status }]);
  });

  it('that names more files than fit into memory is refused, however small it is', async () => {
    // Ten levels of ten equal folders: ten thousand million files in ten objects.
    const bomb: TreeLookup = (oids) =>
      Promise.resolve(
        new Map(
          oids.map((oid) => {
            const level = Number(oid);
            const mode = level < 10 ? '40000' : '100644';
            return [oid, Array.from({ length: 10 }, (_, index) => ({ mode, name: `${index}`, oid: `${level + 1}` }))];
          }),
        ),
      );
    await expect(listFiles(bomb, '1')).rejects.toMatchObject({ code: 'git-failed' });
    const found = await findPaths(bomb, '1', ['0/1/2', '0/1/x', '', 'x']);
    expect(found.map(({ path }) => path).sort()).toEqual(['', '0/1/2']);
  });

  it('that has no end is refused', async () => {
    const endless: TreeLookup = (oids) =>
      Promise.resolve(new Map(oids.map((oid) => [oid, [{ mode: '40000', name: 'd', oid: `${Number(oid) + 1}` }]])));
    await expect(listFiles(endless, '1')).rejects.toMatchObject({ code: 'git-failed' });
  });
});

describe('a path', () => {
  it.each(['a', 'a/b.yaml', '.github/x', '.gitignore', 'a b/c\nd', '...', 'git', '..a', 'x.git'])(
    '%j is written',
    (path) => {
      expect(isSafePath(path)).toBe(true);
    },
  );

  it.each([
    '',
    '/',
    '/a',
    'a//b',
    '.',
    'a/.',
    '..',
    'a/../b',
    '.git',
    'a/.GIT/config',
    '.git/hooks',
    '.Git ',
    '.git.',
    '.git::$INDEX_ALLOCATION',
    'git~1',
    'GIT~1/x',
    '.g\u200cit/config',
    'a\\b',
    'a\0b',
  ])('%j is not', (path) => {
    expect(isSafePath(path)).toBe(false);
  });
});

describe('a gate', () => {
  it('never lets anyone in beside one who is alone, and lets everybody in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 30 }), fc.scheduler(), async (kinds, scheduler) => {
        const gate = new Gate();
        let [inside, alone] = [0, 0];
        const enter = (isAlone: boolean) => async (): Promise<void> => {
          inside += 1;
          if (isAlone) alone += 1;
          expect(alone === 0 || inside === 1).toBe(true);
          await scheduler.schedule(Promise.resolve());
          inside -= 1;
          if (isAlone) alone -= 1;
        };
        const passing = kinds.map((isAlone) => (isAlone ? gate.exclusive(enter(true)) : gate.shared(enter(false))));
        await scheduler.waitFor(Promise.all(passing));
        expect(gate.isIdle).toBe(true);
      }),
    );
  });

  it('opens again after a failure', async () => {
    const gate = new Gate();
    await expect(gate.exclusive(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await gate.shared(() => Promise.resolve('in'))).toBe('in');
  });
});
