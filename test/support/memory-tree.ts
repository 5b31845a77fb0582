import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Tree, TreeEntry } from '../../src/git/git.ts';

/** What a file holds, or where a symbolic link leads. */
export type MemoryFile = string | { readonly linkTo: string };

/** A tree of the given files, in memory; its object ids are git's own. */
export function memoryTree(
  files: Readonly<Record<string, MemoryFile>>,
  revision = 'f'.repeat(40),
): Tree & { reads: number } {
  const entries = Object.entries(files)
    .map(([path, file]) => ({ path, content: contentOf(file), mode: typeof file === 'string' ? '100644' : '120000' }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const tree = {
    revision,
    /** How many round trips were made. */
    reads: 0,
    list: () =>
      Promise.resolve(entries.map(({ path, content, mode }): TreeEntry => ({ path, mode, oid: blobId(content) }))),
    read: (paths: readonly string[]) => {
      tree.reads += 1;
      const wanted = new Set(paths);
      const found = entries.filter(({ path }) => wanted.has(path));
      return Promise.resolve(new Map(found.map(({ path, content }) => [path, content])));
    },
    writeOut: async (paths: readonly string[], directory: string) => {
      const wanted = entries.filter(({ path }) => paths.some((root) => isAtOrBelow(path, root)));
      for (const { path, content, mode } of wanted) {
        await mkdir(dirname(join(directory, path)), { recursive: true });
        if (mode === '120000') await symlink(content.toString(), join(directory, path));
        else await writeFile(join(directory, path), content);
      }
    },
  };
  return tree;
}

function contentOf(file: MemoryFile): Buffer {
  return Buffer.from(typeof file === 'string' ? file : file.linkTo);
}

function blobId(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

function isAtOrBelow(path: string, root: string): boolean {
  return root === '' || path === root || path.startsWith(`${root}/`);
}
