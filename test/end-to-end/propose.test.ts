import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PullRequest, Repository } from '../support/forge/github/world/model.ts';
import { Stage } from '../support/stage.ts';
import { describeWithTools } from '../support/tools.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

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

const names = (pull: PullRequest) => [...pull.labels].map(({ name }) => name).sort();
const digest = `sha256:${'5e'.repeat(32)}`;

/** What the branch of a pull request has that its base has not, whole files by path. */
function written(repository: Repository, pull: PullRequest): Record<string, string | undefined> {
  const base = stage.github.state.files(repository);
  const head = stage.github.state.files(repository, pull.head.branch);
  const paths = new Set([...base.keys(), ...head.keys()]);
  return Object.fromEntries(
    [...paths].filter((path) => base.get(path) !== head.get(path)).map((path) => [path, head.get(path)]),
  );
}

const deployment = (image: string, name = 'shop') => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: default
spec:
  template:
    spec:
      containers:
        - name: ${name}
          image: ${image} # by the bot
`;

describe('an image that GitHub says is published', () => {
  let repository: Repository;
  let commit: string;
  const files = {
    'shop.yaml': deployment('ghcr.io/first/shop:1.4.1'),
    'other.yaml': deployment('nginx:1.25.0', 'web'),
  };

  function publish(tag: string): void {
    const { people } = stage.github;
    people.publishPackage({ owner: 'first', name: 'shop', tag, digest, repository: 'first/shop', commit });
  }

  beforeAll(async () => {
    const { people } = stage.github;
    people.createRepository({ owner: 'first', name: 'shop' });
    commit = people.pushFiles('first/shop', 'main', { 'main.go': 'package main\n' });
    repository = await stage.manifests('first', files);
  });

  it('is proposed: title, body, labels, a verified commit of the wanted bytes, and the rendered diff', async () => {
    publish('1.4.2');
    const pull = await stage.proposed(repository, 'Bump first/shop from 1.4.1 to 1.4.2 in main');
    expect(pull.author.login).toBe('tagalong[bot]');
    expect(names(pull)).toEqual(['env: main', 'tagalong']);
    expect(pull.body).toContain('`ghcr.io/first/shop` in **main**: `1.4.1` → **`1.4.2`**');
    expect(pull.body).toContain(
      `[\`first/shop@${commit.slice(0, 7)}\`](${stage.github.url}/first/shop/commit/${commit})`,
    );
    expect(pull.body).toContain('`shop.yaml:11`');

    const { signed, message, parents } = stage.github.state.commit(repository, pull.head.branch);
    expect({ signed, parents }).toEqual({ signed: true, parents: [stage.github.state.head(repository)] });
    expect(message).toContain('Bump first/shop from 1.4.1 to 1.4.2 in main');
    expect(written(repository, pull)).toEqual({ 'shop.yaml': files['shop.yaml'].replace('1.4.1', '1.4.2') });

    const comment = await stage.commented(pull, '1 resource changes in 1 app');
    expect(comment).toContain('-          image: ghcr.io/first/shop:1.4.1');
    expect(comment).toContain('+          image: ghcr.io/first/shop:1.4.2');
  });

  it('goes into the same pull request when it is newer, and the comment follows', async () => {
    publish('1.5.0');
    const pull = await stage.proposed(repository, 'Bump first/shop from 1.4.1 to 1.5.0 in main');
    expect(stage.github.state.pullRequests(repository)).toEqual([pull]);
    expect(pull.body).toContain('Proposed here before: `1.4.2@sha256:5e5e5e5e5e5e…`');
    expect(written(repository, pull)).toEqual({ 'shop.yaml': files['shop.yaml'].replace('1.4.1', '1.5.0') });
    await stage.commented(pull, '+          image: ghcr.io/first/shop:1.5.0');
    expect(stage.github.state.comments(pull)).toHaveLength(1);
  });

  it('is merged by a person: its branch goes, and it is not proposed again', async () => {
    const [pull] = stage.github.state.pullRequests(repository, 'open');
    stage.github.people.merge(pull ?? expect.unreachable());
    await stage.until('the branch is gone', () => stage.github.state.branches(repository).join() === 'main');
    publish('1.5.0');
    await stage.publish({ image: 'nginx:1.26.0' });
    const next = await stage.proposed(repository, 'Bump nginx from 1.25.0 to 1.26.0 in main');
    expect(stage.github.state.pullRequests(repository)).toEqual([pull, next]);
  });

  it('is closed by a person: its branch goes, and only a newer one is proposed', async () => {
    const [pull] = stage.github.state.pullRequests(repository, 'open');
    stage.github.people.closePullRequest(pull ?? expect.unreachable());
    await stage.until('the branch is gone', () => stage.github.state.branches(repository).join() === 'main');
    await stage.publish({ image: 'nginx:1.26.0', branch: 'again' });
    await stage.publish({ image: 'nginx:1.27.0' });
    await stage.proposed(repository, 'Bump nginx from 1.25.0 to 1.27.0 in main');
    expect(stage.github.state.pullRequests(repository).map(({ title, state }) => `${state} ${title}`)).toEqual([
      'closed Bump first/shop from 1.4.1 to 1.5.0 in main',
      'closed Bump nginx from 1.25.0 to 1.26.0 in main',
      'open Bump nginx from 1.25.0 to 1.27.0 in main',
    ]);
  });
});

