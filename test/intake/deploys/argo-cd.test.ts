import { describe, expect, test } from 'vitest';
import { createArgoCdReceiver, decodeArgoCd } from '../../../src/intake/deploys/argo-cd.ts';
import { commit, eventsOf, onlyEvent, reportOf, request } from './sent.ts';

const body = (changes: object = {}) => ({
  application: 'shop-production',
  namespace: 'argocd',
  environment: null,
  source: {
    repoURL: 'https://github.com/acme/deploy.git',
    path: 'apps/shop/overlays/production',
    targetRevision: 'main',
  },
  sources: null,
  revision: commit,
  revisions: null,
  sync: 'Synced',
  health: 'Healthy',
  healthMessage: null,
  phase: 'Succeeded',
  message: 'successfully synced (all tasks run)',
  at: '2026-11-21T12:00:00Z',
  url: 'https://argocd.example.com/applications/argocd/shop-production',
  environmentUrls: ['https://shop.example.com/'],
  ...changes,
});

test('a deployed Application', () => {
  expect(reportOf(decodeArgoCd, body())).toEqual({
    tool: 'argo-cd',
    application: 'shop-production',
    state: 'succeeded',
    revision: commit,
    repository: { forge: 'github', path: 'acme/deploy' },
    path: 'apps/shop/overlays/production',
    message: 'successfully synced (all tasks run)',
    url: 'https://argocd.example.com/applications/argocd/shop-production',
    environmentUrl: 'https://shop.example.com/',
    at: '2026-11-21T12:00:00.000Z',
  });
});

test.each([
  ['Running', 'Healthy', 'in-progress'],
  ['Terminating', 'Healthy', 'in-progress'],
  ['Succeeded', 'Healthy', 'succeeded'],
  ['Succeeded', 'Progressing', 'in-progress'],
  ['Succeeded', 'Suspended', 'in-progress'],
  ['Succeeded', 'Unknown', 'in-progress'],
  ['Succeeded', 'Degraded', 'failed'],
  ['Succeeded', 'Missing', 'failed'],
  ['Failed', 'Healthy', 'failed'],
  ['Error', 'Healthy', 'failed'],
  [null, 'Degraded', 'failed'],
])('%s and %s is %s', (phase, health, state) => {
  expect(reportOf(decodeArgoCd, body({ phase, health }))).toMatchObject({ state });
});

test('an Application that was never synchronised is ignored', () => {
  expect(onlyEvent(decodeArgoCd, body({ phase: null, health: 'Healthy' }))).toMatchObject({ kind: 'ignored' });
});

test('both messages are told, once each', () => {
  const failed = body({ phase: 'Failed', health: 'Degraded', message: 'one', healthMessage: 'two' });
  expect(reportOf(decodeArgoCd, failed).message).toBe('one\ntwo');
  expect(reportOf(decodeArgoCd, body({ message: 'one', healthMessage: 'one' })).message).toBe('one');
});

describe('several sources', () => {
  const other = 'a'.repeat(40);
  const sources = [
    { repoURL: 'https://charts.example.com', chart: 'shop' },
    { repoURL: 'git@github.com:acme/deploy.git', path: 'apps/shop' },
    { repoURL: 'https://github.com/acme/config', path: 'shop' },
  ];

  test('are one report for each repository; a chart is none', () => {
    const decoded = decodeArgoCd(
      request(body({ source: null, sources, revision: null, revisions: ['1.2.3', commit, other] })),
    );
    expect(eventsOf(decoded)).toMatchObject([
      { report: { revision: commit, repository: { path: 'acme/deploy' }, path: 'apps/shop' } },
      { report: { revision: other, repository: { path: 'acme/config' }, path: 'shop' } },
    ]);
  });

  test('of one repository deploy more than one folder', () => {
    const both = [sources[1], { repoURL: 'git@github.com:acme/deploy.git', ref: 'values' }];
    const report = reportOf(
      decodeArgoCd,
      body({ source: null, sources: both, revision: '', revisions: [commit, commit] }),
    );
    expect(report).toMatchObject({ revision: commit });
    expect(report).not.toHaveProperty('path');
  });

  test('without a git commit are ignored', () => {
    const charts = body({ source: sources[0], revision: '1.2.3' });
    expect(onlyEvent(decodeArgoCd, charts)).toEqual({
      kind: 'ignored',
      reason: 'shop-production: no source at a git commit',
    });
  });
});

test.each([
  ['https://github.com/acme/deploy', { forge: 'github', path: 'acme/deploy' }],
  ['https://github.com/acme/deploy.git/', { forge: 'github', path: 'acme/deploy' }],
  ['git@github.com:acme/deploy.git', { forge: 'github', path: 'acme/deploy' }],
  ['ssh://git@ssh.github.com:443/acme/deploy.git', { forge: 'github', path: 'acme/deploy' }],
  ['https://gitlab.com/acme/platform/deploy.git', { forge: 'gitlab', path: 'acme/platform/deploy' }],
  ['https://git.acme.example/acme/deploy', undefined],
  ['https://github.com/acme', undefined],
  ['../deploy', undefined],
  ['', undefined],
])('the repository of %j', (repoURL, repository) => {
  expect(reportOf(decodeArgoCd, body({ source: { repoURL } })).repository).toEqual(repository);
});

test.each([
  ['Bearer first', true],
  ['bearer second', true],
  ['Bearer third', false],
  ['Basic first', false],
  ['first', false],
  [undefined, false],
])('the header %j is good: %s', async (authorization, ok) => {
  const receiver = createArgoCdReceiver(['first', 'second']);
  expect(await receiver.authenticate(request({}, { authorization }), new Date(0))).toMatchObject({ ok });
});

test.each([[{}], [[]], [body({ application: '' })], [body({ revisions: 'x' })]])('%j is refused', (value) => {
  expect(decodeArgoCd(request(value))).toMatchObject({ ok: false });
});
