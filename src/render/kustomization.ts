import { posix } from 'node:path';
import { parseAllDocuments, type Document } from 'yaml';
import { foldCase, isRecord, LARGEST_YAML, records, strings } from './yaml-value.ts';

/** What a kustomization file says of others. References are as written, relative to its folder. */
export interface Kustomization {
  readonly isComponent: boolean;
  /** Files and folders that take part in the build. */
  readonly references: readonly string[];
  /** Files that configure generators and transformers, and may themselves name further files. */
  readonly plugins: readonly string[];
  /** Charts that kustomize would inflate: names of `helmCharts` and their like. */
  readonly charts: readonly string[];
  /** Folders of which every file may take part. */
  readonly folders: readonly string[];
  /** It cannot be read, so nobody knows what it would make kustomize do. */
  readonly isBroken: boolean;
}

/** In kustomize's own order of preference. */
export const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

// All names in lower case: kustomize reads its fields through Go's encoding/json, which takes them in any case.
const PATH_LISTS = ['resources', 'bases', 'components', 'crds', 'configurations', 'patchesstrategicmerge'] as const;
const PLUGIN_LISTS = ['generators', 'transformers', 'validators'] as const;
const PLUGIN_PATH_KEYS = new Set(['path', 'paths', 'files', 'env', 'envs', 'valuesfile', 'additionalvaluesfiles']);
const NOTHING: Kustomization = {
  isComponent: false,
  references: [],
  plugins: [],
  charts: [],
  folders: [],
  isBroken: false,
};
const BROKEN: Kustomization = { ...NOTHING, isBroken: true };

/**
 * Reads a file that has the name of a kustomization, as kustomize does: the first document, field names in any case.
 * @returns undefined for what merely has the name, such as a Flux `Kustomization`.
 */
export function parseKustomization(text: string): Kustomization | undefined {
  if (text.length > LARGEST_YAML) return BROKEN;
  const [document] = parseAllDocuments(text, { merge: true, uniqueKeys: false, logLevel: 'silent' });
  if (document === undefined) return NOTHING;
  const content = foldCase(toData(document));
  if (content === undefined) return BROKEN;
  if (content === null) return NOTHING;
  if (!isRecord(content)) return undefined;
  const { apiversion, kind } = content;
  if (typeof apiversion === 'string' && !apiversion.startsWith('kustomize.config.k8s.io/')) return undefined;
  const plugins = PLUGIN_LISTS.flatMap((name) => strings(content[name]));
  return {
    isComponent: kind === 'Component',
    references: [...directReferences(content), ...plugins.filter(isInline).flatMap(pluginReferences)],
    plugins: plugins.filter((entry) => !isInline(entry)),
    charts: [...records(content['helmcharts']), ...records(content['helmchartinflationgenerator'])].map(chartName),
    folders: chartHome(content),
    isBroken: false,
  };
}

/**
 * The paths that a file of `generators`, `transformers` or `validators` names; of one that cannot be read, every URL in it, since
 * nobody knows what they are for.
 */
export function pluginReferences(text: string): string[] {
  const urls = () => text.match(/https?:\/\/[^\s"']+/gi) ?? [];
  if (text.length > LARGEST_YAML) return urls();
  return parseAllDocuments(text, { merge: true, uniqueKeys: false, logLevel: 'silent' }).flatMap((document) => {
    const data = foldCase(toData(document));
    return data === undefined ? urls() : pathsIn(data);
  });
}

/** True for what kustomize would fetch from elsewhere: a URL, or a repository in one of git's short forms. */
export function isRemote(reference: string): boolean {
  return (
    /^(?:[a-z][a-z0-9+.-]*:\/\/|git::|git@|gh:|(?:github|gitlab)\.com[/:]|bitbucket\.org[/:])/i.test(reference) ||
    /^[\w.-]+\.[a-z]{2,}\/.*(?:\/\/|\?ref=|\?version=|\.git\b)/i.test(reference) ||
    /[?&](?:ref|version)=/.test(reference)
  );
}

/** Where a reference of a kustomization in `folder` leads, or undefined when it leaves the tree. */
export function resolveReference(folder: string, reference: string): string | undefined {
  if (posix.isAbsolute(reference)) return undefined;
  const path = posix.join(folder, reference).replace(/\/$/, '');
  if (path === '..' || path.startsWith('../')) return undefined;
  return path === '.' ? '' : path;
}

/** undefined for what cannot be read, or grows without measure when it is. */
function toData(document: Document.Parsed): unknown {
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS({ maxAliasCount: 1_000 });
  } catch {
    return undefined;
  }
}

function directReferences(content: Record<string, unknown>): string[] {
  const lists = PATH_LISTS.flatMap((key) => strings(content[key])).filter((entry) => !isInline(entry));
  const paths = ['patches', 'patchesjson6902', 'replacements'].flatMap((key) =>
    records(content[key]).flatMap(({ path }) => strings([path])),
  );
  const openapi = isRecord(content['openapi']) ? strings([content['openapi']['path']]) : [];
  const generated = ['configmapgenerator', 'secretgenerator'].flatMap((key) =>
    records(content[key]).flatMap(generatorFiles),
  );
  const values = records(content['helmcharts']).flatMap((chart) =>
    strings([chart['valuesfile'], ...list(chart['additionalvaluesfiles'])]),
  );
  return [...lists, ...paths, ...openapi, ...generated, ...values];
}

function generatorFiles(generator: Record<string, unknown>): string[] {
  const files = strings(generator['files']).map((entry) => entry.slice(entry.indexOf('=') + 1));
  return [...files, ...strings(generator['envs']), ...strings([generator['env']])];
}

function chartName(chart: Record<string, unknown>): string {
  return strings([chart['name'], chart['chartname']])[0] ?? 'a chart';
}

function chartHome(content: Record<string, unknown>): string[] {
  if (records(content['helmcharts']).length === 0) return [];
  const globals = content['helmglobals'];
  return [(isRecord(globals) ? strings([globals['charthome']])[0] : undefined) ?? 'charts'];
}

function pathsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(pathsIn);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    PLUGIN_PATH_KEYS.has(key) && !isRecord(item) ? strings(list(item)).map(afterKey) : pathsIn(item),
  );
}

/** `key=path` as generators write it. */
function afterKey(entry: string): string {
  return /^[\w.-]+=/.test(entry) ? entry.slice(entry.indexOf('=') + 1) : entry;
}

function isInline(entry: string): boolean {
  return entry.includes('\n') || entry.trimStart().startsWith('{');
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}
