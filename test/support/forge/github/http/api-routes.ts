import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { answerGraphQL, rootFields } from '../graphql/execute.ts';
import { describeOperation } from '../rest/description.ts';
import type { Operation, Services } from '../rest/operation.ts';
import { operations } from '../rest/operations.ts';
import { Refusal } from '../world/refusal.ts';
import type { Credentials } from '../world/tokens.ts';
import { type Exchanges, exchange, type Reply } from './exchange.ts';
import type { RateLimits, Resource } from './rate-limits.ts';

export interface Api {
  readonly services: Services;
  readonly exchanges: Exchanges;
  readonly rateLimits: RateLimits;
}

const anonymous: Credentials = { kind: 'anonymous' };
const documentationRoot = 'https://docs.github.com/rest';

/** REST below `/api/v3` and GraphQL at `/api/graphql`, as on GitHub Enterprise Server. */
export function addApiRoutes(app: FastifyInstance, api: Api): void {
  for (const operation of operations) addOperation(app, api, operation);
  app.post('/api/graphql', (request, reply) => {
    const body = graphqlBody(request);
    const kind = { kind: 'graphql', operations: body === undefined ? [] : rootFields(body.query) } as const;
    return exchange(api.exchanges, request, reply, kind, () =>
      guarded(api, request, 'graphql', documentationRoot, (who) => {
        if (who.kind === 'anonymous' || who.kind === 'app')
          throw new Refusal(401, 'This endpoint requires you to be authenticated.');
        if (body === undefined) throw new Refusal(400, 'Problems parsing JSON');
        const { services } = api;
        const rateLimit = () => api.rateLimits.status(who, 'graphql');
        return {
          status: 200,
          body: answerGraphQL(body, {
            world: services.world,
            credentials: who,
            rateLimit,
            violation: (message) => services.violation(message),
          }),
        };
      }),
    );
  });
  app.all('/api/*', (request, reply) =>
    exchange(api.exchanges, request, reply, { kind: 'rest', operations: [] }, () =>
      guarded(api, request, 'core', documentationRoot, () => {
        api.services.violation(`there is no ${request.method} ${request.url.split('?')[0] ?? ''}`);
        throw new Refusal(404, 'Not Found');
      }),
    ),
  );
}

function addOperation(app: FastifyInstance, api: Api, operation: Operation): void {
  const { method, path, documentation } = describeOperation(operation.id);
  const [pattern, rest] = routePattern(path);
  const bare = rest === 'path' ? [`/api/v3${pattern.slice(0, -'/*'.length)}`] : [];
  for (const url of [`/api/v3${pattern}`, ...bare])
    app.route({
      method,
      url,
      handler: (request, reply) =>
        exchange(api.exchanges, request, reply, { kind: 'rest', operations: [operation.id] }, () =>
          guarded(api, request, 'core', documentation, (credentials) =>
            operation.run({
              services: api.services,
              credentials,
              path: pathParameters(request.params, rest),
              url: new URL(request.url, api.services.world.origin),
              body: jsonBody(request),
            }),
          ),
        ),
    });
}

/** A parameter at the end may hold slashes: a path, a branch, a ref. */
function routePattern(path: string): readonly [string, string | undefined] {
  const parameters = path.replaceAll(/\{(\w+)\}/g, ':$1');
  const rest = /:(path|ref|branch|basehead)$/.exec(parameters)?.[1];
  return [rest === undefined ? parameters : parameters.replace(/:\w+$/, '*'), rest];
}

function pathParameters(params: unknown, rest: string | undefined): Record<string, unknown> {
  const { '*': tail, ...named } = { '*': '', ...(typeof params === 'object' ? params : {}) };
  return rest === undefined ? named : { ...named, [rest]: tail };
}

/** Who asks, the rate limit, and refusals in GitHub's words. */
function guarded(
  { services, rateLimits }: Api,
  request: FastifyRequest,
  resource: Resource,
  documentation: string,
  run: (credentials: Credentials) => Reply,
): Reply {
  let credentials = anonymous;
  const common = (): Record<string, string> => ({
    ...rateLimits.headers(credentials, resource),
    'x-github-media-type': 'github.v3; format=json',
    'x-github-request-id': randomUUID(),
  });
  try {
    credentials = services.tokens.authenticate(request.headers.authorization);
    const verdict = rateLimits.take(credentials, resource);
    const answer = verdict === 'allowed' ? run(credentials) : limited(verdict, resource);
    return { ...answer, headers: { ...common(), ...answer.headers } };
  } catch (error) {
    const refused = error instanceof Refusal ? error : unexpected(services, request, error);
    const { status, restMessage: message, errors } = refused;
    const details = errors.length === 0 ? {} : { errors };
    return {
      status,
      headers: common(),
      body: { message, ...details, documentation_url: documentation, status: String(status) },
    };
  }
}

function limited(verdict: 'primary' | { status: 403 | 429; retryAfter: number }, resource: Resource): Reply {
  const documentation_url = `${documentationRoot}/using-the-rest-api/rate-limits-for-the-rest-api`;
  if (verdict !== 'primary') {
    const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
    return {
      status: verdict.status,
      headers: { 'retry-after': String(verdict.retryAfter) },
      body: { message, documentation_url },
    };
  }
  const message = 'API rate limit exceeded for installation.';
  if (resource === 'graphql') return { status: 200, body: { errors: [{ type: 'RATE_LIMITED', message }] } };
  return { status: 403, body: { message, documentation_url } };
}

function unexpected(services: Services, request: FastifyRequest, error: unknown): Refusal {
  services.violation(
    `${request.method} ${request.url} failed in the simulator: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return new Refusal(500, 'Server Error');
}

/** @throws Refusal 400 */
function jsonBody(request: FastifyRequest): unknown {
  if (!Buffer.isBuffer(request.body) || request.body.length === 0) return undefined;
  try {
    return JSON.parse(request.body.toString());
  } catch {
    throw new Refusal(400, 'Problems parsing JSON');
  }
}

function graphqlBody(request: FastifyRequest) {
  let body: unknown;
  try {
    body = jsonBody(request);
  } catch {
    return undefined;
  }
  if (typeof body !== 'object' || body === null || !('query' in body) || typeof body.query !== 'string')
    return undefined;
  const variables = 'variables' in body && typeof body.variables === 'object' ? { ...body.variables } : {};
  const named =
    'operationName' in body && typeof body.operationName === 'string' ? { operationName: body.operationName } : {};
  return { query: body.query, variables, ...named };
}
