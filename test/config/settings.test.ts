import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { settingsTable, type Setting } from '../../src/config/settings-table.ts';
import { readSettings, type Variables } from '../../src/config/settings.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PKCS1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const PKCS8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const APP = { APP_ID: '12', PRIVATE_KEY: PKCS8, WEBHOOK_SECRET: 'whisper' };

const noFiles = (path: string): string => {
  throw new Error(`ENOENT: no such file or directory, open '${path}'`);
};

function settings(env: Variables) {
  const read = readSettings(env, noFiles);
  expect(read).toMatchObject({ ok: true });
  if (!read.ok) throw new Error('not valid');
  return read.settings;
}

function problems(env: Variables, readText = noFiles): readonly string[] {
  const read = readSettings(env, readText);
  expect(read.ok).toBe(false);
  return read.ok ? [] : read.problems;
}

test('an empty environment is enough to be set up', () => {
  expect(settings({})).toEqual({
    github: { webUrl: 'https://github.com', apiUrl: 'https://api.github.com' },
    server: {
      host: '127.0.0.1',
      port: 3000,
      bodyLimit: 25 * 1024 ** 2,
      genericSecrets: [],
      deploySecrets: [],
      grace: 25_000,
    },
    store: { dataDirectory: '.tagalong-data', mirrorSize: 10 * 1024 ** 3 },
    work: { concurrency: 4, resync: 3_600_000, bypassWait: 120_000 },
    renderers: { helmPath: 'helm', kustomizePath: 'kustomize', timeout: 60_000 },
    slack: {},
    log: { level: 'info', format: 'json' },
  });
});

test('every setting is read', () => {
  const all = settings({
    ...APP,
    GHE_HOST: '127.0.0.1:4000',
    GHE_PROTOCOL: 'http',
    HOST: '0.0.0.0',
    PORT: '0',
    TAGALONG_PUBLIC_URL: 'https://bot.example.com/tagalong/',
    TAGALONG_BODY_LIMIT: '1048576',
    TAGALONG_GENERIC_SECRET: ' new  old ',
    TAGALONG_DEPLOY_SECRET: 'fresh stale',
    TAGALONG_GRACE: '0s',
    TAGALONG_DATA: '/data',
    DATABASE_URL: 'postgres://tagalong:word@db/tagalong?sslmode=require',
    TAGALONG_MIRROR_SIZE: '3 gib',
    TAGALONG_CONCURRENCY: '16',
    TAGALONG_RESYNC: '7d',
    HELM_PATH: '/opt/helm',
    KUSTOMIZE_PATH: '/opt/kustomize',
    TAGALONG_RENDER_TIMEOUT: '2m',
    SLACK_BOT_TOKEN: 'xoxb-1',
    SLACK_API_URL: 'https://slack-gov.com/api',
    SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T/B/x',
    LOG_LEVEL: 'DEBUG',
    LOG_FORMAT: 'pretty',
  });
  expect(all).toEqual({
    github: {
      app: { id: 12, privateKey: PKCS8, webhookSecret: 'whisper' },
      webUrl: 'http://127.0.0.1:4000',
      apiUrl: 'http://127.0.0.1:4000/api/v3',
    },
    server: {
      host: '0.0.0.0',
      port: 0,
      publicUrl: 'https://bot.example.com/tagalong',
      bodyLimit: 1024 ** 2,
      genericSecrets: ['new', 'old'],
      deploySecrets: ['fresh', 'stale'],
      grace: 0,
    },
    store: {
      dataDirectory: '/data',
      databaseUrl: 'postgres://tagalong:word@db/tagalong?sslmode=require',
      mirrorSize: 3 * 1024 ** 3,
    },
    work: { concurrency: 16, resync: 7 * 24 * 3_600_000, bypassWait: 120_000 },
    renderers: { helmPath: '/opt/helm', kustomizePath: '/opt/kustomize', timeout: 120_000 },
    slack: {
      token: 'xoxb-1',
      slackApiUrl: 'https://slack-gov.com/api/',
      webhookUrl: 'https://hooks.slack.com/services/T/B/x',
    },
    log: { level: 'debug', format: 'pretty' },
  });
});

test('an empty value is an unset one', () => {
  const names = Object.values(settingsTable).map(({ name }) => name);
  expect(settings(Object.fromEntries(names.map((name) => [name, ' '])))).toEqual(settings({}));
});

describe('the private key', () => {
  test.each([
    ['PKCS #1', PKCS1],
    ['PKCS #8', PKCS8],
    ['escaped line ends', PKCS1.replaceAll('\n', String.raw`\n`)],
    ['carriage returns', PKCS1.replaceAll('\n', '\r\n')],
    ['spaces for line ends', PKCS1.replaceAll('\n', ' ')],
    ['no line ends', PKCS1.replaceAll('\n', '')],
    ['base64', Buffer.from(PKCS1).toString('base64')],
    ['base64 in lines', Buffer.from(PKCS8).toString('base64').replaceAll(/.{76}/g, '$&\n')],
  ])('with %s', (_, text) => {
    expect(settings({ ...APP, PRIVATE_KEY: text }).github.app?.privateKey).toBe(PKCS8);
  });

  test('from a file', () => {
    const env = { ...APP, PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: '/run/key.pem' };
    const read = readSettings(env, (path) => (path === '/run/key.pem' ? PKCS1 : noFiles(path)));
    expect(read).toMatchObject({ ok: true, settings: { github: { app: { privateKey: PKCS8 } } } });
    expect(problems(env)).toEqual([
      expect.stringMatching(/^PRIVATE_KEY_PATH names `\/run\/key\.pem`, which cannot be read: ENOENT/),
    ]);
    expect(problems(env, () => 'secret text')).toEqual([expect.stringMatching(/^PRIVATE_KEY_PATH .* does not hold/)]);
  });

  test('not of an elliptic curve, and not half of one', () => {
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
    for (const key of [curve.toString(), PKCS8.slice(0, 400)]) {
      expect(problems({ ...APP, PRIVATE_KEY: key })).toEqual([
        expect.stringMatching(/^PRIVATE_KEY .* wants the RSA private key/),
      ]);
    }
  });

  test('not twice', () => {
    expect(problems({ ...APP, PRIVATE_KEY_PATH: '/x' })).toEqual([expect.stringContaining('both set')]);
  });
});

