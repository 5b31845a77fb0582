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
  readonly isBroken: boolean;
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
  const graph = new Map<string, GraphNode>();
  for (const [folder, file] of files) {
    const kustomization = kustomizations.get(file);
    if (kustomization !== undefined) graph.set(folder, graphNode(index, folder, file, kustomization));
  }
  await addPluginReferences(index, graph, kustomizations, parsers.plugins);
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

/**
 * Adds what the files of generators and transformers name; such a file may also be a resource of a folder that is named. What seems to
 * lead out of the repository is left to kustomize, which refuses it: a `path` in such a file may as well be one within a resource.
 */
async function addPluginReferences(
  index: TreeIndex,
  graph: Map<string, GraphNode>,
  kustomizations: ReadonlyMap<string, Kustomization>,
  parser: ParsedFiles<readonly string[]>,
): Promise<void> {
  const filesOf = new Map<string, readonly string[]>();
  for (const { folder, file } of graph.values()) {
    const plugins = (kustomizations.get(file)?.plugins ?? []).flatMap((entry) => resolveReference(folder, entry) ?? []);
    const files = plugins.flatMap((path) => [path, ...closureOf(index, graph, index.locate(path).path).paths]);
    if (files.length > 0) filesOf.set(folder, files);
  }
  const named = await parser(index, [...new Set([...filesOf.values()].flat())]);
  for (const [folder, files] of filesOf) {
    const node = graph.get(folder);
    if (node === undefined) continue;
    const added = resolveAll(
      index,
      folder,
      files.flatMap((file) => named.get(file) ?? []),
    );
    graph.set(folder, {
      ...node,
      references: [...node.references, ...added.references],
      remote: [...node.remote, ...added.remote],
    });
  }
}

function graphNode(index: TreeIndex, folder: string, file: string, kustomization: Kustomization): GraphNode {
  const { isComponent, references, plugins, charts, folders, isBroken } = kustomization;
  return {
    folder,
    file,
    isComponent,
    ...resolveAll(index, folder, [...references, ...plugins]),
    charts,
    folders: folders.flatMap((chartHome) => resolveReference(folder, chartHome) ?? []),
    isBroken,
  };
}

function resolveAll(
  index: TreeIndex,
  folder: string,
  written: readonly string[],
): Pick<GraphNode, 'references' | 'remote' | 'outside'> {
  const references: string[] = [];
  const remote: string[] = [];
  const outside: string[] = [];
  for (const reference of written) {
    const path = resolveReference(folder, reference);
    const exists = path !== undefined && (index.files.has(path) || index.folders.has(path));
    if (!exists && isRemote(reference)) remote.push(reference);
    else if (path === undefined) outside.push(reference);
    else references.push(...withLinks(index, path));
  }
  return { references, remote, outside };
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
