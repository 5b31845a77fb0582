import { describe, expect, test } from 'vitest';
import { createRenderer } from '../../src/render/renderer.ts';
import { memoryTree, type MemoryFile } from '../support/memory-tree.ts';

const deployment = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n';
const chart = 'apiVersion: v2\nname: api\nversion: 0.1.0\n';

const repository: Record<string, MemoryFile> = {
  '.tagalong.yml': 'version: 1\napiVersion: x\nkind: y\n',
  '.github/workflows/ci.yml': deployment,
  'README.md': 'apiVersion: v1\nkind: x\n',
  'apps/web/base/kustomization.yaml': 'resources: [deployment.yaml, ../../../shared]\n',
  'apps/web/base/deployment.yaml': deployment,
  'apps/web/overlays/staging/kustomization.yaml':
    'resources: [../../base]\ncomponents: [../../components/debug]\npatches: [{ path: patch.yaml }]\nconfigMapGenerator: [{ name: env, files: [app.conf=files/app.conf], envs: [.env] }]\n',
  'apps/web/overlays/staging/patch.yaml': deployment,
  'apps/web/overlays/staging/files/app.conf': 'x',
  'apps/web/overlays/staging/.env': 'x',
  'apps/web/overlays/production/kustomization.yml': 'bases:\n- ../staging/\nimages: [{ name: web, newTag: "1" }]\n',
  'apps/web/components/debug/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{ path: debug.yaml }]\n',
  'apps/web/components/debug/debug.yaml': deployment,
  'shared/Kustomization': 'resources: [cm.yaml]\ntransformers: [labels.yaml]\n',
  'shared/cm.yaml': 'apiVersion: v1\nkind: ConfigMap\n',
  'shared/labels.yaml': 'apiVersion: builtin\nkind: PatchTransformer\nmetadata: { name: x }\npath: patches/x.yaml\n',
  'shared/patches/x.yaml': deployment,
  'clusters/flux/kustomization.yaml':
    'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: apps }\n',
  'charts/api/Chart.yaml': chart,
  'charts/api/values.yaml': 'a: 1\n',
  'charts/api/values-staging.yaml': 'a: 2\n',
  'charts/api/values.production.yaml': 'a: 3\n',
  'charts/api/templates/deployment.yaml': deployment,
  'charts/api/charts/sub/Chart.yaml': chart,
  'charts/api/charts/sub/templates/cm.yaml': deployment,
  'charts/api-preview-values.yaml': 'a: 4\n',
  'charts/worker/Chart.yaml':
    'apiVersion: v2\nname: worker\nversion: 0.1.0\ndependencies: [{ name: common, version: 1.x, repository: "file://../common" }]\n',
  'charts/common/Chart.yaml': 'apiVersion: v2\nname: common\nversion: 1.0.0\ntype: library\n',
  'charts/common/templates/_helpers.tpl': '',
  'plain/web.yaml': deployment,
  'plain/web.json': JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } }),
  'plain/values.yaml': 'image: { tag: 1 }\n',
  'plain/nested.yaml': 'spec:\n  apiVersion: v1\n  kind: x\n',
  'plain/broken.yaml': 'apiVersion: v1\nkind: [\n',
  'plain/foreign-template.yaml': 'apiVersion: v1\nkind: {{ .Kind }}\n  x: {\n',
};

async function affected(...changed: string[]): Promise<string[]> {
  const renderer = createRenderer({ kustomize: 'kustomize', helm: 'helm', searchPath: '' });
  const units = await renderer.affectedUnits(memoryTree(repository), changed);
  return units.map(({ engine, path, valuesFiles = [] }) => [engine, path, ...valuesFiles].join(' '));
}

const staging = 'kustomize apps/web/overlays/staging';
const production = 'kustomize apps/web/overlays/production';

