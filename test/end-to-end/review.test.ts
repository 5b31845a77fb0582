import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PullRequest, Repository } from '../support/forge/github/world/model.ts';
import { Stage } from '../support/stage.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open({ env: { TAGALONG_BYPASS_WAIT: '1s' } });
});

afterAll(async () => {
  expect(await stage.close()).toBe(0);
});

afterEach(() => {
  expect(stage.github.violations).toEqual([]);
});

const deployment = (image: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  namespace: default
spec:
  template:
    spec:
      containers:
        - name: shop
          image: ${image}
`;

const twoEnvironments = `version: 1
environments:
  staging:
    paths: ['staging/**']
    merge: auto
  production:
    paths: ['production/**']
    review: { approvals: 2, from: ['@acme/sre'] }
`;

const people = { mona: 'write', sue: 'write', sam: 'write', root: 'admin', reader: 'read' } as const;

/** A manifest repository whose branch demands the gate, and the application that it deploys. */
async function organisation(owner: string, config: string, files: Record<string, string>) {
  const { people: github } = stage.github;
  github.team(owner, 'sre', ['sue', 'sam']);
  github.createRepository({ owner, name: 'shop', collaborators: people });
  const repository = await stage.manifests(owner, { '.tagalong.yml': config, ...files }, 'deploy', people);
  github.protectBranch(repository, 'main', { requiredChecks: ['tagalong/review'], dismissesStaleReviews: false });
  const branch = 'faster';
  github.pushFiles(`${owner}/shop`, branch, { 'main.go': 'package main\n' }, { author: 'mona' });
  const feature = github.openPullRequest(`${owner}/shop`, { head: branch, title: 'Answer faster', author: 'mona' });
  const commit = github.merge(feature, { by: 'mona', method: 'squash' });
  return { repository, feature, commit, application: `${owner}/shop` };
}

type Organisation = Awaited<ReturnType<typeof organisation>>;

function publish({ commit, application }: Organisation, tag: string) {
  return stage.publish({ image: `ghcr.io/${application}:${tag}`, commit, repository: application });
}

function merged(pull: PullRequest): Promise<string> {
  return stage.until(`#${pull.number} merged`, () => pull.merge?.commit);
}

describe('an image on its way through two environments', () => {
  let acme: Organisation;
  let production: PullRequest;

  beforeAll(async () => {
    acme = await organisation('acme', twoEnvironments, {
      'staging/shop.yaml': deployment('ghcr.io/acme/shop:1.4.1'),
      'production/shop.yaml': deployment('ghcr.io/acme/shop:1.4.1'),
    });
    await publish(acme, '1.4.2');
  });

  it('merges by itself where the policy says so', async () => {
    const pull = await stage.proposed(acme.repository, 'Bump acme/shop from 1.4.1 to 1.4.2 in staging');
    await merged(pull);
    expect(pull.merge?.by.login).toBe('tagalong[bot]');
    expect(stage.github.state.file(acme.repository, 'staging/shop.yaml')).toBe(deployment('ghcr.io/acme/shop:1.4.2'));
    await stage.until(
      'its branch is gone',
      () => !stage.github.state.branches(acme.repository).includes(pull.head.branch),
    );
  });

  it('waits for two of the team, and for nobody who wrote what it brings', async () => {
    const { people: github } = stage.github;
    production = await stage.proposed(acme.repository, 'Bump acme/shop from 1.4.1 to 1.4.2 in production');
    await stage.gated(production, 'pending', '2 approvals');
    expect(() => github.merge(production, { by: 'sue' })).toThrow('tagalong/review');
    github.review(production, 'APPROVED', { author: 'mona' });
    github.review(production, 'APPROVED', { author: 'sue' });
    await stage.gated(production, 'pending', '1 more');
    github.comment(production, '/merge', { author: 'sue' });
    expect(production.state).toBe('open');
  });

  it('merges as it was asked to once the second of the team has approved, on the newest base', async () => {
    stage.github.people.review(production, 'APPROVED', { author: 'sam' });
    await merged(production);
    expect(production.merge?.by.login).toBe('tagalong[bot]');
  });

  it('tells the application what is live, and what a tool said of a failure', async () => {
    const staging = stage.github.state
      .pullRequests(acme.repository)
      .find(({ title }) => title === 'Bump acme/shop from 1.4.1 to 1.4.2 in staging');
    await stage.report({
      application: 'shop-staging',
      state: 'succeeded',
      revision: staging?.merge?.commit ?? '',
      environment: 'staging',
    });
    await stage.until('staging is live', () => statusOf(acme, 'tagalong/staging') === 'success');
    await stage.report({
      application: 'shop-production',
      state: 'failed',
      revision: production.merge?.commit ?? '',
      environment: 'production',
      message: 'Deployment "shop" exceeded its progress deadline',
    });
    await stage.until('production has failed', () => statusOf(acme, 'tagalong/production') === 'failure');
    const comment = await stage.commented(acme.feature, 'production');
    expect(comment).toContain('staging');
    const onBump = await stage.commented(production, 'exceeded its progress deadline');
    expect(onBump).toContain('/rollback');
    const states = stage.github.state
      .deployments(acme.application)
      .map(({ environment, statuses }) => `${environment}: ${statuses.at(-1)?.state ?? ''}`)
      .sort();
    expect(states).toEqual(['production: failure', 'staging: success']);
  });

  it('is rolled back by a comment, and stays so whatever is published', async () => {
    const { people: github } = stage.github;
    github.comment(production, '/rollback', { author: 'sue' });
    const title = 'Roll back acme/shop to 1.4.1 in production';
    const rollback = await stage.proposed(acme.repository, title);
    github.review(rollback, 'APPROVED', { author: 'sam' });
    github.review(rollback, 'APPROVED', { author: 'sue' });
    await stage.gated(rollback, 'success');
    github.merge(rollback, { by: 'sue' });
    await publish(acme, '1.4.3');
    const staging = await stage.proposed(acme.repository, 'Bump acme/shop from 1.4.2 to 1.4.3 in staging');
    await merged(staging);
    expect(stage.github.state.pullRequests(acme.repository, 'open')).toEqual([]);
    github.comment(rollback, '/unpin', { author: 'sue' });
    await stage.proposed(acme.repository, 'Bump acme/shop from 1.4.1 to 1.4.3 in production');
  });
});

