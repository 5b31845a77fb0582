import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  deployReportOfCheckRun,
  deployReportOfDeploymentStatus,
  deployReportOfStatus,
} from '../../../src/forge/github/deploy-events.ts';
import { startGitHub, type GitHubSimulator } from '../../support/forge/github/simulator.ts';
import type { ReportedStatus } from '../../support/forge/github/world/other-parties.ts';

const NOW = new Date('2026-11-21T10:00:00.000Z');
const DEPLOY = 'acme/deploy';
const ARGO = 'https://argocd.example.com';

let github: GitHubSimulator;
let commit: string;

beforeEach(async () => {
  const events = ['status', 'deployment_status', 'check_run'];
  github = await startGitHub({ now: () => NOW, app: { events } });
  github.people.createRepository({ owner: 'acme', name: 'deploy' });
  commit = github.state.head(DEPLOY) ?? '';
});
afterEach(() => github.close());

/** The body of the webhook that GitHub sent last. */
function payload(): unknown {
  const delivery = github.outbox.deliveries.at(-1);
  return JSON.parse(delivery?.body ?? 'null');
}

function status(told: ReportedStatus) {
  github.people.reportStatus(DEPLOY, commit, told);
  return deployReportOfStatus(payload());
}

const about = () => ({
  revision: commit,
  repository: { forge: 'github', path: DEPLOY },
  at: NOW.toISOString(),
});

describe('a status of Flux', () => {
  test.each([
    ['success', 'reconciliation succeeded', 'succeeded'],
    ['success', 'upgrade succeeded', 'succeeded'],
    ['success', 'progressing', 'in-progress'],
    ['success', 'dependency not ready', 'queued'],
    ['success', 'rollback succeeded', 'failed'],
    ['success', 'uninstall succeeded', 'failed'],
    ['failure', 'health check failed', 'failed'],
    ['failure', 'reconciliation failed', 'failed'],
    ['success', 'info', undefined],
    ['success', '', undefined],
  ] as const)('%s with "%s" is %s', (state, description, expected) => {
    const report = status({ context: 'kustomization/apps/e3173055', state, description });
    expect(report?.state).toBe(expected);
  });

  test.each([
    ['kustomization/apps/e3173055', 'Kustomization/e3173055/apps'],
    ['helmrelease/shop.web/0a1b2c3d', 'HelmRelease/0a1b2c3d/shop.web'],
    ['Kustomization/apps/cluster-1', 'Kustomization/cluster-1/apps'],
  ])('%s is of %s', (context, application) => {
    expect(status({ context, state: 'success', description: 'reconciliation succeeded' })).toEqual({
      ...about(),
      ...{ tool: 'flux', application, state: 'succeeded', message: 'reconciliation succeeded' },
    });
  });
});

describe('a status of Argo CD', () => {
  test.each([
    ['pending', 'in-progress'],
    ['success', 'succeeded'],
    ['failure', 'failed'],
    ['error', 'failed'],
  ] as const)('%s is %s', (state, expected) => {
    const url = `${ARGO}/applications/shop-staging?operation=true`;
    const description = 'Application shop-staging has a new version.';
    expect(status({ context: 'continuous-delivery/shop-staging', state, description, targetUrl: url })).toEqual({
      ...about(),
      ...{ tool: 'argo-cd', application: 'shop-staging', state: expected, message: description, url },
    });
  });

  test.each([
    ['argocd/shop', undefined, 'shop'],
    ['Argo-CD/shop', undefined, 'shop'],
    ['a label of ours', `${ARGO}/applications/shop?operation=true`, 'shop'],
    ['a label of ours', `${ARGO}/cd/applications/argocd/shop?operation=true`, 'shop'],
  ])('%s with the link %s is of %s', (context, targetUrl, application) => {
    const report = status({ context, state: 'success', ...(targetUrl !== undefined && { targetUrl }) });
    expect(report).toMatchObject({ tool: 'argo-cd', application });
  });
});

describe('a status of somebody else is no report', () => {
  test.each([
    ['ci/circleci: build', undefined],
    ['continuous-integration/drone/push', 'https://drone.example.com/acme/deploy/12'],
    ['default', 'https://ci.example.com/applications/shop'],
    ['default', 'https://spinnaker.example.com/#/applications/shop/executions?operation=true'],
    ['gitrepository/flux-system/e3173055', undefined],
    ['kustomization/apps', undefined],
    ['netlify/shop/deploy-preview', undefined],
    ['continuous-delivery/', undefined],
    ['tagalong/staging', undefined],
    ['tagalong/review', `${ARGO}/applications/shop?operation=true`],
  ])('%s %s', (context, targetUrl) => {
    const description = 'reconciliation succeeded';
    expect(status({ context, state: 'success', description, ...(targetUrl !== undefined && { targetUrl }) })).toBe(
      undefined,
    );
  });
});

