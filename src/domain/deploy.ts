import type { RepositoryRef } from './repository.ts';

/** Who says what became of a deployment. */
export type DeployTool = 'argo-cd' | 'flux' | 'argo-rollouts' | 'spinnaker' | 'generic';

/** What a tool says of one application at one revision of the manifest repository. */
export interface DeployReport {
  readonly tool: DeployTool;
  /** The tool's own name for what it deploys, for instance `shop-production`, or `Kustomization/flux-system/apps`. */
  readonly application: string;
  readonly state: DeployState;
  /** The manifest commit: a full hash, or as much of it as the tool says (at least 7 hex digits). */
  readonly revision: string;
  /** Where the commit is, when the tool says it. */
  readonly repository?: RepositoryRef;
  /** The folder of the manifest repository that is deployed, when the tool says it. */
  readonly path?: string;
  /** When the tool says it by the name that `.tagalong.yml` gives it. */
  readonly environment?: string;
  /** The tool's own words, for people; bounded, and free of control characters. */
  readonly message?: string;
  /** A page of the tool about it. */
  readonly url?: string;
  /** Where what was deployed is reached. */
  readonly environmentUrl?: string;
  /** When it happened as the tool says, ISO 8601; absent when it does not say. */
  readonly at?: string;
}

/** `queued` and `in-progress` lead to one of the other two; a tool may go back to `in-progress` when it tries again. */
export type DeployState = 'queued' | 'in-progress' | 'succeeded' | 'failed';

/** Where one bump is on its way into its environment. */
export type RolloutState =
  /** Merged; nothing was reported yet. */
  | 'queued'
  | 'in-progress'
  | 'live'
  | 'failed'
  /** A later bump of the same image and environment is live, or on its way after this one ended. */
  | 'superseded'
  /** Nothing was reported within the configured time. */
  | 'unknown';
