import { isRefName } from '../../git/ref-store.ts';
import type { Account, Actor, PullRequest, Repository } from './model.ts';
import { closePull, markMerged, pullsOf, synchronizePull } from './pulls.ts';
import { unprocessable } from './refusal.ts';
import { branchHead } from './repositories.ts';
import type { World } from './world.ts';

export const noCommit = '0'.repeat(40);

/** @param ref a full name @throws Refusal in the words of GitHub */
export function createRef(world: World, actor: Actor, repository: Repository, ref: string, oid: string): void {
  if (!isRefName(ref)) throw unprocessable('Reference name is not valid', `The ref name is not valid: ${ref}`);
  if (repository.git.refs.get(ref) !== undefined) {
    throw unprocessable('Reference already exists', `A ref named "${ref}" already exists in the repository.`);
  }
  if (repository.git.commit(oid) === undefined) throw unprocessable('Object does not exist');
  if (!repository.git.refs.isFree(ref)) throw unprocessable('Reference update failed');
  moveRef(world, actor, repository, ref, oid);
}

export function updateRef(
  world: World,
  actor: Actor,
  repository: Repository,
  change: { ref: string; oid: string; force: boolean },
): void {
  const before = repository.git.refs.get(change.ref);
  if (before === undefined) throw unprocessable('Reference does not exist');
  if (repository.git.commit(change.oid) === undefined) throw unprocessable('Object does not exist');
  if (!change.force && !repository.git.isAncestor(before, change.oid)) {
    throw unprocessable('Update is not a fast forward');
  }
  moveRef(world, actor, repository, change.ref, change.oid);
}

export function deleteRef(world: World, actor: Actor, repository: Repository, ref: string): void {
  const before = repository.git.refs.get(ref);
  if (before === undefined) throw unprocessable('Reference does not exist');
  repository.git.refs.delete(ref);
  refMoved(world, actor.account, repository, { ref, before, after: undefined });
}

export interface RefUpdate {
  /** A full name. */
  readonly ref: string;
  /** Where it must be: {@link noCommit} for a ref that must not exist; absent when it may be anywhere. */
  readonly before?: string;
  /** {@link noCommit} deletes it. */
  readonly after: string;
  readonly force: boolean;
}

/** Moves, makes and deletes refs: all of them, or none when one is refused. */
export function updateRefs(world: World, actor: Actor, repository: Repository, updates: readonly RefUpdate[]): void {
  for (const update of updates) insistOnMovable(repository, update);
  insistOnDistinct(updates);
  for (const { ref, after } of updates) {
    if (after !== noCommit) moveRef(world, actor, repository, ref, after);
    else if (repository.git.refs.get(ref) !== undefined) deleteRef(world, actor, repository, ref);
  }
}

function insistOnMovable({ git }: Repository, { ref, before, after, force }: RefUpdate): void {
  const standing = git.refs.get(ref);
  if (before !== undefined && before !== (standing ?? noCommit)) {
    throw unprocessable('Reference update failed', `${ref} is not at ${before}.`);
  }
  if (after === noCommit) return;
  if (!isRefName(ref)) throw unprocessable('Reference name is not valid', `The ref name is not valid: ${ref}`);
  if (git.commit(after) === undefined) throw unprocessable('Object does not exist');
  if (standing === undefined && !git.refs.isFree(ref)) throw unprocessable('Reference update failed');
  if (standing !== undefined && !force && !git.isAncestor(standing, after)) {
    throw unprocessable('Update is not a fast forward');
  }
}

/** As in a transaction of git: no ref twice, and none that would be a folder of another. */
function insistOnDistinct(updates: readonly RefUpdate[]): void {
  const refs = updates.map(({ ref }) => ref);
  const made = updates.filter(({ after }) => after !== noCommit).map(({ ref }) => ref);
  const isFolder = made.some((ref) => made.some((other) => other.startsWith(`${ref}/`)));
  if (isFolder || new Set(refs).size < refs.length) throw unprocessable('Reference update failed');
}

/** Sets a ref with all that follows from it. Nothing happens when it is there already. */
export function moveRef(world: World, actor: Actor, repository: Repository, ref: string, oid: string): void {
  const before = repository.git.refs.get(ref);
  if (before === oid) return;
  repository.git.refs.set(ref, oid);
  refMoved(world, actor.account, repository, { ref, before, after: oid });
}

interface Move {
  readonly ref: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What follows from a ref that has moved in git: events, and pull requests that follow, merge or close. */
export function refMoved(world: World, sender: Account, repository: Repository, move: Move): void {
  repository.pushedAt = world.now();
  const { ref, before, after } = move;
  const branch = ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
  if (branch !== undefined && before === undefined) world.emit({ name: 'create', repository, branch, sender });
  const forced = before !== undefined && after !== undefined && !repository.git.isAncestor(before, after);
  const ends = { before: before ?? noCommit, after: after ?? noCommit };
  world.emit({ name: 'push', repository, ref, ...ends, forced, sender });
  if (branch === undefined) return;
  if (after === undefined) world.emit({ name: 'delete', repository, branch, sender });
  else if (!repository.pushers.has(after)) repository.pushers.set(after, sender);
  for (const pull of pullsFrom(world, repository, branch)) followHead(world, sender, pull, after);
  for (const pull of pullsInto(repository, branch)) followBase(world, sender, pull, { before, after });
}

function pullsFrom(world: World, repository: Repository, branch: string): PullRequest[] {
  const inNetwork = [...world.repositories.values()].filter((other) => other.git.objects === repository.git.objects);
  return inNetwork
    .flatMap((other) => pullsOf(other, 'open'))
    .filter(({ head }) => head.repository === repository && head.branch === branch);
}

function pullsInto(repository: Repository, branch: string): PullRequest[] {
  return pullsOf(repository, 'open').filter(({ base }) => base.branch === branch);
}

function followHead(world: World, sender: Account, pull: PullRequest, after: string | undefined): void {
  if (after === undefined) {
    closePull(world, sender, pull);
    return;
  }
  synchronizePull(world, sender, pull, after);
  const base = branchHead(pull.repository, pull.base.branch);
  if (base !== undefined && pull.repository.git.isAncestor(after, base)) closePull(world, sender, pull);
}

function followBase(
  world: World,
  sender: Account,
  pull: PullRequest,
  { before, after }: { before: string | undefined; after: string | undefined },
): void {
  if (after === undefined) closePull(world, sender, pull);
  else if (pull.repository.git.isAncestor(pull.head.sha, after)) {
    markMerged(world, sender, pull, { commit: after, before: before ?? noCommit });
  }
}
