import type { FastifyInstance } from 'fastify';
import type { World } from '../world/world.ts';

/** Pages for a person who wants to look. */
export function addPages(app: FastifyInstance, world: World): void {
  app.get('/', async (_request, reply) => {
    const names = [...world.repositories.keys()].join('\n');
    await reply.type('text/plain').send(names);
  });
}
