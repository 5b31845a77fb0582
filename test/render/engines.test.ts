import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createRenderer, type RendererSettings } from '../../src/render/renderer.ts';
import type { Renderer, RenderResult, RenderUnit } from '../../src/render/render.ts';
import { memoryTree, type MemoryFile } from '../support/memory-tree.ts';
import { describeWithTools, toolSettings } from '../support/tools.ts';

const deployment =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: acme/web:1\n';
const chart = 'apiVersion: v2\nname: api\nversion: 0.1.0\n';
const template =
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\ndata:\n  color: {{ .Values.color | quote }}\n';

const kustomize = (path: string): RenderUnit => ({ engine: 'kustomize', path });
const helm = (path: string, ...valuesFiles: string[]): RenderUnit => ({
  engine: 'helm',
  path,
  ...(valuesFiles.length > 0 && { valuesFiles }),
});

async function render(
  files: Record<string, MemoryFile>,
  unit: RenderUnit,
  settings: Partial<RendererSettings> = {},
): Promise<RenderResult> {
  const renderer: Renderer = createRenderer({ ...toolSettings, ...settings });
  const [result] = await renderer.render(memoryTree(files), [unit]);
  if (result === undefined) throw new Error('no result');
  return result;
}

function yamlOf(result: RenderResult): string {
  if (!result.ok) throw new Error(result.message);
  return result.yaml;
}

function messageOf(result: RenderResult): string {
  if (result.ok) throw new Error('it was rendered');
  return result.message;
}

describe('without tools', () => {
  test('a plain file is rendered to itself', async () => {
    expect(await render({ 'a.yaml': deployment }, { engine: 'plain', path: 'a.yaml' })).toMatchObject({
      yaml: deployment,
    });
  });

  test.each([
    { engine: 'plain' as const, path: 'gone.yaml' },
    kustomize('gone'),
    helm('gone'),
    helm('chart', 'chart/values-gone.yaml'),
  ])('a unit that the tree does not have renders to nothing: %o', async (unit) => {
    expect(await render({ 'chart/Chart.yaml': chart }, unit)).toEqual({ ok: true, unit, yaml: '' });
  });

  test.each([
    ['kustomize', kustomize('app')],
    ['helm', helm('chart')],
  ])('a missing %s is told of', async (name, unit) => {
    const files = { 'app/kustomization.yaml': 'resources: []\n', 'chart/Chart.yaml': chart };
    const result = await render(files, unit, { kustomize: 'kustomize', helm: 'helm', searchPath: '/nonexistent' });
    expect(result).toEqual({ ok: false, unit, code: 'tool-missing', message: `${name} is not installed.` });
  });

  test.each([
    ['https://github.com/acme/base?ref=v1'],
    ['github.com/acme/base//deploy?ref=v1'],
    ['git@github.com:acme/base.git'],
    ['ssh://git@example.com/base.git'],
    ['https://user:hunter2@example.com/base.yaml'],
  ])('a remote base is refused by name, without any tool: %s', async (url) => {
    const files = {
      'app/kustomization.yaml': `resources: [../base]\n`,
      'base/kustomization.yaml': `resources: ["${url}"]\n`,
    };
    const message = messageOf(await render(files, kustomize('app'), { searchPath: '' }));
    expect(message).toContain('base/kustomization.yaml');
    expect(message).toContain(new URL(url.includes('://') ? url : `https://${url.replace(':', '/')}`).hostname);
    expect(message).toContain('without the network');
    expect(message).not.toContain('hunter2');
  });

  test.each([
    ['resources: [/etc]\n', 'outside'],
    ['resources: [../../../etc]\n', 'outside'],
    ['configMapGenerator: [{ name: a, files: [/etc/hostname] }]\n', 'outside'],
    ['helmCharts: [{ name: redis, repo: "https://charts.example.com" }]\n', 'Helm chart redis'],
    [
      'transformers: ["{ apiVersion: builtin, kind: PatchTransformer, metadata: { name: a }, path: \\"http://127.0.0.1/x\\" }"]\n',
      '127.0.0.1',
    ],
    ['Resources: ["http://127.0.0.1/x"]\n', '127.0.0.1'],
    ['ConfigmapGenerator: [{ Name: a, FILES: ["http://127.0.0.1/x"] }]\n', '127.0.0.1'],
    ['resources: ["http://127.0.0.1/x"]\n---\na: b\n', '127.0.0.1'],
    ['generators: [../gen]\n', '127.0.0.1'],
    ['generators: [../broken.yaml]\n', '127.0.0.1'],
    ['resources: [\n', 'not valid YAML'],
  ])('%s is refused', async (kustomization, words) => {
    const generator =
      'apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: { name: a }\nfiles: ["http://127.0.0.1/x"]\n';
    const files = {
      'app/kustomization.yaml': kustomization,
      'gen/kustomization.yaml': 'resources: [g.yaml]\n',
      'gen/g.yaml': generator,
      'broken.yaml': `${generator}\tx: [\n`,
    };
    expect(messageOf(await render(files, kustomize('app'), { searchPath: '' }))).toContain(words);
  });
});