describe('the state of a deployment', () => {
  function deployment(told: Parameters<typeof github.people.reportDeployment>[2]) {
    github.people.reportDeployment(DEPLOY, commit, told);
    return deployReportOfDeploymentStatus(payload());
  }

  test.each([
    ['queued', 'queued'],
    ['pending', 'queued'],
    ['in_progress', 'in-progress'],
    ['success', 'succeeded'],
    ['failure', 'failed'],
    ['error', 'failed'],
    ['inactive', undefined],
  ] as const)('%s is %s', (state, expected) => {
    expect(deployment({ environment: 'staging', state })?.state).toBe(expected);
  });

  test('by anybody is of the environment that it names', () => {
    const logUrl = 'https://ci.example.com/12';
    const environmentUrl = 'https://staging.example.com';
    const told = { environment: 'staging', state: 'success', description: 'done', logUrl, environmentUrl } as const;
    expect(deployment({ ...told, by: 'github-actions[bot]' })).toEqual({
      ...about(),
      ...{ tool: 'generic', application: 'staging', environment: 'staging', state: 'succeeded', message: 'done' },
      ...{ url: logUrl, environmentUrl },
    });
  });

  test('by Argo CD is of the application in its link, whatever the template calls the environment', () => {
    const logUrl = `${ARGO}/applications/shop-staging?operation=true`;
    const report = deployment({ environment: 'production', state: 'success', logUrl });
    expect(report).toMatchObject({ tool: 'argo-cd', application: 'shop-staging', url: logUrl });
    expect(report).not.toHaveProperty('environment');
  });

  test('of a preview, and of the bot itself, is no report', () => {
    expect(deployment({ environment: 'pr-12', state: 'success', transient: true })).toBeUndefined();
    expect(deployment({ environment: 'staging', state: 'success' })).toBeDefined();
    const own = structuredClone(payload()) as { deployment: { task: string; payload: unknown } };
    own.deployment.task = 'deploy:tagalong/staging';
    expect(deployReportOfDeploymentStatus(own)).toBeUndefined();
    own.deployment.task = 'deploy';
    own.deployment.payload = { tagalong: {} };
    expect(deployReportOfDeploymentStatus(own)).toBeUndefined();
  });
});

describe('a check run', () => {
  function checkRun(told: Omit<Parameters<typeof github.people.reportCheckRun>[2], 'app' | 'name'>) {
    github.people.reportCheckRun(DEPLOY, commit, { name: 'continuous-delivery/shop', app: 'argo-notifier', ...told });
    return deployReportOfCheckRun(payload());
  }

  test.each([
    [undefined, 'in-progress'],
    ['success', 'succeeded'],
    ['failure', 'failed'],
    ['timed_out', 'failed'],
    ['cancelled', 'failed'],
    ['neutral', undefined],
    ['skipped', undefined],
  ] as const)('of Argo CD that is %s is %s', (conclusion, expected) => {
    const report = checkRun({ externalId: 'argocd-notifications', ...(conclusion && { conclusion }) });
    expect(report?.state).toBe(expected);
  });

  test('of Argo CD is of the application in its link, else of its name', () => {
    const detailsUrl = `${ARGO}/applications/argocd/shop-staging?operation=true`;
    const marked = { externalId: 'argocd-notifications', conclusion: 'success' } as const;
    expect(checkRun({ ...marked, detailsUrl, title: 'Synced' })).toEqual({
      ...about(),
      ...{ tool: 'argo-cd', application: 'shop-staging', state: 'succeeded', message: 'Synced', url: detailsUrl },
    });
    expect(checkRun(marked)).toMatchObject({ application: 'shop' });
  });

  test('of CI is no report', () => {
    expect(checkRun({ externalId: 'build-12', conclusion: 'success' })).toBeUndefined();
    expect(checkRun({ conclusion: 'success' })).toBeUndefined();
  });
});

describe('what is no webhook of GitHub', () => {
  test.each([null, 1, 'x', {}, { sha: 'main' }, { check_run: {} }, { deployment_status: { state: 'success' } }])(
    'is no report: %j',
    (body) => {
      const readers = [deployReportOfStatus, deployReportOfDeploymentStatus, deployReportOfCheckRun];
      expect(readers.map((read) => read(body))).toEqual([undefined, undefined, undefined]);
    },
  );

  test('text is bounded and free of control characters, links are of the web', () => {
    const report = status({ context: 'continuous-delivery/shop', state: 'failure', description: 'a\u0000\u202Eb' });
    expect(report).toMatchObject({ message: 'a b' });
    const hostile = { ...(payload() as object), description: 'x'.repeat(70_000), target_url: 'javascript:alert(1)' };
    const read = deployReportOfStatus(hostile);
    expect(read?.message).toHaveLength(2_000);
    expect(read).not.toHaveProperty('url');
  });
});
