import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RenderedDiff } from '../../src/diff/result.ts';
import { diffComment } from '../../src/markdown/diff-comment.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import { renderDiff } from '../../src/workflows/render-diff.ts';
import { memoryTree, type MemoryFile } from '../support/memory-tree.ts';
import { describeWithTools, toolSettings } from '../support/tools.ts';

type Files = Record<string, MemoryFile>;

async function diff(base: Files, changes: Record<string, MemoryFile | undefined>): Promise<RenderedDiff> {
  const head: Files = {};
  for (const [path, file] of Object.entries({ ...base, ...changes })) if (file !== undefined) head[path] = file;
  return renderDiff(createRenderer(toolSettings), {
    base: memoryTree(base, 'a'.repeat(40)),
    head: memoryTree(head, 'b'.repeat(40)),
    changed: Object.keys(changes),
  });
}

function shown({ units }: RenderedDiff): string[] {
  return units.flatMap((each) =>
    each.ok
      ? each.resources.map(({ id, change }) => `${each.unit.path} ${id.kind}/${id.name} ${change}`)
      : [`${each.unit.path} ${each.code} ${each.side}`],
  );
}

const deployment = (name: string, tag: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${name}\nspec:\n  template:\n    spec:\n      containers:\n        - name: app\n          image: acme/${name}:${tag}\n`;

describe('plain manifests', () => {
  test('a tag, a new file, a deleted file', async () => {
    const base = { 'a.yaml': deployment('a', '1'), 'b.yaml': deployment('b', '1'), 'other.yaml': deployment('c', '1') };
    const result = await diff(base, {
      'a.yaml': deployment('a', '2'),
      'b.yaml': undefined,
      'n.yaml': deployment('n', '1'),
    });
    expect(shown(result)).toEqual([
      'a.yaml Deployment/a changed',
      'b.yaml Deployment/b removed',
      'n.yaml Deployment/n added',
    ]);
    expect(result).toMatchObject({ base: 'a'.repeat(40), head: 'b'.repeat(40) });
  });

  test('a broken file is told of, and the others are shown', async () => {
    const result = await diff(
      { 'a.yaml': deployment('a', '1'), 'b.yaml': deployment('b', '1') },
      { 'a.yaml': deployment('a', '2'), 'b.yaml': 'apiVersion: v1\nkind: [\n' },
    );
    expect(shown(result)).toEqual(['a.yaml Deployment/a changed', 'b.yaml render-failed head']);
  });

  test('what is not rendered makes no unit', async () => {
    expect(await diff({ 'README.md': 'a' }, { 'README.md': 'b', '.tagalong.yml': 'version: 1\n' })).toMatchObject({
      units: [],
    });
  });
});

/** No text of a manifest that the tests write has one of these. */
const secret = fc.stringMatching(/^[A-Z0-9!:{}"'$%&=-]{8,40}$/);

function expectHidden(result: RenderedDiff, values: readonly string[]): void {
  const everything = diffComment(result, { limit: 65_536 }) + JSON.stringify(result);
  for (const value of values) {
    for (const spelling of [value, JSON.stringify(value).slice(1, -1), Buffer.from(value).toString('base64')]) {
      expect(everything).not.toContain(spelling);
    }
  }
}

test('no value of a Secret in a plain file gets out, be the file valid or not', async () => {
  const written: ((value: string) => string)[] = [
    (value) => `stringData: { a: ${JSON.stringify(value)} }\n`,
    (value) => `data:\n  a: ${Buffer.from(value).toString('base64')}\n`,
    (value) => `stringData:\n  a: |\n    ${value}\n`,
    (value) => `stringData:\n  a: ${value}\n b: ${value}\n`,
    (value) => `stringData: [${value}\n`,
  ];
  await fc.assert(
    fc.asyncProperty(
      secret,
      secret,
      fc.constantFrom(...written),
      fc.constantFrom(...written),
      async (a, b, old, now) => {
        const file = (rest: string): Files => ({
          's.yaml': `apiVersion: v1\nkind: Secret\nmetadata: { name: s }\n${rest}`,
        });
        expectHidden(await diff(file(old(a)), file(now(b))), [a, b]);
      },
    ),
  );
});

describeWithTools(['kustomize', 'helm'], 'kustomizations and charts', () => {
  const kustomization = {
    'app/base/kustomization.yaml': 'resources: [deployment.yaml]\nsecretGenerator: [{ name: db, envs: [.env] }]\n',
    'app/base/deployment.yaml': deployment('web', '1'),
    'app/base/.env': 'PASSWORD=correct-horse\n',
    'app/overlays/staging/kustomization.yaml': 'resources: [../../base]\n',
    'app/overlays/production/kustomization.yaml': 'resources: [../../base]\n',
  };

  test('a change of the base shows in both overlays', async () => {
    const result = await diff(kustomization, { 'app/base/deployment.yaml': deployment('web', '2') });
    expect(shown(result)).toEqual([
      'app/overlays/production Deployment/web changed',
      'app/overlays/staging Deployment/web changed',
    ]);
  });

  test('a generated Secret is one resource that changed, and its values stay where they are', async () => {
    const result = await diff(kustomization, { 'app/base/.env': 'PASSWORD=battery-staple\n' });
    expect(shown(result).map((line) => line.replace(/-[a-z0-9]{10} /, '-# '))).toEqual([
      'app/overlays/production Secret/db-# changed',
      'app/overlays/staging Secret/db-# changed',
    ]);
    const everything = diffComment(result, { limit: 65_536 }) + JSON.stringify(result);
    for (const secret of ['correct-horse', 'battery-staple']) {
      expect(everything).not.toContain(secret);
      expect(everything).not.toContain(Buffer.from(secret).toString('base64'));
    }
  });

  test('no value of a secretGenerator gets out, be it valid or not', async () => {
    const written: ((value: string) => Files)[] = [
      (value) => ({
        'k/kustomization.yaml': `secretGenerator: [{ name: s, literals: [${JSON.stringify(`a=${value}`)}] }]\n`,
      }),
      (value) => ({ 'k/kustomization.yaml': `secretGenerator: [{ name: s, literals: [${JSON.stringify(value)}] }]\n` }),
      (value) => ({ 'k/kustomization.yaml': 'secretGenerator: [{ name: s, files: [f] }]\n', 'k/f': value }),
      (value) => ({
        'k/kustomization.yaml': 'secretGenerator: [{ name: s, envs: [f] }]\n',
        'k/f': `A=${value}\n=${value}\n`,
      }),
    ];
    await fc.assert(
      fc.asyncProperty(secret, secret, fc.constantFrom(...written), async (a, b, files) => {
        expectHidden(await diff(files(a), files(b)), [a, b]);
      }),
      { numRuns: 15 },
    );
  });

  test('a folder that starts or ceases to be an overlay is compared with nothing', async () => {
    const added = await diff(kustomization, {
      'app/overlays/test/kustomization.yaml': 'resources: [../../base]\nnamePrefix: test-\n',
    });
    expect(shown(added)).toContain('app/overlays/test Deployment/test-web added');
    const removed = await diff(kustomization, { 'app/overlays/staging/kustomization.yaml': undefined });
    expect(shown(removed)).toContain('app/overlays/staging Deployment/web removed');
  });

  const chart = {
    'chart/Chart.yaml': 'apiVersion: v2\nname: api\nversion: 0.1.0\n',
    'chart/templates/cm.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: api\ndata:\n  host: {{ required "host is required" .Values.host }}\n  version: "1"\n',
    'chart/values-staging.yaml': 'host: staging.example.com\n',
  };

  test('default values that are never used are not complained of', async () => {
    const result = await diff(chart, {
      'chart/templates/cm.yaml': chart['chart/templates/cm.yaml'].replace('"1"', '"2"'),
    });
    expect(shown(result)).toEqual(['chart ConfigMap/api changed']);
  });

  test('values that stop to work are', async () => {
    const result = await diff(chart, { 'chart/values-staging.yaml': 'port: 1\n' });
    expect(shown(result)).toEqual(['chart render-failed head']);
  });
});
