import { readYaml } from '../diff/resources.ts';
import { canonical, isMapping } from '../diff/value.ts';

/** Of files with more values, the whole content counts. */
const MAX_VALUES = 50_000;

/**
 * What differs between two versions of a YAML or JSON file: each value by its place, before and after. So two changes of the same values
 * are equal though the file has other differences between the two, as after a rebase. undefined for what cannot be read so, or is a
 * template, of which the text counts.
 */
export function contentDelta(before: Buffer, after: Buffer): readonly string[] | undefined {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  if (old === undefined || now === undefined) return undefined;
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((place) => old.get(place) !== now.get(place))
    .toSorted()
    .map((place) => JSON.stringify([place, old.get(place), now.get(place)]));
}

function valuesOf(bytes: Buffer): ReadonlyMap<string, string> | undefined {
  const text = bytes.toString('utf8');
  const documents = text.includes('{{') || text.includes('\ufffd') ? undefined : readYaml(text);
  if (documents === undefined) return undefined;
  const values = new Map<string, string>();
  return collect(values, [], documents) ? values : undefined;
}

/** @returns false when there are too many */
function collect(values: Map<string, string>, place: readonly string[], value: unknown): boolean {
  const children = Array.isArray(value)
    ? value.map((item, index): [string, unknown] => [String(index), item])
    : isMapping(value)
      ? Object.entries(value)
      : [];
  values.set(JSON.stringify([place]), children.length > 0 ? kindOf(value) : canonical(value ?? null));
  return values.size <= MAX_VALUES && children.every(([key, child]) => collect(values, [...place, key], child));
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : 'mapping';
}
