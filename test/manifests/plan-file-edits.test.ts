import { describe, expect, test } from 'vitest';
import type { SetField } from '../../src/domain/policy.ts';
import type { Version } from '../../src/domain/version.ts';
import { findSites } from '../../src/manifests/find-sites.ts';
import { planFileEdits, type FilePlan } from '../../src/manifests/plan-file-edits.ts';
import type { TemplateValues } from '../../src/manifests/template.ts';

const OLD = `sha256:${'0'.repeat(64)}`;
const NEW = `sha256:${'1'.repeat(64)}`;

interface Wanted {
  /** Only sites of this image; all when left out. */
  readonly image?: string;
  readonly set?: readonly SetField[];
  readonly values?: Pick<TemplateValues, 'commit' | 'branch' | 'date'>;
}

function plan(
  text: string,
  to: Version,
  { image, set = [], values = {} }: Wanted = {},
  path = 'values.yaml',
): FilePlan {
  const { sites } = findSites(path, text);
  const wanted = sites.filter((site) => image === undefined || site.image === image);
  return planFileEdits(
    new Map([[path, text]]),
    wanted.map((site) => ({ site, to, set, values })),
  );
}

function edited(text: string, to: Version, wanted?: Wanted, path?: string): string {
  const result = plan(text, to, wanted, path);
  if (!result.ok) throw new Error(`${result.reason}: ${result.detail}`);
  return result.edits[0]?.after ?? text;
}

describe('digests', () => {
  test.each([
    ['moves together with the tag', `image: a/b:1@${OLD}\n`, { tag: '2', digest: NEW }, `image: a/b:2@${NEW}\n`],
    ['moves alone', `image: a/b@${OLD}\n`, { tag: '2', digest: NEW }, `image: a/b@${NEW}\n`],
    ['is not added', 'image: a/b:1\n', { tag: '2', digest: NEW }, 'image: a/b:2\n'],
    [
      'in a field of its own',
      `repository: a/b\ntag: 1.0\ndigest: ${OLD}\n`,
      { tag: '1.1', digest: NEW },
      `repository: a/b\ntag: "1.1"\ndigest: ${NEW}\n`,
    ],
    [
      'within a quoted tag',
      `repository: a/b\ntag: '1.0@${OLD}'\n`,
      { tag: '1.1', digest: NEW },
      `repository: a/b\ntag: '1.1@${NEW}'\n`,
    ],
  ])('%s', (_, before, to, after) => {
    expect(edited(before, to)).toBe(after);
  });

  test('one that stands, and none known, is refused: the old one would win', () => {
    expect(plan(`image: a/b:1@${OLD}\n`, { tag: '2' })).toMatchObject({ ok: false, reason: 'digest-unknown' });
  });
});

describe('the result as data', () => {
  test('tells what changed, from what, to what', () => {
    const text = `image: a/b:1@${OLD}\nlabels: {commit: abc, same: x}\n`;
    const set = [
      { path: 'labels.commit', value: '{commit.short}' },
      { path: 'labels.same', value: 'x' },
      { path: 'labels.none', value: 'x' },
    ];
    const result = plan(text, { tag: '2', digest: NEW }, { set, values: { commit: '3f2a91c0ffee' } });
    expect(result).toMatchObject({
      ok: true,
      edits: [{ path: 'values.yaml', before: text }],
      changes: [{ site: { line: 1 }, from: { tag: '1', digest: OLD }, to: { tag: '2', digest: NEW } }],
      setChanges: [{ document: 0, pointer: ['labels', 'commit'], line: 2, from: 'abc', to: '3f2a91c' }],
      unmatchedSet: [{ path: 'labels.none', value: 'x' }],
    });
  });

  test('a version that stands there already changes nothing and sets nothing', () => {
    const set = [{ path: 'labels.commit', value: '{commit}' }];
    expect(plan('image: a/b:1\nlabels: {commit: x}\n', { tag: '1', digest: NEW }, { set })).toEqual({
      ok: true,
      edits: [],
      changes: [],
      setChanges: [],
      unmatchedSet: [],
    });
  });

  test('several files and documents at once', () => {
    const files = new Map([
      ['a.yaml', 'image: a/b:1\n---\nimage: a/b:1\n'],
      ['b.yaml', 'image: a/b:1'],
      ['c.yaml', 'image: a/c:1'],
    ]);
    const sites = [...files].flatMap(([path, text]) => findSites(path, text).sites);
    const wanted = sites.filter(({ image }) => image === 'docker.io/a/b');
    const result = planFileEdits(
      files,
      wanted.map((site) => ({ site, to: { tag: '2' } })),
    );
    expect(result.ok && result.edits.map(({ path, after }) => [path, after])).toEqual([
      ['a.yaml', 'image: a/b:2\n---\nimage: a/b:2\n'],
      ['b.yaml', 'image: a/b:2'],
    ]);
  });
});