describeWithTools(['kustomize', 'helm'], 'an image that kustomize and helm write', () => {
  const overlay = (tag: string) => `resources:
  - ../../base
images:
  - name: ghcr.io/tooled/shop
    newTag: ${tag}
`;
  const values = (tag: string) => `image:
  repository: ghcr.io/tooled/web
  tag: ${tag} # moved by the bot
`;
  const configuration = `version: 1
environments:
  staging:
    paths: ['apps/*/overlays/staging/**', 'charts/**']
  production:
    paths: ['apps/*/overlays/production/**']
`;
  const files = {
    '.tagalong.yml': configuration,
    'apps/shop/base/deployment.yaml': deployment('ghcr.io/tooled/shop'),
    'apps/shop/base/kustomization.yaml': 'resources:\n  - deployment.yaml\n',
    'apps/shop/overlays/staging/kustomization.yaml': overlay('v1.4.1'),
    'apps/shop/overlays/production/kustomization.yaml': overlay('v1.3.0'),
    'charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
    'charts/web/values.yaml': values('main-3f2a91c'),
    'charts/web/templates/deployment.yaml': deployment(
      '"{{ .Values.image.repository }}:{{ .Values.image.tag }}"',
      'web',
    ),
  };
  let repository: Repository;

  beforeAll(async () => {
    repository = await stage.manifests('tooled', files);
  });

  it('is proposed in each environment on its own, with the overlay rendered', async () => {
    stage.github.people.publishPackage({ owner: 'tooled', name: 'shop', tag: 'v1.4.2', digest });
    for (const [environment, from] of [
      ['staging', 'v1.4.1'],
      ['production', 'v1.3.0'],
    ] as const) {
      const path = `apps/shop/overlays/${environment}/kustomization.yaml`;
      const pull = await stage.proposed(repository, `Bump tooled/shop from ${from} to v1.4.2 in ${environment}`);
      expect(names(pull)).toEqual([`env: ${environment}`, 'tagalong']);
      expect(written(repository, pull)).toEqual({ [path]: overlay('v1.4.2') });
      const comment = await stage.commented(pull, `apps/shop/overlays/${environment}`);
      expect(comment).toContain(`-        - image: ghcr.io/tooled/shop:${from}`);
      expect(comment).toContain('+        - image: ghcr.io/tooled/shop:v1.4.2');
    }
    expect(stage.github.state.pullRequests(repository)).toHaveLength(2);
  });

  it('is proposed in the values of a chart, with the chart rendered', async () => {
    stage.github.people.publishPackage({ owner: 'tooled', name: 'web', tag: 'main-0f00ba7', digest });
    const pull = await stage.proposed(repository, 'Bump tooled/web from main-3f2a91c to main-0f00ba7 in staging');
    expect(written(repository, pull)).toEqual({ 'charts/web/values.yaml': values('main-0f00ba7') });
    const comment = await stage.commented(pull, 'charts/web');
    expect(comment).toContain('-          image: ghcr.io/tooled/web:main-3f2a91c');
    expect(comment).toContain('+          image: ghcr.io/tooled/web:main-0f00ba7');
  });

  it('stays where it is in every other file when both are merged', async () => {
    const before = stage.github.state.files(repository);
    for (const pull of stage.github.state.pullRequests(repository, 'open')) stage.github.people.merge(pull);
    const after = stage.github.state.files(repository);
    const moved = [...after].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
    expect(moved.sort()).toEqual([
      'apps/shop/overlays/production/kustomization.yaml',
      'apps/shop/overlays/staging/kustomization.yaml',
      'charts/web/values.yaml',
    ]);
    await stage.until('the branches are gone', () => stage.github.state.branches(repository).join() === 'main');
  });
});

