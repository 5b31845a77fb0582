import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { Alias, Document, Node, Scalar, YAMLMap } from 'yaml';
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

/** An unquoted template action, as in Helm charts: the file becomes YAML only once it is rendered. */
const TEMPLATE_LINE = /^[ \t]*(?:-[ \t]+)?(?:[^\s"'#|>][^"'#|>]*:[ \t]+)?\{\{/m;

/** A chart's own template that happens to be valid YAML too. Values files quote theirs, and are no templates. */
const CHART_ACTION = /\{\{.*\.(?:Values|Release|Chart|Capabilities)\b/;

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
  const error = parsed.ok ? parsed.documents.flatMap(({ errors }) => errors).at(0) : undefined;
  if (!parsed.ok || error !== undefined) {
    if (TEMPLATE_LINE.test(text)) return { ...source, documents: [], problems: [] };
    const message = `This is not valid YAML: ${error === undefined ? 'it is nested too deeply' : firstSentence(error.message)}.`;
    return { ...source, documents: [], problems: [{ path, ...(error && position(error.pos[0])), message }] };
  }
  const indexed = parsed.documents.map((document, index) => indexDocument(document, index));
  if (indexed.some(({ isTemplate }) => isTemplate)) return { ...source, documents: [], problems: [] };
  const problems = indexed.flatMap(({ oddities }) => oddities);
  return {
    ...source,
    documents: indexed.map(({ document }) => document),
    problems: problems.map(({ offset, message }) => ({ path, ...position(offset), message })),
  };
}

/** The value of a key, own or merged (`<<`), with aliases followed; the last one where a key is repeated. */
export function fieldOf(document: SourceDocument, mapping: Located, key: string): Located | undefined {
  return lookUp(document, mapping, key, 0);
}

/** The scalar at a key; undefined for collections and for no key. */
export function scalarOf(document: SourceDocument, mapping: Located, key: string): SourceScalar | undefined {
  const field = fieldOf(document, mapping, key);
  return field === undefined ? undefined : sourceScalar(field);
}

/** The items of a sequence with aliases followed; empty for anything else. */
export function itemsOf(document: SourceDocument, located: Located | undefined): Located[] {
  if (located === undefined || !isSeq(located.node)) return [];
  return located.node.items.flatMap((item, index) => {
    const found = locate(document, item, [...located.pointer, index]);
    return found === undefined ? [] : [found];
  });
}

export function sourceScalar({ node, pointer }: Located): SourceScalar | undefined {
  if (!isScalar(node) || !node.range || typeof node.value !== 'string') return undefined;
  const [start, end] = node.range;
  return {
    pointer,
    range: [start, end],
    value: node.value,
    style: styleOf(node),
    ...(node.tag !== undefined && { yamlTag: node.tag }),
  };
}

/** Whether YAML reads the scalar as null: empty, `~` or `null` without quotes. */
export function isNull({ style, value }: SourceScalar): boolean {
  return style === 'plain' && /^(?:~|null|Null|NULL|)$/.test(value);
}

/** What stands at a value or item: itself, or what its alias stands for. */
export function locate(document: SourceDocument, node: unknown, pointer: Pointer): Located | undefined {
  if (isAlias(node)) return document.aliases.get(node);
  return isScalar(node) || isMap(node) || isSeq(node) ? { node, pointer } : undefined;
}

function parse(text: string, lineCounter: LineCounter): { ok: true; documents: Document[] } | { ok: false } {
  try {
    const documents = parseAllDocuments(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
      lineCounter,
    });
    return { ok: true, documents: Array.isArray(documents) ? documents : [] };
  } catch {
    // The parser's stack is finite; what it cannot nest, no cluster reads either.
    return { ok: false };
  }
}

interface Oddity {
  readonly offset: number;
  readonly message: string;
}

function indexDocument(
  document: Document,
  index: number,
): { document: SourceDocument; oddities: readonly Oddity[]; isTemplate: boolean } {
  const anchors = new Map<string, Located>();
  const aliases = new Map<Alias, Located>();
  const mappings: Mapping[] = [];
  const quotes = { single: 0, double: 0 };
  const oddities: Oddity[] = [];
  let isTemplate = false;

  const visit = (node: unknown, pointer: Pointer, flow: boolean, inEffect: boolean): void => {
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target !== undefined) aliases.set(node, target);
      else oddities.push({ offset: startOf(node), message: 'This alias has no anchor before it.' });
      return;
    }
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
    if (node.anchor !== undefined) anchors.set(node.anchor, { node, pointer });
    if (isScalar(node)) {
      const style = styleOf(node);
      if (style === 'single' || style === 'double') quotes[style]++;
      if (style === 'plain' && typeof node.value === 'string' && CHART_ACTION.test(node.value)) isTemplate = true;
      return;
    }
    const isFlow = flow || node.flow === true;
    if (isMap(node)) {
      if (inEffect) mappings.push({ node, pointer, flow: isFlow });
      visitPairs(node, pointer, isFlow, inEffect);
    } else {
      node.items.forEach((item, position) => visit(item, [...pointer, position], isFlow, inEffect));
    }
  };
  const visitPairs = (map: YAMLMap, pointer: Pointer, flow: boolean, inEffect: boolean): void => {
    const last = new Map(map.items.map((pair, position) => [keyOf(pair.key), position]));
    map.items.forEach(({ key, value }, position) => {
      const name = keyOf(key);
      if (isMap(key) && key.flow === true && flow) isTemplate = true;
      const isOverruled = name !== undefined && name !== '<<' && last.get(name) !== position;
      if (isOverruled)
        oddities.push({ offset: startOf(key), message: 'This key is repeated below; the last one counts.' });
      visit(key, pointer, flow, false);
      visit(value, [...pointer, name ?? position], flow, inEffect && !isOverruled);
    });
  };

  visit(document.contents, [], false, true);
  const indexed = { index, root: undefined, mappings, aliases, quotes };
  const root = locate(indexed, document.contents, []);
  return { document: { ...indexed, root }, oddities, isTemplate };
}

