import { type GitObject, type TreeEntry, emptyTree, fileMode, formatTree, gitObject, treeMode } from './objects.ts';

interface TreeReader {
  tree(oid: string): readonly TreeEntry[];
}

export interface TreeFile {
  readonly path: string;
  readonly mode: string;
  readonly oid: string;
}

export interface PathChange {
  readonly path: string;
  readonly status: 'added' | 'modified' | 'removed';
  /** Blobs. */
  readonly before?: string;
  readonly after?: string;
}

type Edits = ReadonlyMap<string, Buffer | undefined>;

export function findInTree(reader: TreeReader, tree: string, path: string): TreeEntry | undefined {
  let entry: TreeEntry | undefined = { name: '', mode: treeMode, oid: tree };
  for (const part of path.split('/').filter((segment) => segment !== '')) {
    if (entry?.mode !== treeMode) return undefined;
    entry = reader.tree(entry.oid).find(({ name }) => name === part);
  }
  return entry;
}

export function listTree(reader: TreeReader, tree: string, prefix = ''): TreeFile[] {
  return reader.tree(tree).flatMap((entry) => {
    const path = prefix + entry.name;
    return entry.mode === treeMode
      ? listTree(reader, entry.oid, `${path}/`)
      : [{ path, mode: entry.mode, oid: entry.oid }];
  });
}

/** The tree that differs from `base` in the edited paths, with every object that it may need. Empty folders vanish. */
export function buildTree(
  reader: TreeReader,
  base: string | undefined,
  edits: Edits,
): { oid: string; objects: GitObject[] } {
  const objects: GitObject[] = [];
  const oid = editFolder(reader, base, edits, objects);
  if (oid !== undefined) return { oid, objects };
  return { oid: emptyTree, objects: [...objects, gitObject('tree', Buffer.alloc(0))] };
}

function editFolder(reader: TreeReader, base: string | undefined, edits: Edits, objects: GitObject[]) {
  const entries = new Map((base === undefined ? [] : reader.tree(base)).map((entry) => [entry.name, entry]));
  const folders = new Map<string, Map<string, Buffer | undefined>>();
  for (const [path, content] of edits) {
    const slash = path.indexOf('/');
    if (slash >= 0) {
      const folder = folders.get(path.slice(0, slash)) ?? new Map<string, Buffer | undefined>();
      folders.set(path.slice(0, slash), folder.set(path.slice(slash + 1), content));
    } else if (content === undefined) entries.delete(path);
    else entries.set(path, fileEntry(path, content, entries.get(path), objects));
  }
  for (const [name, inner] of folders) {
    const before = entries.get(name);
    const oid = editFolder(reader, before?.mode === treeMode ? before.oid : undefined, inner, objects);
    if (oid === undefined) entries.delete(name);
    else entries.set(name, { name, mode: treeMode, oid });
  }
  if (entries.size === 0) return undefined;
  const tree = gitObject('tree', formatTree(entries.values()));
  objects.push(tree);
  return tree.oid;
}

function fileEntry(name: string, content: Buffer, before: TreeEntry | undefined, objects: GitObject[]): TreeEntry {
  const blob = gitObject('blob', content);
  objects.push(blob);
  const mode = before === undefined || before.mode === treeMode ? fileMode : before.mode;
  return { name, mode, oid: blob.oid };
}

/** Files that differ, sorted by path; a rename is a removal and an addition. */
export function diffTrees(
  reader: TreeReader,
  before: string | undefined,
  after: string | undefined,
  prefix = '',
): PathChange[] {
  if (before === after) return [];
  const old = new Map((before === undefined ? [] : reader.tree(before)).map((entry) => [entry.name, entry]));
  const fresh = new Map((after === undefined ? [] : reader.tree(after)).map((entry) => [entry.name, entry]));
  const names = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return names.flatMap((name) => diffEntries(reader, old.get(name), fresh.get(name), prefix + name));
}

function diffEntries(
  reader: TreeReader,
  before: TreeEntry | undefined,
  after: TreeEntry | undefined,
  path: string,
): PathChange[] {
  if (before?.oid === after?.oid && before?.mode === after?.mode) return [];
  const oldFile = before !== undefined && before.mode !== treeMode ? before.oid : undefined;
  const newFile = after !== undefined && after.mode !== treeMode ? after.oid : undefined;
  const oldTree = before?.mode === treeMode ? before.oid : undefined;
  const newTree = after?.mode === treeMode ? after.oid : undefined;
  return [...diffTrees(reader, oldTree, newTree, `${path}/`), ...fileChange(path, oldFile, newFile)];
}

function fileChange(path: string, before: string | undefined, after: string | undefined): PathChange[] {
  if (before !== undefined && after !== undefined) return [{ path, status: 'modified', before, after }];
  if (after !== undefined) return [{ path, status: 'added', after }];
  return before === undefined ? [] : [{ path, status: 'removed', before }];
}
