import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Node, Scalar } from 'yaml';
import type { Located, Pointer, ScalarStyle, SourceDocument, SourceScalar } from './source.ts';

/** The value of a key, own or merged (`<<`), with aliases followed; the last one where a key is repeated. */
export function fieldOf(document: SourceDocument, mapping: Located, key: string): Located | undefined {
  return lookUp(document, mapping, key, new Set());
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

export function keyOf(key: unknown): string | undefined {
  return isScalar(key) && typeof key.value === 'string' ? key.value : undefined;
}

export function styleOf(scalar: Scalar): ScalarStyle {
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

/** More mappings merged into one than anyone writes. */
const MAX_MERGES = 20;

/** @param searched what has been looked through already, so that merges of merges cost no more than the text is long */
function lookUp(
  document: SourceDocument,
  { node, pointer }: Located,
  key: string,
  searched: Set<Node>,
): Located | undefined {
  if (!isMap(node) || searched.has(node) || searched.size > MAX_MERGES) return undefined;
  searched.add(node);
  const own = node.items.findLast((pair) => keyOf(pair.key) === key);
  if (own !== undefined) return locate(document, own.value, [...pointer, key]);
  for (const { key: mergeKey, value } of node.items) {
    if (keyOf(mergeKey) !== '<<') continue;
    const merged = locate(document, value, [...pointer, '<<']);
    const bases = merged !== undefined && isSeq(merged.node) ? itemsOf(document, merged) : merged ? [merged] : [];
    for (const base of bases) {
      const found = lookUp(document, base, key, searched);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
