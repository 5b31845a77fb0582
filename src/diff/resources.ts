import { isScalar, parseAllDocuments, Schema, type ScalarTag, type Tags, type YAMLError } from 'yaml';
import type { YamlDocument } from './documents.ts';
import type { ResourceId } from './result.ts';
import { isMapping, listAt, stringAt, type Mapping } from './value.ts';

export interface Resource {
  readonly id: ResourceId;
  readonly object: Mapping;
}

/**
 * The longest document that is parsed, and what is parsed at once, in characters: more would stop everything else for seconds, and takes a
 * hundred times its size. No object of a cluster is larger than about 1.5 MiB, which is what etcd takes.
 */
const LARGEST = 2 * 1024 * 1024;
const LARGEST_IN_ALL = 8 * 1024 * 1024;

export type Resources =
  | { readonly ok: true; readonly resources: readonly Resource[] }
  /** The message names the place and never quotes what stands there. */
  | { readonly ok: false; readonly message: string };

/**
 * The Kubernetes resources of rendered documents, in order; those of a `List` one by one. Scalars are read as Kubernetes reads them
 * (YAML 1.1 without times), except that a number which JavaScript cannot hold stays text.
 */
export function readResources(documents: readonly YamlDocument[]): Resources {
  const size = documents.reduce((sum, { text }) => sum + text.length, 0);
  if (size > LARGEST_IN_ALL)
    return { ok: false, message: `There is too much of it to be compared: ${megabytes(size)} MB.` };
  const resources: Resource[] = [];
  for (const document of documents) {
    const read = readDocument(document);
    if (!read.ok) return read;
    resources.push(...read.resources);
  }
  return { ok: true, resources };
}

/** How many resources a document holds that need not be read otherwise. */
export function countResources(document: YamlDocument): number {
  if (!/^(?:-|["{[])|^kind:\s*["']?\w*List\b/m.test(document.text)) return 1;
  const read = readDocument(document);
  return read.ok ? read.resources.length : 1;
}

/** Equal for two resources that the cluster takes for one. The version of the API is left out: it is only the way it is written. */
export function identity({ apiVersion, kind, namespace, name }: ResourceId): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return JSON.stringify([group, kind, namespace ?? '', name]);
}

/** The documents of a stream as plain data, read as Kubernetes and Helm read them; undefined where one cannot be read. */
export function readYaml(text: string): readonly unknown[] | undefined {
  if (text.length > LARGEST) return undefined;
  try {
    const documents = parseAllDocuments(text, PARSE_OPTIONS);
    if (documents.some(({ errors }) => errors.length > 0)) return undefined;
    const values: unknown[] = [];
    for (const document of documents) values.push(document.toJS({ maxAliasCount: 1_000 }));
    return values;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
}

function readDocument({ text, line }: YamlDocument): Resources {
  if (text.length > LARGEST)
    return {
      ok: false,
      message: `The YAML document at line ${line} is too large to be compared: ${megabytes(text.length)} MB.`,
    };
  try {
    const resources: Resource[] = [];
    for (const document of parseAllDocuments(text, PARSE_OPTIONS)) {
      const [error] = document.errors;
      if (error !== undefined) return { ok: false, message: describe(error, line) };
      resources.push(...flatten(document.toJS({ maxAliasCount: 1_000 })));
    }
    return { ok: true, resources };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ok: false, message: `The YAML document at line ${line} cannot be read: ${error.name}.` };
  }
}

function megabytes(characters: number): string {
  return (characters / 1e6).toFixed(1);
}

function flatten(value: unknown): Resource[] {
  if (Array.isArray(value)) return value.flatMap(flatten);
  if (!isMapping(value)) return [];
  const kind = stringAt(value, 'kind');
  const apiVersion = stringAt(value, 'apiVersion');
  if (kind === undefined || apiVersion === undefined) return [];
  if (kind.endsWith('List') && Array.isArray(value['items'])) return listAt(value, 'items').flatMap(flatten);
  return [{ id: resourceId(value, apiVersion, kind), object: value }];
}

function resourceId(object: Mapping, apiVersion: string, kind: string): ResourceId {
  const namespace = stringAt(object, 'metadata', 'namespace');
  const prefix = stringAt(object, 'metadata', 'generateName');
  const name = stringAt(object, 'metadata', 'name') ?? (prefix === undefined ? '' : `${prefix}*`);
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) };
}

/** The parser's own words up to what it quotes: it may quote a Secret. */
function describe(error: YAMLError, firstLine: number): string {
  const words = (error.message.split(/ at line \d/)[0] ?? '').replace(/["'`:].*$/s, '').trim();
  const [position] = error.linePos ?? [];
  const line = firstLine + (position?.line ?? 1) - 1;
  return `Line ${line}, column ${position?.col ?? 1}: ${words}`;
}

const KUBERNETES_SCHEMA = new Schema({
  schema: 'yaml-1.1',
  merge: true,
  resolveKnownTags: false,
  customTags: (tags) => tags.filter((tag) => !isForeign(tag)).map(withoutLoss),
});

// Of a doubled key the last counts, as for Helm; and looking for doubles costs the square of the keys.
const PARSE_OPTIONS = { schema: KUBERNETES_SCHEMA, stringKeys: true, uniqueKeys: false, prettyErrors: true } as const;

/** What YAML 1.1 has and the YAML library of Kubernetes (sigs.k8s.io/yaml) has not. */
function isForeign(tag: Tags[number]): boolean {
  if (typeof tag === 'string') return false;
  return ('format' in tag && tag.format === 'TIME') || /:(?:timestamp|binary|omap|pairs|set)$/.test(tag.tag);
}

/** Keeps as text: numbers that JavaScript would round, and the one-letter booleans `y` and `n`. */
function withoutLoss(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || tag.collection !== undefined || !/:(?:int|float|bool)$/.test(tag.tag)) return tag;
  const careful: ScalarTag = {
    ...tag,
    resolve: (text, onError, options) => {
      const resolved = tag.resolve(text, onError, options);
      return isExact(text, isScalar(resolved) ? resolved.value : resolved) ? resolved : text;
    },
  };
  return careful;
}

function isExact(text: string, value: unknown): boolean {
  if (typeof value === 'boolean') return text.length > 1;
  return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
}
