import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

/** What Slack was asked to write, first to last. */
export interface SlackSimulator {
  /** What makes a bot write here. */
  readonly env: Readonly<Record<string, string>>;
  readonly messages: readonly SlackCall[];
  close(): Promise<void>;
}

export interface SlackCall {
  /** `chat.postMessage`, `chat.update` */
  readonly method: string;
  readonly channel: string;
  /** The message and the text below it, in Slack's own markup. */
  readonly text: string;
}

/** The two methods of Slack's API that the bot calls, with a certificate made by openssl for the occasion. */
export async function startSlack(directory: string): Promise<SlackSimulator> {
  const [key, certificate] = [join(directory, 'slack.key'), join(directory, 'slack.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const pair = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-keyout', key, '-out', certificate];
  await promisify(execFile)('openssl', ['req', '-x509', '-nodes', '-days', '2', ...pair, ...subject]);
  const messages: SlackCall[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const form = new URLSearchParams(await text(request));
    messages.push(callOf(request.url ?? '', form));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ok: true, channel: 'C024BE91L', ts: form.get('ts') ?? `${messages.length}.0` }));
  };
  const server = createServer({ key: await readFile(key), cert: await readFile(certificate) });
  server.on('request', (request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = listening.parse(server.address());
  return {
    env: {
      SLACK_BOT_TOKEN: 'xoxb-of-the-simulation',
      SLACK_API_URL: `https://127.0.0.1:${port}/api`,
      NODE_EXTRA_CA_CERTS: certificate,
    },
    messages,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const listening = z.object({ port: z.number() });
const attachments = z.array(z.object({ blocks: z.array(z.object({ text: z.object({ text: z.string() }) })) }));

function callOf(url: string, form: URLSearchParams): SlackCall {
  const below = attachments.parse(JSON.parse(form.get('attachments') ?? '[]'));
  const lines = below.flatMap(({ blocks }) => blocks.map((block) => block.text.text));
  return {
    method: url.split('/').at(-1) ?? '',
    channel: form.get('channel') ?? '',
    text: [form.get('text') ?? '', ...lines].join('\n'),
  };
}
