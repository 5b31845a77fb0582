import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readEnvFile } from '../../src/server/env-file.ts';
import { startSetup, type SetupPage } from '../../src/server/setup.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();

let directory: string;
let github: Server;
let page: SetupPage | undefined;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tagalong-setup-test-'));
  github = createHttpServer((request, response) => {
    const isConversion = request.method === 'POST' && request.url === '/api/v3/app-manifests/the-code/conversions';
    response.writeHead(isConversion ? 201 : 404, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        id: 4711,
        client_id: 'Iv1.abc',
        client_secret: 'client secret',
        webhook_secret: 'hook#secret',
        pem,
        html_url: 'https://github.example.com/apps/tagalong',
      }),
    );
  });
  process.env['GHE_HOST'] = `127.0.0.1:${await listen(github)}`;
  process.env['GHE_PROTOCOL'] = 'http';
});

afterEach(async () => {
  await page?.stop();
  page = undefined;
  await new Promise((resolve) => github.close(resolve));
  Reflect.deleteProperty(process.env, 'GHE_HOST');
  Reflect.deleteProperty(process.env, 'GHE_PROTOCOL');
  await rm(directory, { recursive: true });
});

describe('the set-up page', () => {
  test('registers an app with the permissions, the events and the addresses of this server', async () => {
    const { url } = await start({ publicUrl: 'https://tagalong.example.com' });
    expect(page?.url).toBe('https://tagalong.example.com/probot');
    expect(await manifest(url)).toMatchObject({
      name: 'Tagalong',
      url: 'https://tagalong.example.com',
      hook_attributes: { url: 'https://tagalong.example.com/webhooks/github' },
      redirect_url: `${url}/probot/setup`,
      default_permissions: { contents: 'write', pull_requests: 'write' },
      default_events: expect.arrayContaining(['push', 'registry_package']) as unknown,
    });
  });

  test('gives GitHub the address it is opened at where no other is known', async () => {
    const { url } = await start({});
    expect(await manifest(url)).toMatchObject({ url, hook_attributes: { url: `${url}/` } });
  });

  test('keeps the credentials, takes no others, and leaves the process as it was', async () => {
    const before = { cwd: process.cwd(), env: { ...process.env } };
    const envFile = path.join(directory, 'data', '.env');
    const { url } = await start({ envFile });
    const created = await fetch(`${url}/probot/setup?code=the-code`, { redirect: 'manual' });
    expect(created.headers.get('location')).toBe('https://github.example.com/apps/tagalong/installations/new');
    await page?.finished;
    const kept = {
      APP_ID: '4711',
      PRIVATE_KEY: pem,
      WEBHOOK_SECRET: 'hook#secret',
      GITHUB_CLIENT_ID: 'Iv1.abc',
      GITHUB_CLIENT_SECRET: 'client secret',
    };
    expect(await readEnvFile(envFile)).toEqual(kept);

    const other = JSON.stringify({ appId: '1', pem: 'mine', webhook_secret: 'mine' });
    expect((await fetch(`${url}/probot/import`, { method: 'POST', body: other })).status).toBe(500);
    expect(await readEnvFile(envFile)).toEqual(kept);

    await page?.stop();
    page = undefined;
    expect({ cwd: process.cwd(), env: { ...process.env } }).toEqual(before);
  });

  test('is not shown where the credentials could not be kept', async () => {
    await expect(start({ envFile: '/dev/null/.env' })).rejects.toThrow(/ENOTDIR|EEXIST/);
  });
});

async function start(options: { publicUrl?: string; envFile?: string }): Promise<{ url: string }> {
  const port = await freePort();
  page = await startSetup({
    host: '127.0.0.1',
    port,
    envFile: path.join(directory, '.env'),
    log: pino({ level: 'silent' }),
    ...options,
  });
  return { url: `http://127.0.0.1:${port}` };
}

async function manifest(url: string): Promise<unknown> {
  const html = await (await fetch(`${url}/probot`)).text();
  return JSON.parse(/name="manifest"[^>]* value='([^']*)'/.exec(html)?.[1] ?? 'null');
}

async function freePort(): Promise<number> {
  const server = createHttpServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
