import { describe, expect, test } from 'vitest';
import type { RenderedDiff, ResourceDiff, UnitDiff } from '../../src/diff/result.ts';
import { comparison, diffSummary } from '../../src/markdown/diff-summary.ts';

type Changes = Partial<Record<ResourceDiff['change'], number>>;

function app(path: string, total: number, changes: Changes, engine: UnitDiff['unit']['engine'] = 'plain'): UnitDiff {
  const resources = (['changed', 'added', 'removed'] as const).flatMap((change) =>
    Array.from({ length: changes[change] ?? 0 }, (_, index) => resource(`${change}-${index}`, change)),
  );
  return { unit: { engine, path }, ok: true, total, resources, findings: [] };
}

function resource(name: string, change: ResourceDiff['change']): ResourceDiff {
  return { id: { apiVersion: 'v1', kind: 'ConfigMap', name }, change, added: 1, removed: 1, notes: [] };
}

const failed = (path: string, engine: UnitDiff['unit']['engine'] = 'helm'): UnitDiff => ({
  unit: { engine, path },
  ok: false,
  code: 'render-failed',
  side: 'head',
  message: 'no',
});

const diff = (...units: UnitDiff[]): RenderedDiff => ({ base: 'a'.repeat(40), head: 'b'.repeat(40), units });

describe('how much changes, in one line', () => {
  test.each<[string, UnitDiff[]]>([
    ['No rendered change', []],
    ['No rendered change in 1 resource', [app('a', 1, {})]],
    ['No rendered change in 5 resources', [app('a', 2, {}), app('b', 3, {})]],
    ['1 resource changes in 1 app', [app('a', 1, { changed: 1 })]],
    ['1 of 3 resources changes, in 1 app', [app('a', 3, { changed: 1 })]],
    ['2 of 1,203 resources change, in 2 apps', [app('a', 3, { changed: 1 }), app('b', 1200, { changed: 1 })]],
    ['Both resources change in 1 app', [app('a', 2, { changed: 2 })]],
    ['All 3 resources change in 2 apps', [app('a', 1, { changed: 1 }), app('b', 2, { changed: 2 })]],
    ['Adds 1 resource in 1 app', [app('a', 3, { added: 1 })]],
    ['Adds 3 resources in 1 app', [app('a', 3, { added: 3 })]],
    ['Removes 1 resource in 1 app', [app('a', 1, { removed: 1 })]],
    ['Removes 1 of 3 resources, in 1 app', [app('a', 3, { removed: 1 })]],
    ['Removes both resources in 1 app', [app('a', 2, { removed: 2 })]],
    ['Removes all 3 resources in 1 app', [app('a', 3, { removed: 3 })]],
    ['Adds 2 resources and removes 1 in 1 app', [app('a', 9, { added: 2, removed: 1 })]],
    ['1 of 9 resources changes, 2 added, 1 removed, in 1 app', [app('a', 9, { changed: 1, added: 2, removed: 1 })]],
    ['2 resources change, 1 removed, in 1 app', [app('a', 3, { changed: 2, removed: 1 })]],
    ['1 app could not be rendered', [failed('a')]],
    ['No rendered change in 1 resource; 2 apps could not be rendered', [failed('a'), failed('b'), app('c', 1, {})]],
    ['1 of 3 resources changes, in 1 app; 1 app could not be rendered', [failed('a'), app('b', 3, { changed: 1 })]],
  ])('%s', (line, units) => {
    expect(diffSummary(diff(...units))).toBe(line);
  });
});

describe('who rendered what', () => {
  const quote = (text: string): string => `\`${text}\``;

  test.each<[string, UnitDiff[]]>([
    ['Rendered by kustomize', [app('a', 1, {}, 'kustomize'), app('b', 1, {}, 'kustomize'), app('c', 1, {})]],
    ['Rendered by kustomize and Helm', [app('a', 1, {}, 'helm'), app('b', 1, {}, 'kustomize')]],
    ['Rendered by kustomize', [failed('a', 'helm'), app('b', 1, {}, 'kustomize')]],
    ['Compared', [app('a', 1, {})]],
    ['Compared', []],
  ])('%s', (words, units) => {
    expect(comparison(diff(...units), quote)).toBe(`${words}: \`aaaaaaa\` → \`bbbbbbb\``);
  });

  test('a work tree is no commit', () => {
    expect(comparison({ ...diff(), head: 'worktree' }, quote)).toBe('Compared: `aaaaaaa` → the work tree');
  });
});
