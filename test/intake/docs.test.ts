import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Event } from '../../src/domain/event.ts';
import { createReceivers } from '../../src/intake/registry.ts';
import { createServer, type Server } from '../../src/server/server.ts';
import { silentLog, silentMetrics } from '../support/silent.ts';
import { commit } from './deploys/sent.ts';

const secret = 'a secret of the documentation';
const receivers = createReceivers({ generic: [secret], deploys: [secret] });
let accepted: (readonly Event[])[];
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer({
    receivers,
    accept: (_, __, events) => {
      accepted.push(events);
      return Promise.resolve({ status: 'accepted' });
    },
    ping: () => Promise.resolve(),
    metrics: silentMetrics,
    exposition: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
    log: silentLog,
    now: () => new Date(),
    bodyLimit: 100_000,
  });
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close());
beforeEach(() => {
  accepted = [];
});

function page(name: string): Promise<string> {
  return readFile(path.join(import.meta.dirname, '../../docs', name), 'utf8');
}

const deployed = { tool: 'generic', application: 'shop-production', state: 'succeeded', revision: commit };

test.each([
  ['intake.md', { kind: 'image-published', image: 'registry.example.com/acme/shop', tag: '1.2.3' }],
  ['deploys.md', { kind: 'deploy-reported', report: deployed }],
])('the one line of curl in %s is accepted', async (name, event) => {
  const [line] = /^body=.*curl .*$/m.exec(await page(name)) ?? [];
  const { stdout } = await promisify(execFile)('sh', ['-euc', line ?? 'exit 1'], {
    env: { ...process.env, TAGALONG_URL: url, TAGALONG_SECRET: secret },
  });
  expect(JSON.parse(stdout)).toMatchObject({ status: 'accepted' });
  expect(accepted).toEqual([[event]]);
});

test('every door for deploy tools stands in the documentation, and no other', async () => {
  const doors = receivers.map((receiver) => receiver.path).filter((door) => door.startsWith('/webhooks/deploys/'));
  expect(new Set((await page('deploys.md')).match(/\/webhooks\/deploys\/[a-z-]+/g))).toEqual(new Set(doors));
});
