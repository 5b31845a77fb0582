import { LRUCache } from 'lru-cache';
import { readInParts } from '../git/git.ts';
import type { TreeIndex } from './tree-index.ts';

/** Parses those of `paths` that are files of the tree; those for which the parser says undefined are absent from the answer. */
export type ParsedFiles<Parsed> = (index: TreeIndex, paths: readonly string[]) => Promise<ReadonlyMap<string, Parsed>>;

const MAX_REMEMBERED = 20_000;

/**
 * Remembers what was parsed by the object id of its bytes, over all trees: only files that changed are read and parsed again, as many
 * in one round trip as memory should hold.
 */
export function parsedFiles<Parsed>(parse: (text: string) => Parsed | undefined): ParsedFiles<Parsed> {
  const cache = new LRUCache<string, { readonly parsed: Parsed | undefined }>({ max: MAX_REMEMBERED });
  return async (index, paths) => {
    const wanted = paths.filter((path) => index.files.has(path));
    const remembered = new Map(wanted.map((path) => [path, cache.get(index.files.get(path)?.oid ?? '')]));
    const unknown = wanted.filter((path) => remembered.get(path) === undefined);
    for await (const part of readInParts(index.tree, unknown)) {
      for (const [path, content] of part) {
        const entry = { parsed: parse(content.toString('utf8')) };
        const oid = index.files.get(path)?.oid;
        if (oid !== undefined) cache.set(oid, entry);
        remembered.set(path, entry);
      }
    }
    const found = new Map<string, Parsed>();
    for (const [path, entry] of remembered) if (entry?.parsed !== undefined) found.set(path, entry.parsed);
    return found;
  };
}
