import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Event } from '../../../src/domain/event.ts';
import { createReceivers } from '../../../src/intake/registry.ts';
import { createServer, type Server } from '../../../src/server/server.ts';
import { silentLog, silentMetrics } from '../../support/silent.ts';
import { commit } from './sent.ts';

const secret = 'a secret of the documentation';
const accepted: (readonly Event[])[] = [];
let server: Server;
let url: string;
let text: string;

beforeAll(async () => {
  text = await readFile(path.join(import.meta.dirname, '../../../docs/deploys.md'), 'utf8');
  server = createServer({
    receivers: createReceivers({ generic: [], deploys: [secret] }),
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

test('the one line of curl in the documentation is accepted', async () => {
  const [line] = /^body=.*curl .*$/m.exec(text) ?? [];
  expect(line).toBeDefined();
  const { stdout } = await promisify(execFile)('sh', ['-euc', line ?? ''], {
    env: { ...process.env, TAGALONG_URL: url, TAGALONG_SECRET: secret },
  });
  expect(JSON.parse(stdout)).toMatchObject({ status: 'accepted' });
  const report = { tool: 'generic', application: 'shop-production', state: 'succeeded', revision: commit };
  expect(accepted).toEqual([[{ kind: 'deploy-reported', report }]]);
});

test('every door for deploy tools stands in the documentation, and no other', () => {
  const doors = createReceivers({ generic: [], deploys: [secret] }).map((receiver) => receiver.path);
  expect(new Set(text.match(/\/webhooks\/deploys\/[a-z-]+/g))).toEqual(new Set(doors));
});
