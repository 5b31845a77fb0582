import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PullRequest, Repository } from '../support/forge/github/world/model.ts';
import { Stage } from '../support/stage.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});

afterAll(async () => {
  expect(await stage.close()).toBe(0);
});

afterEach(() => {
  expect(stage.github.violations).toEqual([]);
});

const people = { eve: 'write', mona: 'write', sue: 'write', root: 'admin', reader: 'read' } as const;

const deployment = (image: string, more = '') => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 2${more}
  template:
    spec:
      containers:
        - name: shop
          image: ${image}
`;

const guarded = `version: 1
environments:
  staging:
    paths: ['overlays/staging/**']
    merge: auto
  production:
    paths: ['overlays/production/**']
    review: { approvals: 2, from: ['@base/sre'] }
`;

/** A manifest repository whose branch demands the gate. */
async function manifests(owner: string, files: Record<string, string>): Promise<Repository> {
  const repository = await stage.manifests(owner, files, 'deploy', people);
  stage.github.people.protectBranch(repository, 'main', {
    requiredChecks: ['tagalong/review'],
    dismissesStaleReviews: false,
  });
  return repository;
}

function change(repository: Repository, branch: string, files: Record<string, string | null>): PullRequest {
  const { people: github } = stage.github;
  github.pushFiles(repository, branch, files, { author: 'eve' });
  return github.openPullRequest(repository, { head: branch, author: 'eve' });
}

describe('what lies outside of every environment', () => {
  let repository: Repository;
  const overlay = (replicas: string) => `resources: [../../base]\n${replicas}`;

  beforeAll(async () => {
    stage.github.people.team('base', 'sre', ['sue', 'root']);
    repository = await manifests('base', {
      '.tagalong.yml': guarded,
      'base/kustomization.yaml': 'resources: [shop.yaml]\n',
      'base/shop.yaml': deployment('nginx:1.25.0'),
      'overlays/staging/kustomization.yaml': overlay(''),
      'overlays/production/kustomization.yaml': overlay('replicas: [{ name: shop, count: 5 }]\n'),
    });
  });

  it('needs the approvals of the environments that are rendered from it', async () => {
    const pull = change(repository, 'evil', { 'base/shop.yaml': deployment('evil:1.0.0') });
    await stage.gated(pull, 'pending', '2 approvals from `@base/sre`');
    stage.github.people.review(pull, 'APPROVED', { author: 'mona' });
    await stage.gated(pull, 'pending', 'it is asked of others');
    stage.github.people.review(pull, 'APPROVED', { author: 'sue' });
    stage.github.people.review(pull, 'APPROVED', { author: 'root' });
    await stage.gated(pull, 'success');
  });

  it('does not need those of environments that it does nothing to', async () => {
    const text = deployment('nginx:1.25.0').replace('replicas: 2', 'replicas: 3');
    const pull = change(repository, 'scale', { 'base/shop.yaml': text });
    await stage.gated(pull, 'pending', '1 approval');
    stage.github.people.review(pull, 'APPROVED', { author: 'mona' });
    await stage.gated(pull, 'success');
  });
});

describe('what people write', () => {
  const hostile =
    '@sue @base/sre <img src=x onerror=alert(1)> [a](http://evil.example) ![b](http://evil.example/b) acme/shop#1 ' +
    '<!-- tagalong:diff --> </details> `${{ github.token }}` \u202eevil\u200b \u001b[2J | ``` ::error::x *b* http://evil.example';

  let pull: PullRequest;

  /** All that the bot has said about the pull request, without what stands in code and in markers of its own. */
  function said(): string {
    const { state } = stage.github;
    const comments = state.comments(pull).flatMap(({ app, body }) => (app === undefined ? [] : [body]));
    const checks = state
      .checkRuns(pull.repository, pull.head.sha)
      .flatMap(({ title, summary }) => [title ?? '', summary ?? '']);
    return [...comments, ...checks]
      .map((text) => text.replace(/^<!-- [^>]*-->$/gm, '').replace(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, 'code'))
      .join('\n');
  }

  beforeAll(async () => {
    const repository = await manifests('words', {
      '.tagalong.yml': 'version: 1\n',
      'shop.yaml': deployment('nginx:1.25.0'),
    });
    pull = change(repository, 'words', { 'shop.yaml': deployment('nginx:1.26.0') });
    await stage.gated(pull, 'pending', '1 approval');
  });

  it('calls nobody, links nothing and breaks nothing', async () => {
    const { people: github } = stage.github;
    const lines = [
      '/hold',
      '/freeze for 1h',
      '/override render',
      '/override',
      '/bump',
      '/bump evil/',
      '/pin 1`@sue for 7d',
      '/mergee',
    ];
    github.comment(pull, lines.map((line) => `${line} ${hostile}`).join('\n'), { author: 'root' });
    github.comment(pull, `/merge ${hostile}`, { author: 'reader' });
    await stage.commented(pull, 'mergee');
    await stage.commented(pull, 'write');
    await stage.gated(pull, 'pending', 'Frozen');
    github.comment(pull, '/why\n/status', { author: 'reader' });
    await stage.commented(pull, '/status');
    expect(said()).toContain('It is on hold by');
    expect(said()).not.toMatch(
      /(?<![\w&])@[a-z]|<img|\]\(http|<!--|\u202e|\u200b|\u001b|(?<![\w(])https?:\/\/evil|shop#1/i,
    );
  });
});

describe('a branch that only the bot should write', () => {
  let repository: Repository;

  async function merged(tag: string): Promise<PullRequest> {
    return stage.until(`${tag} is merged`, () =>
      stage.github.state
        .pullRequests(repository)
        .find(({ title, merge }) => title.endsWith(`to ${tag} in staging`) && merge !== undefined),
    );
  }

  beforeAll(async () => {
    repository = await manifests('squat', {
      '.tagalong.yml': "version: 1\nenvironments:\n  staging: { paths: ['staging/**'], merge: auto }\n",
      'staging/shop.yaml': deployment('ghcr.io/squat/shop:1.4.1'),
    });
  });

  it('brings nothing by somebody who was there first, and is the bot’s again once that is gone', async () => {
    const { people: github, state } = stage.github;
    await stage.publish({ image: 'ghcr.io/squat/shop:1.4.2' });
    const { branch } = (await merged('1.4.2')).head;
    await stage.until('its branch is gone', () => !state.branches(repository).includes(branch));
    const squatted = change(repository, branch, { 'staging/evil.yaml': deployment('evil:1.0.0') });
    await stage.gated(squatted, 'pending', '1 approval');
    await stage.publish({ image: 'ghcr.io/squat/shop:1.4.3' });
    await stage.until(
      'a refusal',
      () => stage.logged('A subject will be reconciled again', { code: 'forge-refused' })[0],
    );
    const told = state
      .checkRuns(repository, state.head(repository) ?? '')
      .find(({ name }) => name.startsWith('tagalong/bump'));
    expect(told?.summary).toContain('Merge, rename or delete it.');
    expect(state.file(repository, 'staging/evil.yaml')).toBeUndefined();
    github.deleteBranch(repository, branch, { author: 'eve' });
    await merged('1.4.3');
    expect(state.file(repository, 'staging/evil.yaml')).toBeUndefined();
    expect(squatted.merge).toBeUndefined();
  });
});