describe('refusals write nothing', () => {
  const set = (path: string, value: string): Wanted => ({ set: [{ path, value }] });

  test.each<[name: string, text: string, wanted: Wanted, reason: string, detail: string]>([
    [
      'a placeholder that is none',
      'image: a/b:1\nx: y\n',
      set('nowhere', '{sha}'),
      'placeholder-unknown',
      '`{sha}` is no placeholder',
    ],
    [
      'a value that is not known',
      'image: a/b:1\nx: y\n',
      set('x', '{commit}'),
      'value-unknown',
      '`{commit}` is not known',
    ],
    [
      'a field that is a mapping',
      'image: a/b:1\nx: {y: z}\n',
      set('x', 'v'),
      'set-field-not-scalar',
      '`x` is to be set',
    ],
    ['a number by an explicit tag', 'image: a/b:1\nx: !!int 5\n', set('x', 'v'), 'not-writable', '`x` is spelled'],
    [
      'a field over the version itself',
      'image: a/b:1\n',
      set('image', 'a/b:9'),
      'conflicting-edits',
      'Two different texts',
    ],
    [
      'a field that names another image',
      'repository: a/b\ntag: x1\n',
      set('repository', 'a/c'),
      'not-writable',
      'would not read back',
    ],
    [
      'a version shared with another image',
      'v: &v {tag: 1}\na: {repository: a/b, <<: *v}\nb: {repository: a/c, <<: *v}\n',
      { image: 'docker.io/a/b' },
      'shared-value',
      'shared with `a/c`',
    ],
    [
      'a folded text over several lines',
      'image: a/b:1\nx: |\n  one\n  two\n',
      set('x', 'v'),
      'not-writable',
      '`x` is spelled',
    ],
  ])('%s', (_, text, wanted, reason, detail) => {
    const result = plan(text, { tag: '2' }, wanted);
    expect(result).toMatchObject({ ok: false, reason, detail: expect.stringContaining(detail) as string });
  });

  test('a text other than the one in which the site was found', () => {
    const [site] = findSites('values.yaml', 'image: a/b:1\n').sites;
    if (site === undefined) throw new Error('no site');
    const wanted = [{ site, to: { tag: '2' } }];
    expect(planFileEdits(new Map([['values.yaml', 'x: y\nimage: a/b:1\n']]), wanted)).toMatchObject({
      reason: 'file-changed',
    });
    expect(planFileEdits(new Map(), wanted)).toMatchObject({ ok: false, reason: 'file-changed' });
  });

  test('a site without a version', () => {
    const text = 'repository: a/b\ntag: ""\n';
    expect(plan(text, { tag: '2' })).toMatchObject({ ok: false, reason: 'not-writable' });
  });
});

describe('a version shared by an anchor', () => {
  test('moves once, where all images that share it move', () => {
    const text = 'v: &v 1.0.0\na: {repository: a/b, tag: *v}\nb: {repository: a/c, tag: *v}\n';
    expect(edited(text, { tag: '1.0.1' })).toBe(text.replace('1.0.0', '1.0.1'));
  });

  test('moves also where a set field is the same scalar and wants the same', () => {
    const text = 'x: {image: {repository: a/b, tag: &v v1}, labels: {version: *v}}\n';
    expect(edited(text, { tag: 'v2' }, { set: [{ path: 'labels.version', value: '{tag}' }] })).toBe(
      text.replace('v1', 'v2'),
    );
  });
});

