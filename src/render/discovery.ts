import { posix } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { readInParts } from '../git/git.ts';
import { affectedChartUnits, chartOf, chartParser, findCharts, type Chart, type ChartFile } from './charts.ts';
import {
  affectedFolders,
  filesInGraph,
  kustomizeGraph,
  kustomizeParsers,
  type KustomizeGraph,
  type KustomizeParsers,
} from './kustomize-graph.ts';
import { KUSTOMIZATION_NAMES } from './kustomization.ts';
import type { ParsedFiles } from './parsed-files.ts';
import type { RenderUnit } from './render.ts';
import type { TreeIndex } from './tree-index.ts';
import { LARGEST_YAML } from './yaml-value.ts';

/** What renders in a tree: its kustomizations and its charts. */
export interface Landscape {
  readonly index: TreeIndex;
  readonly graph: KustomizeGraph;
  readonly charts: ReadonlyMap<string, Chart>;
}

export interface LandscapeParsers extends KustomizeParsers {
  readonly charts: ParsedFiles<ChartFile>;
}

export function landscapeParsers(): LandscapeParsers {
  return { ...kustomizeParsers(), charts: chartParser() };
}

export async function surveyLandscape(index: TreeIndex, parsers: LandscapeParsers): Promise<Landscape> {
  const [graph, charts] = await Promise.all([kustomizeGraph(index, parsers), findCharts(index, parsers.charts)]);
  return { index, graph, charts };
}

/** The units that changed files take part in, kustomizations first, then charts, then plain files. */
export async function affectedUnits(landscape: Landscape, changed: readonly string[]): Promise<RenderUnit[]> {
  const { graph, charts } = landscape;
  const folders = affectedFolders(graph, new Set(changed));
  return [
    ...folders.map((path) => ({ engine: 'kustomize' as const, path })),
    ...affectedChartUnits(charts, changed),
    ...(await plainManifests(landscape, changed)).map((path) => ({ engine: 'plain' as const, path })),
  ];
}

/** Manifests that nothing else renders. Files and folders whose name starts with a dot configure other tools. */
async function plainManifests({ index, graph, charts }: Landscape, changed: readonly string[]): Promise<string[]> {
  const owned = filesInGraph(graph);
  const candidates = changed.filter(
    (path) =>
      /\.(?:ya?ml|json)$/.test(path) &&
      index.files.get(path)?.mode.startsWith('100') === true &&
      !path.split('/').some((part) => part.startsWith('.')) &&
      !KUSTOMIZATION_NAMES.some((name) => name === posix.basename(path) && graph.has(parentOf(path))) &&
      !owned.has(path) &&
      chartOf(charts, path) === undefined,
  );
  // What is too large to be read counts too, so that this is told.
  const others = new Set<string>();
  for await (const part of readInParts(index.tree, candidates)) {
    for (const [path, bytes] of part) if (!isManifest(bytes.toString('utf8'))) others.add(path);
  }
  return candidates.filter((path) => !others.has(path)).toSorted();
}

/** A broken manifest counts, so that its error is shown; a template of some other tool is none of ours. */
function isManifest(text: string): boolean {
  if (!/apiVersion/.test(text) || !/kind/.test(text)) return false;
  const looksIt = /^apiVersion:/m.test(text) && /^kind:/m.test(text);
  if (looksIt && (!text.includes('{{') || text.length > LARGEST_YAML)) return true;
  if (text.length > LARGEST_YAML) return /["']?apiVersion["']?\s*:/.test(text);
  return parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' }).some(
    (document) => document.errors.length === 0 && document.has('apiVersion') && document.has('kind'),
  );
}

function parentOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end === -1 ? '' : path.slice(0, end);
}
