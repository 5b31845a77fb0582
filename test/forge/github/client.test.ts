import { inspect } from 'node:util';
import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { TagalongError } from '../../../src/domain/errors.ts';
import {
  API,
  createNocked,
  DEPLOY,
  expectToken,
  NOW,
  PRIVATE_KEY,
  TOKEN,
  useStrictNock,
  WEBHOOK_SECRET,
} from './nocked.ts';

useStrictNock();

const change = { repository: DEPLOY, number: 12 };
const comment = { marker: '<!-- m -->', body: 'text', known: 'none' };
const PULL = '/repos/Acme/deploy/pulls/12';
const COMMENTS = '/repos/Acme/deploy/issues/12/comments';

async function failure(attempt: Promise<unknown>): Promise<TagalongError> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof TagalongError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

test('what was cut within a character is sent without the half of it', async () => {
  const { github } = createNocked();
  expectToken();
  nock(API)
    .post(COMMENTS, ({ body }: { body: string }) => body.includes('half of it: \ufffd, ❌🔥'))
    .reply(201, { id: 1, html_url: 'u' });
  await github.upsertComment(change, { ...comment, body: `half of it: ${'🔥'.slice(0, 1)}, ❌🔥` });
});

describe('signing in', () => {
  test('takes one token for many requests', async () => {
    const { github, outcomes } = createNocked();
    expectToken();
    nock(API)
      .post(COMMENTS)
      .matchHeader('authorization', `token ${TOKEN}`)
      .twice()
      .reply(201, { id: 1, html_url: 'u' });
    await github.upsertComment(change, comment);
    await github.upsertComment(change, comment);
    expect(outcomes).toEqual(['ok', 'ok', 'ok']);
  });

  test('looks an installation up that no webhook has told of, once', async () => {
    const { github } = createNocked();
    const repository = { forge: 'github', path: 'Acme/other' } as const;
    nock(API).get('/repos/Acme/other/installation').reply(200, { id: 7 });
    expectToken();
    nock(API).post('/repos/Acme/other/issues/12/comments').twice().reply(201, { id: 1, html_url: 'u' });
    await github.upsertComment({ repository, number: 12 }, comment);
    await github.upsertComment({ repository, number: 12 }, comment);
  });

  test('takes nothing for a repository that is no owner/name', async () => {
    const { github } = createNocked();
    const error = await failure(github.readFiles({ forge: 'github', path: 'a/b/c' }, ['x']));
    expect(error.code).toBe('forge-refused');
  });

  test('refuses a key that is none', () => {
    expect(() => createNocked({ privateKey: 'secret but no key' })).toThrow(
      expect.objectContaining({
        code: 'settings-invalid',
        message: expect.not.stringContaining('secret but') as string,
      }),
    );
  });

  test('on an Enterprise Server asks only that server', async () => {
    const { github } = createNocked({ apiUrl: 'https://git.acme.example/api/v3', webUrl: 'https://git.acme.example/' });
    expectToken('https://git.acme.example/api/v3');
    nock('https://git.acme.example')
      .post('/api/graphql')
      .reply(200, { data: { repository: { id: 'R_deploy', o0: { text: 'version: 1\n' } } } });
    expect([...(await github.readFiles(DEPLOY, ['.tagalong.yml']))]).toEqual([['.tagalong.yml', 'version: 1\n']]);
    expect(github.commitUrl(DEPLOY, 'abc')).toBe('https://git.acme.example/Acme/deploy/commit/abc');
  });
});

