import { posix } from 'node:path';
import type { Tree, TreeEntry } from '../git/git.ts';

/** The files of a tree, made ready to be asked: what is here, and where does a symbolic link lead? */
export interface TreeIndex {
  readonly tree: Tree;
  readonly files: ReadonlyMap<string, TreeEntry>;
  /** Every folder that holds a file, at any depth; '' is the root. */
  readonly folders: ReadonlySet<string>;
  /**
   * Where a path leads when symbolic links are followed, with the links on the way; the links stand for themselves in a
   * write-out.
   */
  locate(path: string): { readonly path: string; readonly links: readonly string[] };
}

const MAX_LINKS = 20;

export async function indexTree(tree: Tree): Promise<TreeIndex> {
  const entries = await tree.list();
  const files = new Map(entries.map((entry) => [entry.path, entry]));
  const folders = new Set(['']);
  for (const { path } of entries) addFolders(folders, path);
  const linkPaths = entries.filter(({ mode }) => mode === '120000').map(({ path }) => path);
  const targets = linkPaths.length === 0 ? new Map<string, Buffer>() : await tree.read(linkPaths);
  return { tree, files, folders, locate: (path) => follow(targets, path) };
}

function addFolders(folders: Set<string>, path: string): void {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const folder = path.slice(0, end);
    if (folders.has(folder)) return;
    folders.add(folder);
  }
}

function follow(targets: ReadonlyMap<string, Buffer>, start: string): { path: string; links: string[] } {
  let path = start;
  const links: string[] = [];
  while (targets.size > 0 && links.length < MAX_LINKS) {
    const link = prefixes(path).find((prefix) => targets.has(prefix));
    if (link === undefined) break;
    links.push(link);
    const target = posix.join(posix.dirname(link), targets.get(link)?.toString() ?? '');
    path = posix.join(target, path.slice(link.length + 1));
  }
  return { path, links };
}

/** `a`, `a/b`, `a/b/c` */
function prefixes(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
}
