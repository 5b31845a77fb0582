import * as types from './setting-types.ts';
import type { SettingType } from './setting-types.ts';

export interface Setting<T> {
  readonly name: string;
  readonly group: 'GitHub App' | 'Server' | 'Storage' | 'Work' | 'Renderers' | 'Chat' | 'Logging';
  readonly type: SettingType<T>;
  /** As one would write it; absent where nothing stands for an unset one. */
  readonly default?: string;
  /** In Markdown, for people who run Tagalong. */
  readonly meaning: string;
  /** Its value is never shown, in no message. */
  readonly isSecret?: true;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

const logLevel = types.oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent');
const logFormat = types.oneOf('json', 'pretty');

export type LogLevel = ValueOf<typeof logLevel>;
export type LogFormat = ValueOf<typeof logFormat>;
type ValueOf<Type> = Type extends SettingType<infer Value> ? Value : never;

/** Every setting there is. `docs/settings.md` is generated from this table. */
export const settingsTable = {
  appId: {
    name: 'APP_ID',
    group: 'GitHub App',
    type: types.wholeNumber(1, Number.MAX_SAFE_INTEGER),
    meaning:
      "The app's id. `APP_ID`, `PRIVATE_KEY` (or `PRIVATE_KEY_PATH`) and `WEBHOOK_SECRET` go together; without all of them, `serve` shows a page that creates the app.",
  },
  privateKey: {
    name: 'PRIVATE_KEY',
    group: 'GitHub App',
    type: types.privateKey,
    meaning: "The app's private key.",
    isSecret: true,
  },
  privateKeyPath: {
    name: 'PRIVATE_KEY_PATH',
    group: 'GitHub App',
    type: types.word,
    meaning: 'A file that holds the private key, instead of `PRIVATE_KEY`.',
  },
  webhookSecret: {
    name: 'WEBHOOK_SECRET',
    group: 'GitHub App',
    type: types.secret,
    meaning: "The secret that GitHub signs the app's webhooks with.",
    isSecret: true,
  },
  gheHost: {
    name: 'GHE_HOST',
    group: 'GitHub App',
    type: types.host,
    meaning: 'The host of a GitHub Enterprise Server, or `<name>.ghe.com`. Left out: github.com.',
  },
  gheProtocol: {
    name: 'GHE_PROTOCOL',
    group: 'GitHub App',
    type: types.oneOf('https', 'http'),
    default: 'https',
    meaning: 'How `GHE_HOST` is reached.',
  },
  host: {
    name: 'HOST',
    group: 'Server',
    type: types.address,
    default: '127.0.0.1',
    meaning: 'The address that the server listens on; `0.0.0.0` for every one.',
  },
  port: {
    name: 'PORT',
    group: 'Server',
    type: types.wholeNumber(0, 65535),
    default: '3000',
    meaning: 'The port that the server listens on; `0` takes a free one.',
  },
  publicUrl: {
    name: 'TAGALONG_PUBLIC_URL',
    group: 'Server',
    type: types.url('an `http://` or `https://` address', 'http:', 'https:'),
    meaning: 'The address under which the server is reached from outside, for links.',
  },
  bodyLimit: {
    name: 'TAGALONG_BODY_LIMIT',
    group: 'Server',
    type: types.size(1024),
    default: '25MiB',
    meaning: 'The largest webhook body that is accepted; GitHub sends at most 25 MB.',
  },
  genericSecrets: {
    name: 'TAGALONG_GENERIC_SECRET',
    group: 'Server',
    type: types.secrets,
    meaning:
      'The secret that `POST /webhooks/images/generic` is signed with. Several with spaces between them are all accepted, so that one can be replaced without a gap. Left out: that door is shut.',
    isSecret: true,
  },
  deploySecrets: {
    name: 'TAGALONG_DEPLOY_SECRET',
    group: 'Server',
    type: types.secrets,
    meaning:
      'The secret that deploy tools prove themselves with at `POST /webhooks/deploys/…`. Several with spaces between them are all accepted. Left out: those doors are shut.',
    isSecret: true,
  },
  grace: {
    name: 'TAGALONG_GRACE',
    group: 'Server',
    type: types.duration(0, 10 * MINUTE),
    default: '25s',
    meaning:
      'How long running work may take to end when the process is told to stop; the rest is released to be done again.',
  },
  dataDirectory: {
    name: 'TAGALONG_DATA',
    group: 'Storage',
    type: types.word,
    default: '.tagalong-data',
    meaning: 'The directory of the embedded database and the git mirrors.',
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    group: 'Storage',
    type: types.url('a `postgres://` or `postgresql://` address', 'postgres:', 'postgresql:'),
    meaning: 'A PostgreSQL database, instead of the embedded one. Several replicas need it.',
    isSecret: true,
  },
  mirrorSize: {
    name: 'TAGALONG_MIRROR_SIZE',
    group: 'Storage',
    type: types.size(16 * 1024 ** 2),
    default: '10GiB',
    meaning: 'How much room the git mirrors may take; those not used for longest go first.',
  },
  concurrency: {
    name: 'TAGALONG_CONCURRENCY',
    group: 'Work',
    type: types.wholeNumber(1, 256),
    default: '4',
    meaning: 'How many repositories and changes a process works on at once.',
  },
  resync: {
    name: 'TAGALONG_RESYNC',
    group: 'Work',
    type: types.duration(MINUTE, 30 * DAY),
    default: '1h',
    meaning: 'How often every repository is looked at without an event, in case that one was lost.',
  },
  bypassWait: {
    name: 'TAGALONG_BYPASS_WAIT',
    group: 'Work',
    type: types.duration(0, 60 * MINUTE),
    default: '2m',
    meaning:
      'How long GitHub gets to say which pull request a commit of the default branch came by, before it is told as a push around the gate.',
  },
  helmPath: {
    name: 'HELM_PATH',
    group: 'Renderers',
    type: types.word,
    default: 'helm',
    meaning: 'The helm program.',
  },
  kustomizePath: {
    name: 'KUSTOMIZE_PATH',
    group: 'Renderers',
    type: types.word,
    default: 'kustomize',
    meaning: 'The kustomize program.',
  },
  renderTimeout: {
    name: 'TAGALONG_RENDER_TIMEOUT',
    group: 'Renderers',
    type: types.duration(SECOND, 60 * MINUTE),
    default: '60s',
    meaning: 'How long one run of a renderer may take.',
  },
  slackToken: {
    name: 'SLACK_BOT_TOKEN',
    group: 'Chat',
    type: types.secret,
    meaning:
      'A bot token of Slack with the scope `chat:write`: one message per rollout, updated as it goes, in the channel that `notify` names.',
    isSecret: true,
  },
  slackApiUrl: {
    name: 'SLACK_API_URL',
    group: 'Chat',
    type: types.url('an `https://` address', 'https:', 'http:'),
    meaning: 'Where the API of Slack is, for GovSlack: `https://slack-gov.com/api`. Left out: `https://slack.com/api`.',
  },
  slackWebhookUrl: {
    name: 'SLACK_WEBHOOK_URL',
    group: 'Chat',
    type: types.url('an `https://` address', 'https:', 'http:'),
    meaning: 'An incoming webhook of Slack, where there is no bot token: one message at the end of a rollout.',
    isSecret: true,
  },
  logLevel: {
    name: 'LOG_LEVEL',
    group: 'Logging',
    type: logLevel,
    default: 'info',
    meaning: 'The least important lines that are still written.',
  },
  logFormat: {
    name: 'LOG_FORMAT',
    group: 'Logging',
    type: logFormat,
    default: 'json',
    meaning: '`json` for machines, `pretty` for people.',
  },
} as const satisfies Record<string, Setting<unknown>>;
