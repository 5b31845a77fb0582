import { spawnSync } from 'node:child_process';
import { gitEnvironment } from './environment.ts';

/** The tree of merging two commits, by `git merge-tree`; undefined when it would conflict. */
export function mergeCommits(directory: string, ours: string, theirs: string): string | undefined {
  const merged = spawnSync('git', ['merge-tree', '--write-tree', '--no-messages', ours, theirs], {
    cwd: directory,
    env: gitEnvironment(),
    encoding: 'utf8',
  });
  if (merged.status === 0) return merged.stdout.trim();
  if (merged.status === 1 || merged.stderr.includes('unrelated histories')) return undefined;
  throw new Error(`git merge-tree failed: ${merged.stderr}`);
}
