import { LRUCache } from 'lru-cache';
import { TagalongError } from '../domain/errors.ts';
import type { LoggedCommit, TreeEntry } from './git.ts';
import { parseCommit } from './log.ts';
import type { ObjectReader, ReadLimits } from './object-reader.ts';
import { GitFailure } from './process.ts';
import { parseCommitTree, parseTree, type TreeItem } from './tree-objects.ts';
import { listFiles, type TreeLookup } from './walk.ts';

/** Objects of one repository, by id. Folders and listings are remembered: ids never change what they mean. */
export interface Objects {
  /** The root folder of a commit, or undefined when the repository has no such commit. */
  root(commit: string): Promise<string | undefined>;
  /** A commit as it was written: also where the repository's history is cut short there. undefined when it is not there. */
  commit(commit: string): Promise<LoggedCommit | undefined>;
  readonly trees: TreeLookup;
  /** The bytes of files in the order of `oids`; undefined for what is beyond the limits. @throws GitFailure when one is missing */
  blobs(oids: readonly string[], limits: ReadLimits): Promise<(Buffer | undefined)[]>;
  /** All files below a folder. */
  list(root: string): Promise<readonly TreeEntry[]>;
}

/** What all repositories together remember; sizes of the first two are counted in lines of folders. */
export interface ObjectCache {
  readonly folders: LRUCache<string, readonly TreeItem[]>;
  readonly listings: LRUCache<string, readonly TreeEntry[]>;
  readonly commits: LRUCache<string, LoggedCommit>;
}

export function createObjectCache(): ObjectCache {
  const maxSize = 150_000;
  return {
    folders: new LRUCache<string, readonly TreeItem[]>({ maxSize, sizeCalculation: ({ length }) => length + 1 }),
    listings: new LRUCache<string, readonly TreeEntry[]>({ maxSize, sizeCalculation: ({ length }) => length + 1 }),
    commits: new LRUCache<string, LoggedCommit>({ max: 10_000 }),
  };
}

/** @param scope tells repositories apart in the shared cache, so that none is answered from what another has */
export function createObjects(reader: Pick<ObjectReader, 'read'>, cache: ObjectCache, scope: string): Objects {
  const trees: TreeLookup = async (oids) => {
    const found = new Map<string, readonly TreeItem[]>();
    for (const oid of oids) {
      const known = cache.folders.get(scope + oid);
      if (known !== undefined) found.set(oid, known);
    }
    const unknown = oids.filter((oid) => !found.has(oid));
    const objects = await reader.read(unknown);
    for (const [index, oid] of unknown.entries()) {
      const items = parseTree(bytesOf(objects[index], 'tree', oid), oid.length / 2);
      cache.folders.set(scope + oid, items);
      found.set(oid, items);
    }
    return found;
  };
  return {
    trees,
    root: async (commit) => {
      const [object] = await reader.read([commit]);
      return object === undefined ? undefined : parseCommitTree(bytesOf(object, 'commit', commit));
    },
    commit: async (commit) => {
      const known = cache.commits.get(scope + commit);
      if (known !== undefined) return known;
      const [object] = await reader.read([commit]);
      if (object === undefined) return undefined;
      const read = parseCommit(commit, bytesOf(object, 'commit', commit));
      cache.commits.set(scope + commit, read);
      return read;
    },
    blobs: async (oids, limits) => {
      const objects = await reader.read(oids, limits);
      return objects.map((object, index) => {
        const isLeftOut = object !== undefined && object.bytes === undefined;
        return isLeftOut ? undefined : bytesOf(object, 'blob', oids[index]);
      });
    },
    list: async (root) => {
      const listing = cache.listings.get(scope + root) ?? (await listFiles(trees, root));
      cache.listings.set(scope + root, listing);
      return listing;
    },
  };
}

function bytesOf(object: Awaited<ReturnType<ObjectReader['read']>>[number], type: string, oid = ''): Buffer {
  if (object?.bytes === undefined) throw new GitFailure(`The ${type} ${oid} is missing.`);
  if (object.type !== type) throw new TagalongError('git-failed', `${oid} is a ${object.type} and not a ${type}.`);
  return object.bytes;
}
