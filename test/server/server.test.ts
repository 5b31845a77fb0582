import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { TagalongError } from '../../src/domain/errors.ts';
import type { Event } from '../../src/domain/event.ts';
import type { RawRequest, Receiver } from '../../src/intake/receiver.ts';
import type { ServerOptions } from '../../src/server/options.ts';
import { createServer, type Server } from '../../src/server/server.ts';
import type { Log } from '../../src/telemetry/telemetry.ts';
import { silentLog } from '../support/silent.ts';

const KEY = 'open sesame';

/** A sender that shows a word, and whose bodies are `{"id"?: …, "events": […]}`. */
const example: Receiver = {
  name: 'example',
  path: '/webhooks/example',
  authenticate: ({ headers }) =>
    headers['x-key'] === KEY ? { ok: true } : { ok: false, reason: 'the word is wrong: sesam' },
  decode({ body }) {
    try {
      const value = JSON.parse(body.toString('utf8')) as { id?: string; events: Event[] };
      return { ok: true, events: value.events, ...(value.id !== undefined && { deliveryId: value.id }) };
    } catch {
      return { ok: false, reason: 'the body is not JSON' };
    }
  },
};

interface Accepted {
  readonly sender: string;
  readonly id: string;
  readonly events: readonly Event[];
}

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(changes: Partial<ServerOptions> = {}) {
  const accepted: Accepted[] = [];
  const counted: string[] = [];
  const logged: object[] = [];
  const note = (fields: object) => void logged.push(fields);
  const log: Log = { ...silentLog, warn: note, error: note };
  const server = createServer({
    receivers: [example],
    accept: (sender, id, events) => {
      accepted.push({ sender, id, events });
      return Promise.resolve({ status: 'accepted' });
    },
    ping: () => Promise.resolve(),
    metrics: { webhook: (sender, outcome) => void counted.push(`${sender} ${outcome}`) },
    exposition: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', text: 'a 1\n' }),
    log,
    now: () => new Date(0),
    bodyLimit: 1000,
    ...changes,
  });
  servers.push(server);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return { server, url, accepted, counted, logged };
}

