import { deleteRef, moveRef } from './branches.ts';
import { forgeSignature, signatureOf } from './commits.ts';
import type { MergeGroup } from './events.ts';
import { hasPassed } from './merging.ts';
import type { Account, PullRequest, Repository } from './model.ts';
import { markMerged } from './pulls.ts';
import { Refusal } from './refusal.ts';
import { branchHead, branchRef } from './repositories.ts';
import { requiredChecks } from './rules.ts';
import type { World } from './world.ts';

/** Groups under way, by the commit that they would make. */
const groups = new WeakMap<World, Map<string, MergeGroup & { readonly by: Account }>>();

/**
 * Puts a pull request into the queue of its base branch: the queue makes a branch with it on top of what stands before it, asks for the required
 * checks of that commit, and merges or drops it as they end.
 */
export function enqueue(world: World, by: Account, pull: PullRequest): MergeGroup {
  const { repository, head, number } = pull;
  const waiting = groupsOf(world);
  const base = [...waiting.values()].filter((each) => each.pull.repository === repository).at(-1)?.commit;
  const onto = base ?? branchHead(repository, pull.base.branch);
  const tree = onto === undefined ? undefined : repository.git.mergeTree(onto, head.sha);
  if (onto === undefined || tree === undefined) throw new Refusal(405, 'Pull Request is not mergeable');
  const commit = repository.git.writeCommit({
    tree,
    parents: [onto, head.sha],
    author: signatureOf(world, by),
    committer: forgeSignature(world),
    message: `Merge pull request #${number} from ${head.repository.owner.login}/${head.branch}\n\n${pull.title}`,
    signed: true,
  });
  const branch = `gh-readonly-queue/${pull.base.branch}/pr-${number}-${onto}`;
  const group = { pull, branch, commit, base: onto, by };
  watch(world);
  waiting.set(commit, group);
  moveRef(world, { account: by }, repository, branchRef(branch), commit);
  world.emit({ name: 'merge_group', action: 'checks_requested', group, sender: by });
  return group;
}

const watched = new WeakSet<World>();

function watch(world: World): void {
  if (watched.has(world)) return;
  watched.add(world);
  world.onEvent((event) => {
    if (event.name === 'check_run' && event.action === 'completed') settle(world, event.run.repository, event.run.sha);
    if (event.name === 'status') settle(world, event.status.repository, event.status.sha);
  });
}

function groupsOf(world: World) {
  const known = groups.get(world) ?? new Map<string, MergeGroup & { readonly by: Account }>();
  groups.set(world, known);
  return known;
}

function settle(world: World, repository: Repository, commit: string): void {
  const group = groupsOf(world).get(commit);
  if (group === undefined) return;
  const names = requiredChecks(repository, group.pull.base.branch);
  if (names.some((name) => hasFailed(repository, commit, name))) {
    leave(world, group, 'dequeued');
  } else if (names.every((name) => hasPassed(repository, commit, name))) {
    const before = branchHead(repository, group.pull.base.branch) ?? group.base;
    markMerged(world, group.by, group.pull, { commit, before });
    moveRef(world, { account: group.by }, repository, branchRef(group.pull.base.branch), commit);
    leave(world, group, 'merged');
  }
}

function hasFailed(repository: Repository, commit: string, name: string): boolean {
  const isEnded = [...repository.checkRuns.values()].some(
    (run) => run.sha === commit && run.name === name && run.status === 'completed',
  );
  const isTold = repository.statuses.some(
    ({ sha, context, state }) => sha === commit && context === name && state !== 'pending',
  );
  return (isEnded || isTold) && !hasPassed(repository, commit, name);
}

function leave(world: World, group: MergeGroup & { readonly by: Account }, reason: 'merged' | 'dequeued'): void {
  groupsOf(world).delete(group.commit);
  deleteRef(world, { account: group.by }, group.pull.repository, branchRef(group.branch));
  world.emit({ name: 'merge_group', action: 'destroyed', group, reason, sender: group.by });
}
