import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { API, createNocked, DEPLOY, expectToken, NOW, TOKEN, useStrictNock } from './nocked.ts';

useStrictNock();

const full = (name: string, changes: object = {}) => ({
  full_name: name,
  node_id: `R_${name}`,
  default_branch: 'main',
  archived: false,
  disabled: false,
  ...changes,
});

describe('what is installed', () => {
  test('leaves out what is suspended, archived, disabled or may not be written to', async () => {
    const { github } = createNocked();
    nock(API)
      .get('/app/installations?per_page=100')
      .reply(200, [
        { id: 6, suspended_at: '2026-01-01T00:00:00Z', permissions: { contents: 'write' } },
        { id: 5, suspended_at: null, permissions: { contents: 'read' } },
        { id: 7, suspended_at: null, permissions: { contents: 'write' } },
      ]);
    expectToken();
    const page = [
      ...Array.from({ length: 97 }, (_, i) => full(`Acme/a${i}`)),
      full('Acme/archived', { archived: true }),
      full('Acme/disabled', { disabled: true }),
      full('Acme/trunk', { default_branch: 'trunk' }),
    ];
    nock(API).get('/installation/repositories?per_page=100&page=1').reply(200, { repositories: page });
    nock(API)
      .get('/installation/repositories?per_page=100&page=2')
      .reply(200, { repositories: [full('Acme/last')] });
    const found = [];
    for await (const { repository, defaultBranch } of github.installed()) found.push([repository.path, defaultBranch]);
    expect(found).toHaveLength(99);
    expect(found.slice(-2)).toEqual([
      ['Acme/trunk', 'trunk'],
      ['Acme/last', 'main'],
    ]);
  });

  test('is asked for anew when the installation that is remembered is gone', async () => {
    const { github } = createNocked();
    nock(API).post('/app/installations/7/access_tokens').reply(404, { message: 'Not Found' });
    expect(await github.repository(DEPLOY)).toBeUndefined();
    nock(API).get('/repos/Acme/deploy/installation').reply(404, { message: 'Not Found' });
    expect(await github.repository(DEPLOY)).toBeUndefined();
  });
});

describe('the remote for git', () => {
  test('opens one repository for reading, with a token that is used until shortly before it ends', async () => {
    const { github, wait } = createNocked();
    const expires = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString();
    const narrowed = { repositories: ['deploy'], permissions: { contents: 'read' } };
    nock(API)
      .post('/app/installations/7/access_tokens', narrowed)
      .reply(201, { token: TOKEN, expires_at: expires(3600) });
    const remote = {
      url: 'https://github.com/Acme/deploy.git',
      authorization: `Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`,
    };
    expect(await github.gitRemote(DEPLOY)).toEqual(remote);
    wait(3200);
    expect(await github.gitRemote(DEPLOY)).toEqual(remote);
    wait(200);
    nock(API)
      .post('/app/installations/7/access_tokens', narrowed)
      .reply(201, { token: 'another', expires_at: expires(9000) });
    const authorization = `Basic ${Buffer.from('x-access-token:another').toString('base64')}`;
    expect(await github.gitRemote(DEPLOY)).toEqual({ ...remote, authorization });
  });
});

describe('webhooks that never arrived', () => {
  const attempt = (id: number, guid: string, status: number, minutesAgo: number) => ({
    id,
    guid,
    status_code: status,
    delivered_at: new Date(NOW.getTime() - minutesAgo * 60_000).toISOString(),
  });
  const since = new Date(NOW.getTime() - 60 * 60_000);

  test('are asked for once each, as far back as is wanted', async () => {
    const { github } = createNocked();
    const next = `<${API}/app/hook/deliveries?per_page=100&cursor=v1_2>; rel="next"`;
    nock(API)
      .get('/app/hook/deliveries?per_page=100')
      .reply(200, [attempt(9, 'later-well', 200, 1), attempt(8, 'lost', 502, 2), attempt(7, 'fine', 202, 3)], {
        link: next,
      });
    nock(API)
      .get('/app/hook/deliveries?per_page=100&cursor=v1_2')
      .reply(200, [attempt(6, 'lost', 0, 10), attempt(5, 'later-well', 500, 11), attempt(4, 'too old', 500, 61)], {
        link: next.replace('v1_2', 'v1_3'),
      });
    nock(API).post('/app/hook/deliveries/8/attempts').reply(202, {});
    expect(await github.redeliverFailed(since)).toBe(1);
  });

  test('are none where all arrived', async () => {
    const { github } = createNocked();
    nock(API)
      .get('/app/hook/deliveries?per_page=100')
      .reply(200, [attempt(9, 'fine', 200, 1)]);
    expect(await github.redeliverFailed(since)).toBe(0);
  });
});
