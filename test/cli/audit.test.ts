import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli.ts';
import type { AuditEntry } from '../../src/domain/audit.ts';
import { openStore, storeLocation } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryDirectory } from '../support/database.ts';
import { silentLog } from '../support/silent.ts';
import { imageName } from '../support/store-examples.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

beforeAll(async () => {
  directory = await temporaryDirectory();
});

afterAll(() => directory.remove());

async function audit(...args: string[]) {
  const told = { out: '', err: '' };
  const code = await runCli(['audit', ...args], {
    stdout: { write: (text) => (told.out += text), color: false },
    stderr: { write: (text) => (told.err += text), color: false },
    stdin: process.stdin,
    cwd: directory.path,
    env: { TAGALONG_DATA: 'data' },
  });
  return { code, ...told };
}

const open = (): Promise<Store> =>
  openStore({
    ...storeLocation({ dataDirectory: path.join(directory.path, 'data') }),
    now: () => new Date(),
    log: silentLog,
  });

const repository = { forge: 'github', path: 'Acme/deploy' } as const;

const rollback: AuditEntry = {
  key: 'comment 123 line 1',
  at: new Date('2025-03-10T02:04:05.678Z'),
  actor: { kind: 'person', name: 'ada' },
  action: 'rollback',
  repository,
  change: 12,
  environment: 'production',
  image: imageName('nginx'),
  event: 'comment 123',
  details: { version: '1.4.1', reason: 'It\n\u001B[31m"fails"\u202E, a=b.', until: '' },
};
const merge: AuditEntry = {
  key: 'github:acme/deploy#12 merge 3f2a91c',
  at: new Date('2025-03-10T02:05:00Z'),
  actor: { kind: 'bot', name: 'tagalong' },
  action: 'merge',
  repository,
  change: 12,
  event: 'policy merge: auto',
  details: {},
};
const freeze: AuditEntry = {
  key: 'comment 9 line 1',
  at: new Date(Date.now() - 60_000),
  actor: { kind: 'person', name: 'grace' },
  action: 'freeze',
  repository: { forge: 'gitlab', path: 'acme/infra/deploy' },
  event: 'comment 9',
  details: { reason: 'audit' },
};

describe('tagalong audit', () => {
  test('where no bot ever ran nothing was done, and nothing is made', async () => {
    expect(await audit()).toEqual({
      code: 0,
      out: 'Nothing of that kind was done.\n',
      err: expect.stringMatching(/^There is no database in .*data: set TAGALONG_DATA/) as string,
    });
    expect(await audit('--json')).toMatchObject({ code: 0, out: '' });
    expect(existsSync(path.join(directory.path, 'data'))).toBe(false);
  });

  test.each([
    [
      ['--since', 'yesterday'],
      "'yesterday' is no time: an age such as `12h` or `7d`, or a date such as `2024-11-02`, is wanted.\n",
    ],
    [
      ['--since', '2024-13-02'],
      "'2024-13-02' is no time: an age such as `12h` or `7d`, or a date such as `2024-11-02`, is wanted.\n",
    ],
    [['--repository', 'deploy'], "'deploy' is no repository: `acme/deploy` or `gitlab:acme/deploy` is wanted.\n"],
    [
      ['--repository', 'acme/deploy#12'],
      "'acme/deploy#12' is no repository: `acme/deploy` or `gitlab:acme/deploy` is wanted.\n",
    ],
    [['--change', 'x'], expect.stringContaining('A whole number from 1 on is wanted.') as string],
    [['--limit', '0'], expect.stringContaining('A whole number from 1 on is wanted.') as string],
  ])('tells what is wrong with %j', async (args, err) => {
    expect(await audit(...args)).toEqual({ code: 2, out: '', err });
  });

  test('tells one line for each thing that was done, beside a running bot and without it', async () => {
    const bot = await open();
    await bot.audit.append([rollback, merge, freeze]);
    const lines = [
      `2025-03-10 02:05:00Z  tagalong (bot)  merge     acme/deploy#12                   (policy merge: auto)`,
      `2025-03-10 02:04:05Z  ada             rollback  acme/deploy#12 production nginx  version=1.4.1 reason="It [31m\\"fails\\" , a=b." until="" (comment 123)`,
      '',
    ];
    const told = { code: 0, out: lines.join('\n'), err: '' };
    expect(await audit('--repository', 'acme/deploy')).toEqual(told);
    expect(await audit('--change', '12')).toEqual(told);
    const all = (await audit('--json')).out.trimEnd().split('\n');
    expect(all.map((line) => JSON.parse(line) as unknown)).toEqual(
      [freeze, merge, rollback].map((entry) => ({ ...entry, at: entry.at.toISOString() })),
    );
    const actions = async (...args: string[]) => (await audit('--json', ...args)).out.match(/(?<="action":")\w+/g);
    expect(await actions('--since', '7d')).toEqual(['freeze']);
    expect(await actions('--since', '2025-03-10T03:05:00+01:00')).toEqual(['freeze', 'merge']);
    expect(await actions('--since', '2025-03-10')).toEqual(['freeze', 'merge', 'rollback']);
    expect(await actions('--repository', 'gitlab:acme/infra/deploy')).toEqual(['freeze']);
    expect(await actions('--repository', 'acme/infra')).toBeNull();
    const { out } = await audit('--limit', '2');
    expect(out.split('\n')).toHaveLength(4);
    expect(out).toMatch(/\nThere may be more than these 2: --limit shows it\.\n$/);
    await bot.close();
    expect(await audit('--repository', 'acme/deploy')).toEqual(told);
  });
});