function statusOf({ application, commit }: Organisation, context: string): string | undefined {
  return stage.github.state.statuses(application, commit).findLast((status) => status.context === context)?.state;
}

describe('people who try to go around the gate', () => {
  let repository: Repository;

  beforeAll(async () => {
    ({ repository } = await organisation('around', 'version: 1\n', {
      'shop.yaml': deployment('ghcr.io/around/shop:1.4.1'),
    }));
  });

  it('do not free themselves by the configuration that they bring, from a fork', async () => {
    const { people: github } = stage.github;
    const fork = github.fork(repository, 'stranger');
    const free = 'version: 1\nenvironments:\n  all: { paths: ["**"], merge: auto, review: { approvals: 0 } }\n';
    github.pushFiles(fork, 'free', { '.tagalong.yml': free }, { author: 'stranger' });
    const pull = github.openPullRequest(repository, { head: 'free', from: fork, author: 'stranger' });
    await stage.gated(pull, 'pending', '1 approval');
    github.comment(pull, '/approve\n/merge', { author: 'stranger' });
    await stage.commented(pull, 'write');
    await stage.gated(pull, 'pending', '1 approval');
    expect(pull.state).toBe('open');
  });

  it('lose an approval with a push that changes what is rendered, and keep it with one that does not', async () => {
    const { people: github } = stage.github;
    const change = deployment('ghcr.io/around/shop:1.4.1').replace(
      'name: shop\n  namespace',
      'name: shop2\n  namespace',
    );
    github.pushFiles(repository, 'rename', { 'shop.yaml': change }, { author: 'mona' });
    const pull = github.openPullRequest(repository, { head: 'rename', author: 'mona' });
    await stage.gated(pull, 'pending', '1 approval');
    github.review(pull, 'APPROVED', { author: 'sue' });
    await stage.gated(pull, 'success');
    github.pushFiles(repository, 'rename', { 'shop.yaml': `# A remark.\n${change}` }, { author: 'mona' });
    await stage.gated(pull, 'success');
    const other = change.replace('shop2', 'shop3');
    github.pushFiles(repository, 'rename', { 'shop.yaml': other }, { author: 'mona' });
    await stage.gated(pull, 'pending', '1 approval');
    await stage.until('the approval is dismissed', () => pull.reviews.some(({ state }) => state === 'DISMISSED'));
  });

  it('are seen when they push to the branch, and the way back is one press of a button', async () => {
    const { people: github } = stage.github;
    const commit = github.pushFiles(repository, 'main', { 'shop.yaml': deployment('evil:1.0.0') }, { author: 'root' });
    const check = await stage.until('the bypass is told', () =>
      stage.github.state.checkRuns(repository, commit).find(({ name }) => name === 'tagalong/bypass'),
    );
    expect(check.conclusion).not.toBe('success');
    github.pressButton(check, 'revert', { by: 'sue' });
    const revert = await stage.until('a revert is proposed', () =>
      stage.github.state
        .pullRequests(repository, 'open')
        .find(({ head }) => head.branch.startsWith('tagalong/revert/')),
    );
    expect(stage.github.state.file(repository, 'shop.yaml', revert.head.branch)).toBe(
      deployment('ghcr.io/around/shop:1.4.1'),
    );
  });
});