test.each([
  [['APP_ID'], ['PRIVATE_KEY', 'WEBHOOK_SECRET']],
  [['PRIVATE_KEY'], ['APP_ID', 'WEBHOOK_SECRET']],
  [['APP_ID', 'WEBHOOK_SECRET'], ['PRIVATE_KEY']],
  [['APP_ID', 'PRIVATE_KEY'], ['WEBHOOK_SECRET']],
] as const)('an app with %j alone names what is missing', (present, missing) => {
  const told = problems(Object.fromEntries(present.map((name) => [name, APP[name]])));
  expect(told.map((problem) => problem.split(' ')[0])).toEqual(missing);
  for (const problem of told) expect(problem).toMatch(/is missing, and wants /);
});

describe('a wrong value names its setting and what is wanted', () => {
  test.each([
    ['APP_ID', 'twelve', /whole number/],
    ['GHE_HOST', 'https://github.example.com', /host name/],
    ['GHE_PROTOCOL', 'ftp', /`https`, `http`/],
    ['HOST', 'http://0.0.0.0', /to listen on/],
    ['PORT', '65536', /0 to 65535/],
    ['PORT', '0x50', /0 to 65535/],
    ['TAGALONG_PUBLIC_URL', 'bot.example.com', /`https:\/\/`/],
    ['TAGALONG_PUBLIC_URL', 'javascript:alert(1)', /`https:\/\/`/],
    ['TAGALONG_BODY_LIMIT', '25MB', /`MiB`/],
    ['TAGALONG_BODY_LIMIT', '1', /at least `1KiB`/],
    ['TAGALONG_GRACE', '25', /duration/],
    ['TAGALONG_GRACE', '1h', /`10m`/],
    ['TAGALONG_MIRROR_SIZE', '1MiB', /at least `16MiB`/],
    ['TAGALONG_CONCURRENCY', '0', /1 to 256/],
    ['TAGALONG_RESYNC', '1s', /`1m`/],
    ['TAGALONG_RENDER_TIMEOUT', '0s', /`1s`/],
    ['LOG_LEVEL', 'loud', /`trace`/],
    ['LOG_FORMAT', 'xml', /`json`, `pretty`/],
  ])('%s=%s', (name, value, wants) => {
    const own = problems({ [name]: value }).filter((problem) => problem.startsWith(`${name} `));
    expect(own).toEqual([expect.stringContaining(`\`${value}\``)]);
    expect(own[0]).toMatch(wants);
  });

  test('all of them at once', () => {
    expect(problems({ PORT: 'x', HOST: '!', LOG_LEVEL: 'x', TAGALONG_X: 'x' })).toHaveLength(4);
  });
});

test('no secret is ever shown', () => {
  const secret = 'hunter2';
  const names = Object.values<Setting<unknown>>(settingsTable).flatMap(({ name, isSecret }) =>
    isSecret ? [name] : [],
  );
  expect(names).toEqual([
    'PRIVATE_KEY',
    'WEBHOOK_SECRET',
    'TAGALONG_GENERIC_SECRET',
    'TAGALONG_DEPLOY_SECRET',
    'DATABASE_URL',
    'SLACK_BOT_TOKEN',
    'SLACK_WEBHOOK_URL',
  ]);
  const told = problems({ ...Object.fromEntries(names.map((name) => [name, secret])), TAGALONG_PASSWORD: secret });
  expect(told.some((problem) => problem.startsWith('DATABASE_URL '))).toBe(true);
  expect(told.join('\n')).not.toContain(secret);
});

describe('names that begin with TAGALONG_', () => {
  test.each([
    ['TAGALONG_RESINC', 'TAGALONG_RESYNC'],
    ['TAGALONG_GENERIC', 'TAGALONG_GENERIC_SECRET'],
    ['TAGALONG_PORT', 'PORT'],
    ['TAGALONG_LOG_LEVEL', 'LOG_LEVEL'],
  ])('%s may mean %s', (name, meant) => {
    expect(problems({ [name]: 'x' })).toEqual([`${name} is no setting. Did you mean ${meant}?`]);
  });

  test('those that Kubernetes sets for a Service are none of ours', () => {
    settings({
      TAGALONG_SERVICE_HOST: '10.0.0.1',
      TAGALONG_SERVICE_PORT: '80',
      TAGALONG_SERVICE_PORT_HTTP: '80',
      TAGALONG_PORT: 'tcp://10.0.0.1:80',
      TAGALONG_PORT_80_TCP: 'tcp://10.0.0.1:80',
      TAGALONG_PORT_80_TCP_ADDR: '10.0.0.1',
      TAGALONG_DB_PORT_5432_TCP_PROTO: 'tcp',
      TAGALONG_DB_SERVICE_HOST: '10.0.0.2',
    });
  });
});

test.each([
  [{ GHE_HOST: 'GitHub.Example.com' }, 'https://github.example.com', 'https://github.example.com/api/v3'],
  [{ GHE_HOST: 'acme.ghe.com' }, 'https://acme.ghe.com', 'https://api.acme.ghe.com'],
])('%j', (env, webUrl, apiUrl) => {
  expect(settings(env).github).toEqual({ webUrl, apiUrl });
});