/** Merges may be nested and, by anchors that are defined anew, even odd; eight levels are more than people write. */
const MAX_MERGES = 8;

function lookUp(document: SourceDocument, { node, pointer }: Located, key: string, depth: number): Located | undefined {
  if (!isMap(node) || depth > MAX_MERGES) return undefined;
  const own = node.items.findLast((pair) => keyOf(pair.key) === key);
  if (own !== undefined) return locate(document, own.value, [...pointer, key]);
  for (const { key: mergeKey, value } of node.items) {
    if (keyOf(mergeKey) !== '<<') continue;
    const merged = locate(document, value, [...pointer, '<<']);
    const bases = merged !== undefined && isSeq(merged.node) ? itemsOf(document, merged) : merged ? [merged] : [];
    for (const base of bases) {
      const found = lookUp(document, base, key, depth + 1);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

export function keyOf(key: unknown): string | undefined {
  return isScalar(key) && typeof key.value === 'string' ? key.value : undefined;
}

function styleOf(scalar: Scalar): ScalarStyle {
  switch (scalar.type) {
    case 'QUOTE_SINGLE':
      return 'single';
    case 'QUOTE_DOUBLE':
      return 'double';
    case 'BLOCK_FOLDED':
    case 'BLOCK_LITERAL':
      return 'block';
    default:
      return 'plain';
  }
}

function startOf(node: unknown): number {
  return (isScalar(node) || isAlias(node)) && node.range ? node.range[0] : 0;
}

/** The parser's message without the excerpt of the file that it may quote. */
function firstSentence(message: string): string {
  const line = message.split('\n', 1)[0] ?? '';
  return line.replace(/(?<=\S): .*$/, '').replace(/[.:]$/, '');
}