describe('a merge queue', () => {
  let repository: Repository;

  async function approved(branch: string, files: Record<string, string>): Promise<PullRequest> {
    const { people: github } = stage.github;
    github.pushFiles(repository, branch, files, { author: 'mona' });
    const pull = github.openPullRequest(repository, { head: branch, author: 'mona' });
    await stage.gated(pull, 'pending', '1 approval');
    github.review(pull, 'APPROVED', { author: 'sue' });
    await stage.gated(pull, 'success');
    return pull;
  }

  beforeAll(async () => {
    ({ repository } = await organisation('queue', 'version: 1\n', {
      'shop.yaml': deployment('ghcr.io/queue/shop:1.4.1'),
    }));
  });

  it('is answered on the commit that it would merge, and what it merges is no bypass', async () => {
    const pull = await approved('more', { 'more.yaml': deployment('nginx:1.25.0') });
    const { commit } = stage.github.people.enqueue(pull, { by: 'sue' });
    expect(await merged(pull)).toBe(commit);
    const follower = await approved('even-more', { 'even-more.yaml': deployment('nginx:1.27.0') });
    expect(follower.state).toBe('open');
    expect(stage.github.state.checkRuns(repository, commit).map(({ name }) => name)).toEqual(['tagalong/review']);
  });

  it('lets nothing in that is held meanwhile', async () => {
    const pull = await approved('held', { 'held.yaml': deployment('nginx:1.26.0') });
    stage.github.people.comment(pull, '/hold', { author: 'sue' });
    await stage.gated(pull, 'pending', 'hold');
    const { commit } = stage.github.people.enqueue(pull, { by: 'sue' });
    const check = await stage.until(
      'an answer to the queue',
      () => stage.github.state.checkRuns(repository, commit)[0],
    );
    expect(check.conclusion ?? 'pending').toBe('pending');
    expect(pull.state).toBe('open');
  });

  it('lets nothing in with one that is held, where the last of several frees them all', async () => {
    const { people: github } = stage.github;
    github.addRuleset(repository, { mergeQueue: 'HEADGREEN' });
    const [first, second] = [
      await approved('first', { 'first.yaml': deployment('nginx:1.25.1') }),
      await approved('second', { 'second.yaml': deployment('nginx:1.25.2') }),
    ];
    const { commit } = github.enqueue(first, { by: 'sue' });
    const check = await stage.until('an answer', () => stage.github.state.checkRuns(repository, commit)[0]);
    expect(check.conclusion ?? 'pending').toBe('pending');
    expect(check.title).toContain('is before it in the merge queue');
    const last = github.enqueue(second, { by: 'sue' });
    await stage.until('another', () => stage.github.state.checkRuns(repository, last.commit)[0]);
    expect([first.state, second.state]).toEqual(['open', 'open']);
  });
});

describe('commands', () => {
  let repository: Repository;
  let pull: PullRequest;

  beforeAll(async () => {
    ({ repository } = await organisation('orders', 'version: 1\n', {
      'shop.yaml': deployment('ghcr.io/orders/shop:1.4.1'),
    }));
    const { people: github } = stage.github;
    github.pushFiles(repository, 'more', { 'more.yaml': deployment('nginx:1.25.0') }, { author: 'mona' });
    pull = github.openPullRequest(repository, { head: 'more', author: 'mona' });
    await stage.gated(pull, 'pending');
    github.review(pull, 'APPROVED', { author: 'sue' });
    await stage.gated(pull, 'success');
  });

  it('hold a change, say who did, and let it go', async () => {
    stage.github.people.comment(pull, '/hold until Monday', { author: 'sue' });
    await stage.gated(pull, 'pending', 'hold');
    stage.github.people.comment(pull, '> /hold quoted\n\n/unhold', { author: 'mona' });
    await stage.gated(pull, 'success');
  });

  it('freeze for a while, and nobody has to come back for it to end', async () => {
    stage.github.people.comment(pull, '/freeze for 5s a short one', { author: 'sue' });
    await stage.gated(pull, 'pending', 'a short one');
    await stage.gated(pull, 'success');
  });

  it('freeze everything until somebody who may has overridden it', async () => {
    const { people: github } = stage.github;
    github.comment(pull, '/freeze for 2h the database is moving', { author: 'sue' });
    await stage.gated(pull, 'pending', 'the database is moving');
    github.comment(pull, '/override freeze hot fix', { author: 'sue' });
    await stage.commented(pull, 'admin');
    github.comment(pull, '/override freeze hot fix', { author: 'root' });
    await stage.gated(pull, 'success', 'hot fix');
    github.comment(pull, '/unfreeze', { author: 'sue' });
  });

  it('of 65,000 characters, by readers and by bots do nothing, politely', async () => {
    const { people: github } = stage.github;
    github.comment(pull, `${'x '.repeat(32_000)}\n/hodl\n`, { author: 'sue' });
    await stage.commented(pull, '/hold');
    github.comment(pull, '/hold', { author: 'reader' });
    await stage.commented(pull, 'write');
    expect([...pull.labels].map(({ name }) => name)).toEqual([]);
  });

  it('merge once, however often they are given', async () => {
    const { people: github } = stage.github;
    github.comment(pull, '/merge', { author: 'sue' });
    github.comment(pull, '/merge', { author: 'sam' });
    const commit = await merged(pull);
    expect(pull.merge?.by.login).toBe('tagalong[bot]');
    expect(stage.github.state.head(repository)).toBe(commit);
  });
});
