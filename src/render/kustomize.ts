import { join } from 'node:path';
import { cleanMessage, failure } from './failure.ts';
import type { Closure } from './kustomize-graph.ts';
import type { RenderResult, RenderUnit } from './render.ts';
import { runTool, type ToolSettings } from './tools.ts';
import type { Workspace } from './workspace.ts';

export interface KustomizeSettings {
  readonly tool: ToolSettings;
  readonly timeoutMs: number;
}

/**
 * Why a folder cannot be built without even trying: it needs the network, leaves the repository, inflates a chart, or cannot be
 * understood.
 * @returns undefined when it can.
 */
export function refusal({ nodes }: Closure): string | undefined {
  for (const { folder, file, remote, outside, charts, isBroken } of nodes) {
    if (isBroken) return `${file} is not valid YAML.`;
    const [url] = remote;
    if (url !== undefined)
      return `${file} refers to ${withoutCredentials(url)}. Tagalong renders without the network: keep a copy in this repository, and refer to that.`;
    if (outside[0] !== undefined)
      return `${file} refers to ${outside[0]}, which lies outside of what is rendered here.`;
    if (charts[0] !== undefined)
      return `${file} inflates the Helm chart ${charts[0]}, which kustomize does only with --enable-helm. Tagalong renders without it: render the chart in a folder of its own${folder === '' ? '' : ` beside ${folder}`}.`;
  }
  return undefined;
}

/**
 * Runs `kustomize build` with kustomize's own defaults, which are those of Argo CD too: files are loaded from at or below each
 * kustomization's folder only, no plugins, no Helm. The load restriction is what keeps a kustomization from reading this machine.
 * @param secrets texts to mask in a message; asked for only when the build fails.
 */
export async function buildKustomization(
  settings: KustomizeSettings,
  workspace: Workspace,
  unit: RenderUnit,
  secrets: () => Promise<readonly string[] | undefined>,
): Promise<RenderResult> {
  const outcome = await runTool(settings.tool, {
    args: ['build', join(workspace.root, unit.path)],
    cwd: workspace.root,
    home: workspace.home,
    timeoutMs: settings.timeoutMs,
  });
  if (outcome.ok) return { ok: true, unit, yaml: outcome.stdout };
  if (outcome.reason === 'missing') return failure(unit, outcome.message, 'tool-missing');
  return failure(unit, cleanMessage(shorten(outcome.message), workspace, await secrets()));
}

/** Kustomize tells the way to its error, twice, and then what else it tried in vain; kept are the way and the error. */
function shorten(message: string): string {
  return message
    .replace(
      /accumulating resources: accumulation err='accumulating resources from '([^']*)': [^']*'[^']*' must resolve to a file': recursed accumulation of path '[^']*': /g,
      'in $1: ',
    )
    .replace(
      /accumulating resources: accumulation err='accumulating resources from '[^']*': evalsymlink failure on '([^']*)' : [^']*no such file or directory': must build at directory: .*/s,
      '$1 does not exist',
    );
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@\s]*@/, '//').replace(/[?&](?:token|access_token|private_token)=[^&]*/gi, '');
}
