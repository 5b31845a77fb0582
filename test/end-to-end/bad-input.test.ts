import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { spawnBot, WEBHOOK_SECRET } from '../support/bot-process.ts';
import { postgresBackend, temporaryDirectory } from '../support/database.ts';
import { startGitHub } from '../support/forge/github/simulator.ts';
import { sendGeneric, signGeneric } from '../support/generic-sender.ts';
import { Stage } from '../support/stage.ts';
import { describeWithTools } from '../support/tools.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const bodyLimit = 64 * 1024;
let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open({ env: { TAGALONG_BODY_LIMIT: `${bodyLimit}` } });
});

afterAll(() => stage.close());

afterEach(() => {
  expect(stage.github.violations).toEqual([]);
});

const deployment = (image: string, name = 'shop') => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  template:
    spec:
      containers:
        - name: ${name}
          image: ${image}
`;

/** As GitHub sends it, signed over the bytes that are sent. */
function sendAsGitHub(body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
  const signature = createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex');
  return fetch(`${stage.bot.url}/webhooks/github`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': crypto.randomUUID(),
      'x-hub-signature-256': `sha256=${signature}`,
      ...headers,
    },
    body,
  });
}

const webhooks = (sender: string, outcome: string) => stage.metric('tagalong_webhooks_total', { sender, outcome });

describe('a webhook', () => {
  it('with a wrong signature is refused, and leaves nothing', async () => {
    const request = signGeneric({ image: 'ghcr.io/nobody/forged:1.0.0' });
    const forged = { ...request, headers: { ...request.headers, 'x-tagalong-signature': `sha256=${'0'.repeat(64)}` } };
    const refused = await sendGeneric(stage.bot.url, forged);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toEqual({ error: 'unauthorised' });
    expect(await webhooks('generic', 'unauthorised')).toBe(1);
    // Were anything of it kept, the same delivery would be a duplicate now.
    const accepted = await sendGeneric(stage.bot.url, request);
    expect(await accepted.json()).toMatchObject({ status: 'accepted' });
    const again = await sendGeneric(stage.bot.url, request);
    expect(await again.json()).toMatchObject({ status: 'duplicate' });
  });

  it.each([
    ['of another body', { 'x-hub-signature-256': `sha256=${'a'.repeat(64)}` }],
    ['that is none', { 'x-hub-signature-256': 'none' }],
    ['made with a weaker hash', { 'x-hub-signature-256': '', 'x-hub-signature': `sha1=${'a'.repeat(40)}` }],
  ])('of GitHub with a signature %s is refused', async (_, headers) => {
    expect((await sendAsGitHub('{}', headers)).status).toBe(401);
  });

  it('that was signed long ago is refused', async () => {
    const request = signGeneric({ image: 'ghcr.io/nobody/old:1.0.0' }, new Date(Date.now() - 60 * 60_000));
    expect((await sendGeneric(stage.bot.url, request)).status).toBe(401);
  });

  it('with a body over the limit is refused, compressed or not', async () => {
    const large = Buffer.from(JSON.stringify({ filler: 'x'.repeat(bodyLimit) }));
    expect((await sendAsGitHub(large)).status).toBe(413);
    expect((await sendAsGitHub(gzipSync(large), { 'content-encoding': 'gzip' })).status).toBe(413);
  });

  it.each(['image=nginx', '{"ref": ', ' '])('with a body that is not JSON (%j) is refused', async (body) => {
    expect((await sendAsGitHub(body)).status).toBe(400);
  });

  it('with JSON that is no such event is refused with the place', async () => {
    const refused = await sendAsGitHub('{"ref": 1}');
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('ref');
  });

  it('of an event that nothing follows from is accepted and counted', async () => {
    const before = await webhooks('github', 'ignored');
    const response = await sendAsGitHub('{"action":"created"}', { 'x-github-event': 'star' });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ status: 'ignored' });
    expect(await webhooks('github', 'ignored')).toBe(before + 1);
  });

  it('about an image that no repository mentions is accepted, logged and counted', async () => {
    const before = await stage.metric('tagalong_images_unmentioned_total');
    const response = await stage.publish({ image: 'ghcr.io/nobody/wants:1.0.0' });
    expect(response.status).toBe(202);
    const message = 'published image is mentioned by no manifest repository';
    await stage.until('the log says so', () => stage.logged(message, { image: 'ghcr.io/nobody/wants' }).length === 1);
    expect(await stage.metric('tagalong_images_unmentioned_total')).toBe(before + 1);
  });
});

describe('a repository', () => {
  it('with a file that cannot be read is told so, and followed in all others', async () => {
    const repository = await stage.manifests('halfread', {
      'shop.yaml': deployment('ghcr.io/halfread/shop:1.0.0'),
      'broken.yaml': 'kind: Pod\nspec:\n  containers: [ image: x\n',
      'latin1.yaml': Buffer.from('kind: Pod # caf\xe9\nspec: { containers: [ { image: x } ] }\n', 'latin1'),
    });
    await stage.publish({ image: 'ghcr.io/halfread/shop:1.1.0' });
    await stage.proposed(repository, 'Bump halfread/shop from 1.0.0 to 1.1.0 in main');
    const run = stage.github.state.checkRuns(repository).find(({ name }) => name === 'tagalong/manifests');
    expect(run).toMatchObject({ conclusion: 'neutral', title: '2 files could not be read' });
    expect(run?.annotations.map(({ path }) => path)).toEqual(['broken.yaml', 'latin1.yaml']);
  });
});

describeWithTools(['helm', 'kustomize'], 'a renderer that fails', () => {
  it('has its error shown without secrets, and the other apps are shown all the same', async () => {
    const { people } = stage.github;
    const repository = await stage.manifests('failing', {
      'charts/api/Chart.yaml': 'apiVersion: v2\nname: api\nversion: 0.1.0\n',
      'charts/api/values.yaml': 'replicas: 1\npassword: correct-horse-battery\n',
      'charts/api/templates/pod.yaml': '{{ fail (printf "cannot log in with %s" .Values.password) }}\n',
      'overlays/kustomization.yaml': 'resources: [missing.yaml]\nimages: [{ name: nginx, newTag: "1.25.0" }]\n',
      'shop.yaml': deployment('ghcr.io/failing/shop:1.0.0'),
    });
    people.pushFiles(repository, 'mine', {
      'charts/api/values.yaml': 'replicas: 2\npassword: correct-horse-battery\n',
      'overlays/kustomization.yaml': 'resources: [missing.yaml]\nimages: [{ name: nginx, newTag: "1.26.0" }]\n',
      'shop.yaml': deployment('ghcr.io/failing/shop:1.1.0'),
    });
    const comment = await stage.commented(people.openPullRequest(repository, { head: 'mine' }), 'ghcr.io/failing/shop');
    expect(comment).toContain('**`charts/api` could not be rendered**');
    expect(comment).toContain('cannot log in with •••');
    expect(comment).not.toContain('correct-horse-battery');
    expect(comment).toContain('**`overlays` could not be rendered**');
    expect(comment).toContain('missing.yaml');
    expect(comment).not.toContain('/tmp');
    expect(comment).toContain('+          image: ghcr.io/failing/shop:1.1.0');
  });
});

describe('a forge', () => {
  const always = { match: () => true, times: Number.POSITIVE_INFINITY };

  it.each([
    ['that answers 502', { ...always, status: 502, body: '<html>Bad gateway</html>' }],
    ['that breaks every connection', { ...always, resetSocket: true }],
    ['that does what it is asked and breaks the connection', { ...always, resetSocket: true, afterwards: true }],
  ])('%s for a while is asked again until it is back, and nothing is lost or doubled', async (_, fault) => {
    const owner = `down-${stage.github.world.repositories.size}`;
    const repository = await stage.manifests(owner, { 'shop.yaml': deployment(`ghcr.io/${owner}/shop:1.0.0`) });
    const retries = () => stage.logged('A subject will be reconciled again', { subject: `github:${owner}/deploy` });
    stage.github.faults.push(fault);
    expect((await stage.publish({ image: `ghcr.io/${owner}/shop:1.1.0` })).status).toBe(202);
    await stage.until('it was tried three times', () => retries().length >= 3);
    stage.github.faults.clear();
    const pull = await stage.proposed(repository, `Bump ${owner}/shop from 1.0.0 to 1.1.0 in main`);
    await stage.commented(pull, `+          image: ghcr.io/${owner}/shop:1.1.0`);
    expect(retries().every(({ code }) => code === 'forge-unavailable' || code === 'git-failed')).toBe(true);
    expect(stage.github.state.pullRequests(repository)).toEqual([pull]);
    expect(stage.github.state.comments(pull)).toHaveLength(1);
    expect(stage.github.state.branches(repository).sort()).toEqual(['main', pull.head.branch]);
  });

  it.each([
    ['primary', () => stage.github.rateLimits.exhaust(3), 3],
    ['secondary', () => stage.github.rateLimits.limitSecondary({ retryAfterSeconds: 3 }), 3],
  ])('whose %s limit is reached is left alone until the reset', async (name, limit, seconds) => {
    const { github } = stage;
    const owner = `limited-${name}`;
    const repository = await stage.manifests(owner, { 'shop.yaml': deployment(`ghcr.io/${owner}/shop:1.0.0`) });
    const asked = github.requests.length;
    limit();
    const limitedAt = Date.now();
    await stage.publish({ image: `ghcr.io/${owner}/shop:1.1.0` });
    const pull = await stage.proposed(repository, `Bump ${owner}/shop from 1.0.0 to 1.1.0 in main`);
    const api = github.requests.slice(asked).filter(({ kind }) => kind !== 'git');
    const early = api.filter(({ at }) => at.getTime() < limitedAt + (seconds - 0.1) * 1000);
    expect(early).toHaveLength(1);
    expect(github.state.pullRequests(repository)).toEqual([pull]);
    expect(stage.logged('A subject will be reconciled again', { code: 'forge-rate-limited' })).not.toEqual([]);
  });
});

describe('a bot that is told to stop', () => {
  it('finishes what it is at, ends with 0, and doubles nothing when it is started again', async () => {
    const { github, bot } = stage;
    const repository = await stage.manifests('stopping', { 'shop.yaml': deployment('ghcr.io/stopping/shop:1.0.0') });
    const isProposal = ({ operations }: { operations: readonly string[] }) => operations.includes('createPullRequest');
    github.faults.push({ match: isProposal, delayMs: 1_500 });
    const asked = github.requests.length;
    await stage.publish({ image: 'ghcr.io/stopping/shop:1.1.0' });
    await stage.until('the proposal is under way', () => github.requests.slice(asked).some(isProposal));
    expect(await bot.kill('SIGTERM')).toBe(0);
    expect(bot.logs.at(-1)).toMatchObject({ msg: 'stopped' });
    const [pull] = github.state.pullRequests(repository);
    expect([...(pull?.labels ?? [])]).toHaveLength(2);

    await stage.restart();
    await stage.commented(pull ?? expect.unreachable(), '+          image: ghcr.io/stopping/shop:1.1.0');
    expect(github.state.pullRequests(repository)).toHaveLength(1);
  });
});

describe('a bot that cannot start', () => {
  it('because another has its data directory says so, and ends with 1', async () => {
    const second = spawnBot(stage.options);
    expect(await second.ended()).toBe(1);
    expect(second.complaints.join('\n')).toContain('data-directory-locked: Another process uses the data directory');
    expect(second.complaints.join('\n')).toContain(stage.options.dataDirectory);
    expect((await fetch(`${stage.bot.url}/readyz`)).status).toBe(200);
  });

  it('because of its settings names each of them, before it listens', async () => {
    const temporary = await temporaryDirectory();
    const github = await startGitHub();
    const port = await portInUse();
    try {
      const env = {
        APP_ID: 'eleven',
        WEBHOOK_SECRET: undefined,
        TAGALONG_GRACE: 'a while',
        TAGALONG_BODY_LIMIT: '-1',
        DATABASE_URL: 'mysql://localhost/tagalong',
        LOG_LEVEL: 'chatty',
      };
      const bot = spawnBot({ github, dataDirectory: temporary.path, port: port.number, env });
      expect(await bot.ended()).toBe(1);
      const said = bot.complaints.join('\n');
      for (const name of Object.keys(env)) expect(said).toMatch(new RegExp(`^settings-invalid: .*${name}`, 'm'));
      expect(said).not.toContain('mysql://localhost');
      expect(bot.logs).toEqual([]);
    } finally {
      await port.close();
      await github.close();
      await temporary.remove();
    }
  });
});

/** A bot that listened before it looked at its settings would complain of this. */
async function portInUse(): Promise<{ number: number; close(): Promise<void> }> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return {
    number: typeof address === 'object' ? (address?.port ?? 0) : 0,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}

const postgres = process.env['DATABASE_URL_TEST'] === undefined ? await postgresBackend() : undefined;

describe.runIf(postgres)('a database that is gone', () => {
  afterAll(() => postgres?.close());

  it('makes senders deliver again, and all goes on when it is back', async () => {
    if (postgres === undefined) expect.fail();
    const onPostgres = await Stage.open(await postgres.newLocation());
    try {
      const { url } = onPostgres.bot;
      const repository = await onPostgres.manifests('gone', { 'shop.yaml': deployment('ghcr.io/gone/shop:1.0.0') });
      await postgres.stop();
      const request = signGeneric({ image: 'ghcr.io/gone/shop:1.1.0' });
      const refused = await sendGeneric(url, request);
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await fetch(`${url}/readyz`)).status).toBe(503);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);

      await postgres.start();
      await onPostgres.until('it takes the delivery', async () => (await sendGeneric(url, request)).status === 202);
      const pull = await onPostgres.proposed(repository, 'Bump gone/shop from 1.0.0 to 1.1.0 in main');
      await onPostgres.commented(pull, '+          image: ghcr.io/gone/shop:1.1.0');
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      expect(onPostgres.github.violations).toEqual([]);
    } finally {
      expect(await onPostgres.close()).toBe(0);
    }
  });
});