describe('kustomizations', () => {
  test.each([
    ['a resource of the base', 'apps/web/base/deployment.yaml', [production, staging]],
    ['the base itself', 'apps/web/base/kustomization.yaml', [production, staging]],
    ['a base of the base', 'shared/cm.yaml', [production, staging]],
    ['what a transformer reads', 'shared/patches/x.yaml', [production, staging]],
    ['a component', 'apps/web/components/debug/debug.yaml', [production, staging]],
    ['a patch', 'apps/web/overlays/staging/patch.yaml', [production, staging]],
    ['a file of a generator', 'apps/web/overlays/staging/files/app.conf', [production, staging]],
    ['an env file of a generator', 'apps/web/overlays/staging/.env', [production, staging]],
    ['the last overlay alone', 'apps/web/overlays/production/kustomization.yml', [production]],
    ['a file that nothing names', 'apps/web/base/notes.txt', []],
  ])('%s', async (_name, changed, expected) => {
    expect(await affected(changed)).toEqual(expected);
  });

  test('a base that is used is not shown; one that nobody uses is', async () => {
    const renderer = createRenderer({ kustomize: 'kustomize', helm: 'helm', searchPath: '' });
    const tree = memoryTree({ 'app/kustomization.yaml': 'resources: [d.yaml]\n', 'app/d.yaml': deployment });
    expect(await renderer.affectedUnits(tree, ['app/d.yaml'])).toEqual([{ engine: 'kustomize', path: 'app' }]);
  });

  test('a symbolic link leads to what it stands for', async () => {
    const renderer = createRenderer({ kustomize: 'kustomize', helm: 'helm', searchPath: '' });
    const tree = memoryTree({
      'app/kustomization.yaml': 'resources: [d.yaml, base]\n',
      'app/d.yaml': { linkTo: '../real/d.yaml' },
      'app/base': { linkTo: '../real/base' },
      'real/d.yaml': deployment,
      'real/base/kustomization.yaml': 'resources: [s.yaml]\n',
      'real/base/s.yaml': deployment,
    });
    const units = [{ engine: 'kustomize', path: 'app' }];
    expect(await renderer.affectedUnits(tree, ['real/d.yaml'])).toEqual(units);
    expect(await renderer.affectedUnits(tree, ['real/base/s.yaml'])).toEqual(units);
  });
});

describe('charts', () => {
  const variants = [
    'helm charts/api charts/api-preview-values.yaml',
    'helm charts/api charts/api/values-staging.yaml',
    'helm charts/api charts/api/values.production.yaml',
  ];

  test.each([
    [
      'a template: default values and each variant',
      'charts/api/templates/deployment.yaml',
      ['helm charts/api', ...variants],
    ],
    ['the default values', 'charts/api/values.yaml', ['helm charts/api', ...variants]],
    ['a chart inside the chart', 'charts/api/charts/sub/templates/cm.yaml', ['helm charts/api', ...variants]],
    ['one variant: only that', 'charts/api/values-staging.yaml', ['helm charts/api charts/api/values-staging.yaml']],
    [
      'a values file beside the chart',
      'charts/api-preview-values.yaml',
      ['helm charts/api charts/api-preview-values.yaml'],
    ],
    ['a library: the charts that use it', 'charts/common/templates/_helpers.tpl', ['helm charts/worker']],
  ])('%s', async (_name, changed, expected) => {
    expect(await affected(changed)).toEqual(expected);
  });
});

describe('plain manifests', () => {
  test.each([
    ['plain/web.yaml', ['plain plain/web.yaml']],
    ['plain/web.json', ['plain plain/web.json']],
    ['clusters/flux/kustomization.yaml', ['plain clusters/flux/kustomization.yaml']],
    ['plain/broken.yaml', ['plain plain/broken.yaml']],
    ['plain/values.yaml', []],
    ['plain/nested.yaml', []],
    ['plain/foreign-template.yaml', []],
    ['plain/deleted.yaml', []],
    ['.tagalong.yml', []],
    ['.github/workflows/ci.yml', []],
    ['README.md', []],
  ])('%s', async (changed, expected) => {
    expect(await affected(changed)).toEqual(expected);
  });
});

test('several changes name each unit once', async () => {
  expect(await affected('plain/web.yaml', 'apps/web/base/deployment.yaml', 'shared/cm.yaml')).toEqual([
    production,
    staging,
    'plain plain/web.yaml',
  ]);
});

test('a kustomization is read once, whatever tree it comes from', async () => {
  const renderer = createRenderer({ kustomize: 'kustomize', helm: 'helm', searchPath: '' });
  const [first, second] = [memoryTree(repository), memoryTree(repository)];
  await renderer.affectedUnits(first, ['shared/cm.yaml']);
  await renderer.affectedUnits(second, ['shared/cm.yaml']);
  expect(first.reads).toBeGreaterThan(0);
  expect(second.reads).toBe(0);
});
