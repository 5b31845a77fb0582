import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runEvent } from '../../src/cli/event.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tagalong-event-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function event(sender: string, input: string | { file: string }) {
  const written = { stdout: '', stderr: '' };
  const code = await runEvent(
    {
      stdout: { write: (text) => void (written.stdout += text), color: false },
      stderr: { write: (text) => void (written.stderr += text), color: false },
      stdin: (async function* () {
        yield await Promise.resolve(Buffer.from(typeof input === 'string' ? input : ''));
      })(),
      cwd: directory,
      env: {},
    },
    { sender, file: typeof input === 'string' ? '-' : input.file, json: true },
  );
  return { code, ...written };
}

const shop = `{"kind":"image-published","image":"ghcr.io/acme/shop","tag":"1.2.3","digest":"sha256:${'0'.repeat(64)}"}\n`;

test('an image that is published is one line of JSON', async () => {
  const body = `{"image":"ghcr.io/acme/shop:1.2.3@sha256:${'0'.repeat(64)}"}`;
  expect(await event('generic', body)).toEqual({ code: 0, stdout: shop, stderr: '' });
});

test('a body is read from a file beside', async () => {
  await writeFile(path.join(directory, 'body.json'), '{"image":"nginx","tag":"1.27"}');
  const { code, stdout } = await event('generic', { file: 'body.json' });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ kind: 'image-published', image: 'docker.io/library/nginx', tag: '1.27' });
});

test("GitHub's event is told by its body", async () => {
  const ping = await event('github', '{"zen":"Keep it logically awesome.","hook_id":1}');
  expect(ping.code).toBe(0);
  expect(JSON.parse(ping.stdout)).toMatchObject({ kind: 'ignored' });
});

test.each([
  ['generic', '{"imag":"nginx:1"}', 1, 'This is no event of generic: '],
  ['generic', 'no JSON', 1, 'the body is not JSON'],
  ['github', '{"a":1}', 1, 'This is no event of github: '],
  ['nexus', '{}', 2, 'Unknown sender "nexus"; known: generic, github'],
])('%s %s ends with %i', async (sender, body, code, complaint) => {
  expect(await event(sender, body)).toEqual({
    code,
    stdout: '',
    stderr: expect.stringContaining(complaint) as unknown,
  });
});

test('a file that is not there ends with 1', async () => {
  const result = await event('generic', { file: 'absent.json' });
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toMatch(/absent\.json: cannot be read/);
});
