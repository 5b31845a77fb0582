import { posix } from 'node:path';
import { parse } from 'yaml';
import { parsedFiles, type ParsedFiles } from './parsed-files.ts';
import type { RenderUnit } from './render.ts';
import type { TreeIndex } from './tree-index.ts';
import { isRecord, LARGEST_YAML, records } from './yaml-value.ts';

/** A Helm chart of a tree that can be rendered by itself. */
export interface Chart {
  readonly folder: string;
  readonly name: string;
  readonly isLibrary: boolean;
  readonly dependencies: readonly ChartDependency[];
  /** Values files besides the chart's own, each for one rendering of its own. */
  readonly variants: readonly string[];
}

export interface ChartDependency {
  readonly name: string;
  readonly repository: string;
}

export type ChartFile = Pick<Chart, 'name' | 'isLibrary' | 'dependencies'>;

const VARIANT = /^(?:values[-.].+|.+[-.]values)\.ya?ml$/;

export function chartParser(): ParsedFiles<ChartFile> {
  return parsedFiles(parseChartFile);
}

/** All charts of the tree by folder, without those that lie in another's `charts/` folder. */
export async function findCharts(
  index: TreeIndex,
  parser: ParsedFiles<ChartFile>,
): Promise<ReadonlyMap<string, Chart>> {
  const folders = [...index.files.keys()].filter((path) => posix.basename(path) === 'Chart.yaml').map(folderOf);
  const all = new Set(folders);
  const own = folders.filter((folder) => !isSubchart(folder, all));
  const files = await parser(
    index,
    own.flatMap((folder) => [posix.join(folder, 'Chart.yaml'), posix.join(folder, 'requirements.yaml')]),
  );
  const variants = variantsByFolder(index, new Set(own));
  return new Map(
    own.map((folder) => {
      const chart = files.get(posix.join(folder, 'Chart.yaml'));
      const requirements = files.get(posix.join(folder, 'requirements.yaml'));
      return [
        folder,
        {
          folder,
          name: chart?.name ?? posix.basename(folder),
          isLibrary: chart?.isLibrary ?? false,
          dependencies: [...(chart?.dependencies ?? []), ...(requirements?.dependencies ?? [])],
          variants: variants.get(folder) ?? [],
        },
      ];
    }),
  );
}

/** The chart that a file belongs to: the nearest one above it. */
export function chartOf(charts: ReadonlyMap<string, Chart>, path: string): Chart | undefined {
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    const chart = charts.get(folder);
    if (chart !== undefined || folder === '') return chart;
  }
}

/**
 * What to render of the charts that the changed files belong to: with the default values, and once with each variant. Where nothing
 * but values files of variants changed, only those.
 */
export function affectedChartUnits(charts: ReadonlyMap<string, Chart>, changed: readonly string[]): RenderUnit[] {
  const units: RenderUnit[] = [];
  for (const chart of charts.values()) {
    if (chart.isLibrary) continue;
    const variants = new Set(chart.variants);
    const inside = changed.filter((path) => !variants.has(path) && isPartOf(charts, chart, path));
    const touched = inside.length > 0 ? chart.variants : chart.variants.filter((path) => changed.includes(path));
    if (inside.length > 0) units.push({ engine: 'helm', path: chart.folder });
    units.push(...touched.map((file) => ({ engine: 'helm' as const, path: chart.folder, valuesFiles: [file] })));
  }
  return units;
}

/** Where a dependency lies in the same repository (`file://../common`), or undefined. */
export function localDependency(chart: Chart, { repository }: ChartDependency): string | undefined {
  if (!repository.startsWith('file://')) return undefined;
  const path = posix.join(chart.folder, repository.slice('file://'.length)).replace(/\/$/, '');
  return path.startsWith('..') || posix.isAbsolute(path) ? undefined : path;
}

function isPartOf(charts: ReadonlyMap<string, Chart>, chart: Chart, path: string): boolean {
  if (chartOf(charts, path) === chart) return true;
  return chart.dependencies.some((dependency) => {
    const folder = localDependency(chart, dependency);
    return folder !== undefined && path.startsWith(`${folder}/`);
  });
}

function parseChartFile(text: string): ChartFile | undefined {
  if (text.length > LARGEST_YAML) return undefined;
  let content: unknown;
  try {
    content = parse(text, { uniqueKeys: false, logLevel: 'silent' });
  } catch {
    return undefined;
  }
  if (!isRecord(content)) return undefined;
  const { name, type, dependencies } = content;
  return {
    name: typeof name === 'string' ? name : '',
    isLibrary: type === 'library',
    dependencies: records(dependencies).map((dependency) => ({
      name: textOf(dependency['name']),
      repository: textOf(dependency['repository']),
    })),
  };
}

function isSubchart(folder: string, all: ReadonlySet<string>): boolean {
  const parts = folder.split('/');
  return parts.some(
    (part, index) => part === 'charts' && index < parts.length - 1 && all.has(parts.slice(0, index).join('/')),
  );
}

/**
 * Values files in the chart's folder and its `values/` folder, and beside the chart's folder, where they are the only chart's there
 * or carry its name.
 */
function variantsByFolder(index: TreeIndex, charts: ReadonlySet<string>): Map<string, string[]> {
  const siblings = new Map<string, string[]>();
  for (const chart of charts) {
    if (chart !== '') siblings.set(folderOf(chart), [...(siblings.get(folderOf(chart)) ?? []), chart]);
  }
  const found = new Map<string, string[]>();
  for (const path of index.files.keys()) {
    if (!/\.ya?ml$/.test(path)) continue;
    const chart = variantOf(path, charts, siblings);
    if (chart !== undefined) found.set(chart, [...(found.get(chart) ?? []), path]);
  }
  return found;
}

function variantOf(
  path: string,
  charts: ReadonlySet<string>,
  siblings: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  const folder = folderOf(path);
  const name = posix.basename(path);
  if (posix.basename(folder) === 'values' && charts.has(folderOf(folder))) return folderOf(folder);
  if (charts.has(folder)) return VARIANT.test(name) ? folder : undefined;
  if (!VARIANT.test(name) && !/^values\.ya?ml$/.test(name)) return undefined;
  const beside = siblings.get(folder) ?? [];
  const named = beside.filter((chart) => name.startsWith(`${posix.basename(chart)}-`));
  return beside.length === 1 ? beside[0] : named.length === 1 ? named[0] : undefined;
}

function folderOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end === -1 ? '' : path.slice(0, end);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
