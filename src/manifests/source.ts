import { LineCounter, parseAllDocuments } from 'yaml';
import type { Alias, Document, Node, YAMLMap } from 'yaml';
import type { FileProblem, WrittenScalar } from '../domain/site.ts';
import { indexDocument, type IndexedDocument } from './document-index.ts';

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

/** An unquoted template action, as in Helm charts: the file becomes YAML only once it is rendered. */
const TEMPLATE_LINE = /^[ \t]*(?:-[ \t]+)?(?:[^\s"'#|>][^"'#|>\n]*:[ \t]+)?\{\{/m;

/**
 * Reads YAML or JSON without ever throwing. All scalars are read as strings, spelled as they are. Broken YAML is one problem
 * and no documents, because what follows an error may not be what it seems. Templates are neither documents nor problems.
 */
export function readSource(path: string, text: string): Source {
  const lines = new LineCounter();
  const bom = text.startsWith('\uFEFF') ? 1 : 0;
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: Math.max(1, line === 1 ? col - bom : col) };
  };
  const source = { path, text, position };
  const parsed = parse(text, lines);
  if (!parsed.ok) {
    if (TEMPLATE_LINE.test(text)) return { ...source, documents: [], problems: [] };
    const { offset, message } = parsed.error;
    return { ...source, documents: [], problems: [{ path, ...(offset !== undefined && position(offset)), message }] };
  }
  const { indexed } = parsed;
  if (indexed.some(({ isTemplate }) => isTemplate)) return { ...source, documents: [], problems: [] };
  const problems = indexed.flatMap(({ oddities }) => oddities);
  return {
    ...source,
    documents: indexed.map(({ document }) => document),
    problems: problems.map(({ offset, message }) => ({ path, ...position(offset), message })),
  };
}

type Parsed =
  | { readonly ok: true; readonly indexed: readonly IndexedDocument[] }
  | { readonly ok: false; readonly error: { readonly offset?: number; readonly message: string } };

function parse(text: string, lineCounter: LineCounter): Parsed {
  try {
    const documents = parseAllDocuments(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
      lineCounter,
    });
    const list: Document[] = Array.isArray(documents) ? documents : [];
    const error = list.flatMap(({ errors }) => errors).at(0);
    if (error !== undefined) return notYaml(firstSentence(error.message), error.pos[0]);
    return { ok: true, indexed: list.map(indexDocument) };
  } catch (error) {
    // The stack is finite; what is nested deeper than it reaches, no cluster reads either.
    if (error instanceof RangeError) return notYaml('it is nested too deeply');
    throw error;
  }
}

function notYaml(reason: string, offset?: number): Parsed {
  const message = `This is not valid YAML: ${reason}.`;
  return { ok: false, error: { ...(offset !== undefined && { offset }), message } };
}

/** The parser's message without the excerpt of the file that it may quote. */
function firstSentence(message: string): string {
  const line = message.split('\n', 1)[0] ?? '';
  return line.replace(/(?<=\S): .*$/, '').replace(/[.:]$/, '');
}
