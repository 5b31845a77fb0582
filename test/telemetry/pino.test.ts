import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TagalongError } from '../../src/domain/errors.ts';
import { createLog, type LogOptions } from '../../src/telemetry/pino.ts';
import { startChild } from '../support/child.ts';

function capture(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const log = createLog({
    level: 'debug',
    format: 'json',
    stream: { write: (line) => void lines.push(line) },
    ...options,
  });
  return { log, lines, records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('the log as JSON', () => {
  test('has one object a line: time, level, message and fields', () => {
    const { log, records } = capture();
    log.child({ subject: 'github:acme/deploy' }).info({ woken: 2 }, 'delivery accepted');
    expect(records()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
        subject: 'github:acme/deploy',
        woken: 2,
        msg: 'delivery accepted',
      },
    ]);
  });

  test('leaves out what is below the level', () => {
    const { log, lines } = capture({ level: 'warn' });
    log.info({}, 'no');
    log.warn({}, 'yes');
    expect(lines).toHaveLength(1);
  });

  test('tells an error with its code and causes, and nothing else that hangs on it', () => {
    const { log, records } = capture();
    const cause = Object.assign(new Error('connect ECONNREFUSED'), {
      code: 'ECONNREFUSED',
      request: { body: 'private' },
    });
    log.error({ err: new TagalongError('store-unavailable', 'no database', { cause }) }, 'failed');
    expect(records()).toMatchObject([
      {
        err: {
          type: 'TagalongError',
          code: 'store-unavailable',
          message: 'no database',
          cause: { type: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' },
        },
      },
    ]);
    expect(JSON.stringify(records())).not.toContain('private');
  });
});

test.each(['exit', 'error', 'nothing more to do'])('no line is lost at an end by %s', async (end) => {
  const child = startChild(join(import.meta.dirname, '../support/logging-child.ts'), ['5000', end]);
  await child.ended();
  const lines = child.lines.map((line) => (JSON.parse(line) as { line: number }).line);
  expect(lines).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1));
});

describe('what looks secret is not logged', () => {
  const secret = 'do-not-show-this';

  test.each([
    ['a field', { token: secret }],
    ['a field of a field', { request: { headers: { Authorization: secret } } }],
    ['a field in a list', { hooks: [{ webhookSecret: secret }] }],
    ['a field that holds more', { credentials: { user: 'a', key: secret } }],
    ['a database', { databaseUrl: `postgres://u:${secret}@db/x` }],
    ['an address with a password', { remote: `https://x-access-token:${secret}@github.com/acme/deploy.git` }],
    ['a header in a text', { reason: `sent Authorization: Bearer ${secret}` }],
    ['a message of an error', { err: new Error(`fetch https://u:${secret}@host/ failed`) }],
    ['a cause', { err: new Error('failed', { cause: new Error(`https://u:${secret}@host/`) }) }],
    ['a GitHub token', { note: `ghs_${secret.replaceAll('-', 'X')}0123456789` }],
    ['a GitLab token', { note: `glpat-${secret}0123456789` }],
    ['a private key', { note: `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----` }],
    ['raw bytes', { body: Buffer.from(secret) }],
  ])('%s', (_, fields) => {
    for (const format of ['json', 'pretty'] as const) {
      const { log, lines } = capture({ format });
      log.info(fields, 'message');
      log.child(fields).info({}, 'message');
      expect(lines).toHaveLength(2);
      expect(lines.join('')).not.toMatch(/do.not.show.this/i);
    }
  });

  test('what only sounds like it is', () => {
    const { log, records } = capture();
    log.info(
      { commit: 'abc1234', path: 'a/token-service/values.yaml', url: 'https://github.com/acme/shop' },
      'message',
    );
    expect(records()).toMatchObject([
      { commit: 'abc1234', path: 'a/token-service/values.yaml', url: 'https://github.com/acme/shop' },
    ]);
  });

  test('a field that leads back to itself does not hang the log', () => {
    const { log, lines } = capture();
    const fields: Record<string, unknown> = { a: 1 };
    fields['self'] = fields;
    log.info(fields, 'message');
    expect(lines).toHaveLength(1);
  });
});

describe('the log for people', () => {
  test('has a line with time, level, message and fields', () => {
    const { log, lines } = capture({ format: 'pretty' });
    log.warn({ sender: 'generic', reason: 'two words', count: 3 }, 'webhook refused');
    expect(lines.join('')).toMatch(
      /^\d\d:\d\d:\d\d WARN {2}webhook refused sender=generic reason="two words" count=3\n$/,
    );
  });

  test('lets nothing that others wrote speak to the terminal', () => {
    const { log, lines } = capture({ format: 'pretty' });
    const hostile = 'a\u001b[2J\u009b31m\u202eb';
    log.error({ [hostile]: 1, reason: hostile, list: [hostile], err: new Error(`${hostile}\nmore`) }, 'failed');
    expect(lines.join('')).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    expect(lines.join('')).toContain('\n    more');
  });

  test('tells the causes of an error below each other', () => {
    const { log, lines } = capture({ format: 'pretty' });
    log.error({ err: new TagalongError('git-failed', 'no fetch', { cause: new Error('exit 128') }) }, 'failed');
    expect(lines.join('')).toMatch(
      /ERROR failed\n {4}\[git-failed\] TagalongError: no fetch\n[\s\S]*caused by\n {4}Error: exit 128/,
    );
  });

  test('has colors only when asked', () => {
    const [plain, colored] = [capture({ format: 'pretty' }), capture({ format: 'pretty', color: true })];
    for (const { log } of [plain, colored]) log.info({ a: 1 }, 'message');
    expect(plain.lines.join('')).not.toContain('\u001b[');
    expect(colored.lines.join('')).toContain('\u001b[');
  });
});
