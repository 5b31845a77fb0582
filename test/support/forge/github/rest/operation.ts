import type { ValidateFunction } from 'ajv';
import {
  type AnswerOf,
  type BodyOf,
  type PathOf,
  type QueryOf,
  answerValidator,
  bodyValidator,
  describeOperation,
  explain,
  pathValidator,
  queryValidator,
  unknownFields,
} from './description.ts';
import type { ServedOperation } from './served-operations.ts';
import type { Actor, Repository } from '../world/model.ts';
import { notFound, notPermitted, Refusal } from '../world/refusal.ts';
import { repositoryKey } from '../world/repositories.ts';
import { type Credentials, type Needs, type Tokens, actorOf, requireAccess } from '../world/tokens.ts';
import type { World } from '../world/world.ts';
import type { Outbox } from '../webhooks/outbox.ts';

/** What an operation may use of the simulator. */
export interface Services {
  readonly world: World;
  readonly tokens: Tokens;
  readonly outbox: Outbox;
  readonly rateLimits: RateLimitReader;
  /** Something that the real GitHub would not have been asked. */
  violation(message: string): void;
  /** Check every answer against the official description too. */
  readonly checkAnswers: boolean;
}

export interface RateLimitReader {
  status(
    credentials: Credentials,
    resource?: 'core' | 'graphql',
  ): { limit: number; remaining: number; used: number; reset: number };
}

/** One request to an operation, checked against the description. */
export interface Call<Id extends ServedOperation> {
  readonly services: Services;
  readonly world: World;
  readonly credentials: Credentials;
  readonly path: PathOf<Id>;
  readonly query: QueryOf<Id>;
  readonly body: BodyOf<Id>;
  /** The URL as asked, for links to further pages. */
  readonly url: URL;
  /** @throws Refusal for the anonymous */
  readonly actor: Actor;
  /** The repository that the path names. */
  readonly repository: Repository;
}

export interface RawCall {
  readonly services: Services;
  readonly credentials: Credentials;
  readonly path: unknown;
  readonly url: URL;
  /** undefined when there was none. */
  readonly body: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface Operation {
  readonly id: ServedOperation;
  readonly access: Access;
  run(call: RawCall): Answer;
}

/** Who may ask: an app by its JSON web token, an installation, anyone with these permissions on the repository in the path. */
export type Access = 'anyone' | 'app' | 'installation' | Needs;

export function operation<Id extends ServedOperation>(
  id: Id,
  access: Access,
  handle: (call: Call<Id>) => AnswerOf<Id>,
): Operation {
  const validators = lazyValidators(id);
  return {
    id,
    access,
    run(raw) {
      const check = validators();
      const path = raw.path;
      const query: unknown = Object.fromEntries(raw.url.searchParams);
      const body = raw.body ?? {};
      if (!check.path(path)) throw notFound();
      authorize(raw, access);
      noteUnknownQuery(id, raw);
      if (!check.query(query)) throw malformed(id, raw, explain(check.query.errors?.[0]));
      const [unknown] = unknownFields(describeOperation(id).body, body);
      if (unknown !== undefined) throw malformed(id, raw, `Invalid request.\n\n"${unknown}" is not a permitted key.`);
      if (!check.body(body)) throw malformed(id, raw, explain(check.body.errors?.[0]));
      const { services, credentials, url } = raw;
      const answer = handle({
        ...{ services, world: services.world, credentials, url, path, query, body },
        get actor() {
          return actorOf(services.world, credentials);
        },
        get repository() {
          return repositoryIn(raw) ?? missing();
        },
      });
      if (services.checkAnswers) checkAnswer(id, raw, answer);
      return answer;
    },
  };
}

interface Validators<Id extends ServedOperation> {
  readonly path: ValidateFunction<PathOf<Id>>;
  readonly query: ValidateFunction<QueryOf<Id>>;
  readonly body: ValidateFunction<BodyOf<Id>>;
}

/** Compiled on first use: a test asks for few of the operations. */
function lazyValidators<Id extends ServedOperation>(id: Id): () => Validators<Id> {
  let compiled: Validators<Id> | undefined;
  return () => (compiled ??= { path: pathValidator(id), query: queryValidator(id), body: bodyValidator(id) });
}

function noteUnknownQuery(id: ServedOperation, { url, services }: RawCall): void {
  const known = describeOperation(id).parameters.filter((parameter) => parameter.in === 'query');
  for (const name of url.searchParams.keys()) {
    if (!known.some((parameter) => parameter.name === name))
      services.violation(`${id} knows no query parameter ${name}`);
  }
}

function malformed(id: ServedOperation, { services }: RawCall, message: string): Refusal {
  services.violation(`${id}: ${message.replaceAll(/\s+/g, ' ')}`);
  return new Refusal(422, message);
}

function authorize(raw: RawCall, access: Access): void {
  const { credentials, services } = raw;
  if (access === 'anyone') return;
  if (access === 'app') {
    if (credentials.kind !== 'app') throw new Refusal(401, 'A JSON web token could not be decoded');
    return;
  }
  if (access === 'installation') {
    if (credentials.kind === 'anonymous') throw new Refusal(401, 'Requires authentication');
    if (credentials.kind !== 'installation') throw notPermitted();
    return;
  }
  const repository = repositoryIn(raw);
  if (repository === undefined) throw notFound();
  requireAccess(services.world, credentials, repository, access);
}

function repositoryIn({ path, services }: RawCall): Repository | undefined {
  const names = new Map<string, unknown>(Object.entries(path ?? {}));
  return services.world.repositories.get(repositoryKey(String(names.get('owner')), String(names.get('repo'))));
}

function missing(): never {
  throw notFound();
}

/** @throws when the simulator itself answers what GitHub would not */
function checkAnswer(id: ServedOperation, { services }: RawCall, answer: Answer): void {
  const validate = answerValidator(id, answer.status);
  if (validate === undefined || validate(answer.body)) return;
  services.violation(`${id} answered a body that is not as described: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
}
