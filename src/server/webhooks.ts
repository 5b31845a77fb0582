import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorCode } from '../domain/errors.ts';
import type { Decoded, RawRequest, Receiver } from '../intake/receiver.ts';
import { readBody } from './body.ts';
import type { ServerOptions } from './options.ts';

type Options = Pick<ServerOptions, 'receivers' | 'accept' | 'metrics' | 'log' | 'now' | 'bodyLimit'>;

/** Senders that mind it deliver again after this time. */
const RETRY_AFTER_SECONDS = 10;

/**
 * Where senders also arrive. Probot's set-up page registers the app with the root of the address that it is opened at, and
 * Probot's documentation names the other path.
 */
const furtherPaths: Readonly<Record<string, readonly string[]>> = { github: ['/', '/api/github/webhooks'] };

/** One route for each path of each receiver. Bodies reach the receiver as the raw bytes that they are. */
export function addWebhooks(app: FastifyInstance, options: Options): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  for (const receiver of options.receivers) {
    for (const path of [receiver.path, ...(furtherPaths[receiver.name] ?? [])]) {
      app.post(path, (request, reply) => receive(receiver, options, request, reply));
    }
  }
}

/** Authenticates, then decodes, then accepts: a sender that is not who it says it is learns nothing and leaves nothing. */
async function receive(
  receiver: Receiver,
  options: Options,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { metrics, log } = options;
  const sender = receiver.name;
  const body = await readBody(request.body, request.headers['content-encoding'], options.bodyLimit);
  if (!body.ok) {
    metrics.webhook(sender, 'invalid');
    return reply.code(body.status).send({ error: body.reason });
  }
  const raw: RawRequest = { body: body.bytes, headers: flatten(request.headers) };

  const authentication = await receiver.authenticate(raw, options.now());
  if (!authentication.ok) {
    metrics.webhook(sender, 'unauthorised');
    log.warn({ sender, reason: authentication.reason, remote: request.ip }, 'webhook refused');
    return reply.code(401).send({ error: 'unauthorised' });
  }

  const decoded = receiver.decode(raw);
  if (!decoded.ok) {
    metrics.webhook(sender, 'invalid');
    log.warn({ sender, reason: decoded.reason }, 'webhook not understood');
    return reply.code(400).send({ error: decoded.reason });
  }
  return answer(sender, raw, decoded, options, reply);
}

async function answer(
  sender: string,
  { body }: RawRequest,
  { deliveryId = digest(body), events }: Extract<Decoded, { ok: true }>,
  { accept, metrics, log }: Options,
  reply: FastifyReply,
): Promise<FastifyReply> {
  try {
    const accepted = await accept(sender, deliveryId, events);
    metrics.webhook(sender, accepted.status);
    return await reply.code(202).send({ id: deliveryId, ...accepted });
  } catch (error) {
    metrics.webhook(sender, 'unavailable');
    if (errorCode(error) !== 'store-unavailable') throw error;
    log.error({ err: error, sender, delivery: deliveryId }, 'delivery could not be stored');
    return reply.code(503).header('retry-after', RETRY_AFTER_SECONDS).send({ error: 'unavailable, deliver again' });
  }
}

/** Stands in for the id of a sender that numbers nothing: the same body is the same delivery. */
function digest(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

function flatten(headers: FastifyRequest['headers']): RawRequest['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