describeWithTools(['kustomize'], 'kustomize', () => {
  test('builds an overlay from nothing but its closure', async () => {
    const files = {
      'app/base/kustomization.yaml': 'resources: [deployment.yaml]\n',
      'app/base/deployment.yaml': deployment,
      'app/overlays/prod/kustomization.yaml':
        'resources: [../../base]\nimages: [{ name: acme/web, newTag: "2" }]\nconfigMapGenerator: [{ name: env, files: [a.conf] }]\n',
      'app/overlays/prod/a.conf': 'a=1\n',
    };
    const yaml = yamlOf(await render(files, kustomize('app/overlays/prod')));
    expect(yaml).toContain('image: acme/web:2');
    expect(yaml).toMatch(/name: env-[a-z0-9]{10}/);
  });

  test('follows symbolic links within the repository', async () => {
    const files = {
      'app/kustomization.yaml': 'resources: [base]\n',
      'app/base': { linkTo: '../real' },
      'real/kustomization.yaml': 'resources: [d.yaml]\n',
      'real/d.yaml': deployment,
    };
    expect(yamlOf(await render(files, kustomize('app')))).toContain('image: acme/web:1');
  });

  test('an error names the file as the repository does', async () => {
    const message = messageOf(
      await render({ 'app/kustomization.yaml': 'resources: [missing.yaml]\n' }, kustomize('app')),
    );
    expect(message).toContain('app/missing.yaml');
    expect(message).not.toContain(tmpdir());
  });

  test('a failing unit does not stop the others, and answers keep their order', async () => {
    const files = {
      'bad/kustomization.yaml': 'resources: [missing.yaml]\n',
      'good/kustomization.yaml': 'resources: [d.yaml]\n',
      'good/d.yaml': deployment,
      'p.yaml': deployment,
    };
    const units: RenderUnit[] = [kustomize('good'), kustomize('bad'), { engine: 'plain', path: 'p.yaml' }];
    const results = await createRenderer(toolSettings).render(memoryTree(files), units);
    expect(results.map(({ ok, unit }) => [ok, unit])).toEqual([
      [true, units[0]],
      [false, units[1]],
      [true, units[2]],
    ]);
  });

  test.each([
    [
      'a file of this machine, through a generator',
      'generators: [g.yaml]\n',
      'apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: { name: a }\nfiles: [/etc/hostname]\n',
    ],
    [
      'a program',
      'generators: [g.yaml]\n',
      'apiVersion: x/v1\nkind: X\nmetadata:\n  name: a\n  annotations:\n    config.kubernetes.io/function: |\n      exec: { path: /bin/cat }\n',
    ],
  ])('%s is never read or run', async (_name, kustomization, generator) => {
    expect(
      await render({ 'app/kustomization.yaml': kustomization, 'app/g.yaml': generator }, kustomize('app')),
    ).toMatchObject({ ok: false, code: 'render-failed' });
  });

  test('a Secret is never quoted in an error', async () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9+=!:{}"'-]{9,40}$/);
    await fc.assert(
      fc.asyncProperty(secret, async (value) => {
        const quoted = JSON.stringify(value);
        const broken: Record<string, MemoryFile>[] = [
          {
            'app/kustomization.yaml': 'resources: [s.yaml]\n',
            'app/s.yaml': `apiVersion: v1\nkind: Secret\nmetadata: { name: a, labels: ${quoted} }\nstringData: { a: ${quoted} }\n`,
          },
          {
            'app/kustomization.yaml': 'resources: [s.yaml]\n',
            'app/s.yaml': `apiVersion: v1\nkind: Secret\nmetadata: { name: a }\nstringData:\n  a: ${value}\n b: ${value}\n`,
          },
          {
            'app/kustomization.yaml': `secretGenerator: [{ name: a, literals: [${quoted}] }, { name: a, literals: [${JSON.stringify(`k=${value}`)}, ${JSON.stringify(`k=${value}`)}] }]\n`,
          },
          {
            'app/kustomization.yaml': 'secretGenerator: [{ name: a, envs: [.env] }]\n',
            'app/.env': `${value} x=\n=${value}\n`,
          },
          {
            'app/kustomization.yaml': `resources: []\npatches: [{ target: { kind: Secret }, patch: ${JSON.stringify(`- op: bad\n  path: /data/a\n  value: ${quoted}`)} }]\n`,
          },
        ];
        for (const files of broken) {
          const result = await render(files, kustomize('app'));
          if (result.ok) continue;
          expect(result.message).not.toContain(value);
          expect(result.message).not.toContain(Buffer.from(value).toString('base64'));
        }
      }),
      { numRuns: 8 },
    );
  });
});