describe('an answer that is an error', () => {
  const html = '<!DOCTYPE html><html><body>Unicorn!</body></html>';
  const validation = {
    message: 'Validation Failed',
    errors: [{ resource: 'PullRequest', code: 'custom', message: 'No commits between main and x' }],
  };

  test.each<[number, unknown, Record<string, string>, string, string]>([
    [403, { message: 'Resource not accessible by integration' }, {}, 'forge-refused', 'not accessible by integration'],
    [422, validation, {}, 'forge-refused', 'Validation Failed; No commits between main and x'],
    [451, {}, {}, 'forge-refused', 'no message'],
    [409, { message: 'Git Repository is empty.' }, {}, 'forge-conflict', 'Git Repository is empty.'],
    [422, { message: 'Update is not a fast forward' }, {}, 'forge-conflict', 'not a fast forward'],
    [500, html, { 'content-type': 'text/html' }, 'forge-unavailable', 'GitHub 500: an HTML page'],
    [502, '{"message": "Server Er', { 'content-type': 'application/json' }, 'forge-unavailable', 'GitHub 502'],
    [503, '', {}, 'forge-unavailable', 'GitHub 503'],
  ])('%i %o %o is %s', async (status, body, headers, code, message) => {
    const { github, outcomes } = createNocked();
    expectToken();
    nock(API)
      .post(COMMENTS)
      .reply(status, body as nock.Body, headers);
    const error = await failure(github.upsertComment(change, comment));
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(message);
    expect(outcomes).toEqual(['ok', status < 500 ? 'client-error' : 'server-error']);
  });

  test.each<[string, nock.Body, Record<string, string>]>([
    ['an HTML page', html, { 'content-type': 'text/html' }],
    ['JSON that was cut off', '{"id": 1, "html_', { 'content-type': 'application/json; charset=utf-8' }],
    ['nothing', '', { 'content-type': 'application/json' }],
    ['a number', '7', { 'content-type': 'application/json' }],
  ])('a success with %s is no success', async (_name, body, headers) => {
    const { github } = createNocked();
    expectToken();
    nock(API).post(COMMENTS).reply(201, body, headers);
    expect(await failure(github.upsertComment(change, comment))).toMatchObject({ code: 'forge-unavailable' });
  });

  test.each<[string, unknown]>([
    ['no repository', { data: { repository: null } }],
    ['no data', {}],
    ['a list', []],
  ])('a GraphQL answer with %s is no success', async (_name, body) => {
    const { github } = createNocked();
    expectToken();
    nock(API)
      .post('/graphql')
      .reply(200, body as nock.Body);
    expect(await failure(github.readFiles(DEPLOY, ['a']))).toMatchObject({ code: 'forge-unavailable' });
  });

  test.each<[object, string]>([
    [{ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }, 'forge-refused'],
    [{ type: 'NOT_FOUND', message: 'Could not resolve to a Repository' }, 'forge-refused'],
    [{ message: "Field 'x' doesn't exist on type 'Query'", extensions: { code: 'undefinedField' } }, 'forge-refused'],
    [{ type: 'STALE_DATA', message: 'Expected branch to point to "a" but it did not.' }, 'forge-conflict'],
    [{ message: 'Something went wrong while executing your query.' }, 'forge-unavailable'],
  ])('GraphQL error %o is %s', async (error, code) => {
    const { github } = createNocked();
    expectToken();
    const isRepeated = code === 'forge-unavailable';
    nock(API)
      .post('/graphql')
      .times(isRepeated ? 3 : 1)
      .reply(200, { data: null, errors: [error] });
    expect(await failure(github.readFiles(DEPLOY, ['a']))).toMatchObject({ code });
  });
});

describe('no answer', () => {
  test('to a read is asked for twice more', async () => {
    const { github, outcomes } = createNocked();
    expectToken();
    nock(API).get(PULL).replyWithError('read ECONNRESET');
    nock(API).get(PULL).reply(502);
    nock(API).get(PULL).reply(404, { message: 'Not Found' });
    expect(await github.change(change)).toBeUndefined();
    expect(outcomes).toEqual(['ok', 'network-error', 'server-error', 'client-error']);
  });

  test('to a read ends after three attempts', async () => {
    const { github } = createNocked();
    expectToken();
    nock(API).get(PULL).times(3).reply(500, { message: 'boom' });
    expect(await failure(github.change(change))).toMatchObject({ code: 'forge-unavailable' });
  });

  test.each([COMMENTS, '/graphql'])('to a write at %s is told at once, because it may have been done', async (path) => {
    const { github } = createNocked();
    expectToken();
    nock(API).post(path).replyWithError('socket hang up');
    const proposal = {
      branch: 'b',
      targetBranch: 'main',
      baseCommit: 'c',
      files: [{ path: 'a', content: 'x' }],
      message: { headline: 'h' },
      title: 't',
      body: '',
      labels: [],
    };
    const write = path === '/graphql' ? github.propose(DEPLOY, proposal) : github.upsertComment(change, comment);
    const error = await failure(write);
    expect(error).toMatchObject({ code: 'forge-unavailable', transient: true });
    expect(error.message).toContain('socket hang up');
  });
});

