import { cp, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { localDependency, type Chart } from './charts.ts';
import { cleanMessage, failure } from './failure.ts';
import type { RenderResult, RenderUnit } from './render.ts';
import { runTool, type ToolSettings } from './tools.ts';
import type { Workspace } from './workspace.ts';

export interface HelmSettings {
  readonly tool: ToolSettings;
  readonly timeoutMs: number;
}

/** The paths of a tree that rendering a chart needs. */
export function chartPaths(chart: Chart, unit: RenderUnit): string[] {
  const local = chart.dependencies.flatMap((dependency) => localDependency(chart, dependency) ?? []);
  return [chart.folder, ...(unit.valuesFiles ?? []), ...local];
}

/**
 * Puts the dependencies that lie elsewhere in the repository (`file://../common`) where Helm wants them, as `helm dependency build`
 * would. Once for each chart of a workspace, before it is rendered.
 */
export async function placeLocalDependencies(workspace: Workspace, chart: Chart): Promise<void> {
  for (const dependency of chart.dependencies) {
    const source = localDependency(chart, dependency);
    const target = join(workspace.root, chart.folder, 'charts', posix.basename(dependency.name));
    if (source === undefined || (await exists(target)) || !(await exists(join(workspace.root, source)))) continue;
    if (chart.folder === source || chart.folder.startsWith(`${source}/`)) continue;
    await cp(join(workspace.root, source), target, { recursive: true, verbatimSymlinks: true });
  }
}

/**
 * Runs `helm template`: with CRDs and without tests, which is what gets deployed (Argo CD does the same). The release
 * has the name of the chart's folder, because nothing in the repository says another.
 * @param secrets texts to mask in a message; asked for only when Helm fails.
 */
export async function templateChart(
  settings: HelmSettings,
  workspace: Workspace,
  unit: RenderUnit,
  chart: Chart,
  secrets: () => Promise<readonly string[] | undefined>,
): Promise<RenderResult> {
  const values = (unit.valuesFiles ?? []).flatMap((file) => ['--values', join(workspace.root, file)]);
  const outcome = await runTool(settings.tool, {
    args: [
      'template',
      releaseName(chart),
      join(workspace.root, chart.folder),
      '--include-crds',
      '--skip-tests',
      ...values,
    ],
    cwd: workspace.root,
    home: workspace.home,
    timeoutMs: settings.timeoutMs,
  });
  if (outcome.ok) return { ok: true, unit, yaml: outcome.stdout };
  if (outcome.reason === 'missing') return failure(unit, outcome.message, 'tool-missing');
  return failure(unit, explain(cleanMessage(outcome.message, workspace, await secrets()), chart));
}

/** Helm's rule for names (`chartutil.ValidateReleaseName`): a DNS label of at most 53 characters. */
function releaseName({ folder, name }: Chart): string {
  const wanted = (folder === '' ? name : posix.basename(folder)).toLowerCase();
  const legal = wanted
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 53)
    .replace(/^-+|-+$/g, '');
  return legal === '' ? 'release' : legal;
}

function explain(message: string, chart: Chart): string {
  const missing = /missing in charts\/ directory: (.*)/.exec(message)?.[1];
  if (missing === undefined) return withoutAdvice(message);
  const wanted = chart.dependencies.map(({ name, repository }) => `${name} (${repository || 'charts/'})`).join(', ');
  return `Dependencies are not in ${posix.join(chart.folder, 'charts')}: ${missing}. The chart wants ${wanted}. Tagalong renders without the network: run helm dependency build, and commit the charts folder.`;
}

function withoutAdvice(message: string): string {
  return message.replace(/\n+Use --debug flag to render out invalid YAML$/m, '');
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
