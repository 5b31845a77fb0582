import type { Tree } from '../git/git.ts';

/** One thing that is rendered on its own and shown under its own heading. */
export interface RenderUnit {
  readonly engine: 'plain' | 'kustomize' | 'helm';
  /** The folder of the kustomization or chart, or the plain file; repository-relative, '' for the root. */
  readonly path: string;
  /** Helm: values files beside the chart's own, repository-relative, in order. One unit per variant, e.g. `values-staging.yaml`. */
  readonly valuesFiles?: readonly string[];
}

export type RenderResult =
  | { readonly ok: true; readonly unit: RenderUnit; readonly yaml: string }
  /** `message` is the renderer's own, cut to size, with secrets and temporary paths removed. */
  | {
      readonly ok: false;
      readonly unit: RenderUnit;
      readonly code: 'render-failed' | 'tool-missing';
      readonly message: string;
    };

export interface Renderer {
  /** The units of a tree that one of these changed files takes part in. Finds kustomizations and charts without configuration. */
  affectedUnits(tree: Tree, changed: readonly string[]): Promise<readonly RenderUnit[]>;
  /**
   * Renders units of one tree; a failing one does not stop the others. A unit that the tree does not have renders to nothing.
   * Answers in the order of `units`.
   */
  render(tree: Tree, units: readonly RenderUnit[]): Promise<readonly RenderResult[]>;
}
