import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { Webhooks } from '@octokit/webhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GitHubOptions, type GitHubSimulator, startGitHub } from '../support/forge/github/simulator.ts';
import { appClient } from './clients.ts';

interface Received {
  readonly event: string;
  readonly id: string;
  readonly genuine: boolean;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, unknown>>;
}

const anyText: unknown = expect.any(String);
const secret = 'it is a secret';
const verifier = new Webhooks({ secret });
const started: (() => Promise<unknown>)[] = [];
let received: Received[];
let status: number;

beforeEach(() => {
  received = [];
  status = 202;
});

afterEach(async () => {
  for (const stop of started.splice(0).reverse()) await stop();
});

/** A GitHub whose webhooks arrive at a server of the test. */
async function start(options: GitHubOptions = {}): Promise<GitHubSimulator> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const { headers } = request;
      void verifier.verify(text, String(headers['x-hub-signature-256'])).then((genuine) => {
        const body: Record<string, unknown> = Object.fromEntries(Object.entries(record(JSON.parse(text))));
        received.push({
          event: String(headers['x-github-event']),
          id: String(headers['x-github-delivery']),
          genuine,
          body,
          headers,
        });
        response.writeHead(status).end();
      });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const github = await startGitHub({ ...options, webhook: { url: address(server), secret } });
  started.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => github.close(),
  );
  return github;
}

function address(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('not listening');
  return `http://127.0.0.1:${bound.port}/hook`;
}

function record(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function names(): string[] {
  return received.map(({ event, body }) => (typeof body['action'] === 'string' ? `${event} ${body['action']}` : event));
}

describe('webhooks', () => {
  it('tell of everything that changes, in order, signed, to the installation', async () => {
    const github = await start();
    const { people } = github;
    people.createRepository({ owner: 'acme', name: 'deploy', files: { 'a.yaml': 'a: 1\n' } });
    people.pushFiles('acme/deploy', 'topic', { 'a.yaml': 'a: 2\n' });
    const pull = people.openPullRequest('acme/deploy', { head: 'topic' });
    people.pushFiles('acme/deploy', 'topic', { 'a.yaml': 'a: 3\n' });
    people.editPullRequest(pull, { title: 'Another title' });
    people.comment(pull, 'hello', { author: 'mona' });
    people.review(pull, 'APPROVED', { author: 'hubot' });
    people.merge(pull);
    await github.settled();

    expect(names()).toEqual([
      'installation created',
      'create',
      'push',
      'pull_request opened',
      'push',
      'pull_request synchronize',
      'pull_request edited',
      'issue_comment created',
      'pull_request_review submitted',
      'pull_request closed',
      'push',
    ]);
    expect(received.every(({ genuine }) => genuine)).toBe(true);
    expect(new Set(received.map(({ id }) => id)).size).toBe(received.length);
    const { id } = github.world.installations.get('acme') ?? { id: 0 };
    for (const { body, headers } of received) {
      expect(body).toMatchObject({ installation: { id }, sender: { login: anyText } });
      expect(headers).toMatchObject({
        'x-github-hook-installation-target-type': 'integration',
        'x-github-hook-installation-target-id': String(github.appId),
      });
    }
    expect(received[4]?.body).toMatchObject({
      ref: 'refs/heads/topic',
      commits: [{ modified: ['a.yaml'] }],
      forced: false,
    });
    expect(received[5]?.body).toMatchObject({ before: anyText, after: pull.head.sha });
    expect(received[9]?.body).toMatchObject({ pull_request: { merged: true, state: 'closed' } });
  });

  it('tell of an image by two events, with the commit it was built from', async () => {
    const github = await start();
    github.people.createRepository({ owner: 'Acme', name: 'shop' });
    await github.settled();
    received = [];
    const digest = `sha256:${'a'.repeat(64)}`;
    const commit = github.state.head('Acme/shop') ?? '';
    github.people.publishPackage({
      owner: 'Acme',
      name: 'shop',
      tag: '1.5.0',
      digest,
      repository: 'Acme/shop',
      commit,
    });
    await github.settled();
    const version = {
      container_metadata: { tag: { name: '1.5.0', digest }, labels: { revision: commit } },
      package_url: 'ghcr.io/acme/shop:1.5.0',
    };
    expect(names()).toEqual(['registry_package published', 'package published']);
    expect(received[0]?.body).toMatchObject({ registry_package: { ecosystem: 'CONTAINER', package_version: version } });
    expect(received[1]?.body).toMatchObject({ package: { ecosystem: 'CONTAINER', package_version: version } });
  });

  it('go out only for the events that the app subscribed to, and only from where it is installed', async () => {
    const github = await start({ app: { events: ['push'] } });
    const { people } = github;
    people.createRepository({ owner: 'acme', name: 'deploy' });
    people.createRepository({ owner: 'acme', name: 'private-matters', installed: false });
    people.pushFiles('acme/private-matters', 'main', { x: 'x' });
    people.pushFiles('acme/deploy', 'topic', { x: 'x' });
    people.openPullRequest('acme/deploy', { head: 'topic' });
    await github.settled();
    expect(names()).toEqual(['installation created', 'push']);
  });

  it('are never sent again by themselves, but on request, with the same id', async () => {
    status = 500;
    const github = await start({ app: { events: ['push'] } });
    github.people.createRepository({ owner: 'acme', name: 'deploy' });
    github.people.pushFiles('acme/deploy', 'main', { x: 'x' });
    await github.settled();
    expect(received).toHaveLength(2);
    status = 202;
    const app = appClient(github);
    const { data: listed } = await app.rest.apps.listWebhookDeliveries();
    expect(listed.map(({ event, status_code }) => [event, status_code])).toEqual([
      ['push', 500],
      ['installation', 500],
    ]);
    const [failed] = listed;
    await app.rest.apps.redeliverWebhookDelivery({ delivery_id: Number(failed?.id) });
    await github.settled();
    expect(received.map(({ id }) => id)).toEqual([expect.any(String), failed?.guid, failed?.guid]);
    const { data: after } = await app.rest.apps.listWebhookDeliveries({ per_page: 1 });
    expect(after).toMatchObject([{ guid: failed?.guid, redelivery: true, status_code: 202 }]);
    expect(github.violations).toEqual([]);
  });
});

describe('chaos', () => {
  it('doubles, swaps and loses deliveries, the same for the same seed', async () => {
    const runs: string[][] = [];
    for (const seed of [7, 7, 8]) {
      received = [];
      const github = await start({
        app: { events: ['push'] },
        chaos: { seed, duplicate: 0.3, reorder: 0.3, drop: 0.2 },
      });
      github.people.createRepository({ owner: 'acme', name: 'deploy' });
      for (let index = 0; index < 30; index++) {
        github.people.pushFiles('acme/deploy', 'main', { x: String(index) }, { message: String(index) });
      }
      await github.settled();
      const messages = received.map(({ body }) => headline(body));
      runs.push(messages);
      const dropped = github.outbox.deliveries.filter(({ attempts }) =>
        attempts.some((one) => one.status === 'dropped'),
      );
      expect(dropped.length).toBeGreaterThan(0);
      expect(new Set(received.map(({ id }) => id)).size).toBe(31 - dropped.length);
    }
    const [first = [], second, third] = runs;
    expect(second).toEqual(first);
    expect(third).not.toEqual(first);
    expect(new Set(first).size).toBeLessThan(first.length);
    expect([...first].sort()).not.toEqual(first);
  });
});

function headline(body: Record<string, unknown>): string {
  const commit = body['head_commit'];
  return typeof commit === 'object' && commit !== null && 'message' in commit ? String(commit.message) : 'installation';
}
