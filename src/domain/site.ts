import type { ImageName } from './image.ts';

export type SiteFormat = 'pod-spec' | 'kustomize' | 'helm-values';

/** A range of UTF-16 offsets into the decoded text of a file, end exclusive. */
export type TextRange = readonly [start: number, end: number];

/** A written scalar: where its source text (quotes included) stands, and the string that Kubernetes would read there. */
export interface WrittenScalar {
  readonly range: TextRange;
  readonly value: string;
}

/** One place in one file where an image's version is written. */
export interface Site {
  readonly path: string;
  /** Zero-based index of the YAML document in the file. */
  readonly document: number;
  /** YAML path to the node that holds the version, for instance `['spec', 'containers', 0, 'image']`. */
  readonly pointer: readonly (string | number)[];
  readonly format: SiteFormat;
  readonly image: ImageName;
  readonly tag?: string;
  readonly digest?: string;
  /** One-based, of the first character of the version (or of the reference, where no version stands). */
  readonly line: number;
  readonly column: number;
}

/** Why a file, or a place in it, could not be read. Never carries a value from the file. */
export interface FileProblem {
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

/** The new text of one file, computed from `before` by splicing. */
export interface FileEdit {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}
