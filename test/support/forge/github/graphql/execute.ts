import {
  execute,
  type GraphQLFieldResolver,
  GraphQLError,
  type GraphQLFormattedError,
  Kind,
  OperationTypeNode,
  type DocumentNode,
} from 'graphql';
import { Refusal } from '../world/refusal.ts';
import type { Credentials } from '../world/tokens.ts';
import type { World } from '../world/world.ts';
import { mutationRoot } from './mutations.ts';
import { queryRoot } from './queries.ts';
import { checkedDocument, githubSchema } from './schema.ts';

/** What resolvers work with. */
export interface GraphQLContext {
  readonly world: World;
  readonly credentials: Credentials;
  readonly rateLimit: () => { limit: number; remaining: number; used: number; reset: number };
  readonly violation: (message: string) => void;
}

export interface GraphQLRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

type WireError = GraphQLFormattedError & { type?: string };

export interface GraphQLAnswer {
  readonly data?: unknown;
  readonly errors?: readonly WireError[];
}

/** Answers as GitHub does: status 200 always, the `type` of an error beside its message. */
export function answerGraphQL(request: GraphQLRequest, context: GraphQLContext): GraphQLAnswer {
  const checked = parsed(request.query);
  if (checked instanceof GraphQLError) {
    context.violation(`GraphQL: ${checked.message}`);
    return { errors: [wireError(checked)] };
  }
  if (checked.errors.length > 0) {
    for (const { message } of checked.errors) context.violation(`GraphQL: ${message}`);
    return { errors: checked.errors.map(wireError) };
  }
  const isMutation = definesMutation(checked.document, request.operationName);
  const result = execute({
    schema: githubSchema(),
    document: checked.document,
    rootValue: isMutation ? mutationRoot(context) : queryRoot(context),
    contextValue: context,
    variableValues: request.variables,
    operationName: request.operationName ?? null,
    fieldResolver: resolveField,
  });
  if (result instanceof Promise) throw new Error('resolvers answer at once');
  const errors = result.errors?.map((error) => {
    if (!(error.originalError instanceof Refusal)) context.violation(`GraphQL: ${error.message}`);
    return wireError(error);
  });
  return { data: result.data ?? null, ...(errors === undefined ? {} : { errors }) };
}

/** The root fields that a document asks for, for the journal. */
export function rootFields(query: string): string[] {
  const checked = parsed(query);
  if (checked instanceof GraphQLError) return [];
  return checked.document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? definition.selectionSet.selections.flatMap((field) => (field.kind === Kind.FIELD ? [field.name.value] : []))
      : [],
  );
}

function parsed(query: string) {
  try {
    return checkedDocument(query);
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

function definesMutation(document: DocumentNode, name: string | undefined): boolean {
  return document.definitions.some(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.operation === OperationTypeNode.MUTATION &&
      (name === undefined || definition.name?.value === name),
  );
}

/** A field that the schema has and the simulator has not is an error, never a silent null. */
const resolveField: GraphQLFieldResolver<unknown, GraphQLContext, Record<string, unknown>> = (
  source,
  args,
  context,
  info,
) => {
  if (typeof source !== 'object' || source === null || !(info.fieldName in source)) {
    throw new Error(`the simulator does not serve ${info.parentType.name}.${info.fieldName}`);
  }
  const value: unknown = Reflect.get(source, info.fieldName);
  return isResolver(value) ? value(args, context) : value;
};

function isResolver(value: unknown): value is (args: Record<string, unknown>, context: GraphQLContext) => unknown {
  return typeof value === 'function';
}

function wireError(error: GraphQLError): WireError {
  const { originalError } = error;
  const formatted = error.toJSON();
  if (originalError instanceof Refusal) {
    return { ...formatted, type: originalError.type, message: originalError.message };
  }
  return formatted;
}