describe('a Deployment whose labels tell commit and date', () => {
  const manifest = (
    hash: string,
    label = hash,
    date = '2019-12-07',
  ) => `# Applied by the delivery tool as it stands here.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: bot-demo-deployment
  labels:
    app: bot-demo
    deployDate: ${date}
    commitHash: ${label}
spec:
  replicas: 1
  selector:
    matchLabels:
      app: bot-demo
  template:
    metadata:
      labels:
        app: bot-demo
        deployDate: ${date}
        commitHash: ${label}
    spec:
      containers:
      - name: bot-demo
        image:   docker.io/kana/bot-demo:${hash}
        envFrom:
          - secretRef: { name: bot-demo }   # sealed
---
apiVersion: v1
kind: Service
metadata: { name: bot-demo, labels: { commitHash: untouched } }
`;
  const configuration = `version: 1
images:
  - match: docker.io/kana/bot-demo
    set:
      - { path: metadata.labels.commitHash, value: '{commit.short}' }
      - { path: metadata.labels.deployDate, value: '{date}' }
`;

  it.each(['593e910', '0362525'])(
    'moves to %s: image and both labels in both places, quoted where YAML would misread them, and no other byte',
    async (hash) => {
      const owner = `kana-${hash}`;
      const repository = await stage.manifests(owner, {
        '.tagalong.yml': configuration.replace('kana', owner),
        'deployment.yaml': manifest('593e9dd').replace('kana', owner),
      });
      const commit = `${hash}${'a1'.repeat(16)}b`;
      const [earliest, response] = [today(), await stage.publish({ image: `${owner}/bot-demo:${hash}`, commit })];
      expect(response.status).toBe(202);
      const pull = await stage.proposed(repository, `Bump ${owner}/bot-demo from 593e9dd to ${hash} in main`);
      const text = written(repository, pull)['deployment.yaml'] ?? '';
      const date = text.match(/deployDate: "(\S+)"/)?.[1] ?? '';
      expect([earliest, today()]).toContain(date);
      expect(written(repository, pull)).toEqual({
        'deployment.yaml': manifest(hash, `"${hash}"`, `"${date}"`).replace('kana', owner),
      });
      const comment = await stage.commented(pull, `+          image: docker.io/${owner}/bot-demo:${hash}`);
      expect(comment).toContain(`commitHash: "${hash}"`);
    },
  );

  const today = () => new Date().toISOString().slice(0, 10);
});

describe('a pull request by a person', () => {
  let repository: Repository;

  beforeAll(async () => {
    repository = await stage.manifests('people', { 'shop.yaml': deployment('ghcr.io/people/shop:1.0.0') });
  });

  it('gets the rendered diff, and a new one with every push, in one comment', async () => {
    const { people, state } = stage.github;
    people.pushFiles(repository, 'mine', { 'shop.yaml': deployment('ghcr.io/people/shop:7.0.0') });
    const pull = people.openPullRequest(repository, { head: 'mine' });
    await stage.commented(pull, '+          image: ghcr.io/people/shop:7.0.0');
    people.pushFiles(repository, 'mine', { 'shop.yaml': deployment('ghcr.io/people/shop:8.0.0') });
    await stage.commented(pull, '+          image: ghcr.io/people/shop:8.0.0');
    expect(state.comments(pull)).toHaveLength(1);
    people.merge(pull);
    await stage.publish({ image: 'ghcr.io/people/shop:8.1.0' });
    await stage.proposed(repository, 'Bump people/shop from 8.0.0 to 8.1.0 in main');
    expect(state.branches(repository)).toContain('mine');
  });

  it('gets it from a fork too', async () => {
    const { people } = stage.github;
    const fork = people.fork(repository, 'contributor');
    const text = deployment('ghcr.io/people/shop:9.0.0');
    people.pushFiles(fork, 'patch', { 'shop.yaml': text }, { author: 'contributor' });
    const pull = people.openPullRequest(repository, { head: 'patch', from: fork, author: 'contributor' });
    await stage.commented(pull, '+          image: ghcr.io/people/shop:9.0.0');
  });
});

