import { LogLevel, WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebClient } from '@slack/web-api';
import { TagalongError } from '../domain/errors.ts';
import type { Notice, Notifier } from './notify.ts';
import { slackMessage } from './slack-message.ts';

export interface SlackOptions {
  /** Of a bot with `chat:write`; goes before an incoming webhook. */
  readonly token?: string;
  /** An incoming webhook, which can write and never write over. */
  readonly webhookUrl?: string;
  readonly now: () => Date;
  /** With a `/` at its end; `https://slack.com/api/` unless told. */
  readonly slackApiUrl?: string;
}

/** A chat that takes longer is tried again later: nothing waits for it. */
const TIMEOUT_MS = 10_000;

/**
 * Slack by a bot token (one message, written over as the rollout goes on), else by an incoming webhook (messages that stay as they
 * are), else nothing at all. Neither retries by itself: who called knows when to try again.
 */
export function createSlack(options: SlackOptions): Notifier {
  if (options.token !== undefined) return byToken(options.token, options);
  if (options.webhookUrl !== undefined) return byWebhook(options.webhookUrl, options);
  return { mode: 'off', notify: () => Promise.resolve(undefined) };
}

function byToken(token: string, { slackApiUrl, now }: SlackOptions): Notifier {
  const client = new WebClient(token, {
    ...(slackApiUrl !== undefined && { slackApiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: TIMEOUT_MS,
    logger: silent,
  });
  return {
    mode: 'message-per-rollout',
    async notify(notice, known) {
      try {
        const standing = known === undefined ? undefined : await update(client, notice, known);
        return standing ?? (await post(client, notice));
      } catch (error) {
        throw translate(error, now());
      }
    },
  };
}

/** @returns what names the message; undefined when there is none any more that could be written over */
async function update(client: WebClient, notice: Notice, known: string): Promise<string | undefined> {
  const [channel = '', ts = ''] = known.split(' ');
  try {
    await client.chat.update({ channel, ts, ...slackMessage(notice), link_names: false, parse: 'none' });
    return known;
  } catch (error) {
    if (error instanceof WebAPIPlatformError && GONE.has(error.data.error)) return undefined;
    throw error;
  }
}

/** Somebody deleted the message, the channel, or moved the bot to another workspace: https://docs.slack.dev/reference/methods/chat.update */
const GONE: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'channel_not_found',
  'is_inactive',
]);

/** An update wants the id of the channel, and takes no name: the answer tells it. */
async function post(client: WebClient, notice: Notice): Promise<string> {
  if (notice.channel === undefined) throw new TagalongError('notify-failed', 'No Slack channel is named.');
  const unfurl = { unfurl_links: false, unfurl_media: false };
  const options = { ...slackMessage(notice), ...unfurl, link_names: false, parse: 'none' as const };
  const { channel, ts } = await client.chat.postMessage({ channel: notice.channel, ...options });
  if (channel === undefined || ts === undefined) {
    throw new TagalongError('notify-failed', 'Slack took the message and did not say where it stands.');
  }
  return `${channel} ${ts}`;
}

function byWebhook(webhookUrl: string, { now }: SlackOptions): Notifier {
  return {
    mode: 'once',
    async notify(notice) {
      const response = await fetch(webhookUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(slackMessage(notice)),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).catch((error: unknown) => {
        throw unanswered(error);
      });
      const answer = (await response.text().catch(() => '')).slice(0, 200);
      if (response.ok) return undefined;
      throw refused(response.status, answer, retryAfter(response.headers.get('retry-after'), now()));
    },
  };
}

/** The address of a webhook and the token are secrets, and stand in no message. */
function translate(error: unknown, now: Date): TagalongError {
  if (error instanceof TagalongError) return error;
  if (error instanceof WebAPIRateLimitedError) {
    return refused(429, 'ratelimited', new Date(now.getTime() + error.retryAfter * 1000));
  }
  if (error instanceof WebAPIPlatformError) return refused(200, error.data.error, undefined);
  if (error instanceof WebAPIHTTPError) return refused(error.statusCode, error.statusMessage, undefined);
  return unanswered(error);
}

function refused(status: number, answer: string, retryAt: Date | undefined): TagalongError {
  const words = answer.replace(/[^\w .,:-]+/g, ' ').trim();
  const hint = HINTS.get(words);
  const message = `Slack ${status}: ${words || 'no reason given'}${hint === undefined ? '' : ` (${hint})`}.`;
  return new TagalongError('notify-failed', message, retryAt === undefined ? {} : { retryAt });
}

const HINTS: ReadonlyMap<string, string> = new Map([
  ['not_in_channel', 'invite the bot to the channel'],
  ['channel_not_found', 'no such channel, or a private one that the bot is not in'],
  ['missing_scope', 'the bot needs chat:write'],
  ['invalid_auth', 'check SLACK_BOT_TOKEN'],
]);

function unanswered(error: unknown): TagalongError {
  const name = error instanceof Error && error.name === 'TimeoutError' ? 'in time' : 'at all';
  return new TagalongError('notify-failed', `Slack did not answer ${name}.`);
}

/** Seconds: https://docs.slack.dev/apis/web-api/rate-limits */
function retryAfter(header: string | null, now: Date): Date | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? new Date(now.getTime() + Number(header) * 1000) : undefined;
}

/** What goes wrong is thrown, and logged by who knows what it means. */
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};
