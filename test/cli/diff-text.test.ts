import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { writeDiff } from '../../src/cli/diff-text.ts';
import type { RenderedDiff } from '../../src/diff/result.ts';

const diff: RenderedDiff = {
  base: 'a'.repeat(40),
  head: 'worktree',
  units: [
    {
      unit: { engine: 'helm', path: 'charts/api' },
      ok: false,
      code: 'render-failed',
      side: 'head',
      message: 'color is required\nsay one',
    },
    {
      unit: { engine: 'kustomize', path: 'apps/web' },
      ok: true,
      total: 3,
      findings: [],
      resources: [
        {
          id: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
          change: 'changed',
          added: 1,
          removed: 1,
          patch: '@@ -1,1 +1,1 @@\n-image: web:1\n+image: web:2\u001b[2J',
          notes: [
            {
              kind: 'image',
              from: 'web:1',
              to: 'web:2',
              containers: [{ name: 'web' }, { name: 'migrate', role: 'init' }],
            },
            { kind: 'field', field: 'replicas', from: '1', to: '2' },
          ],
        },
        {
          id: { apiVersion: 'v1', kind: 'ConfigMap', name: 'big' },
          change: 'changed',
          added: 9,
          removed: 8,
          notes: [],
        },
      ],
    },
    { unit: { engine: 'plain', path: 'same.yaml' }, ok: true, total: 1, findings: [], resources: [] },
  ],
};

const text = `charts/api render-failed (head)
  color is required
  say one
  The message quotes the renderer; mend the manifests.

apps/web
  Deployment/web  changed  web 1 → 2 in containers web, migrate (init); replicas 1 → 2
    @@ -1,1 +1,1 @@
    -image: web:1
    +image: web:2\\u001b[2J

  ConfigMap/big  changed
    too different to compare: 8 lines before, 9 after

2 of 4 resources change, in 1 app; 1 app could not be rendered
Rendered by kustomize: aaaaaaa → the work tree
`;

function written(color: boolean): string {
  let all = '';
  writeDiff({ color, write: (part) => void (all += part) }, diff);
  return all;
}

test('without colour it is plain text, in which no manifest steers the terminal', () => {
  expect(written(false)).toBe(text);
});

test('with colour it says the same', () => {
  expect(written(true)).toContain('\u001b[32m+image: web:2');
  expect(stripVTControlCharacters(written(true))).toBe(text);
});
