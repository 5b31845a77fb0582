import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCollection, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { diffLines } from '../../src/diff/lines.ts';
import { printResource } from '../../src/diff/print.ts';
import { pathsAbove } from '../../src/diff/section.ts';

const DEPLOYMENT = {
  kind: 'Deployment',
  spec: {
    replicas: 2,
    template: {
      spec: {
        containers: [
          { envFrom: [{ configMapRef: { name: 'env' } }], image: 'shop:1', name: 'shop' },
          { args: ['one', 'two'], name: 'side' },
        ],
      },
    },
  },
  data: { 'run.sh': 'if true:\n  a:\n\n    b: c\n', last: '1' },
};

describe('the keys above a line', () => {
  const text = printResource(DEPLOYMENT);

  test.each([
    ['kind:', ''],
    ['replicas:', 'spec'],
    ['- envFrom:', 'spec.template.spec.containers'],
    ['- configMapRef:', 'spec.template.spec.containers.envFrom'],
    ['name: env', 'spec.template.spec.containers.envFrom.configMapRef'],
    ['image:', 'spec.template.spec.containers'],
    ['- two', 'spec.template.spec.containers.args'],
    ['name: side', 'spec.template.spec.containers'],
    ['if true:', 'data.run.sh'],
    ['b: c', 'data.run.sh'],
    ['last:', 'data'],
  ])('%s', (start, path) => {
    const line = text.split('\n').findIndex((each) => each.trim().startsWith(start));
    expect(pathsAbove(text)[line]?.join('.')).toBe(path);
  });

  test('of whatever resource are those that a YAML parser sees', () => {
    const key = fc.oneof(
      fc.constantFrom('spec', 'a.b/c', 'run.sh', '- x', 'a: b', '"q"', 'on', '1', '#', '?'),
      fc.string({ minLength: 1, maxLength: 8 }),
    );
    const leaf = fc.oneof(
      fc.constantFrom(
        'a:\n  b: |\n    c:\n',
        '- a:\n\n\n- b',
        ' a:\n b:',
        'a: b',
        '',
        'x\n',
        '\ta:\n\tb: c\n',
        '# a:\nb:',
      ),
      fc.lorem({ mode: 'sentences', maxCount: 9 }),
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.constant({}),
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 4 }), (object) => {
        const printed = printResource(object);
        const paths = pathsAbove(printed);
        for (const [line, path] of parsedPaths(printed)) expect(paths[line], printed).toEqual(path);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the text after a hunk', () => {
  const hunks = (before: object, after: object): string[] =>
    (diffLines(printResource({ ...before }), printResource({ ...after })).patch ?? '')
      .split('\n')
      .filter((line) => line.startsWith('@@'));

  test('is the path of its first changed line, and nothing at the top', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`k${index}`, index]));
    expect(hunks({ a: 1, many, spec: { x: { y: 1 } } }, { a: 2, many, spec: { x: { y: 2 } } })).toEqual([
      '@@ -1,4 +1,4 @@',
      '@@ -22,4 +22,4 @@ spec.x',
    ]);
  });

  test('of lines that are only added is the path in the new text', () => {
    expect(hunks({ a: { b: 1 } }, { a: { b: 1, c: { d: 1 } }, e: 1 })).toEqual(['@@ -1,2 +1,5 @@ a']);
  });

  test('of a path that is too long is its end', () => {
    const deep = (value: number): object =>
      Array.from({ length: 30 }).reduce<object>((inner, _, index) => ({ [`level-${index}`]: inner }), { value });
    const [hunk = ''] = hunks(deep(1), deep(2));
    expect(hunk).toMatch(/^@@ \S+ \S+ @@ ….{100}$/);
    expect(hunk).toMatch(/\.level-1\.level-0$/);
  });
});

/** By line, the keys above the first key or item that starts there, as the parser sees them. */
function parsedPaths(text: string): Map<number, string[]> {
  const lines = new LineCounter();
  const found = new Map<number, string[]>();
  visit(parseDocument(text, { lineCounter: lines, version: '1.1', keepSourceTokens: true }), {
    Scalar(_key, node, ancestors) {
      const [start, end] = node.range ?? [0, 0];
      const above = ancestors.flatMap((each) => (isPair(each) && each.key !== node ? [keyText(each.key)] : []));
      const line = lines.linePos(start).line - 1;
      if (!found.has(line)) found.set(line, above);
      const last = lines.linePos(Math.max(start, end - 1)).line - 1;
      for (let inside = line + 1; inside <= last; inside += 1) found.set(inside, above);
    },
  });
  return found;

  function keyText(key: unknown): string {
    if (!isScalar(key) || isCollection(key)) return '';
    const [start, end] = key.range ?? [0, 0];
    return text.slice(start, end);
  }
}
