import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEPLOY_SECRET, GENERIC_SECRET, WEBHOOK_SECRET } from '../support/bot-process.ts';
import { Stage } from '../support/stage.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});

afterAll(async () => {
  expect(stage.github.violations).toEqual([]);
  expect(await stage.close()).toBe(0);
});

type Headers = Readonly<Record<string, string>>;
type Sign = (body: string, secret: string) => Headers;

const hmac = (secret: string, text: string, hash = 'sha256') => createHmac(hash, secret).update(text).digest('hex');

/** The prefix in front of the hex digits is another hash than the one that made them, or none. */
const timed =
  (prefix: string): Sign =>
  (body, secret) => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    return {
      'x-tagalong-timestamp': timestamp,
      'x-tagalong-signature': `${prefix}${hmac(secret, `${timestamp}.${body}`)}`,
    };
  };
const ofFlux =
  (prefix: string): Sign =>
  (body, secret) => ({ 'x-signature': `${prefix}${hmac(secret, body)}` });
const ofGitHub =
  (prefix: string): Sign =>
  (body, secret) => ({
    'x-github-event': 'issue_comment',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': `${prefix}${hmac(secret, body)}`,
  });
const bearer =
  (scheme: string): Sign =>
  (_, secret) => ({ authorization: `${scheme}${secret}` });

interface Door {
  readonly path: string;
  readonly secret: string;
  readonly sign: (prefix: string) => Sign;
  readonly prefix: string;
  readonly wrong: readonly string[];
}

const timedWrong = ['', 'sha1=', 'sha512=', 'sha256:', 'none=', 'sha256=sha256='];
const bearerWrong = ['', 'Basic ', 'Bearer', 'Bearer Bearer '];
const doors: readonly Door[] = [
  { path: 'images/generic', secret: GENERIC_SECRET, sign: timed, prefix: 'sha256=', wrong: timedWrong },
  { path: 'deploys/generic', secret: DEPLOY_SECRET, sign: timed, prefix: 'sha256=', wrong: timedWrong },
  {
    path: 'deploys/flux',
    secret: DEPLOY_SECRET,
    sign: ofFlux,
    prefix: 'sha256=',
    wrong: ['', 'sha1=', 'md5=', 'sha512=', 'sha384=', '__proto__=', 'sha256=sha256='],
  },
  { path: 'deploys/argo-cd', secret: DEPLOY_SECRET, sign: bearer, prefix: 'Bearer ', wrong: bearerWrong },
  { path: 'deploys/argo-rollouts', secret: DEPLOY_SECRET, sign: bearer, prefix: 'Bearer ', wrong: bearerWrong },
  { path: 'deploys/spinnaker', secret: DEPLOY_SECRET, sign: bearer, prefix: 'Bearer ', wrong: bearerWrong },
  {
    path: 'github',
    secret: WEBHOOK_SECRET,
    sign: ofGitHub,
    prefix: 'sha256=',
    wrong: ['', 'sha1=', 'sha512=', 'SHA256=', 'sha256=sha256='],
  },
];
const at = (path: string): Door => doors.find((door) => door.path === path) ?? expect.fail(path);

async function post({ path }: Door, body: string, headers: Headers): Promise<number> {
  const init = { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } };
  return (await fetch(`${stage.bot.url}/webhooks/${path}`, init)).status;
}

/** As the sender itself sends it. */
const send = (door: Door, body: string) => post(door, body, door.sign(door.prefix)(body, door.secret));

