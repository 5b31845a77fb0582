import { posix } from 'node:path';
import {
  isRemote,
  KUSTOMIZATION_NAMES,
  parseKustomization,
  pluginReferences,
  resolveReference,
  type Kustomization,
} from './kustomization.ts';
import { parsedFiles, type ParsedFiles } from './parsed-files.ts';
import type { TreeIndex } from './tree-index.ts';

/** One kustomization of a tree, its references resolved to paths of the tree. */
export interface GraphNode {
  readonly folder: string;
  readonly file: string;
  readonly isComponent: boolean;
  /** Every file, folder and symbolic link that it names, also those that do not exist. */
  readonly references: readonly string[];
  /** References that cannot be followed: to the network, or out of the repository. */
  readonly remote: readonly string[];
  readonly outside: readonly string[];
  readonly charts: readonly string[];
  readonly folders: readonly string[];
}

/** All kustomizations of a tree, by folder. */
export type KustomizeGraph = ReadonlyMap<string, GraphNode>;

export interface Closure {
  readonly nodes: readonly GraphNode[];
  /** Files and links to write out for a build. */
  readonly paths: readonly string[];
}

export interface KustomizeParsers {
  readonly kustomizations: ParsedFiles<Kustomization>;
  /** The paths that files of `generators`, `transformers` and `validators` name. */
  readonly plugins: ParsedFiles<readonly string[]>;
}

export function kustomizeParsers(): KustomizeParsers {
  return { kustomizations: parsedFiles(parseKustomization), plugins: parsedFiles(pluginReferences) };
}

/** Reads every kustomization of the tree; those whose bytes were seen before come from memory. */
export async function kustomizeGraph(index: TreeIndex, parsers: KustomizeParsers): Promise<KustomizeGraph> {
  const files = kustomizationFiles(index);
  const kustomizations = await parsers.kustomizations(index, [...files.values()]);
  const plugins = await parsers.plugins(index, pluginFiles(files, kustomizations));
  const graph = new Map<string, GraphNode>();
  for (const [folder, file] of files) {
    const kustomization = kustomizations.get(file);
    if (kustomization !== undefined) graph.set(folder, graphNode(index, folder, file, kustomization, plugins));
  }
  return graph;
}

/** Everything that the build of one folder reads. */
export function closureOf(index: TreeIndex, graph: KustomizeGraph, folder: string): Closure {
  const nodes = new Map<string, GraphNode>();
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const node = graph.get(next);
    if (node === undefined || nodes.has(next)) continue;
    nodes.set(next, node);
    waiting.push(...node.references);
  }
  const named = [...nodes.values()].flatMap(({ file, references }) => [file, ...references]);
  return { nodes: [...nodes.values()], paths: [...new Set(named)].filter((path) => index.files.has(path)) };
}

/**
 * The folders to show when the files of `changed` differ: whatever is built from them and is deployed by itself.
 * Not shown by themselves: components, and bases, which is to say whatever another kustomization builds upon. But an overlay that a
 * neighbour in the same folder builds upon (`overlays/production` upon `overlays/staging`) is shown too, for it is deployed as well.
 */
export function affectedFolders(graph: KustomizeGraph, changed: ReadonlySet<string>): string[] {
  const users = usersByReference(graph);
  const affected = new Set<string>();
  const waiting = [...graph.values()].filter((node) => takesPart(node, changed)).map(({ folder }) => folder);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (affected.has(next)) continue;
    affected.add(next);
    waiting.push(...(users.get(next) ?? []));
  }
  return [...affected].filter((folder) => isDeployed(graph, users, folder)).toSorted();
}

/** Everything that some kustomization is made of: none of it is a manifest on its own. */
export function filesInGraph(graph: KustomizeGraph): Set<string> {
  return new Set([...graph.values()].flatMap(({ file, references }) => [file, ...references]));
}

/** One kustomization file a folder: the one kustomize prefers. */
function kustomizationFiles({ files }: TreeIndex): Map<string, string> {
  const found = new Map<string, string>();
  const rank = (path: string): number => KUSTOMIZATION_NAMES.findIndex((name) => name === posix.basename(path));
  for (const path of files.keys()) {
    if (rank(path) === -1) continue;
    const folder = path.includes('/') ? posix.dirname(path) : '';
    const other = found.get(folder);
    if (other === undefined || rank(path) < rank(other)) found.set(folder, path);
  }
  return found;
}

function pluginFiles(
  files: ReadonlyMap<string, string>,
  kustomizations: ReadonlyMap<string, Kustomization>,
): readonly string[] {
  const paths = [...files].flatMap(([folder, file]) =>
    (kustomizations.get(file)?.plugins ?? []).flatMap((plugin) => resolveReference(folder, plugin) ?? []),
  );
  return [...new Set(paths)];
}

function graphNode(
  index: TreeIndex,
  folder: string,
  file: string,
  kustomization: Kustomization,
  plugins: ReadonlyMap<string, readonly string[]>,
): GraphNode {
  const written = [...kustomization.references, ...kustomization.plugins].concat(
    kustomization.plugins.flatMap((plugin) => plugins.get(resolveReference(folder, plugin) ?? '') ?? []),
  );
  const resolved = written.map((reference) => ({ reference, path: resolveReference(folder, reference) }));
  const exists = (path: string | undefined): boolean =>
    path !== undefined && (index.files.has(path) || index.folders.has(path));
  const isLocal = ({ reference, path }: (typeof resolved)[number]): boolean => exists(path) || !isRemote(reference);
  return {
    folder,
    file,
    isComponent: kustomization.isComponent,
    references: resolved
      .filter(isLocal)
      .flatMap(({ path }) => path ?? [])
      .flatMap((path) => withLinks(index, path)),
    remote: resolved.filter((entry) => !isLocal(entry)).map(({ reference }) => reference),
    outside: resolved.filter((entry) => isLocal(entry) && entry.path === undefined).map(({ reference }) => reference),
    charts: kustomization.charts,
    folders: kustomization.folders.flatMap((chartHome) => resolveReference(folder, chartHome) ?? []),
  };
}

function withLinks(index: TreeIndex, path: string): string[] {
  const located = index.locate(path);
  return [...located.links, located.path];
}

function usersByReference(graph: KustomizeGraph): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const { folder, references } of graph.values()) {
    for (const reference of new Set(references)) {
      if (graph.has(reference) && reference !== folder) users.set(reference, [...(users.get(reference) ?? []), folder]);
    }
  }
  return users;
}

function takesPart(node: GraphNode, changed: ReadonlySet<string>): boolean {
  if (changed.has(node.file)) return true;
  const isChanged = (path: string): boolean =>
    changed.has(path) || KUSTOMIZATION_NAMES.some((name) => changed.has(posix.join(path, name)));
  if (node.references.some(isChanged)) return true;
  return node.folders.some((folder) => [...changed].some((path) => path.startsWith(`${folder}/`)));
}

function isDeployed(graph: KustomizeGraph, users: ReadonlyMap<string, readonly string[]>, folder: string): boolean {
  const node = graph.get(folder);
  if (node === undefined || node.isComponent) return false;
  const usedBy = users.get(folder) ?? [];
  if (usedBy.length === 0) return true;
  const isOverlay = node.references.some((reference) => graph.get(reference)?.isComponent === false);
  const isBase = /^(?:bases?|common|shared)$/.test(posix.basename(folder));
  return isOverlay && !isBase && usedBy.some((user) => posix.dirname(user) === posix.dirname(folder));
}
