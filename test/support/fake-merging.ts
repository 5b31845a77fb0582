import type { Change, ChangeRef } from '../../src/domain/change.ts';
import type { Merging, MergeMethod, MergeResult } from '../../src/forge/reviews.ts';
import { mergesCleanly } from './fake-reviews.ts';
import { attempt, changeOn, FAKE_BOT, keep, unprotected, type FakeWorld, type Side } from './fake-world.ts';

/** Merging on the fake. */
export function fakeMerging(world: FakeWorld): Merging {
  return {
    merge: (change, options) => attempt(() => merge(world, change, options)),
    updateBranch: (change, expectedHead) => attempt(() => updateBranch(world, change, expectedHead)),
    mergeQueue: (repository, branch) => attempt(() => world.side(repository).queues.get(branch)),
    protection: (repository, branch) => attempt(() => world.side(repository).protections.get(branch) ?? unprotected),
  };
}

/** Merges whatever rules say. @returns the commit that the target branch then has */
export function mergeNow(on: Side, change: Change, { method, by }: { method: MergeMethod; by: string }): string {
  const { git } = on;
  const { targetBranch, headCommit, number, title } = change;
  const base = git.branches.get(targetBranch) ?? '';
  const changes = git.mergeChanges(base, headCommit);
  if (changes === undefined) throw new Error(`#${number} conflicts`);
  const mergeCommit = git.write(base, changes, {
    author: by,
    message: `${title} (#${number})`,
    ...(method === 'merge' && { merged: headCommit }),
  });
  git.branches.set(targetBranch, mergeCommit);
  on.changes.set(number, { ...change, state: 'merged', mergeCommit, mergedBy: { login: by, isBot: by === FAKE_BOT } });
  for (const each of on.changes.values()) if (each.state === 'open') keep(on, each);
  return mergeCommit;
}

export function enqueue(on: Side, number: number, commit?: string): { headCommit: string; baseCommit: string } {
  const { git, queues } = on;
  const { targetBranch, headCommit: head, title } = changeOn(on, number);
  const queue = queues.get(targetBranch) ?? [];
  const baseCommit = queue.at(-1)?.headCommit ?? git.branches.get(targetBranch) ?? '';
  const changes = git.mergeChanges(baseCommit, head);
  if (changes === undefined) throw new Error(`#${number} conflicts`);
  const headCommit = commit ?? git.write(baseCommit, changes, { author: 'person', message: title, merged: head });
  queues.set(targetBranch, [...queue, { number, headCommit }]);
  return { headCommit, baseCommit };
}

function merge(
  world: FakeWorld,
  { repository, number }: ChangeRef,
  { headCommit, method }: { readonly headCommit: string; readonly method: MergeMethod },
): MergeResult {
  const on = world.side(repository);
  const change = changeOn(on, number);
  if (change.headCommit !== headCommit) return { kind: 'head-moved' };
  if (change.state === 'merged') {
    return { kind: 'merged', ...(change.mergeCommit !== undefined && { commit: change.mergeCommit }) };
  }
  const message = refusal(on, change, method);
  if (message !== undefined) return { kind: 'refused', message };
  world.written('merge');
  return { kind: 'merged', commit: mergeNow(on, change, { method, by: FAKE_BOT }) };
}

function refusal(on: Side, change: Change, method: MergeMethod): string | undefined {
  if (change.state === 'closed') return 'Pull Request is closed';
  if (change.isDraft) return 'Pull Request is still a draft';
  if (!on.mergeMethods.includes(method)) return `The method ${method} is not allowed on this repository.`;
  if (!mergesCleanly(on, change)) return 'Pull Request is not mergeable';
  const { requiredChecks } = on.protections.get(change.targetBranch) ?? unprotected;
  const missing = requiredChecks.find(({ name }) => !isGreen(on, change.headCommit, name));
  return missing === undefined ? undefined : `Required status check "${missing.name}" is expected.`;
}

function isGreen(on: Side, commit: string, name: string): boolean {
  const own = (on.checks.get(commit) ?? []).some((each) => each.name === name && each.conclusion === 'success');
  return own || (on.reported.get(commit) ?? []).some((each) => each.name === name && each.state === 'success');
}

function updateBranch(
  world: FakeWorld,
  { repository, number }: ChangeRef,
  expectedHead: string,
): { readonly ok: true } | { readonly ok: false; readonly message: string } {
  const on = world.side(repository);
  const change = changeOn(on, number);
  const { git } = on;
  const base = git.branches.get(change.targetBranch) ?? '';
  if (change.headCommit !== expectedHead) return { ok: false, message: 'The head has moved.' };
  if (git.ahead(expectedHead, base).length === 0) return { ok: true };
  const changes = git.mergeChanges(expectedHead, base);
  if (changes === undefined) return { ok: false, message: 'merge conflict between base and head' };
  world.written('update-branch');
  const message = `Merge branch '${change.targetBranch}'`;
  git.branches.set(change.sourceBranch, git.write(expectedHead, changes, { author: FAKE_BOT, message, merged: base }));
  keep(on, change);
  return { ok: true };
}
