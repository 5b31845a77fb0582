import fc from 'fast-check';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { findSites } from '../../src/manifests/find-sites.ts';
import { planFileEdits } from '../../src/manifests/plan-file-edits.ts';
import { isSafePlain } from '../../src/manifests/scalar.ts';

describe('what YAML reads as something else is not safe without quotes', () => {
  test.each([
    '1234567',
    '0362525',
    '593e910',
    '12e4567',
    '0x12345',
    '1_000',
    '2024-11-02',
    '1.10',
    'null',
    'on',
    'yes',
    '.inf',
    '~',
    '12:30',
    '',
    'y',
    'N',
    'Off',
    'True',
    '-.INF',
    '.nan',
    '0o17',
    '0b1',
    '0B1',
    '1e5_0',
    '1__0',
    '12:30:45',
    '190:20:30.15',
    '=',
    '<<',
    '+1',
    '.5',
    '5.',
    '2024-1-2',
    '2001-12-14t21:59:43.10-05:00',
    ' a',
    'a ',
    'a: b',
    'a #b',
    '-',
    '- a',
    '?',
    '*a',
    '&a',
    '!a',
    '%a',
    '@a',
    '`a',
    '"a',
    "'a",
    '[a',
    '{a',
    '|',
    '>',
    '#a',
    'a\nb',
    'a\tb\n',
  ])('%j', (text) => {
    expect(isSafePlain(text, false)).toBe(false);
  });

  test.each([
    '593e9dd',
    '3f2a91c',
    'main-1234567',
    '1.4.2',
    'v1',
    '1.4.2-rc.1',
    '2024-11-02.3',
    'latest',
    '1234567-x',
    '0x',
    'é',
  ])('but %j is', (text) => {
    expect(isSafePlain(text, false)).toBe(true);
    expect(isSafePlain(text, true)).toBe(true);
  });
});

const first = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_');
const anyTag = fc
  .tuple(fc.constantFrom(...first), fc.array(fc.constantFrom(...first, '.', '-'), { maxLength: 127 }))
  .map(([head, tail]) => head + tail.join(''));
const hexTag = fc.stringMatching(/^[0-9a-f]{7,40}$/);
/** Tags that look like numbers, dates and times, which a plain sample of the grammar would hardly meet. */
const numberTag = fc.stringMatching(/^[0-9][0-9._]{0,5}(?:e[0-9]{1,3}|[xobXOB][0-9a-f]{1,4}|-[0-9]{1,2}-[0-9]{1,2})?$/);
const tag = fc.oneof(
  anyTag,
  hexTag,
  numberTag,
  fc.constantFrom('null', 'on', 'NO', 'y', 'true', '1_000', '0o17', '12e4567'),
);

/** Each format with its tag spelled in each style: the text before and after the tag's spelling, and how to read it back. */
const spellings: readonly (readonly [path: string, before: string, after: string, read: (data: never) => unknown])[] = [
  ['pod.yaml', 'apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: a/b:', '   # c\n    name: x\n', readImage],
  ['pod.yaml', 'apiVersion: v1\nkind: Pod\nspec: {containers: [{image: "a/b:', '"}]}\r\n', readImage],
  ['pod.json', '{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"a/b:', '"}]}}', readImage],
  ['values.yaml', 'one: {repository: a/b, tag: ', '}', (data: { one: { tag: unknown } }) => data.one.tag],
  ['values.yaml', "tag: '", "'\nrepository: a/b", (data: { tag: unknown }) => data.tag],
  ['values.yaml', 'repository: a/b\ntag: ', '\t# c\r\n', (data: { tag: unknown }) => data.tag],
  ['values.yaml', 'repository: a/b\ntag: >-\n  ', '\nx: y', (data: { tag: unknown }) => data.tag],
  [
    'kustomization.yaml',
    'images:\n- name: a/b\n  newTag: ',
    '',
    (data: { images: { newTag: unknown }[] }) => data.images[0]?.newTag,
  ],
  [
    'kustomization.yaml',
    'images: [{newTag: "',
    '", name: x, newName: a/b}]',
    (data: { images: { newTag: unknown }[] }) => data.images[0]?.newTag,
  ],
];

function readImage(data: { spec: { containers: { image: string }[] } }): unknown {
  return data.spec.containers[0]?.image.replace('a/b:', '');
}

describe('any tag, written anywhere', () => {
  test.each(spellings)('%s %j … %j', (path, before, after, read) => {
    fc.assert(
      fc.property(tag, (written) => {
        const text = `${before}old-tag${after}`;
        fc.pre(written !== 'old-tag');
        const [site] = findSites(path, text).sites;
        if (site === undefined) throw new Error('no site');
        const plan = planFileEdits(new Map([[path, text]]), [{ site, to: { tag: written } }]);
        if (!plan.ok) throw new Error(plan.detail);
        const result = plan.edits[0]?.after ?? '';

        expect(result.startsWith(before)).toBe(true);
        expect(result.endsWith(after)).toBe(true);
        const spelling = result.slice(before.length, result.length - after.length);
        expect([written, `"${written}"`]).toContain(spelling);
        for (const version of ['1.1', '1.2'] as const) expect(read(parse(result, { version }) as never)).toBe(written);
        expect(findSites(path, result).sites.map((found) => found.tag)).toEqual([written]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('any text, set anywhere', () => {
  test.each(['x', '"x"', "'x'", '', '~', '1.0 # c'])('over %j', (standing) => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (value) => {
        fc.pre(!/[{}]/.test(value) && value.isWellFormed());
        const before = 'image: a/b:1\nfield: ';
        const after = '\nlast: field\n';
        const text = before + standing + after;
        const [site] = findSites('values.yaml', text).sites;
        if (site === undefined) throw new Error('no site');
        const plan = planFileEdits(new Map([['values.yaml', text]]), [
          { site, to: { tag: '2' }, set: [{ path: 'field', value }] },
        ]);
        if (!plan.ok) throw new Error(plan.detail);
        const result = plan.edits[0]?.after ?? '';
        expect(result.endsWith((standing.includes('#') ? ' # c' : '') + after)).toBe(true);
        for (const version of ['1.1', '1.2'] as const) {
          expect(parse(result, { version })).toEqual({ image: 'a/b:2', field: value, last: 'field' });
        }
      }),
      { numRuns: 150 },
    );
  });
});
