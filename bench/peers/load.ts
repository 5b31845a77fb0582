import { createHmac, randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * Sends signed webhooks over connections that are kept open, each as soon as the one before it is answered, and prints what came of
 * it as one line of JSON. It speaks HTTP over sockets itself, so that it costs the server's cores as little as possible.
 */
const order = z
  .object({
    url: z.url(),
    secret: z.string(),
    sender: z.enum(['github', 'generic']),
    /** A file with a body in which `@name@`, `@tag@` and `@digest@` stand for what differs between webhooks. */
    body: z.string(),
    connections: z.number(),
    warmUpMs: z.number(),
    measuredMs: z.number(),
    /** What the answer must hold to count. */
    expected: z.string(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const target = new URL(order.url);
const template = readFileSync(order.body, 'utf8').split(/(@name@|@tag@|@digest@)/);
const latencies: number[] = [];
const refused: string[] = [];
let answered = 0;
let sent = 0;

const startedAt = performance.now();
const countedFrom = startedAt + order.warmUpMs;
const endsAt = countedFrom + order.measuredMs;

await Promise.all(Array.from({ length: order.connections }, run));
latencies.sort((a, b) => a - b);
const rank = (share: number): number => latencies[Math.ceil(latencies.length * share) - 1] ?? NaN;
const bytes = request().length;
process.stdout.write(
  `${JSON.stringify({ perSecond: (latencies.length / order.measuredMs) * 1_000, medianMs: rank(0.5), p99Ms: rank(0.99), bytes, answered, refused: refused.length, refusal: refused[0] })}\n`,
);

async function run(): Promise<void> {
  const socket = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
  await once(socket, 'connect');
  const answers = readAnswers(socket);
  while (performance.now() < endsAt) {
    const bytes = request();
    const before = performance.now();
    socket.write(bytes);
    const answer = await answers();
    const now = performance.now();
    answered += 1;
    if (!answer.includes(order.expected)) refused.push(answer);
    else if (before >= countedFrom && now <= endsAt) latencies.push(now - before);
  }
  socket.destroy();
}

/** A whole request: each has its own tag and digest, and so its own delivery; a few hundred images take turns. */
function request(): Buffer {
  sent += 1;
  const values = new Map([
    ['@name@', `shop-${sent % 500}`],
    ['@tag@', `1.5.${sent}`],
    ['@digest@', sent.toString(16).padStart(64, '0')],
  ]);
  const body = Buffer.from(template.map((part) => values.get(part) ?? part).join(''));
  const head = [
    `POST ${target.pathname} HTTP/1.1`,
    `Host: ${target.host}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    ...(order.sender === 'github' ? gitHubHeaders(body) : genericHeaders(body)),
    '\r\n',
  ];
  return Buffer.concat([Buffer.from(head.join('\r\n')), body]);
}

function gitHubHeaders(body: Buffer): string[] {
  return [
    'User-Agent: GitHub-Hookshot/5d1a2b3',
    'X-GitHub-Event: registry_package',
    `X-GitHub-Delivery: ${randomUUID()}`,
    `X-Hub-Signature-256: sha256=${createHmac('sha256', order.secret).update(body).digest('hex')}`,
  ];
}

function genericHeaders(body: Buffer): string[] {
  const timestamp = Math.floor(Date.now() / 1_000);
  const signature = createHmac('sha256', order.secret).update(`${timestamp}.`).update(body).digest('hex');
  return [`X-Tagalong-Timestamp: ${timestamp}`, `X-Tagalong-Signature: sha256=${signature}`];
}

/** Each call resolves with one whole answer, head and body. */
function readAnswers(socket: Socket): () => Promise<string> {
  let text = '';
  let waiting: PromiseWithResolvers<string> | undefined;
  const look = (): void => {
    const end = endOfAnswer(text);
    if (end === undefined || waiting === undefined) return;
    const { resolve } = waiting;
    waiting = undefined;
    const answer = text.slice(0, end);
    text = text.slice(end);
    resolve(answer);
  };
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    look();
  });
  socket.on('error', (error) => waiting?.reject(error));
  socket.on('close', () => waiting?.reject(new Error('the server closed a connection')));
  return () => {
    waiting = Promise.withResolvers();
    const { promise } = waiting;
    look();
    return promise;
  };
}

/** Servers that answer at once say how long the body is; nothing else is understood here. */
function endOfAnswer(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return undefined;
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head)) ?? [];
  if (length === undefined) throw new Error(`an answer without content-length: ${text.slice(0, head)}`);
  const end = head + 4 + Number(length);
  return text.length < end ? undefined : end;
}
