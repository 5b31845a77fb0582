import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { decodeArgoCd } from '../../src/intake/deploys/argo-cd.ts';
import { decodeArgoRollouts } from '../../src/intake/deploys/argo-rollouts.ts';
import { onlyEvent, reportOf } from '../intake/deploys/sent.ts';
import { describeWithTools, toolSettings } from '../support/tools.ts';

const folder = join(import.meta.dirname, '../../deploy');
const commit = '731f7eaddfb6af01cb2173e18f0f75b0ba780ef1';
const hostile = 'one "quoted" \\ back\nline\ttab {{ .x }} </script> ü';

interface ConfigMap {
  readonly metadata: { readonly name: string };
  readonly data: Readonly<Record<string, string>>;
}

interface Template {
  readonly webhook: Readonly<Record<string, { readonly method: string; readonly body: string }>>;
}

async function configMap(file: string): Promise<ConfigMap> {
  return parse(await readFile(join(folder, file), 'utf8')) as ConfigMap;
}

function entries<T>({ data }: ConfigMap, prefix: string): Map<string, T> {
  const found = Object.entries(data).filter(([name]) => name.startsWith(prefix));
  return new Map(found.map(([name, text]) => [name.slice(prefix.length), parse(text) as T]));
}

test.each([
  ['argocd/notifications.yaml', 'argocd-notifications-cm', 'argo-cd'],
  ['argocd/rollouts-notifications.yaml', 'argo-rollouts-notification-configmap', 'argo-rollouts'],
])('%s is whole: every trigger sends a template that is there, and is subscribed to', async (file, name, sender) => {
  const map = await configMap(file);
  const templates = entries<Template>(map, 'template.');
  const triggers = entries<readonly { readonly send: readonly string[] }[]>(map, 'trigger.');
  expect(map.metadata.name).toBe(name);
  expect(parse(map.data['service.webhook.tagalong'] ?? '')).toEqual({
    url: `https://tagalong.example.com/webhooks/deploys/${sender}`,
    headers: [
      { name: 'Content-Type', value: 'application/json' },
      { name: 'Authorization', value: 'Bearer $tagalong-secret' },
    ],
  });
  const sent = [...triggers.values()].flatMap((conditions) => conditions.flatMap(({ send }) => send));
  expect(new Set(sent)).toEqual(new Set(templates.keys()));
  expect(parse(map.data['subscriptions'] ?? '')).toEqual([
    { recipients: ['tagalong'], triggers: [...triggers.keys()] },
  ]);
});

test('the example for Flux is a provider that signs, and an alert that tells successes too', async () => {
  const text = await readFile(join(folder, 'flux/notifications.yaml'), 'utf8');
  const [provider, alert] = parseAllDocuments(text).map((document) => document.toJS() as unknown);
  expect(provider).toMatchObject({
    kind: 'Provider',
    spec: { type: 'generic-hmac', address: 'https://tagalong.example.com/webhooks/deploys/flux' },
  });
  expect(alert).toMatchObject({ kind: 'Alert', spec: { providerRef: { name: 'tagalong' }, eventSeverity: 'info' } });
});