describe.each(doors)('$path', (door) => {
  it('believes no signature under the name of another hash or scheme', async () => {
    for (const prefix of door.wrong) {
      const status = await post(door, '{}', door.sign(prefix)('{}', door.secret));
      expect({ prefix, status }).toEqual({ prefix, status: 401 });
    }
  });

  it('believes nobody who knows the secret of another', async () => {
    for (const secret of new Set(doors.map((other) => other.secret))) {
      const status = await post(door, '{}', door.sign(door.prefix)('{}', secret));
      expect({ secret, isBelieved: status !== 401 }).toEqual({ secret, isBelieved: secret === door.secret });
    }
  });

  it.each([
    ['200,000 arrays in each other', '['.repeat(200_000) + ']'.repeat(200_000)],
    ['200,000 objects in each other', '{"a":'.repeat(200_000) + '1' + '}'.repeat(200_000)],
    [
      'the same, in a field that is read',
      `{"content":{"execution":{"trigger":{"parameters":${'[{"a":'.repeat(50_000)}`,
    ],
    ['a prototype', '{"__proto__":{"image":"evil:1","isBot":true},"constructor":{"prototype":{"a":1}}}'],
    ['a field twice', '{"image":"a:1","image":5}'],
    ['a number without end', `{"application":${'9'.repeat(100_000)}}`],
    ['a zero', '\u0000'],
    ['nothing', 'null'],
  ])('is not upset by %s', async (_, body) => {
    expect([202, 400]).toContain(await send(door, body));
  });
});

describe('a text with what no database takes', () => {
  const foreign = 'zero \u0000, half \ud83d, 😀';
  const revision = 'ab'.repeat(20);
  const deployment = (image: string) =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: shop }\nspec: { template: { spec: { containers: [{ name: shop, image: '${image}' }] } } }\n`;

  it.each([
    ['images/generic', { image: 'ghcr.io/acme/shop:1', commit: 'abcdef1', branch: 'a\u0000\ud83d' }],
    ['deploys/generic', { application: foreign, state: 'failed', revision, path: foreign, message: foreign }],
    [
      'deploys/flux',
      {
        involvedObject: { kind: 'Kustomization', name: foreign },
        severity: 'error',
        reason: 'BuildFailed',
        message: foreign,
        metadata: { revision: `main@sha1:${revision}`, environment: foreign, [foreign]: foreign },
      },
    ],
    ['deploys/argo-cd', { application: foreign, revision, phase: 'Failed', message: foreign, environment: foreign }],
  ])('is taken by %s', async (path, content) => {
    const neighbours = Array.from({ length: 10 }, (_, index) =>
      send(at('images/generic'), JSON.stringify({ image: `ghcr.io/acme/neighbour:${index}` })),
    );
    expect(await send(at(path), JSON.stringify(content))).toBe(202);
    expect(await Promise.all(neighbours)).toEqual(neighbours.map(() => 202));
  });

  it('is taken in a comment, whose commands are carried out, and in what is told of it', async () => {
    const { people } = stage.github;
    const files = { 'shop.yaml': deployment('nginx:1.25.0') };
    const repository = await stage.manifests('foreign', files, 'deploy', { root: 'admin', eve: 'write' });
    people.pushFiles(repository, 'change', { 'shop.yaml': deployment('nginx:1.26.0') }, { author: 'eve' });
    const pull = people.openPullRequest(repository, { head: 'change', author: 'eve', title: foreign });
    await stage.gated(pull, 'pending', '1 approval');
    people.comment(pull, `/hold ${foreign}\n/freeze ${'x'.repeat(298)}😀 more\n/pin \u0000 nginx:1\ud83d`, {
      author: 'root',
    });
    await stage.gated(pull, 'pending', 'Frozen');
    await stage.gated(pull, 'pending', 'hold');
    people.comment(pull, '/unhold\n/unfreeze', { author: 'root' });
    people.review(pull, 'APPROVED', { author: 'root' });
    await stage.gated(pull, 'success');
  });

  it('is read from git: a commit, its author, a path', async () => {
    const { people } = stage.github;
    const repository = await stage.manifests('letters', { 'shop.yaml': deployment('nginx:1.25.0') });
    people.pushFiles(
      repository,
      'main',
      { 'a\u0001😀.yaml': deployment('nginx:1.25.1') },
      { author: 'eve', message: foreign },
    );
    await stage.publish({ image: 'nginx:1.25.2' });
    await stage.until('a pull request', () => stage.github.state.pullRequests(repository, 'open')[0]);
  });
});

it('has left nothing that is tried again and again', () => {
  expect(stage.logged('request failed')).toEqual([]);
  expect(stage.logged('A subject will be reconciled again')).toEqual([]);
  expect(stage.logged('delivery could not be stored')).toEqual([]);
});
