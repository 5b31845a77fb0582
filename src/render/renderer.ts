import pLimit, { type LimitFunction } from 'p-limit';
import type { Tree } from '../git/git.ts';
import type { Metrics } from '../telemetry/telemetry.ts';
import { affectedUnits, landscapeParsers, surveyLandscape, type Landscape } from './discovery.ts';
import { failure } from './failure.ts';
import { buildKustomization, refusal, type KustomizeSettings } from './kustomize.ts';
import { chartPaths, placeLocalDependencies, templateChart, type HelmSettings } from './helm.ts';
import { closureOf } from './kustomize-graph.ts';
import type { Renderer, RenderResult, RenderUnit } from './render.ts';
import { secretTexts } from './secrets.ts';
import { indexTree } from './tree-index.ts';
import { withWorkspace, type Workspace } from './workspace.ts';

export interface RendererSettings {
  /** Paths, or names to look for on `searchPath`. */
  readonly kustomize: string;
  readonly helm: string;
  /** As in `PATH`. */
  readonly searchPath: string;
  /** For one run of one tool; default 60 seconds. */
  readonly timeoutMs?: number;
  /** How many tools run at the same moment, over all trees; default 2. */
  readonly concurrency?: number;
}

/** The renderer of plain manifests, kustomizations and Helm charts. */
export function createRenderer(settings: RendererSettings, metrics?: Pick<Metrics, 'rendered'>): Renderer {
  const parsers = landscapeParsers();
  const landscapes = new WeakMap<Tree, Promise<Landscape>>();
  const engines = enginesOf(settings);
  const limit = pLimit(settings.concurrency ?? 2);

  /** Each tree is surveyed once, for finding and for rendering. */
  function landscapeOf(tree: Tree): Promise<Landscape> {
    const known = landscapes.get(tree);
    if (known !== undefined) return known;
    const landscape = indexTree(tree).then((index) => surveyLandscape(index, parsers));
    landscapes.set(tree, landscape);
    return landscape;
  }

  return {
    affectedUnits: async (tree, changed) => affectedUnits(await landscapeOf(tree), changed),
    render: async (tree, units) => {
      const plans = planUnits(await landscapeOf(tree), units);
      return runPlans(tree, plans, { engines, limit, metrics });
    },
  };
}

interface Engines {
  readonly kustomize: KustomizeSettings;
  readonly helm: HelmSettings;
}

/** How one unit is rendered: at once, or by a tool that needs these paths of the tree. */
type Plan =
  | { readonly unit: RenderUnit; readonly result: RenderResult }
  | { readonly unit: RenderUnit; readonly file: string }
  | {
      readonly unit: RenderUnit;
      readonly paths: readonly string[];
      readonly prepare: (workspace: Workspace) => Promise<void>;
      readonly run: (engines: Engines, workspace: Workspace, secrets: Secrets) => Promise<RenderResult>;
    };

/** undefined where there is too much to look for them in. */
type Secrets = () => Promise<readonly string[] | undefined>;

function enginesOf({ kustomize, helm, searchPath, timeoutMs = 60_000 }: RendererSettings): Engines {
  return {
    kustomize: { tool: { command: kustomize, searchPath }, timeoutMs },
    helm: { tool: { command: helm, searchPath }, timeoutMs },
  };
}

function planUnits(landscape: Landscape, units: readonly RenderUnit[]): Plan[] {
  return units.map((unit) => {
    switch (unit.engine) {
      case 'plain':
        return landscape.index.files.has(unit.path) ? { unit, file: unit.path } : absent(unit);
      case 'kustomize':
        return planKustomization(landscape, unit);
      case 'helm':
        return planChart(landscape, unit);
    }
  });
}

function planKustomization({ index, graph }: Landscape, unit: RenderUnit): Plan {
  if (!graph.has(unit.path)) return absent(unit);
  const closure = closureOf(index, graph, unit.path);
  const refused = refusal(closure);
  if (refused !== undefined) return { unit, result: failure(unit, refused) };
  return {
    unit,
    paths: closure.paths,
    prepare: async () => {},
    run: ({ kustomize }, workspace, secrets) => buildKustomization(kustomize, workspace, unit, secrets),
  };
}

function planChart({ index, charts }: Landscape, unit: RenderUnit): Plan {
  const chart = charts.get(unit.path);
  if (chart === undefined || unit.valuesFiles?.some((file) => !index.files.has(file)) === true) return absent(unit);
  return {
    unit,
    paths: chartPaths(chart, unit),
    prepare: (workspace) => placeLocalDependencies(workspace, chart),
    run: ({ helm }, workspace, secrets) => templateChart(helm, workspace, unit, chart, secrets),
  };
}

/** A unit that the tree does not have renders to nothing: it was added or removed. */
function absent(unit: RenderUnit): Plan {
  return { unit, result: { ok: true, unit, yaml: '' } };
}

interface Running {
  readonly engines: Engines;
  readonly limit: LimitFunction;
  readonly metrics: Pick<Metrics, 'rendered'> | undefined;
}

async function runPlans(tree: Tree, plans: readonly Plan[], running: Running): Promise<RenderResult[]> {
  const files = await tree.read(plans.flatMap((plan) => ('file' in plan ? [plan.file] : [])));
  const paths = [...new Set(plans.flatMap((plan) => ('paths' in plan ? plan.paths : [])))];
  const render = async (workspace: Workspace | undefined): Promise<RenderResult[]> => {
    await prepare(plans, workspace);
    return Promise.all(plans.map((plan) => runPlan(tree, plan, workspace, files, running)));
  };
  return paths.length === 0 ? render(undefined) : withWorkspace(tree, paths, render);
}

async function prepare(plans: readonly Plan[], workspace: Workspace | undefined): Promise<void> {
  if (workspace === undefined) return;
  for (const plan of plans) if ('prepare' in plan) await plan.prepare(workspace);
}

async function runPlan(
  tree: Tree,
  plan: Plan,
  workspace: Workspace | undefined,
  files: ReadonlyMap<string, Buffer>,
  { engines, limit, metrics }: Running,
): Promise<RenderResult> {
  if ('result' in plan) return plan.result;
  if ('file' in plan) return plainResult(plan.unit, files.get(plan.file));
  if (workspace === undefined) return failure(plan.unit, 'There is no workspace to render in.');
  return limit(async () => {
    const start = performance.now();
    const result = await plan.run(engines, workspace, () => secretsBelow(tree, plan.paths));
    metrics?.rendered(plan.unit.engine, result.ok ? 'ok' : 'failed', (performance.now() - start) / 1000);
    return result;
  });
}

/** Without bytes, it is a file that the tree has and does not read. */
function plainResult(unit: RenderUnit, bytes: Buffer | undefined): RenderResult {
  if (bytes === undefined) return failure(unit, 'It is too large to be read, alone or with all else that changes.');
  return { ok: true, unit, yaml: bytes.toString('utf8') };
}

/** What is secret in the files at or below the given paths. */
async function secretsBelow(tree: Tree, paths: readonly string[]): Promise<readonly string[] | undefined> {
  const wanted = new Set(paths);
  const isBelow = (path: string): boolean =>
    wanted.has('') ||
    wanted.has(path) ||
    [...path.matchAll(/\//g)].some((slash) => wanted.has(path.slice(0, slash.index)));
  const below = (await tree.list()).map(({ path }) => path).filter(isBelow);
  const files = await tree.read(below);
  return files.size < below.length ? undefined : secretTexts(files);
}
