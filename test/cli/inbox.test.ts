import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runInboxList, runInboxRetry } from '../../src/cli/inbox.ts';
import type { ExitCode, Io } from '../../src/cli/io.ts';
import { TagalongError } from '../../src/domain/errors.ts';
import { formatSubject, type Subject } from '../../src/domain/subject.ts';
import { openStore, storeLocation } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryDirectory } from '../support/database.ts';
import { silentLog } from '../support/silent.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
const broken: Subject = { kind: 'change', repository: { forge: 'github', path: 'acme/deploy' }, number: 12 };

beforeAll(async () => {
  directory = await temporaryDirectory();
});

afterAll(() => directory.remove());

async function run(command: (io: Io) => Promise<ExitCode>): Promise<{ code: ExitCode; out: string; err: string }> {
  const told = { out: '', err: '' };
  const code = await command({
    stdout: { write: (text) => (told.out += text), color: false },
    stderr: { write: (text) => (told.err += text), color: false },
    stdin: process.stdin,
    cwd: directory.path,
    env: { TAGALONG_DATA: 'data' },
  });
  return { code, ...told };
}

const list = (json = false) => run((io) => runInboxList(io, { json }));
const retry = (subject?: string) => run((io) => runInboxRetry(io, subject === undefined ? {} : { subject }));

/** A bot that has given up on one subject. */
async function openWithDeadLetter(): Promise<Store> {
  const location = storeLocation({ dataDirectory: path.join(directory.path, 'data') });
  const store = await openStore({ ...location, now: () => new Date(), log: silentLog, retry: { limit: 1 } });
  await store.workers.start(() => Promise.reject(new TagalongError('forge-refused', 'Not\nallowed.')));
  await store.inbox.wake(broken, { kind: 'installed' });
  await untilDead(store);
  return store;
}

async function untilDead(store: Store): Promise<void> {
  const dead = [{ state: 'dead', subject: formatSubject(broken) }];
  await vi.waitFor(async () => expect(await store.admin.entries()).toMatchObject(dead), { timeout: 10_000 });
}

describe('tagalong inbox', () => {
  test('where no bot ever ran there is nothing, and nothing is made', async () => {
    const err = `There is no database in ${path.join(directory.path, 'data')}: set TAGALONG_DATA or DATABASE_URL as for the bot.\n`;
    expect(await list()).toEqual({ code: 0, out: 'Nothing waits.\n', err });
    expect(await list(true)).toEqual({ code: 0, out: '[]\n', err });
    expect(await retry()).toEqual({ code: 0, out: 'Nothing has given up.\n', err });
    expect(existsSync(path.join(directory.path, 'data'))).toBe(false);
  });

  test('what is no subject is told so', async () => {
    expect(await retry('acme/deploy')).toEqual({
      code: 2,
      out: '',
      err: "'acme/deploy' is no subject: `github:acme/deploy` or `github:acme/deploy#12` is wanted.\n",
    });
  });

  test('lists and retries beside a running bot, and without it', async () => {
    const bot = await openWithDeadLetter();
    const { out } = await list();
    expect(out).toMatch(
      /^dead {6}github:acme\/deploy#12 {2}1 wake, since \S+, 1 failed attempt\n {10}forge-refused: Not allowed\.\n$/,
    );
    expect(JSON.parse((await list(true)).out)).toMatchObject([
      { subject: 'github:acme/deploy#12', state: 'dead', wakes: 1, attempts: 1, error: 'forge-refused: Not\nallowed.' },
    ]);
    expect(await retry('github:acme/other')).toEqual({
      code: 1,
      out: '',
      err: 'github:acme/other has neither failed nor given up.\n',
    });
    expect(await retry('github:acme/deploy#12')).toEqual({ code: 0, out: '1 subject is worked on again.\n', err: '' });
    await untilDead(bot);
    expect(await retry()).toEqual({ code: 0, out: '1 subject is worked on again.\n', err: '' });
    await untilDead(bot);
    await bot.workers.stop(1_000);
    await bot.close();

    expect((await list()).out).toContain('dead      github:acme/deploy#12');
    expect(await retry()).toMatchObject({ code: 0, out: '1 subject is worked on again.\n' });
    expect((await list()).out).toMatch(/^pending {3}github:acme\/deploy#12 {2}1 wake, since \S+\n$/);
  });
});
