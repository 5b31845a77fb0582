import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseImageName } from '../../src/domain/image.ts';
import { findSites } from '../../src/manifests/find-sites.ts';
import { planFileEdits } from '../../src/manifests/plan-file-edits.ts';
import { decodeText } from '../../src/manifests/text.ts';
import { decideSites } from '../../src/versions/decide.ts';

const root = path.resolve(import.meta.dirname, '../golden/manifests');

/** What is bumped, and every place where a byte may differ: one-based lines and columns of the text. */
const caseSchema = z.strictObject({
  image: z.string(),
  tags: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('same-shape') }),
      z.strictObject({ kind: z.literal('digest'), tag: z.string() }),
    ])
    .default({ kind: 'same-shape' }),
  to: z.object({ tag: z.string(), digest: z.string().exactOptional() }),
  set: z.array(z.object({ path: z.string(), value: z.string() })).default([]),
  values: z
    .object({
      commit: z.string().exactOptional(),
      branch: z.string().exactOptional(),
      date: z.string().exactOptional(),
    })
    .default({}),
  changes: z.record(
    z.string(),
    z.array(z.object({ line: z.number(), column: z.number(), before: z.string(), after: z.string() })),
  ),
});

const cases = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe.each(cases)('%s', (name) => {
  const golden = caseSchema.parse(JSON.parse(readFileSync(path.join(root, name, 'case.json'), 'utf8')));
  const before = readFolder(path.join(root, name, 'before'));
  const after = readFolder(path.join(root, name, 'after'));

  test('the golden files differ in the listed places alone', () => {
    expect([...after.keys()]).toEqual(Object.keys(golden.changes).sort());
    for (const [file, changes] of Object.entries(golden.changes)) {
      expect(applied(before.get(file) ?? '', changes)).toBe(after.get(file));
    }
  });

  test('the plan makes the golden files, and touches no other', () => {
    const image = parseImageName(golden.image);
    const sites = [...before].flatMap(([file, text]) => findSites(file, text).sites.filter((s) => s.image === image));
    const { moves } = decideSites(golden.tags, sites, [{ ...golden.to, publishedAt: new Date(0) }]);
    const plan = planFileEdits(
      before,
      moves.flatMap(({ to, sites }) => sites.map((site) => ({ site, to, set: golden.set, values: golden.values }))),
    );
    if (!plan.ok) throw new Error(`${plan.reason}: ${plan.detail}`);
    const texts = new Map(plan.edits.map((edit) => [edit.path, edit.after]));
    expect(Object.fromEntries(texts)).toEqual(Object.fromEntries(after));
  });
});

function applied(text: string, changes: readonly { line: number; column: number; before: string; after: string }[]) {
  const lines = text.split('\n');
  const starts = lines.map((_, index) => lines.slice(0, index).reduce((sum, line) => sum + line.length + 1, 0));
  let result = '';
  let end = 0;
  for (const change of changes) {
    const start = (starts[change.line - 1] ?? NaN) + change.column - 1;
    expect(text.slice(start, start + change.before.length)).toBe(change.before);
    result += text.slice(end, start) + change.after;
    end = start + change.before.length;
  }
  return result + text.slice(end);
}

function readFolder(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  return new Map(paths.sort().map((file) => [file, decodeText(readFileSync(path.join(folder, file))) ?? '']));
}