describeWithTools(['helm'], 'helm', () => {
  const files = {
    'charts/My_App/Chart.yaml': chart,
    'charts/My_App/values.yaml': 'color: red\n',
    'charts/My_App/values-staging.yaml': 'color: blue\n',
    'charts/My_App/templates/cm.yaml': template,
    'charts/My_App/templates/tests/t.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: t\n  annotations: { "helm.sh/hook": test }\n',
    'charts/My_App/crds/crd.yaml':
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: x }\n',
  };

  test('renders with default values: named after the folder, with CRDs, without tests', async () => {
    const yaml = yamlOf(await render(files, helm('charts/My_App')));
    expect(yaml).toContain('color: "red"');
    expect(yaml).toContain('name: my-app');
    expect(yaml).toContain('CustomResourceDefinition');
    expect(yaml).not.toContain('kind: Pod');
  });

  test('renders a variant', async () => {
    expect(yamlOf(await render(files, helm('charts/My_App', 'charts/My_App/values-staging.yaml')))).toContain(
      'color: "blue"',
    );
  });

  test('a dependency that is not there is named, with what to do', async () => {
    const dependency = `${chart}dependencies: [{ name: redis, version: 1.x.x, repository: "https://charts.example.com" }]\n`;
    const message = messageOf(await render({ 'c/Chart.yaml': dependency }, helm('c')));
    expect(message).toContain('redis (https://charts.example.com)');
    expect(message).toContain('helm dependency build');
  });

  test('a dependency elsewhere in the repository is found', async () => {
    const tree = {
      'app/Chart.yaml': `${chart}dependencies: [{ name: common, version: 1.0.0, repository: "file://../common" }]\n`,
      'app/templates/cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ include "common.name" . }}\n',
      'common/Chart.yaml': 'apiVersion: v2\nname: common\nversion: 1.0.0\ntype: library\n',
      'common/templates/_name.tpl': '{{ define "common.name" }}from-library{{ end }}',
    };
    expect(yamlOf(await render(tree, helm('app')))).toContain('name: from-library');
  });

  test('a message of the chart reaches the reader without its secrets', async () => {
    const failing = {
      'c/Chart.yaml': chart,
      'c/values.yaml': 'db: { password: hunter2hunter2 }\n',
      'c/templates/a.yaml': '{{ fail (printf "no host for %s in %s" .Values.db.password .Template.Name) }}',
    };
    const message = messageOf(await render(failing, helm('c')));
    expect(message).toContain('no host for •••');
    expect(message).toContain('templates/a.yaml');
    expect(message).not.toContain('hunter2');
  });
});

describe('a tool that misbehaves', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagalong-test-'));
    const tool = async (name: string, script: string): Promise<void> => {
      await writeFile(join(folder, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`, { mode: 0o755 });
    };
    await tool('hangs', `sleep 60 & echo $! > '${folder}/child'; wait`);
    await tool('floods', 'exec yes 0123456789012345678901234567890123456789012345678901234567890123456789');
    await tool('tells', 'env; find "$PWD"');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const files = {
    'app/kustomization.yaml': 'resources: [d.yaml]\n',
    'app/d.yaml': deployment,
    'other/secret.txt': 'x',
  };

  test('one that hangs is killed, with its children', async () => {
    const hanging = { kustomize: join(folder, 'hangs'), timeoutMs: 500 };
    expect(messageOf(await render(files, kustomize('app'), hanging))).toBe('It did not finish within 0.5 seconds.');
    const child = (await readFile(join(folder, 'child'), 'utf8')).trim();
    await vi.waitFor(async () => {
      expect(await isRunning(child)).toBe(false);
    });
  });

  test('one that floods is stopped', async () => {
    expect(messageOf(await render(files, kustomize('app'), { kustomize: join(folder, 'floods') }))).toBe(
      'Its output is longer than 50 MiB.',
    );
  });

  test('it sees none of our environment, and its folder is gone afterwards', async () => {
    const seen = yamlOf(await render(files, kustomize('app'), { kustomize: join(folder, 'tells') }));
    const variables = seen.split('\n').flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []);
    expect(
      variables.filter(
        (name) =>
          !/^(?:HELM_|KUSTOMIZE_|KUBECONFIG$|HTTPS?_PROXY$|HOME$|TMPDIR$|PATH$|PWD$|OLDPWD$|SHLVL$|_$)/.test(name),
      ),
    ).toEqual([]);
    expect(seen).toContain('/app/d.yaml');
    expect(seen).not.toContain('secret.txt');
    const home = /^HOME=(.*)$/m.exec(seen)?.[1] ?? '';
    await expect(readdir(home)).rejects.toThrow('ENOENT');
  });
});

/** False also for one that has ended and that nobody has asked for its exit code. */
async function isRunning(pid: string): Promise<boolean> {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
