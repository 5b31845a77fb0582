import { describe, expect, it } from 'vitest';
import { contentDelta } from '../../src/workflows/content-delta.ts';

const delta = (before: string, after: string) => contentDelta(Buffer.from(before), Buffer.from(after));

describe('what differs between two versions of a file', () => {
  it.each([
    ['a value', 'a: 1\nb: 1\n', 'a: 2\nb: 1\n', 'a: 1\nb: 3\nc: 4\n', 'a: 2\nb: 3\nc: 4\n'],
    ['a value behind a comment', '# one\na: 1\n', '# two\na: 2\n', 'a: 1\n', 'a: 2 # three\n'],
    ['a value that is new', 'b: 1\n', 'a: 2\nb: 1\n', '{"c": 1}\n', '{"c": 1, "a": 2}\n'],
  ])('is the same for %s, whatever else stands there', (_what, before, after, otherBefore, otherAfter) => {
    expect(delta(before, after)).toBeDefined();
    expect(delta(otherBefore, otherAfter)).toEqual(delta(before, after));
  });

  it.each([
    ['another value', 'a: 1\n', 'a: 2\n', 'a: 1\n', 'a: 3\n'],
    ['the same at another place', 'a: 1\n', 'a: 2\n', 'b: 1\n', 'b: 2\n'],
    ['a number for a text', 'a: x\n', 'a: 2\n', 'a: x\n', 'a: "2"\n'],
  ])('is not the same for %s', (_what, before, after, otherBefore, otherAfter) => {
    expect(delta(otherBefore, otherAfter)).not.toEqual(delta(before, after));
  });

  const longKey = JSON.stringify({ ['k'.repeat(1_000_000)]: Array.from({ length: 10_000 }, (_, index) => index) });
  it.each([
    ['a template', 'a: {{ .Values.a }}\n'],
    ['a tag, which means something to whoever reads the file', 'a: !Sub x\n'],
    ['a tag in a list', 'a: [1,!Sub x]\n'],
    ['no YAML', 'a: [\n'],
    ['too many values', JSON.stringify(Array.from({ length: 50_001 }, () => 0))],
    ['a long key above many values', longKey],
    ['a long text behind many aliases', `a: &a ${'x'.repeat(1_000_000)}\nb: [${'*a, '.repeat(900)}]\n`],
    ['many folds', `a: ${'['.repeat(5_000)}${']'.repeat(5_000)}\n`],
  ])('is not told for %s', (_what, text) => {
    expect(delta('a: 1\n', text)).toBeUndefined();
  });
});
