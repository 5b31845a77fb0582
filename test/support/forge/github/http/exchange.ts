import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Faults } from './faults.ts';

/** One request as it stands in the journal. */
export interface JournalEntry {
  readonly kind: 'rest' | 'graphql' | 'git';
  readonly method: string;
  /** With the query string. */
  readonly path: string;
  /** The id of the REST operation, the root fields of a GraphQL document, or the git service. */
  readonly operations: readonly string[];
  readonly at: Date;
  status: number;
  ms: number;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text and bytes are sent as they are, anything else as JSON. */
  readonly body?: unknown;
}

export interface Exchanges {
  readonly journal: JournalEntry[];
  readonly faults: Faults;
  readonly latencyMs: () => number;
}

type Kind = Pick<JournalEntry, 'kind' | 'operations'>;

/** Runs a request with everything that every request has: journal, latency and faults. */
export async function exchange(
  { journal, faults, latencyMs }: Exchanges,
  request: FastifyRequest,
  reply: FastifyReply,
  kind: Kind,
  run: () => Reply | Promise<Reply>,
): Promise<void> {
  const started = performance.now();
  const entry: JournalEntry = { ...kind, method: request.method, path: request.url, at: new Date(), status: 0, ms: 0 };
  journal.push(entry);
  const fault = faults.take(entry);
  const wait = latencyMs() + (fault?.delayMs ?? 0);
  if (wait > 0) await delay(wait);
  if (fault?.resetSocket === true) {
    if (fault.afterwards === true) await run();
    entry.ms = performance.now() - started;
    reply.hijack();
    request.raw.socket.destroy();
    return;
  }
  const answer = fault?.status === undefined ? await run() : faulty(fault.status, fault);
  entry.status = answer.status;
  entry.ms = performance.now() - started;
  await send(request, reply, answer);
}

function faulty(status: number, { headers, body }: { headers?: Record<string, string>; body?: unknown }): Reply {
  return { status, headers: headers ?? {}, body: body ?? { message: `Injected ${status}` } };
}

async function send(request: FastifyRequest, reply: FastifyReply, { status, headers, body }: Reply): Promise<void> {
  void reply.headers(headers ?? {});
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) {
    await reply.code(status).send(body);
    return;
  }
  const json = JSON.stringify(body);
  void reply.type('application/json; charset=utf-8');
  if (request.method !== 'GET' || status !== 200) {
    await reply.code(status).send(json);
    return;
  }
  const tag = `W/"${createHash('sha1').update(json).digest('hex')}"`;
  void reply.header('etag', tag);
  if (request.headers['if-none-match'] === tag) await reply.code(304).send();
  else await reply.code(200).send(json);
}
