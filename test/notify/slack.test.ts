import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TagalongError } from '../../src/domain/errors.ts';
import type { Notice } from '../../src/notify/notify.ts';
import { createSlack } from '../../src/notify/slack.ts';
import { escapeSlack } from '../../src/notify/slack-message.ts';

const now = () => new Date('2026-11-21T12:00:00Z');
const token = 'xoxb-a-token-of-the-tests';

const notice: Notice = {
  channel: '#deploys',
  tone: 'good',
  title: 'acme/shop 1.4.2 in staging: live',
  url: 'https://argocd.example.com/applications/shop?a=1&b=2',
  lines: ['live since 2026-11-21 12:00 UTC', '<!channel> @here *bold*'],
};

interface Call {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Slack as its reference describes it; answers what the test lays down, else that all is well. */
let server: Server;
let url: string;
let calls: Call[];
let answers: Answer[];

beforeEach(async () => {
  [calls, answers] = [[], []];
  server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const isJson = request.headers['content-type']?.startsWith('application/json') === true;
  const body: unknown = isJson ? JSON.parse(text) : fromForm(new URLSearchParams(text));
  calls.push({ path: request.url ?? '', authorization: request.headers.authorization, body });
  const { status = 200, headers = {}, body: answer } = answers.shift() ?? usual(request.url ?? '', body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(answer);
}

/** Arguments of a method as a form: lists and objects are JSON in it. */
function fromForm(form: URLSearchParams): Record<string, unknown> {
  const read = (value: string): unknown => (/^[[{]/.test(value) ? JSON.parse(value) : value);
  return Object.fromEntries([...form].map(([name, value]) => [name, read(value)]));
}

/** An update wants the id of a channel and the `ts` of a message, and a message wants a text. */
function usual(path: string, body: unknown): Answer {
  const { channel, ts, text } = body as Record<string, unknown>;
  if (path === '/hook') return { body: 'ok', headers: { 'content-type': 'text/plain' } };
  if (typeof text !== 'string' || text === '') return { body: JSON.stringify({ ok: false, error: 'no_text' }) };
  if (path === '/api/chat.postMessage' && channel === '#deploys') {
    return { body: JSON.stringify({ ok: true, channel: 'C0DEPLOYS', ts: '1795262400.000100' }) };
  }
  const isKnown = channel === 'C0DEPLOYS' && ts === '1795262400.000100';
  if (path === '/api/chat.update' && isKnown) return { body: JSON.stringify({ ok: true, channel, ts }) };
  return {
    body: JSON.stringify({ ok: false, error: channel === 'C0DEPLOYS' ? 'message_not_found' : 'channel_not_found' }),
  };
}

describe('with a bot token', () => {
  const slack = () => createSlack({ token, slackApiUrl: `${url}/api/`, now });

  test('a rollout is one message, written over as it goes on', async () => {
    expect(slack().mode).toBe('message-per-rollout');
    const known = await slack().notify({ ...notice, tone: 'neutral' });
    expect(known).toBe('C0DEPLOYS 1795262400.000100');
    expect(await slack().notify(notice, known)).toBe(known);
    expect(calls).toEqual([
      {
        path: '/api/chat.postMessage',
        authorization: `Bearer ${token}`,
        body: {
          channel: '#deploys',
          text: '*<https://argocd.example.com/applications/shop?a=1&amp;b=2|acme/shop 1.4.2 in staging: live>*',
          attachments: [
            {
              color: '#868686',
              fallback: 'acme/shop 1.4.2 in staging: live',
              blocks: [
                {
                  type: 'section',
                  text: { type: 'plain_text', text: notice.lines.join('\n'), emoji: false },
                },
              ],
            },
          ],
          unfurl_links: 'false',
          unfurl_media: 'false',
          link_names: 'false',
          parse: 'none',
        },
      },
      expect.objectContaining({
        path: '/api/chat.update',
        body: expect.objectContaining({ channel: 'C0DEPLOYS', ts: '1795262400.000100' }) as unknown,
      }) as unknown,
    ]);
  });

  test('a message that somebody deleted is written again', async () => {
    expect(await slack().notify(notice, 'C0DEPLOYS 1.2')).toBe('C0DEPLOYS 1795262400.000100');
    expect(calls.map(({ path }) => path)).toEqual(['/api/chat.update', '/api/chat.postMessage']);
  });

  test.each<[string, Answer, string]>([
    [
      'a refusal',
      { body: '{"ok":false,"error":"not_in_channel"}' },
      'Slack 200: not_in_channel (invite the bot to the channel).',
    ],
    ['a server error', { status: 503, body: 'upstream <html>' }, 'Slack 503'],
  ])('%s is told', async (_, answer, message) => {
    answers = [answer];
    const error = await failure(slack().notify(notice));
    expect(error).toMatchObject({ code: 'notify-failed', transient: true });
    expect(error.message).toContain(message);
    expect(calls).toHaveLength(1);
  });

  test('being asked to wait is told with until when', async () => {
    answers = [{ status: 429, headers: { 'retry-after': '30' }, body: '{"ok":false,"error":"ratelimited"}' }];
    expect(await failure(slack().notify(notice))).toMatchObject({
      code: 'notify-failed',
      retryAt: new Date('2026-11-21T12:00:30Z'),
    });
    expect(calls).toHaveLength(1);
  });

  test('a Slack that is not there is told without the token', async () => {
    const gone = createSlack({ token, slackApiUrl: 'http://127.0.0.1:1/api/', now });
    const error = await failure(gone.notify(notice));
    expect(error).toMatchObject({ code: 'notify-failed' });
    expect(JSON.stringify([error.message, String(error.cause)])).not.toContain(token);
  });

  test('a channel must be named', async () => {
    expect(await failure(slack().notify({ tone: 'good', title: 'x', lines: [] }))).toMatchObject({
      code: 'notify-failed',
    });
    expect(calls).toEqual([]);
  });
});

describe('with an incoming webhook', () => {
  const slack = () => createSlack({ webhookUrl: `${url}/hook`, now });

  test('a message is written, and there is nothing to write over', async () => {
    expect(slack().mode).toBe('once');
    expect(await slack().notify(notice)).toBeUndefined();
    expect(calls).toMatchObject([{ path: '/hook', body: { attachments: [{ color: '#2eb67d' }] } }]);
    expect(calls[0]?.body).not.toHaveProperty('channel');
  });

  test.each<[string, Answer, object]>([
    ['a refusal', { status: 404, body: 'no_service' }, { message: 'Slack 404: no_service.' }],
    [
      'a wait',
      { status: 429, headers: { 'retry-after': '7' }, body: '' },
      { retryAt: new Date('2026-11-21T12:00:07Z') },
    ],
  ])('%s is told', async (_, answer, expected) => {
    answers = [answer];
    expect(await failure(slack().notify(notice))).toMatchObject({ code: 'notify-failed', ...expected });
  });

  test('one that is not there is told without its address, which is a secret', async () => {
    const error = await failure(
      createSlack({ webhookUrl: 'http://127.0.0.1:1/services/T0/B0/secret', now }).notify(notice),
    );
    expect(error.message).toBe('Slack did not answer at all.');
    expect(error.cause).toBeUndefined();
  });
});

test('without either there is no chat', async () => {
  const slack = createSlack({ now });
  expect(slack.mode).toBe('off');
  expect(await slack.notify(notice)).toBeUndefined();
});

test('nothing that people wrote is markup, a mention or a link', async () => {
  const slack = createSlack({ webhookUrl: `${url}/hook`, now });
  await slack.notify({ tone: 'bad', title: '<!here> & <https://x|y>\n`z`', lines: [] });
  expect(calls).toMatchObject([
    { body: { text: '*&lt;!here&gt; &amp; &lt;https://x|y&gt; `z`*', attachments: [{ blocks: [] }] } },
  ]);
  expect(escapeSlack('a<b>&c')).toBe('a&lt;b&gt;&amp;c');
});

async function failure(promise: Promise<unknown>): Promise<TagalongError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TagalongError)) throw new Error('it did not fail as it should');
  return error;
}
