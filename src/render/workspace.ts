import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tree } from '../git/git.ts';

/** A temporary folder that holds those files of a tree that renderers need, and nothing else of the world. */
export interface Workspace {
  /** Stands for the root of the repository. */
  readonly root: string;
  /** Empty, for what the tools write. */
  readonly home: string;
}

/** Writes files of a tree out, lets `use` work with them, and deletes everything again, whatever happens. */
export async function withWorkspace<T>(
  tree: Tree,
  paths: readonly string[],
  use: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'tagalong-render-')));
  try {
    const workspace = { root: join(folder, 'repository'), home: join(folder, 'home') };
    await Promise.all([mkdir(workspace.root), mkdir(workspace.home)]);
    if (paths.length > 0) await tree.writeOut(paths, workspace.root);
    return await use(workspace);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
