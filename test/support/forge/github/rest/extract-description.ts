import { readFileSync, writeFileSync } from 'node:fs';
import { servedOperations } from './served-operations.ts';

/**
 * Cuts the served operations out of GitHub's official OpenAPI description into `description.json`.
 *
 * The description is the file `generated/api.github.com.json` of the npm package `@octokit/openapi` (MIT), in the version that
 * `package.json` of `@octokit/openapi-types` names as `openapi-version`, so that checks at run time and types agree. The
 * package unpacks to 385 MB, which is why only the cut is kept. Run:
 * `node test/support/forge/github/rest/extract-description.ts <api.github.com.json>`
 */
const source = process.argv[2];
if (source === undefined) throw new Error('usage: extract-description.ts <api.github.com.json>');

interface Description {
  paths: Record<string, Record<string, Record<string, unknown>>>;
}

const parsed: unknown = JSON.parse(readFileSync(source, 'utf8'));
if (!isDescription(parsed)) throw new Error(`${source} has no paths`);
const served: ReadonlySet<string> = new Set(servedOperations);
const schemas: Record<string, unknown> = {};
const operations: Record<string, unknown> = {};

for (const [path, methods] of Object.entries(parsed.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    const id = operation['operationId'];
    if (typeof id !== 'string' || !served.has(id)) continue;
    const { parameters, requestBody, responses, externalDocs } = operation;
    operations[id] = {
      method: method.toUpperCase(),
      path,
      documentation: isRecord(externalDocs) ? externalDocs['url'] : undefined,
      parameters: clean(inlined(parameters) ?? []),
      body: schemaOf(requestBody),
      responses: isRecord(responses) ? mapValues(responses, (response) => schemaOf(resolve(response)) ?? null) : {},
    };
  }
}
const missing = servedOperations.filter((id) => !(id in operations));
if (missing.length > 0) throw new Error(`not in the description: ${missing.join(', ')}`);
const target = new URL('description.json', import.meta.url);
const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(target, `${JSON.stringify({ operations, schemas: sorted })}\n`);

function isDescription(value: unknown): value is Description {
  return isRecord(value) && isRecord(value['paths']);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapValues(record: Record<string, unknown>, change: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function resolve(value: unknown): unknown {
  if (!isRecord(value) || typeof value['$ref'] !== 'string') return value;
  let found: unknown = parsed;
  for (const part of value['$ref'].slice(2).split('/')) found = isRecord(found) ? found[part] : undefined;
  return found;
}

function inlined(parameters: unknown): unknown {
  return Array.isArray(parameters) ? parameters.map(resolve) : undefined;
}

function schemaOf(value: unknown): unknown {
  if (!isRecord(value) || !isRecord(value['content'])) return undefined;
  const json = value['content']['application/json'] ?? value['content']['application/json; charset=utf-8'];
  return isRecord(json) ? clean(json['schema']) : undefined;
}

/** Drops what only people read, turns `nullable` into a JSON Schema that every validator knows, and collects the schemas named. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (!isRecord(value)) return value;
  if (typeof value['$ref'] === 'string') return reference(value['$ref'], value['nullable'] === true);
  const kept = Object.entries(value).filter(([key, child]) => !isProse(key, child));
  const cleaned = Object.fromEntries(
    kept.map(([key, child]) => [key, key === 'properties' && isRecord(child) ? mapValues(child, clean) : clean(child)]),
  );
  if (cleaned['nullable'] !== true) return cleaned;
  delete cleaned['nullable'];
  return { anyOf: [cleaned, { type: 'null' }] };
}

function isProse(key: string, child: unknown): boolean {
  const prose = ['description', 'example', 'examples', 'title', 'summary', 'externalDocs', 'deprecated', 'format'];
  return (prose.includes(key) && !isRecord(child)) || key.startsWith('x-') || ['example', 'examples'].includes(key);
}

function reference(ref: string, nullable: boolean): unknown {
  const name = ref.slice('#/components/schemas/'.length);
  if (!(name in schemas)) {
    schemas[name] = {};
    schemas[name] = clean(resolve({ $ref: ref }));
  }
  const pointer = { $ref: `#/schemas/${name}` };
  return nullable ? { anyOf: [pointer, { type: 'null' }] } : pointer;
}
