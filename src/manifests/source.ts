import type { Alias, Node, YAMLMap } from 'yaml';
import type { FileProblem, WrittenScalar } from '../domain/site.ts';

export type Pointer = readonly (string | number)[];

export type ScalarStyle = 'plain' | 'single' | 'double' | 'block';

/** A scalar as it is spelled in the text. */
export interface SourceScalar extends WrittenScalar {
  /** Where it is spelled: for an alias, where the anchor stands. */
  readonly pointer: Pointer;
  readonly style: ScalarStyle;
  /** An explicit YAML tag such as `!!int`. */
  readonly yamlTag?: string;
}

/** A node with the place where it is spelled. Never an alias. */
export interface Located {
  readonly node: Exclude<Node, Alias>;
  readonly pointer: Pointer;
}

export interface Mapping {
  readonly node: YAMLMap;
  readonly pointer: Pointer;
  /** Within `{…}` or `[…]`, where plain scalars have fewer characters at their disposal. */
  readonly flow: boolean;
}

export interface SourceDocument {
  readonly index: number;
  readonly root: Located | undefined;
  /** Every mapping that takes effect, in the order of the text. Those that aliases repeat are listed once. */
  readonly mappings: readonly Mapping[];
  /** What each alias stands for. */
  readonly aliases: ReadonlyMap<Alias, Located>;
  /** How many scalars are quoted in each style. */
  readonly quotes: { readonly single: number; readonly double: number };
}

export interface Source {
  readonly path: string;
  readonly text: string;
  /** Empty when the file cannot be read as YAML, or is a template. */
  readonly documents: readonly SourceDocument[];
  readonly problems: readonly FileProblem[];
  position(offset: number): { readonly line: number; readonly column: number };
}
