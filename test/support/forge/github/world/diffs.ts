import { structuredPatch } from 'diff';
import type { BareRepository } from '../../git/bare-repository.ts';
import type { Commit } from '../../git/objects.ts';
import type { PathChange } from '../../git/trees.ts';
import type { PullRequest } from './model.ts';
import { pullMergeBase } from './pulls.ts';

export interface ChangedFile extends PathChange {
  readonly additions: number;
  readonly deletions: number;
  /** Hunks only, as GitHub gives them; undefined for binary files. */
  readonly patch: string | undefined;
}

const remembered = new Map<string, readonly ChangedFile[]>();

/** What the pull request changes against the last commit that both branches share. */
export function changedFiles(pull: PullRequest): readonly ChangedFile[] {
  const { git } = pull.repository;
  const base = pullMergeBase(pull);
  return compareTrees(
    git,
    base === undefined ? undefined : git.existingCommit(base).tree,
    git.existingCommit(pull.head.sha).tree,
  );
}

/** The commits of the pull request, oldest first. */
export function pullCommits(pull: PullRequest): Commit[] {
  const { git } = pull.repository;
  const base = pullMergeBase(pull);
  return [...git.history([pull.head.sha], base === undefined ? [] : [base])].reverse();
}

export function compareTrees(
  git: BareRepository,
  before: string | undefined,
  after: string | undefined,
): readonly ChangedFile[] {
  const key = `${before ?? ''} ${after ?? ''}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const files = git.changes(before, after).map((change) => ({ ...change, ...describe(git, change) }));
  if (remembered.size > 1_000) remembered.clear();
  remembered.set(key, files);
  return files;
}

function describe(git: BareRepository, { before, after }: PathChange) {
  const oldBytes = before === undefined ? Buffer.alloc(0) : (git.blob(before) ?? Buffer.alloc(0));
  const newBytes = after === undefined ? Buffer.alloc(0) : (git.blob(after) ?? Buffer.alloc(0));
  if (oldBytes.includes(0) || newBytes.includes(0)) return { additions: 0, deletions: 0, patch: undefined };
  const { hunks } = structuredPatch('', '', oldBytes.toString(), newBytes.toString(), '', '', { context: 3 });
  const lines = hunks.flatMap((hunk) => hunk.lines);
  const patch = hunks.map((hunk) => {
    const ranges = `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`;
    return [ranges, ...hunk.lines].join('\n');
  });
  return {
    additions: lines.filter((line) => line.startsWith('+')).length,
    deletions: lines.filter((line) => line.startsWith('-')).length,
    patch: patch.join('\n'),
  };
}