describe('a repository', () => {
  it('opts in by pushing a configuration, and gets what was published before', async () => {
    const { people, state } = stage.github;
    const files = { 'shop.yaml': deployment('ghcr.io/late/shop:1.0.0') };
    const repository = people.createRepository({ owner: 'late', name: 'deploy', files });
    await stage.publish({ image: 'ghcr.io/late/shop:1.1.0' });
    await stage.until(
      'it is told to be mentioned nowhere',
      () =>
        stage.logged('published image is mentioned by no manifest repository', { image: 'ghcr.io/late/shop' }).length >
        0,
    );
    expect(state.pullRequests(repository)).toEqual([]);
    people.pushFiles(repository, 'main', { '.tagalong.yml': '' });
    await stage.proposed(repository, 'Bump late/shop from 1.0.0 to 1.1.0 in main');
  });

  it('that breaks its configuration is told where, and gets nothing until it is mended', async () => {
    const { people, state } = stage.github;
    const repository = await stage.manifests('broken', { 'shop.yaml': deployment('ghcr.io/broken/shop:1.0.0') });
    const broken = people.pushFiles(repository, 'main', { '.tagalong.yml': 'version: 1\nimagse:\n  - match: x\n' });
    const [run] = await stage.until('a check on the push', () => {
      const runs = state.checkRuns(repository, broken).filter(({ name }) => name === 'tagalong/config');
      return runs.length > 0 && runs;
    });
    expect(run).toMatchObject({ name: 'tagalong/config', status: 'completed', conclusion: 'failure' });
    expect(run?.annotations).toMatchObject([
      { path: '.tagalong.yml', startLine: 2, endLine: 2, startColumn: 1, level: 'failure' },
    ]);
    expect(run?.annotations[0]?.message).toContain('images');

    await stage.publish({ image: 'ghcr.io/broken/shop:1.1.0' });
    const mended = people.pushFiles(repository, 'main', { '.tagalong.yml': 'version: 1\n' });
    await stage.proposed(repository, 'Bump broken/shop from 1.0.0 to 1.1.0 in main');
    const told = state.checkRuns(repository, mended).filter(({ name }) => name === 'tagalong/config');
    expect(told).toMatchObject([{ name: 'tagalong/config', conclusion: 'success' }]);
    const [pull] = state.pullRequests(repository);
    expect(state.commit(repository, pull?.head.sha ?? '').parents).toEqual([mended]);
  });

  it('is forgotten when the app is uninstalled, and known again when it is installed', async () => {
    const { people, state } = stage.github;
    const repository = await stage.manifests('leaving', { 'shop.yaml': deployment('ghcr.io/leaving/shop:1.0.0') });
    people.uninstallApp('leaving');
    await stage.until(
      'it is forgotten',
      () => stage.logged('repository forgotten', { repository: 'leaving/deploy' }).length > 0,
    );
    await stage.publish({ image: 'ghcr.io/leaving/shop:1.1.0' });
    await stage.until(
      'nobody is told of it',
      () =>
        stage.logged('published image is mentioned by no manifest repository', { image: 'ghcr.io/leaving/shop' })
          .length === 1,
    );
    expect(state.pullRequests(repository)).toEqual([]);
    people.installApp('leaving', 'all');
    await stage.proposed(repository, 'Bump leaving/shop from 1.0.0 to 1.1.0 in main');
  });
});