describe('quotes', () => {
  test.each([
    ['stay where they stand', "tag: '1'\nrepository: a/b\n", '2', "tag: '2'\nrepository: a/b\n"],
    ['stay where they are not needed', 'tag: "1"\nrepository: a/b\n', 'v2', 'tag: "v2"\nrepository: a/b\n'],
    ['are not added without need', 'tag: v1\nrepository: "a/b"\n', 'v2', 'tag: v2\nrepository: "a/b"\n'],
    [
      'are those of the siblings',
      'tag: v1\nrepository: \'a/b\'\nx: {y: "1", z: "2"}\n',
      '2',
      'tag: \'2\'\nrepository: \'a/b\'\nx: {y: "1", z: "2"}\n',
    ],
    [
      'are those of the document',
      "tag: v1\nrepository: a/b\nx: ['1', '2', \"3\"]\n",
      '2',
      "tag: '2'\nrepository: a/b\nx: ['1', '2', \"3\"]\n",
    ],
    ['are double in doubt', 'tag: v1\nrepository: a/b\n', '2', 'tag: "2"\nrepository: a/b\n'],
    ['go around a whole reference that reads as a time', 'image: 10:v1\n', '30', 'image: "10:30"\n'],
    ['and escapes within a reference stay', 'image: "a\\u002fb:1"\n', '30', 'image: "a\\u002fb:30"\n'],
    ['a block scalar needs none', 'image: |-\n  a/b:v1 \n'.replace(' \n', '\n'), '30', 'image: |-\n  a/b:30\n'],
  ])('%s', (_, before, tag, after) => {
    expect(edited(before, { tag })).toBe(after);
  });
});

describe('set', () => {
  const labels = (commit: string) => `metadata: {labels: {commit: ${commit}}}\n`;

  test('writes only within the documents whose version moves', () => {
    const text = `image: a/b:1\n${labels('x')}---\nimage: a/c:1\n${labels('x')}`;
    const after = `image: a/b:2\n${labels('z')}---\nimage: a/c:1\n${labels('x')}`;
    expect(edited(text, { tag: '2' }, { image: 'docker.io/a/b', set: [{ path: 'labels.commit', value: 'z' }] })).toBe(
      after,
    );
  });

  test('may move other versions along', () => {
    const text = 'web: {repository: a/b, tag: v1}\nworker: {repository: a/c, tag: v1}\n';
    const wanted = { image: 'docker.io/a/b', set: [{ path: 'worker.tag', value: '{tag}' }] };
    expect(edited(text, { tag: 'v2' }, wanted)).toBe(text.replaceAll('v1', 'v2'));
  });

  test.each([
    ['plain', 'x', 'with: colon', '"with: colon"'],
    ['plain', 'x', 'a #b', '"a #b"'],
    ['plain', 'x', ' padded', '" padded"'],
    ['plain', 'x', '', '""'],
    ['plain', 'x', 'say "hi"', 'say "hi"'],
    ['plain', 'x', '"hi"', String.raw`"\"hi\""`],
    ['single', "'x'", "it's", "'it''s'"],
    ['single', "'x'", 'two\nlines', String.raw`"two\nlines"`],
    ['double', '"x"', 'back\\slash', String.raw`"back\\slash"`],
    ['double', String.raw`"\x41"`, 'A', String.raw`"\x41"`],
    ['flow', '[x]', 'a, b', undefined],
  ])('%s %s → %j', (_, standing, value, written) => {
    const text = `image: a/b:1\nfield: ${standing}\n`;
    const result = plan(text, { tag: '2' }, { set: [{ path: 'field', value }] });
    if (written === undefined) expect(result).toMatchObject({ reason: 'set-field-not-scalar' });
    else expect(result.ok && result.edits[0]?.after).toBe(`image: a/b:2\nfield: ${written}\n`);
  });

  test('a comma is quoted within braces alone', () => {
    const set = [{ path: 'field', value: 'a, b' }];
    expect(edited('image: a/b:1\nfield: x\n', { tag: '2' }, { set })).toContain('field: a, b\n');
    expect(edited('image: a/b:1\nin: {field: x}\n', { tag: '2' }, { set })).toContain('{field: "a, b"}\n');
  });
});
