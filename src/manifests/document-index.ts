import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Alias, Document, YAMLMap } from 'yaml';
import { keyOf, locate, styleOf } from './nodes.ts';
import type { Located, Mapping, Pointer, SourceDocument } from './source.ts';

/** Something that is valid YAML, and hardly meant. */
export interface Oddity {
  readonly offset: number;
  readonly message: string;
}

export interface IndexedDocument {
  readonly document: SourceDocument;
  readonly oddities: readonly Oddity[];
  /** The document becomes what it is meant to be only once it is rendered. */
  readonly isTemplate: boolean;
}

/** A chart's own template that happens to be valid YAML too. Values files quote theirs, and are no templates. */
const CHART_ACTION = /\{\{[^{}]*\.(?:Values|Release|Chart|Capabilities)\b/;

/** Walks a document once, in the order of the text, so that each alias finds the nearest anchor before it. */
export function indexDocument(document: Document, index: number): IndexedDocument {
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

function startOf(node: unknown): number {
  return (isScalar(node) || isAlias(node)) && node.range ? node.range[0] : 0;
}
