/** What is rendered on its own and shown under its own heading. */
export interface DiffUnit {
  readonly engine: 'plain' | 'kustomize' | 'helm';
  /** Repository-relative; '' for the root. */
  readonly path: string;
  readonly valuesFiles?: readonly string[];
}

export interface ResourceId {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  /** `web`, or `web-*` where the cluster completes the name (`generateName`). */
  readonly name: string;
}

/** One thing worth knowing of a resource's change, as data; texts are made where they are shown. */
export type Note =
  | {
      readonly kind: 'image';
      /** References as they stand there. At least one of the two is there, and they differ. */
      readonly from?: string;
      readonly to?: string;
      /** Those whose image goes this way; undefined when the resource has one container in all. */
      readonly containers?: readonly NotedContainer[];
    }
  | { readonly kind: 'field'; readonly field: string; readonly from: string; readonly to: string }
  | {
      readonly kind: 'secret-values' | 'sealed-values';
      readonly added: number;
      readonly changed: number;
      readonly removed: number;
    }
  | { readonly kind: 'renamed'; readonly from: string }
  /** Nothing but labels and annotations differs: how many, those of pod templates included. */
  | { readonly kind: 'metadata'; readonly labels: number; readonly annotations: number }
  | { readonly kind: 'hook'; readonly hook: string }
  | { readonly kind: 'wave'; readonly wave: string }
  | { readonly kind: 'risk'; readonly risk: Risk; readonly field?: string };

export interface NotedContainer {
  readonly name: string;
  /** undefined: it runs as long as the pod. */
  readonly role?: 'init' | 'ephemeral';
}

/**
 * `data-loss`: what the cluster deletes along with it is data. `immutable`: the API server refuses a change of this field.
 * `stopped`: nothing runs afterwards.
 */
export type Risk = 'data-loss' | 'immutable' | 'stopped';

export interface ResourceDiff {
  readonly id: ResourceId;
  readonly change: 'added' | 'changed' | 'removed';
  /** Lines added and removed. */
  readonly added: number;
  readonly removed: number;
  /**
   * Unified hunks without file headers, each headed by the path of keys that its first change stands under, every Secret value masked; undefined when the two texts have too little in common to be
   * compared line by line: then `removed` and `added` are the whole of each.
   */
  readonly patch?: string;
  readonly notes: readonly Note[];
}

/** Something that a rule may forbid. */
export interface Finding {
  readonly rule: 'plain-secret';
  readonly resource: ResourceId;
}

/** The difference between two renderings of one unit. */
export interface Difference {
  /** Resources on either side, counted once when on both. */
  readonly total: number;
  /** Those that differ, in the order of the head; removed ones last. */
  readonly resources: readonly ResourceDiff[];
  /** Of resources that are added or changed. */
  readonly findings: readonly Finding[];
}

export type UnitDiff =
  | ({ readonly unit: DiffUnit; readonly ok: true } & Difference)
  | {
      readonly unit: DiffUnit;
      readonly ok: false;
      readonly code: 'render-failed' | 'tool-missing';
      /** Which rendering failed. */
      readonly side: 'base' | 'head' | 'both';
      readonly message: string;
    };

/** What a change does to everything that is deployed. */
export interface RenderedDiff {
  /** A full commit hash, or `worktree`. */
  readonly base: string;
  readonly head: string;
  /** Every unit that a changed file takes part in, also those whose rendering stays the same. */
  readonly units: readonly UnitDiff[];
}