describeWithTools(['helm'], 'the templates, run by Go', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tagalong-templates-'));
    await mkdir(join(directory, 'templates'));
    await writeFile(join(directory, 'Chart.yaml'), 'apiVersion: v2\nname: templates\nversion: 0.0.0\n');
    // The notifications engine has the functions of sprig, as Helm does.
    const run = '{{ toJson (dict "body" (tpl .Values.template .Values.vars)) }}';
    await writeFile(join(directory, 'templates/run.yaml'), run);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function rendered(file: string, name: string, vars: object): Promise<unknown> {
    const template = entries<Template>(await configMap(file), 'template.').get(name)?.webhook['tagalong'];
    expect(template?.method).toBe('POST');
    const values = join(directory, 'values.json');
    // `tpl` wants what is there when a chart is rendered.
    const all = { ...vars, Template: { BasePath: 'templates', Name: 'templates/run.yaml' } };
    await writeFile(values, JSON.stringify({ template: template?.body, vars: all }));
    const { stdout } = await promisify(execFile)(toolSettings.helm, ['template', 'x', directory, '--values', values]);
    const { body } = parse(stdout) as { readonly body: string };
    return JSON.parse(body) as unknown;
  }

  const context = { argocdUrl: 'https://argocd.example.com' };
  const app = (changes: object = {}, metadata: object = {}) => ({
    metadata: { name: 'shop-production', namespace: 'argocd', ...metadata },
    spec: {
      source: {
        repoURL: 'https://github.com/acme/deploy',
        path: 'apps/shop/overlays/production',
        targetRevision: 'main',
      },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
    },
    status: {
      sync: { status: 'Synced', revision: commit },
      health: { status: 'Healthy' },
      operationState: {
        phase: 'Succeeded',
        message: hostile,
        startedAt: '2026-11-21T11:59:00Z',
        finishedAt: '2026-11-21T11:59:30Z',
        operation: { sync: { revision: commit } },
        syncResult: {
          revision: commit,
          source: { repoURL: 'https://github.com/acme/deploy', path: 'apps/shop/overlays/production' },
        },
      },
      summary: { externalURLs: ['https://shop.example.com/'], images: ['ghcr.io/acme/shop:1.4.2'] },
      ...changes,
    },
  });

  test('an Application is told, whatever its messages hold', async () => {
    const body = await rendered('argocd/notifications.yaml', 'tagalong', { app: app(), context });
    expect(reportOf(decodeArgoCd, body)).toEqual({
      tool: 'argo-cd',
      application: 'shop-production',
      state: 'succeeded',
      revision: commit,
      repository: { forge: 'github', path: 'acme/deploy' },
      path: 'apps/shop/overlays/production',
      message: hostile,
      url: 'https://argocd.example.com/applications/argocd/shop-production',
      environmentUrl: 'https://shop.example.com/',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/) as unknown,
    });
  });

  test('an Application of several sources', async () => {
    const sources = [
      { repoURL: 'https://charts.example.com', chart: 'shop', targetRevision: '1.2.3' },
      { repoURL: 'https://github.com/acme/deploy', path: 'apps/shop' },
    ];
    const operationState = { phase: 'Running', syncResult: { revision: '', sources, revisions: ['1.2.3', commit] } };
    const several = { ...app({ operationState }), spec: { sources } };
    const body = await rendered('argocd/notifications.yaml', 'tagalong', { app: several, context });
    expect(reportOf(decodeArgoCd, body)).toMatchObject({ state: 'in-progress', revision: commit, path: 'apps/shop' });
  });

  test('an annotation names the environment', async () => {
    const named = app({}, { annotations: { 'tagalong/environment': 'production' } });
    const body = await rendered('argocd/notifications.yaml', 'tagalong', { app: named, context });
    expect(reportOf(decodeArgoCd, body)).toMatchObject({ environment: 'production' });
  });

  test('an Application that has no status yet is no error', async () => {
    const fresh = { metadata: { name: 'shop', namespace: 'argocd' }, spec: {} };
    const body = await rendered('argocd/notifications.yaml', 'tagalong', { app: fresh, context });
    expect(onlyEvent(decodeArgoCd, body)).toMatchObject({ kind: 'ignored' });
  });

  test.each([
    ['updated', 'in-progress'],
    ['paused', 'in-progress'],
    ['completed', 'succeeded'],
    ['aborted', 'failed'],
    ['analysis-run-failed', 'failed'],
    ['analysis-run-error', 'failed'],
  ])('a Rollout that is %s', async (event, state) => {
    const rollout = {
      metadata: { name: 'shop', namespace: 'shop-production', annotations: { 'tagalong/revision': commit } },
      status: { message: hostile },
    };
    const body = await rendered('argocd/rollouts-notifications.yaml', `tagalong-${event}`, { rollout });
    expect(reportOf(decodeArgoRollouts, body)).toMatchObject({
      application: 'Rollout/shop-production/shop',
      state,
      revision: commit,
      message: hostile,
    });
  });

  test('a Rollout without annotations is ignored', async () => {
    const rollout = { metadata: { name: 'shop', namespace: 'shop' } };
    const body = await rendered('argocd/rollouts-notifications.yaml', 'tagalong-completed', { rollout });
    expect(onlyEvent(decodeArgoRollouts, body)).toMatchObject({ kind: 'ignored' });
  });
});
