import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import type { Event } from '../domain/event.ts';
import type { Receiver } from '../intake/receiver.ts';
import type { Log, Metrics } from '../telemetry/telemetry.ts';
import { addPages } from './pages.ts';
import { addWebhooks } from './webhooks.ts';

/**
 * What becomes of an authentic delivery. When it resolves, nothing of the delivery can be lost.
 * @throws TagalongError `store-unavailable`: the sender must deliver again.
 */
export type Accept = (
  sender: string,
  deliveryId: string,
  events: readonly Event[],
) => Promise<{ readonly status: 'accepted' | 'duplicate' | 'ignored'; readonly reason?: string }>;

export interface ServerOptions {
  readonly receivers: readonly Receiver[];
  readonly accept: Accept;
  /** Resolves when deliveries can be stored. */
  readonly ping: () => Promise<void>;
  readonly metrics: Pick<Metrics, 'webhook'>;
  /** What `/metrics` answers. */
  readonly exposition: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly log: Log;
  readonly now: () => Date;
  /** Bytes of a body, as sent and also after decompression. GitHub sends at most 25 MiB. */
  readonly bodyLimit: number;
  /** How long a request may take to arrive whole; default 30 s. Headers get a third of it. */
  readonly requestTimeoutMs?: number;
}

export interface Server {
  /** Starts to listen. @returns the URL, with the port that was found where `port` is 0. */
  listen(address: { readonly host: string; readonly port: number }): Promise<string>;
  /** Takes no new connection, lets the requests under way finish, then resolves. Until then `/readyz` says no. */
  close(): Promise<void>;
}

/** The HTTP side of Tagalong: webhooks in, health and metrics out. Everything it says is JSON, except `/metrics`. */
export function createServer(options: ServerOptions): Server {
  const app = createApp(options);
  let closing = false;
  app.addHook('onSend', (_, reply, payload, done) => {
    // Else the connection would stay open for more, and closing would wait for it.
    if (closing) reply.header('connection', 'close');
    done(null, payload);
  });
  addWebhooks(app, options);
  addPages(app, { ...options, isClosing: () => closing });
  return {
    listen: (address) => app.listen(address),
    close: async () => {
      closing = true;
      await app.close();
    },
  };
}

function createApp({ bodyLimit, log, requestTimeoutMs = 30_000 }: ServerOptions): FastifyInstance {
  const app = fastify({
    bodyLimit,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 10_000,
    http: {
      headersTimeout: Math.ceil(requestTimeoutMs / 3),
      connectionsCheckingInterval: Math.min(5_000, requestTimeoutMs),
    },
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
  });
  app.setNotFoundHandler((_, reply) => reply.code(404).send({ error: 'not found' }));
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request.url, reply, log));
  return app;
}

/** What the framework refuses (a body too large, an unreadable request) keeps its status; all else is our fault. */
function answerError(error: FastifyError, path: string, reply: FastifyReply, log: Log): FastifyReply {
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return reply.code(status).send({ error: error.message });
  log.error({ err: error, path }, 'request failed');
  return reply.code(500).send({ error: 'internal error' });
}
