import { readFileSync } from 'node:fs';
import type { components, operations } from '@octokit/openapi-types';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { ServedOperation } from './served-operations.ts';

/** The types that the official description gives to an operation. */
export type BodyOf<Id extends ServedOperation> = operations[Id] extends {
  requestBody?: { content: { 'application/json': infer Body } };
}
  ? Body
  : undefined;

export type QueryOf<Id extends ServedOperation> = operations[Id] extends { parameters: { query?: infer Query } }
  ? NonNullable<Query>
  : object;

export type PathOf<Id extends ServedOperation> = operations[Id] extends { parameters: { path: infer Path } }
  ? Path
  : object;

type Responses<Id extends ServedOperation> = operations[Id]['responses'];

export type AnswerOf<Id extends ServedOperation> = {
  [Status in Extract<keyof Responses<Id>, number>]: Responses<Id>[Status] extends { content?: never }
    ? { status: Status }
    : Responses<Id>[Status] extends { content: { 'application/json': infer Body } }
      ? { status: Status; body: Body; headers?: Record<string, string> }
      : never;
}[Extract<keyof Responses<Id>, number>];

interface OperationDescription {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly documentation: string;
  readonly parameters: readonly ParameterDescription[];
  readonly body?: object;
  readonly responses: Readonly<Record<string, object | null>>;
}

interface ParameterDescription {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: object;
}

interface Description {
  readonly operations: Readonly<Record<ServedOperation, OperationDescription>>;
  readonly schemas: Readonly<Record<string, object>>;
}

/** Cut from the official description by `extract-description.ts`. */
const description = readDescription(new URL('description.json', import.meta.url));

const strict = new Ajv({ strict: false, allErrors: false, validateFormats: false });
const coercing = new Ajv({ strict: false, coerceTypes: true, useDefaults: true, validateFormats: false });
for (const ajv of [strict, coercing]) {
  for (const [name, schema] of Object.entries(description.schemas)) ajv.addSchema(local(schema), `/schemas/${name}`);
}

export function describeOperation(id: ServedOperation): OperationDescription {
  return description.operations[id];
}

export function bodyValidator<Id extends ServedOperation>(id: Id): ValidateFunction<BodyOf<Id>> {
  return strict.compile<BodyOf<Id>>(local(description.operations[id].body ?? {}));
}

export function pathValidator<Id extends ServedOperation>(id: Id): ValidateFunction<PathOf<Id>> {
  return coercing.compile<PathOf<Id>>(parametersSchema(id, 'path'));
}

export function queryValidator<Id extends ServedOperation>(id: Id): ValidateFunction<QueryOf<Id>> {
  return coercing.compile<QueryOf<Id>>(parametersSchema(id, 'query'));
}

/** undefined where the description gives the answer no body. */
export function answerValidator(id: ServedOperation, status: number): ValidateFunction | undefined {
  const schema = description.operations[id].responses[String(status)];
  return schema === null || schema === undefined ? undefined : strict.compile(local(schema));
}

type AppPermissions = components['schemas']['app-permissions'];
export const isPermissions: ValidateFunction<AppPermissions> = strict.compile<AppPermissions>(
  Object.assign({}, local(description.schemas['app-permissions'] ?? {}), { additionalProperties: false }),
);

function parametersSchema(id: ServedOperation, place: ParameterDescription['in']): object {
  const parameters = description.operations[id].parameters.filter((parameter) => parameter.in === place);
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, local(schema)])),
    required: parameters.filter(({ required }) => required === true).map(({ name }) => name),
  };
}

function readDescription(file: URL): Description {
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isDescription(parsed)) throw new Error(`${file.pathname} is no description`);
  return parsed;
}

function isDescription(value: unknown): value is Description {
  return isRecord(value) && isRecord(value['operations']) && isRecord(value['schemas']);
}

/** Points the references of the description at the schemas as they are registered. */
function local(schema: object): object {
  const copy: unknown = JSON.parse(JSON.stringify(schema).replaceAll('"#/schemas/', '"/schemas/'));
  return isRecord(copy) ? copy : {};
}

/** The words in which GitHub refuses a body that does not fit its description. */
export function explain(error: ErrorObject | undefined): string {
  const path = (error?.instancePath ?? '').split('/').slice(1);
  const place = path.map((part) => (/^\d+$/.test(part) ? `items/${part}` : `properties/${part}`)).join('/');
  const { keyword, params } = error ?? { keyword: '', params: {} };
  const named = new Map(Object.entries(params));
  if (keyword === 'required') return `Invalid request.\n\n"${String(named.get('missingProperty'))}" wasn't supplied.`;
  if (keyword === 'type') return `Invalid request.\n\nFor '${place}', the value is not a ${String(named.get('type'))}.`;
  if (keyword === 'enum')
    return `Invalid request.\n\nFor '${place}', the value is not a member of ${JSON.stringify(named.get('allowedValues'))}.`;
  return `Invalid request.\n\nFor '${place}', ${error?.message ?? 'the value is not valid'}.`;
}

/** Fields that the description does not know, as `output.summery`. */
export function unknownFields(schema: unknown, value: unknown, prefix = ''): string[] {
  if (Array.isArray(value)) {
    const items = variants(schema).flatMap((variant) => ('items' in variant ? [variant['items']] : []));
    return items.length === 0 ? [] : value.flatMap((item) => unknownFields({ anyOf: items }, item, prefix));
  }
  if (!isRecord(value)) return [];
  const known = variants(schema).filter((variant) => isRecord(variant['properties']));
  const isOpen = variants(schema).some((variant) => variant['additionalProperties'] !== undefined);
  if (known.length === 0 || isOpen) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const schemas = known.flatMap(({ properties }) =>
      isRecord(properties) && name in properties ? [properties[name]] : [],
    );
    return schemas.length === 0 ? [`${prefix}${name}`] : unknownFields({ anyOf: schemas }, child, `${prefix}${name}.`);
  });
}

function variants(schema: unknown): Record<string, unknown>[] {
  if (!isRecord(schema)) return [];
  const reference = schema['$ref'];
  if (typeof reference === 'string') return variants(description.schemas[reference.slice('#/schemas/'.length)]);
  const inner = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => schema[key] ?? []);
  return [schema, ...inner.flatMap(variants)];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
