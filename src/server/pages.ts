import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { ServerOptions } from './options.ts';

type Options = Pick<ServerOptions, 'ping' | 'exposition' | 'log'> & { readonly isClosing: () => boolean };

/** A database that has not answered by then is not ready. */
const PING_TIMEOUT_MS = 2000;

/** `/healthz`: the process runs. `/readyz`: it can store deliveries. `/metrics`: for Prometheus. */
export function addPages(app: FastifyInstance, { ping, exposition, log, isClosing }: Options): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_, reply) => {
    if (isClosing()) return reply.code(503).send({ status: 'closing' });
    try {
      await withTimeout(ping(), PING_TIMEOUT_MS);
      return await reply.send({ status: 'ready' });
    } catch (error) {
      log.warn({ err: error }, 'not ready');
      return reply.code(503).send({ status: 'unavailable' });
    }
  });
  app.get('/metrics', async (_, reply) => {
    const { contentType, text } = await exposition();
    return reply.type(contentType).send(text);
  });
}

async function withTimeout(work: Promise<void>, milliseconds: number): Promise<void> {
  const controller = new AbortController();
  const timeout = setTimeout(milliseconds, undefined, { signal: controller.signal }).then(() => {
    throw new Error(`no answer within ${milliseconds} ms`);
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    controller.abort();
    timeout.catch(() => undefined);
  }
}
