import path from 'node:path';
import { TagalongError } from '../domain/errors.ts';
import type { RenderedDiff } from '../diff/result.ts';
import type { Tree } from '../git/git.ts';
import { forkPoint, localTree, worktreeTree } from '../git/local.ts';
import { diffComment } from '../markdown/diff-comment.ts';
import { createRenderer } from '../render/renderer.ts';
import { renderDiff } from '../workflows/render-diff.ts';
import { changedPaths } from './changed-paths.ts';
import { writeDiff } from './diff-text.ts';
import { paint, type DiffOptions, type ExitCode, type Io } from './io.ts';

/**
 * Shows what lies between two states of a directory, rendered: as text, as the comment that a change would get, or as JSON.
 * 0 when everything could be rendered, changes or not; 1 when something could not.
 */
export async function runDiff(io: Io, options: DiffOptions): Promise<ExitCode> {
  try {
    const diff = await diffDirectory(io, options);
    write(io, diff, options.format);
    return diff.units.every(({ ok }) => ok) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TagalongError)) throw error;
    io.stderr.write(`${paint(io.stderr, 'red', `${error.code}:`)} ${error.message}\n`);
    return 1;
  }
}

async function diffDirectory(io: Io, options: DiffOptions): Promise<RenderedDiff> {
  const directory = path.resolve(io.cwd, options.directory);
  const head = await treeOf(directory, options.head);
  const base = await localTree(directory, options.base ?? (await forkPoint(directory, options.head)));
  const renderer = createRenderer({
    kustomize: io.env['KUSTOMIZE_PATH'] ?? 'kustomize',
    helm: io.env['HELM_PATH'] ?? 'helm',
    searchPath: io.env['PATH'] ?? '',
  });
  return renderDiff(renderer, { base, head, changed: await changedPaths(base, head) });
}

async function treeOf(directory: string, revision: string): Promise<Tree> {
  return revision === 'worktree' ? worktreeTree(directory) : localTree(directory, revision);
}

function write(io: Io, diff: RenderedDiff, format: DiffOptions['format']): void {
  switch (format) {
    case 'text':
      writeDiff(io.stdout, diff);
      return;
    case 'markdown':
      io.stdout.write(`${diffComment(diff, { limit: Number.MAX_SAFE_INTEGER })}\n`);
      return;
    case 'json':
      io.stdout.write(`${JSON.stringify(diff, undefined, 2)}\n`);
  }
}
