import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import type { Log } from '../telemetry/telemetry.ts';
import type { ServerOptions } from './options.ts';
import { addPages } from './pages.ts';
import { addWebhooks } from './webhooks.ts';

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