describe('a rate limit', () => {
  const inSeconds = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
  const secondary = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';

  test.each<[string, number, string, Record<string, string>, number]>([
    [
      'primary',
      403,
      'API rate limit exceeded for installation ID 7.',
      { 'x-ratelimit-remaining': '0', reset: '600' },
      601,
    ],
    ['primary, as 429', 429, 'API rate limit exceeded', { 'x-ratelimit-remaining': '0', reset: '600' }, 601],
    ['secondary that says when', 403, secondary, { 'retry-after': '90' }, 90],
    ['secondary that does not', 403, secondary, {}, 60],
    ['long past', 429, 'API rate limit exceeded', { 'x-ratelimit-remaining': '0', reset: '-600' }, 0],
  ])('%s is told with the time to retry', async (_name, status, message, { reset, ...headers }, seconds) => {
    const { github } = createNocked();
    expectToken();
    const resetAt =
      reset === undefined ? {} : { 'x-ratelimit-reset': String(inSeconds(Number(reset)).getTime() / 1000) };
    nock(API)
      .get(PULL)
      .reply(status, { message }, { ...headers, ...resetAt });
    const error = await failure(github.change(change));
    expect(error).toMatchObject({ code: 'forge-rate-limited', retryAt: inSeconds(seconds) });
  });

  test.each(['RATE_LIMITED', 'RATE_LIMIT'])('of GraphQL, which answers 200 and %s, is one too', async (type) => {
    const { github } = createNocked();
    expectToken();
    const reset = String(inSeconds(300).getTime() / 1000);
    nock(API)
      .post('/graphql')
      .reply(
        200,
        { errors: [{ type, message: 'API rate limit already exceeded for installation ID 7.' }] },
        { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
      );
    const error = await failure(github.readFiles(DEPLOY, ['a']));
    expect(error).toMatchObject({ code: 'forge-rate-limited', retryAt: inSeconds(301) });
  });

  test('keeps us silent until it is over', async () => {
    const { github, outcomes, wait, logged } = createNocked();
    expectToken();
    nock(API).get(PULL).reply(429, { message: secondary }, { 'retry-after': '90' });
    await failure(github.change(change));
    wait(89);
    const error = await failure(github.change(change));
    expect(error).toMatchObject({ code: 'forge-rate-limited', retryAt: inSeconds(90) });
    expect(outcomes).toEqual(['ok', 'rate-limited']);
    expect(logged).toEqual([
      { forge: 'github', account: '7', retryAt: inSeconds(90), message: 'forge asked us to wait' },
    ]);
    wait(1);
    nock(API).get(PULL).reply(404, { message: 'Not Found' });
    expect(await github.change(change)).toBeUndefined();
  });
});

describe('secrets', () => {
  const leaky = `Bad token ${TOKEN} with bearer ${'x'.repeat(40)} and ${PRIVATE_KEY}`;

  test.each<[string, () => void]>([
    ['an error that quotes them', () => nock(API).post(COMMENTS).reply(422, { message: leaky })],
    ['an error in plain text', () => nock(API).post(COMMENTS).reply(500, leaky)],
    ['a connection that breaks', () => nock(API).post(COMMENTS).replyWithError(leaky)],
    ['an answer of another shape', () => nock(API).post(COMMENTS).reply(201, leaky)],
  ])('stay out of what is thrown and logged by %s', async (_name, expectRequest) => {
    const { github, logged } = createNocked();
    expectToken();
    expectRequest();
    const error = await failure(github.upsertComment(change, { ...comment, body: 'password: hunter2' }));
    const shown = inspect([error, logged], { depth: Infinity, showHidden: true });
    const keyLine = PRIVATE_KEY.split('\n')[1] ?? '';
    for (const secret of [TOKEN, WEBHOOK_SECRET, keyLine, 'x'.repeat(40), 'hunter2'])
      expect(shown).not.toContain(secret);
  });

  test('of a token that cannot be had stay out too', async () => {
    const { github } = createNocked();
    nock(API)
      .post('/app/installations/7/access_tokens')
      .reply(403, { message: 'This installation has been suspended', token: TOKEN });
    const error = await failure(github.change(change));
    expect(error).toMatchObject({ code: 'forge-refused', message: 'GitHub 403: This installation has been suspended' });
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toMatch(/eyJ|ghs_/);
  });
});
