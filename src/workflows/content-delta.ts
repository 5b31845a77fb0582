import { readYaml } from '../diff/resources.ts';
import { canonical, isMapping } from '../diff/value.ts';

/** Of files with more values, the whole content counts; so it does where places and values are longer than this in all, in characters. */
const MAX_VALUES = 50_000;
const MAX_CHARACTERS = 16 * 1024 * 1024;

/**
 * What differs between two versions of a YAML or JSON file: each value by its place, before and after. So two changes of the same values
 * are equal though the file has other differences between the two, as after a rebase. undefined for what cannot be read so, has tags,
 * which are no values, or is a template: of those the text counts.
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
  const documents = UNTOLD.test(text) ? undefined : readYaml(text);
  if (documents === undefined) return undefined;
  const found: Found = { values: new Map(), characters: 0 };
  return collect(found, [], documents) ? found.values : undefined;
}

/** Templates, bytes that are no text, and what may be a tag: `!Ref x`. */
const UNTOLD = /\{\{|\ufffd|(?:^|[\s,[{:])!/;

interface Found {
  readonly values: Map<string, string>;
  /** Of all places and values: a long key stands in the place of each value below it, and aliases repeat what they stand for. */
  characters: number;
}

/** @returns false when there is too much of it */
function collect(found: Found, place: readonly string[], value: unknown): boolean {
  const children = Array.isArray(value)
    ? value.map((item, index): [string, unknown] => [String(index), item])
    : isMapping(value)
      ? Object.entries(value)
      : [];
  const [at, text] = [JSON.stringify([place]), children.length > 0 ? kindOf(value) : canonical(value ?? null)];
  found.values.set(at, text);
  found.characters += at.length + text.length;
  const isTooMuch = found.values.size > MAX_VALUES || found.characters > MAX_CHARACTERS;
  return !isTooMuch && children.every(([key, child]) => collect(found, [...place, key], child));
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : 'mapping';
}
