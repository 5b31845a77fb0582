import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { settingsTable } from '../../src/config/settings-table.ts';
import { describeWithTools, toolSettings } from '../support/tools.ts';

const root = path.resolve(import.meta.dirname, '../..');

describeWithTools(['kustomize'], 'the Kubernetes manifests', () => {
  test('run one replica that keeps its data', async () => {
    const resources = await build('base');
    expect(resources.map(({ kind }) => kind).sort()).toEqual([
      'Deployment',
      'Namespace',
      'PersistentVolumeClaim',
      'Service',
      'ServiceAccount',
    ]);
    const claim = find(resources, 'PersistentVolumeClaim');
    expect(find(resources, 'Deployment')).toMatchObject({
      spec: { replicas: 1, strategy: { type: 'Recreate' }, template: { spec: { volumes: [volumeOf(claim), tmp] } } },
    });
  });

  test('run many replicas over PostgreSQL, and keep nothing', async () => {
    const resources = await build('postgresql');
    expect(resources.map(({ kind }) => kind).sort()).toEqual([
      'Deployment',
      'Namespace',
      'PodDisruptionBudget',
      'Service',
      'ServiceAccount',
    ]);
    expect(find(resources, 'Deployment')).toMatchObject({
      spec: {
        replicas: 3,
        strategy: { type: 'RollingUpdate' },
        template: {
          spec: {
            containers: [
              { env: expect.arrayContaining([expect.objectContaining({ name: 'DATABASE_URL' })]) as unknown },
            ],
            volumes: [{ name: 'data', emptyDir: { sizeLimit: '10Gi' } }, tmp],
          },
        },
      },
    });
  });

  test.each(['base', 'postgresql'])('select the pods that they make, in one namespace: %s', async (folder) => {
    const resources = await build(folder);
    const labels = { 'app.kubernetes.io/name': 'tagalong' };
    expect(find(resources, 'Service')).toMatchObject({ spec: { selector: labels } });
    expect(find(resources, 'Deployment')).toMatchObject({
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } },
    });
    const namespaced = resources.filter(({ kind }) => kind !== 'Namespace');
    expect(new Set(namespaced.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['tagalong']));
  });
});

test('the manifests and the image set nothing that is no setting', async () => {
  const names: string[] = Object.values(settingsTable).map(({ name }) => name);
  const dockerfile = await readFile(path.join(root, 'Dockerfile'), 'utf8');
  const [, line = ''] = /^ENV (NODE_ENV=.*)$/m.exec(dockerfile) ?? [];
  const inImage = line.split(' ').map((pair) => pair.slice(0, pair.indexOf('=')));
  expect(inImage).toContain('TAGALONG_DATA');
  expect([...names, 'NODE_ENV']).toEqual(expect.arrayContaining(inImage));
  const text = await readFile(path.join(root, 'deploy/kubernetes/README.md'), 'utf8');
  const inSecret = [...text.matchAll(/--from-(?:literal|file)=([A-Z_]+)/g)].map(([, name]) => name);
  expect(inSecret).toContain('APP_ID');
  expect(names).toEqual(expect.arrayContaining(inSecret));
});

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const tmp = { name: 'tmp', emptyDir: {} };

function volumeOf({ metadata }: Resource): object {
  return { name: 'data', persistentVolumeClaim: { claimName: metadata.name } };
}

async function build(folder: string): Promise<readonly Resource[]> {
  const directory = path.join(root, 'deploy/kubernetes', folder);
  const { stdout } = await promisify(execFile)(toolSettings.kustomize, ['build', directory]);
  return parseAllDocuments(stdout).map((document) => document.toJS() as Resource);
}

function find(resources: readonly Resource[], kind: string): Resource {
  const resource = resources.find((each) => each.kind === kind);
  if (resource === undefined) throw new Error(`no ${kind}`);
  return resource;
}
