import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  advertise,
  type GitService,
  isGitService,
  plainGitBody,
  readRefCommands,
  serve,
} from '../../git/smart-http.ts';
import { noCommit, refMoved } from '../world/branches.ts';
import type { Repository } from '../world/model.ts';
import { Refusal } from '../world/refusal.ts';
import { repositoryKey } from '../world/repositories.ts';
import { actorOf, type Credentials, requireAccess } from '../world/tokens.ts';
import type { Api } from './api-routes.ts';
import { exchange, type Reply } from './exchange.ts';

/** Git's smart HTTP at `/<owner>/<repository>.git`; what is pushed has the same consequences as what the API writes. */
export function addGitRoutes(app: FastifyInstance, api: Api): void {
  app.get('/:owner/:repository/info/refs', (request, reply) => {
    const service = queryOf(request).get('service');
    const kind = { kind: 'git', operations: [String(service)] } as const;
    return exchange(api.exchanges, request, reply, kind, () =>
      authorized(api, request, service, async ({ repository, service: wanted }) => {
        const answer = await advertise(repository.git.directory, wanted, protocolOf(request));
        return {
          status: 200,
          headers: { 'content-type': answer.contentType, 'cache-control': 'no-cache' },
          body: answer.body,
        };
      }),
    );
  });
  for (const service of ['git-upload-pack', 'git-receive-pack'] as const) {
    app.post(`/:owner/:repository/${service}`, (request, reply) =>
      exchange(api.exchanges, request, reply, { kind: 'git', operations: [service] }, () =>
        authorized(api, request, service, (asked) => run(api, request, asked)),
      ),
    );
  }
}

interface Asked {
  readonly repository: Repository;
  readonly service: GitService;
  readonly credentials: Credentials;
}

async function run(api: Api, request: FastifyRequest, { repository, service, credentials }: Asked): Promise<Reply> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const asked = { headers: request.headers, body };
  const commands = service === 'git-receive-pack' ? readRefCommands(plainGitBody(asked)) : [];
  const answer = await serve(repository.git.directory, service, asked);
  const { world } = api.services;
  repository.git.refs.refresh(commands.map(({ ref }) => ref));
  for (const { ref, before, after } of commands) {
    const now = repository.git.refs.get(ref);
    if (now !== (after === noCommit ? undefined : after) || before === after) continue;
    const move = { ref, before: before === noCommit ? undefined : before, after: now };
    refMoved(world, actorOf(world, credentials).account, repository, move);
  }
  return {
    status: 200,
    headers: { 'content-type': answer.contentType, 'cache-control': 'no-cache' },
    body: answer.body,
  };
}

async function authorized(
  api: Api,
  request: FastifyRequest,
  service: string | null,
  serveIt: (asked: Asked) => Promise<Reply>,
): Promise<Reply> {
  const { world, tokens } = api.services;
  try {
    if (!isGitService(service)) throw new Refusal(403, 'Please upgrade your git client.');
    const credentials = tokens.authenticate(request.headers.authorization);
    const [owner, name] = namesIn(request);
    const repository = world.repositories.get(repositoryKey(owner, name));
    const isAnonymous = credentials.kind === 'anonymous';
    if (repository === undefined) throw isAnonymous ? new Refusal(401, 'Authentication required') : unseen();
    if (isAnonymous && (repository.private || service === 'git-receive-pack'))
      throw new Refusal(401, 'Authentication required');
    requireAccess(world, credentials, repository, { contents: service === 'git-receive-pack' ? 'write' : 'read' });
    return await serveIt({ repository, service, credentials });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const challenge: Record<string, string> =
      error.status === 401 ? { 'www-authenticate': 'Basic realm="GitHub"' } : {};
    return {
      status: error.status,
      headers: { ...challenge, 'content-type': 'text/plain' },
      body: `${error.message}\n`,
    };
  }
}

function unseen(): Refusal {
  return new Refusal(404, 'Repository not found.');
}

function namesIn({ params }: FastifyRequest): [string, string] {
  const named = new Map<string, unknown>(Object.entries(params ?? {}));
  return [String(named.get('owner')), String(named.get('repository')).replace(/\.git$/, '')];
}

function queryOf(request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(request.url.split('?')[1] ?? '');
}

function protocolOf({ headers }: FastifyRequest): string | undefined {
  const protocol = headers['git-protocol'];
  return typeof protocol === 'string' ? protocol : undefined;
}
