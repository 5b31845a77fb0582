import type { Tree, TreeEntry } from './git.ts';
import { MAX_OBJECT_BYTES, type ReadLimits } from './object-reader.ts';
import type { Objects } from './objects.ts';
import { FOLDER, SUBMODULE, type TreeItem } from './tree-objects.ts';
import { findPaths, listFiles } from './walk.ts';
import { writeFiles } from './write-out.ts';

/** Lends the objects of a repository for the time of one operation. */
export type WithObjects = <T>(operation: (objects: Objects) => Promise<T>) => Promise<T>;

/** What one read holds in memory. No manifest comes near the first number; two sides of a change are read at once. */
const READ: ReadLimits = { object: 8 * 1024 * 1024, total: 64 * 1024 * 1024 };
/** Charts come with archives. */
const WRITE: ReadLimits = { object: MAX_OBJECT_BYTES, total: READ.total };

/** The files at or below `root`, a folder's object id. A symbolic link reads as its target. */
export function objectTree(revision: string, root: string, withObjects: WithObjects): Tree {
  return {
    revision,
    list: () => withObjects((objects) => objects.list(root)),
    read: (paths) => withObjects((objects) => readPaths(objects, root, paths)),
    writeOut: (paths, directory) =>
      withObjects(async (objects) => {
        const entries = await filesBelow(objects, root, paths);
        await writeFiles(entries, directory, (some) => readEntries(objects, some, WRITE));
      }),
  };
}

async function readPaths(objects: Objects, root: string, paths: readonly string[]): Promise<Map<string, Buffer>> {
  const found = await findPaths(objects.trees, root, paths);
  const files = found.filter(({ item }) => item.mode !== FOLDER && item.mode !== SUBMODULE);
  return readEntries(
    objects,
    files.map(({ path, item }) => ({ path, oid: item.oid, mode: item.mode })),
    READ,
  );
}

type BlobEntry = TreeEntry & { readonly oid: string };

async function readEntries(
  objects: Objects,
  entries: readonly TreeEntry[],
  limits: ReadLimits,
): Promise<Map<string, Buffer>> {
  const blobs = entries.filter((entry): entry is BlobEntry => entry.oid !== undefined);
  const bytes = await objects.blobs(
    blobs.map(({ oid }) => oid),
    limits,
  );
  return new Map(
    blobs.flatMap(({ path }, index) => {
      const content = bytes[index];
      return content === undefined ? [] : [[path, content] as const];
    }),
  );
}

async function filesBelow(objects: Objects, root: string, paths: readonly string[]): Promise<TreeEntry[]> {
  const entries = new Map<string, TreeEntry>();
  for (const { path, item } of await findPaths(objects.trees, root, paths.map(withoutTrailingSlash))) {
    for (const entry of await entriesOf(objects, path, item)) entries.set(entry.path, entry);
  }
  return [...entries.values()];
}

async function entriesOf(objects: Objects, path: string, item: TreeItem): Promise<TreeEntry[]> {
  if (item.mode === SUBMODULE) return [];
  if (item.mode !== FOLDER) return [{ path, oid: item.oid, mode: item.mode }];
  return listFiles(objects.trees, item.oid, path === '' ? '' : `${path}/`);
}

function withoutTrailingSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
