import { TagalongError } from '../domain/errors.ts';
import type { ChangedPath, TreeEntry } from './git.ts';
import { FOLDER, SUBMODULE, type TreeItem } from './tree-objects.ts';

/** Looks tree objects up, many at a time. @throws TagalongError when one is missing */
export type TreeLookup = (oids: readonly string[]) => Promise<ReadonlyMap<string, readonly TreeItem[]>>;

/** A file or folder that a tree holds. */
export interface Found {
  readonly path: string;
  readonly item: TreeItem;
}

/** Few folders of many equal ones can name more files than fit into memory; no manifest repository comes near. */
const MAX_FILES = 1_000_000;
const MAX_PATH_LENGTH = 4_096;
const MAX_LEVELS = MAX_PATH_LENGTH / 2;

/** All files below a folder, in git's order (by the bytes of the path). One lookup for each level of folders. */
export async function listFiles(lookup: TreeLookup, root: string, prefix = ''): Promise<TreeEntry[]> {
  const folders = await collectFolders(lookup, root);
  const entries: TreeEntry[] = [];
  const descend = (oid: string, parent: string): void => {
    for (const item of folders.get(oid) ?? []) {
      const path = parent + item.name;
      if (item.mode === FOLDER) descend(item.oid, checkedLength(path) + '/');
      else if (item.mode !== SUBMODULE) entries.push({ path, oid: item.oid, mode: item.mode });
    }
    if (entries.length > MAX_FILES) throw tooLarge('The tree', `${MAX_FILES} files`);
  };
  descend(root, prefix);
  return entries;
}

/** Those of `paths` that exist as a file or folder; '' is the root. One lookup for each level of folders. */
export async function findPaths(lookup: TreeLookup, root: string, paths: Iterable<string>): Promise<Found[]> {
  const found: Found[] = [];
  let open = [...new Set(paths)].map((path) => ({
    path,
    rest: path === '' ? [] : path.split('/'),
    item: rootItem(root),
  }));
  while (open.length > 0) {
    found.push(...open.filter(({ rest }) => rest.length === 0));
    const deeper = open.filter(({ rest, item }) => rest.length > 0 && item.mode === FOLDER);
    const folders = await lookup([...new Set(deeper.map(({ item }) => item.oid))]);
    const indexes = new Map([...folders].map(([oid, items]) => [oid, new Map(items.map((item) => [item.name, item]))]));
    open = deeper.flatMap(({ path, rest: [name = '', ...rest], item: folder }) => {
      const item = indexes.get(folder.oid)?.get(name);
      return item === undefined ? [] : [{ path, rest, item }];
    });
  }
  return found.map(({ path, item }) => ({ path, item }));
}

/** What differs between two root folders, submodules included; folders that are equal are not looked into. Sorted by path. */
export async function compareTrees(lookup: TreeLookup, from: string, to: string): Promise<ChangedPath[]> {
  const changes: ChangedPath[] = [];
  let pairs: Pair[] = [{ prefix: '', from, to }];
  while (pairs.length > 0) {
    const folders = await lookup([...new Set(pairs.flatMap((pair) => [pair.from, pair.to].filter(isPresent)))]);
    pairs = pairs.flatMap((pair) => comparePair(pair, folders, changes));
    if (changes.length + pairs.length > MAX_FILES) throw tooLarge('The difference', `${MAX_FILES} files`);
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface Pair {
  readonly prefix: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

function comparePair(pair: Pair, folders: ReadonlyMap<string, readonly TreeItem[]>, changes: ChangedPath[]): Pair[] {
  const before = itemsByName(folders, pair.from);
  const after = itemsByName(folders, pair.to);
  const deeper: Pair[] = [];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [a, b] = [before.get(name), after.get(name)];
    if (a?.oid === b?.oid && a?.mode === b?.mode) continue;
    const path = checkedLength(pair.prefix + name);
    const [folderA, folderB] = [folderOf(a), folderOf(b)];
    if (folderA !== undefined || folderB !== undefined) deeper.push({ prefix: `${path}/`, from: folderA, to: folderB });
    const [leafA, leafB] = [isLeaf(a), isLeaf(b)];
    if (leafA || leafB) changes.push({ path, status: leafA && leafB ? 'modified' : leafA ? 'deleted' : 'added' });
  }
  return deeper;
}

async function collectFolders(lookup: TreeLookup, root: string): Promise<Map<string, readonly TreeItem[]>> {
  const folders = new Map<string, readonly TreeItem[]>();
  let level: readonly string[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_LEVELS) throw tooLarge('The tree', `${MAX_LEVELS} levels of folders`);
    const found = await lookup(level);
    const next = new Set<string>();
    for (const [oid, items] of found) {
      folders.set(oid, items);
      for (const item of items) if (item.mode === FOLDER && !folders.has(item.oid)) next.add(item.oid);
    }
    level = [...next].filter((oid) => !folders.has(oid));
  }
  return folders;
}

function rootItem(oid: string): TreeItem {
  return { name: '', mode: FOLDER, oid };
}

function itemsByName(
  folders: ReadonlyMap<string, readonly TreeItem[]>,
  oid: string | undefined,
): ReadonlyMap<string, TreeItem> {
  return new Map((oid === undefined ? [] : (folders.get(oid) ?? [])).map((item) => [item.name, item]));
}

function folderOf(item: TreeItem | undefined): string | undefined {
  return item?.mode === FOLDER ? item.oid : undefined;
}

/** A submodule too: it is deployed with what it points to. */
function isLeaf(item: TreeItem | undefined): boolean {
  return item !== undefined && item.mode !== FOLDER;
}

function isPresent(oid: string | undefined): oid is string {
  return oid !== undefined;
}

function checkedLength(path: string): string {
  if (path.length > MAX_PATH_LENGTH) throw tooLarge('A path', `${MAX_PATH_LENGTH} characters`);
  return path;
}

function tooLarge(what: string, limit: string): TagalongError {
  return new TagalongError('git-failed', `${what} has more than ${limit}.`);
}