function post(url: string, body: RequestInit['body'], headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/webhooks/example`, {
    method: 'POST',
    body: body ?? null,
    headers: { 'x-key': KEY, ...headers },
  });
}

const ignored: Event = { kind: 'ignored', reason: 'nothing' };
const body = JSON.stringify({ id: '7', events: [ignored] });

describe('a webhook', () => {
  test('is answered with 202 once it is accepted', async () => {
    const { url, accepted, counted } = await start();
    const response = await post(url, body);
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ id: '7', status: 'accepted' });
    expect(accepted).toEqual([{ sender: 'example', id: '7', events: [ignored] }]);
    expect(counted).toEqual(['example accepted']);
  });

  test.each(['duplicate', 'ignored'] as const)('is answered with 202 and counted when it is %s', async (status) => {
    const { url, counted } = await start({ accept: () => Promise.resolve({ status, reason: 'why' }) });
    const response = await post(url, body);
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ id: '7', status, reason: 'why' });
    expect(counted).toEqual([`example ${status}`]);
  });

  test.each(['application/json', 'text/plain', 'application/cloudevents+json; charset=utf-8', undefined])(
    'reaches its receiver byte by byte, whatever its type says: %s',
    async (type) => {
      const bodies: Buffer[] = [];
      const receiver: Receiver = {
        ...example,
        decode({ body: bytes }: RawRequest) {
          bodies.push(bytes);
          return { ok: true, events: [] };
        },
      };
      const { url } = await start({ receivers: [receiver] });
      const bytes = Buffer.from([0x7b, 0x20, 0xff, 0x00, 0x0d, 0x0a, 0x7d]);
      expect((await post(url, bytes, type === undefined ? {} : { 'content-type': type })).status).toBe(202);
      expect(bodies).toEqual([bytes]);
    },
  );

  test('with a wrong signature gets 401, no reason, and leaves nothing', async () => {
    const { url, accepted, counted, logged } = await start();
    const response = await post(url, body, { 'x-key': 'sesam' });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: 'unauthorised' });
    expect(accepted).toEqual([]);
    expect(counted).toEqual(['example unauthorised']);
    expect(logged).toEqual([expect.objectContaining({ sender: 'example', reason: 'the word is wrong: sesam' })]);
  });

  test('is authenticated before it is decoded', async () => {
    const { url } = await start();
    expect((await post(url, 'no JSON', { 'x-key': 'sesam' })).status).toBe(401);
  });

  test.each(['no JSON', '', '{'])('that is no JSON gets 400 with the reason: %j', async (text) => {
    const { url, accepted, counted } = await start();
    const response = await post(url, text);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: 'the body is not JSON' });
    expect(accepted).toEqual([]);
    expect(counted).toEqual(['example invalid']);
  });

  test('without an id of its own is known by its bytes', async () => {
    const { url, accepted } = await start();
    for (const text of ['{"events":[]}', '{"events":[]}', '{"events": []}']) await post(url, text);
    const [first, second, third] = accepted.map(({ id }) => id);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  test('gets 503 and is asked to come again while the database is away', async () => {
    const { url, counted } = await start({
      accept: () => Promise.reject(new TagalongError('store-unavailable', 'no connection')),
    });
    const response = await post(url, body);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(counted).toEqual(['example unavailable']);
  });

  test('gets 500 without a word of the cause when something of ours breaks', async () => {
    const { url, counted } = await start({ accept: () => Promise.reject(new Error('column "x" does not exist')) });
    const response = await post(url, body);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ error: 'internal error' });
    expect(counted).toEqual(['example unavailable']);
  });

  test("of GitHub arrives also where Probot's set-up page sends it", async () => {
    const github = { ...example, name: 'github', path: '/webhooks/github' };
    const { url, accepted } = await start({ receivers: [github] });
    for (const path of ['/webhooks/github', '/', '/api/github/webhooks']) {
      const response = await fetch(url + path, { method: 'POST', body, headers: { 'x-key': KEY } });
      expect(response.status).toBe(202);
    }
    expect(accepted).toHaveLength(3);
  });
});

describe('the size of a body', () => {
  const large = JSON.stringify({ id: 'a'.repeat(1000), events: [] });

  test('over the limit gets 413', async () => {
    const { url, accepted } = await start();
    expect((await post(url, large)).status).toBe(413);
    expect(accepted).toEqual([]);
  });

  test('over the limit gets 413 where it was not announced', async () => {
    const { url, accepted } = await start();
    const stream = new Blob([large]).stream();
    const init = { method: 'POST', body: stream, headers: { 'x-key': KEY }, duplex: 'half' } as const;
    expect((await fetch(`${url}/webhooks/example`, init)).status).toBe(413);
    expect(accepted).toEqual([]);
  });

  test('counts after decompression', async () => {
    const { url, accepted } = await start();
    const bomb = gzipSync(Buffer.alloc(1_000_000, 'a'));
    expect(bomb.length).toBeLessThan(1100);
    expect((await post(url, bomb.subarray(0), { 'content-encoding': 'gzip' })).status).toBe(413);
    expect(accepted).toEqual([]);
  });

  test('may be made smaller by gzip', async () => {
    const { url, accepted } = await start();
    expect((await post(url, gzipSync(body), { 'content-encoding': 'gzip' })).status).toBe(202);
    expect(accepted).toEqual([{ sender: 'example', id: '7', events: [ignored] }]);
  });

  test.each([
    ['gzip', 400],
    ['br', 415],
    ['gzip, gzip', 415],
  ])('cannot be read with content-encoding %s', async (encoding, status) => {
    const { url, accepted, counted } = await start();
    expect((await post(url, 'not compressed', { 'content-encoding': encoding })).status).toBe(status);
    expect(accepted).toEqual([]);
    expect(counted).toEqual(['example invalid']);
  });
});

describe('the other pages', () => {
  test('/healthz says that the process runs, whatever the database does', async () => {
    const { url } = await start({ ping: () => Promise.reject(new Error('gone')) });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('/readyz says whether deliveries can be stored', async () => {
    let isThere = true;
    const { url } = await start({ ping: () => (isThere ? Promise.resolve() : Promise.reject(new Error('gone'))) });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    isThere = false;
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    isThere = true;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  test('/metrics shows what the metrics say, in their type', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4');
    expect(await response.text()).toBe('a 1\n');
  });

  test.each([
    ['GET', '/'],
    ['GET', '/webhooks/example'],
    ['POST', '/webhooks/other'],
    ['PUT', '/webhooks/example'],
    ['GET', '/%'],
  ])('%s %s is answered in JSON', async (method, path) => {
    const { url } = await start();
    const response = await fetch(url + path, { method });
    expect([400, 404]).toContain(response.status);
    expect(await response.json()).toHaveProperty('error');
  });

  test('no header tells what the server is made of', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/healthz`);
    expect([...response.headers.keys()].sort()).toEqual([
      'connection',
      'content-length',
      'content-type',
      'date',
      'keep-alive',
    ]);
  });
});

describe('slow and leaving', () => {
  test('a request that does not arrive in time loses its connection', async () => {
    const { url, accepted } = await start({ requestTimeoutMs: 300 });
    const socket = await open(url);
    socket.write(`POST /webhooks/example HTTP/1.1\r\nHost: x\r\nX-Key: ${KEY}\r\nContent-Length: 100\r\n\r\n{`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 408 /);
    await once(socket, 'close');
    expect(accepted).toEqual([]);
  });

  test('close waits for what is under way, and takes nothing new', async () => {
    const gate = Promise.withResolvers<undefined>();
    const entered = Promise.withResolvers<undefined>();
    const { server, url } = await start({
      accept: async () => {
        entered.resolve(undefined);
        await gate.promise;
        return { status: 'accepted' };
      },
    });
    const underWay = post(url, body);
    await entered.promise;
    let isClosed = false;
    const closing = server.close().then(() => (isClosed = true));
    await untilRefused(url);
    expect(isClosed).toBe(false);
    gate.resolve(undefined);
    expect((await underWay).status).toBe(202);
    await closing;
  });
});

async function open(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

async function untilRefused(url: string): Promise<void> {
  for (;;) {
    try {
      (await open(url)).destroy();
    } catch {
      return;
    }
    await setTimeout(10);
  }
}
