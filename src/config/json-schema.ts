import { z } from 'zod';
import type { DocumentPath } from './problem.ts';
import { configSchema } from './schema.ts';

/** As much of JSON Schema as `configSchema` comes to. */
export interface JsonSchema {
  readonly description?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** The JSON Schema of a configuration file, in the draft that editors understand. */
export function configJsonSchema(): JsonSchema {
  // The library's type allows every draft at once; what it writes for `draft-07` is what is read here.
  const schema: unknown = z.toJSONSchema(configSchema, { target: 'draft-07', io: 'input' });
  return isSchema(schema) ? schema : {};
}

/** The words that the mapping at a path may use, in the order of the documentation; none where no mapping stands. */
export function wordsAt(schema: JsonSchema, path: DocumentPath): readonly string[] {
  let schemas: readonly JsonSchema[] = [schema];
  for (const step of path) schemas = schemas.flatMap(alternativesOf).flatMap((schema) => child(schema, step));
  return schemas.flatMap(alternativesOf).flatMap(({ properties }) => Object.keys(properties ?? {}));
}

export function alternativesOf(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ?? [schema];
}

function child(schema: JsonSchema, step: string | number): readonly JsonSchema[] {
  if (typeof step === 'number') return schema.items === undefined ? [] : [schema.items];
  const named = schema.properties?.[step];
  if (named !== undefined) return [named];
  return typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}
