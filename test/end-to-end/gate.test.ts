import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PullRequest, Repository } from '../support/forge/github/world/model.ts';
import { Stage } from '../support/stage.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let stage: Stage;
let repository: Repository;

const people = { mona: 'write', sue: 'write', sam: 'write', eve: 'write' } as const;

const deployment = (image: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec: { template: { spec: { containers: [{ name: shop, image: "${image}" }] } } }
`;

beforeAll(async () => {
  stage = await Stage.open();
  const files = { 'shop.yaml': deployment('ghcr.io/gate/shop:1.4.1') };
  repository = await stage.manifests('gate', files, 'deploy', people);
  stage.github.people.protectBranch(repository, 'main', {
    requiredChecks: ['tagalong/review'],
    dismissesStaleReviews: false,
  });
});

afterAll(async () => {
  expect(await stage.close()).toBe(0);
});

afterEach(() => {
  expect(stage.github.violations).toEqual([]);
});

function opened(branch: string, author: string): PullRequest {
  return stage.github.people.openPullRequest(repository, { head: branch, author });
}

describe('nobody approves', () => {
  it('what they pushed in the name of somebody else', async () => {
    const { people: github } = stage.github;
    const { name, email } = github.person('sue');
    const files = { 'forged.yaml': deployment('nginx:1.25.0') };
    github.pushFiles(repository, 'forged', files, { author: 'eve', as: { name, email } });
    const pull = opened('forged', 'mona');
    await stage.gated(pull, 'pending', '1 approval');
    github.review(pull, 'APPROVED', { author: 'eve' });
    await stage.gated(pull, 'pending', 'whoever has written or pushed commits');
    github.review(pull, 'APPROVED', { author: 'sam' });
    await stage.gated(pull, 'success');
  });

  it('the version that they asked the bot for', async () => {
    const { people: github } = stage.github;
    github.pushFiles(repository, 'note', { 'note.yaml': deployment('nginx:1.26.0') }, { author: 'mona' });
    const asking = opened('note', 'mona');
    await stage.gated(asking, 'pending', '1 approval');
    github.comment(asking, '/bump ghcr.io/gate/shop:1.3.0', { author: 'sue' });
    const bump = await stage.until('the version is proposed', () =>
      stage.github.state.pullRequests(repository, 'open').find(({ title }) => title.includes('1.3.0')),
    );
    await stage.gated(bump, 'pending', '1 approval');
    github.review(bump, 'APPROVED', { author: 'sue' });
    await stage.gated(bump, 'pending', 'whoever asked for it has chosen it already');
    github.review(bump, 'APPROVED', { author: 'sam' });
    await stage.gated(bump, 'success');
  });
});

describe('two pull requests with the same head', () => {
  let one: PullRequest;
  let other: PullRequest;

  beforeAll(async () => {
    const { people: github } = stage.github;
    const head = github.pushFiles(repository, 'one', { 'one.yaml': deployment('nginx:1.27.0') }, { author: 'mona' });
    one = opened('one', 'mona');
    github.review(one, 'APPROVED', { author: 'sam' });
    await stage.gated(one, 'success');
    github.resetBranch(repository, 'other', head, { author: 'mona' });
    other = opened('other', 'mona');
  });

  it('are free together or not at all', async () => {
    const { people: github } = stage.github;
    await stage.gated(one, 'pending', 'have the same head commit');
    github.review(other, 'APPROVED', { author: 'sue' });
    await stage.gated(one, 'success');
    github.comment(one, '/hold', { author: 'sue' });
    await stage.gated(other, 'pending');
    github.comment(one, '/unhold', { author: 'sue' });
    await stage.gated(other, 'success');
  });

  it('let each other go when one of them is closed', async () => {
    const { people: github } = stage.github;
    github.comment(one, '/hold', { author: 'sue' });
    await stage.gated(other, 'pending');
    github.closePullRequest(one, { by: 'sue' });
    await stage.gated(other, 'success');
  });
});
