import type { Note } from './result.ts';
import { canonical, isMapping, type Mapping } from './value.ts';

/** That nothing but labels and annotations differs, of the resource itself or of pod templates: how many, each name counted once. */
export function metadataNotes(base: Mapping, head: Mapping): Extract<Note, { kind: 'metadata' }>[] {
  const [before, after] = [takeApart(base), takeApart(head)];
  if (canonical(before.rest) !== canonical(after.rest)) return [];
  const labels = countDifferent(before.labels, after.labels);
  const annotations = countDifferent(before.annotations, after.annotations);
  return labels + annotations === 0 ? [] : [{ kind: 'metadata', labels, annotations }];
}

/** By name, all the places with their values, in an order that is the same for equal objects. */
type Named = ReadonlyMap<string, readonly string[]>;

function takeApart(object: Mapping): { rest: unknown; labels: Named; annotations: Named } {
  const taken = { labels: new Map<string, string[]>(), annotations: new Map<string, string[]>() };
  const take = (value: unknown, from: string, into: Map<string, string[]>): void => {
    if (!isMapping(value)) return;
    for (const [name, item] of Object.entries(value)) {
      const places = into.get(name) ?? [];
      places.push(canonical([from, item]));
      into.set(name, places);
    }
  };
  const visit = (value: unknown, from: string): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => visit(item, `${from}/${index}`));
    if (!isMapping(value)) return value;
    const rest: [string, unknown][] = [];
    for (const [key, item] of Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const isTaken = from.endsWith('/metadata') && (key === 'labels' || key === 'annotations');
      if (isTaken) take(item, from, taken[key]);
      else rest.push([key, visit(item, `${from}/${key}`)]);
    }
    return Object.fromEntries(rest);
  };
  return { rest: visit(object, ''), ...taken };
}

function countDifferent(before: Named, after: Named): number {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => canonical(before.get(name)) !== canonical(after.get(name))).length;
}
