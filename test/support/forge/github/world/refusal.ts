/** One entry of the `errors` of a 422 answer. */
export interface ValidationError {
  readonly resource: string;
  readonly field?: string;
  readonly code: string;
  readonly message?: string;
}

/** The types that GitHub's GraphQL answers give to an error. */
export type GraphQLErrorType = 'NOT_FOUND' | 'FORBIDDEN' | 'UNPROCESSABLE' | 'STALE_DATA' | 'RATE_LIMITED';

/** What GitHub answers when it does not do what it was asked: the same reason in the words of REST and of GraphQL. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly (ValidationError | string)[];
  readonly type: GraphQLErrorType;
  /** The `message` of REST; the error's own message is what GraphQL says. */
  readonly restMessage: string;

  constructor(
    status: number,
    message: string,
    more: {
      errors?: readonly (ValidationError | string)[];
      type?: GraphQLErrorType;
      graphqlMessage?: string;
    } = {},
  ) {
    super(more.graphqlMessage ?? message);
    this.status = status;
    this.errors = more.errors ?? [];
    this.type = more.type ?? 'UNPROCESSABLE';
    this.restMessage = message;
  }
}

export function notFound(graphqlMessage = 'Not Found'): Refusal {
  return new Refusal(404, 'Not Found', { type: 'NOT_FOUND', graphqlMessage });
}

export function notPermitted(): Refusal {
  return new Refusal(403, 'Resource not accessible by integration', { type: 'FORBIDDEN' });
}

/** A 422 that carries a message of its own, as GitHub's models answer. */
export function invalid(resource: string, message: string): Refusal {
  const errors = [{ resource, code: 'custom', message }];
  return new Refusal(422, 'Validation Failed', { errors, graphqlMessage: message });
}

/** A 422 that names the field. */
export function invalidField(resource: string, field: string, code: 'invalid' | 'missing_field' | 'already_exists') {
  const errors = [{ resource, field, code }];
  return new Refusal(422, 'Validation Failed', { errors, graphqlMessage: `${field} is invalid` });
}

export function unprocessable(message: string, graphqlMessage = message): Refusal {
  return new Refusal(422, message, { graphqlMessage });
}
