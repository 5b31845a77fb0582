import { deleteRef, moveRef } from './branches.ts';
import { forgeSignature, signatureOf } from './commits.ts';
import type { MergeGroup } from './events.ts';
import { hasPassed } from './merging.ts';
import type { Account, PullRequest, Repository } from './model.ts';
import { markMerged } from './pulls.ts';
import { Refusal } from './refusal.ts';
import { branchHead, branchRef } from './repositories.ts';
import { activeRulesets, requiredChecks } from './rules.ts';
import type { World } from './world.ts';

/** One pull request in a queue, with what the queue has built of it. */
export interface Entry extends MergeGroup {
  readonly by: Account;
}

/** What waits, in the order in which it is to be merged. */
const queues = new WeakMap<World, Map<Repository, Entry[]>>();

/**
 * Puts a pull request into the queue of its base branch: the queue makes a branch with it on top of what stands before it, asks for the required
 * checks of that commit, and merges or drops it as they end.
 */
export function enqueue(world: World, by: Account, pull: PullRequest): MergeGroup {
  const queue = queueOf(world, pull.repository);
  const entry = build(world, { pull, by, onto: queue.at(-1)?.commit });
  watch(world);
  queue.push(entry);
  ask(world, entry);
  return entry;
}

/** Of one base branch; undefined where no rule asks for a queue and nothing waits in one. */
export function entriesOf(world: World, repository: Repository, branch: string): readonly Entry[] | undefined {
  const entries = queueOf(world, repository).filter(({ pull }) => pull.base.branch === branch);
  return entries.length > 0 || strategyOf(repository, branch) !== undefined ? entries : undefined;
}

function queueOf(world: World, repository: Repository): Entry[] {
  const all = queues.get(world) ?? new Map<Repository, Entry[]>();
  queues.set(world, all);
  const queue = all.get(repository) ?? [];
  all.set(repository, queue);
  return queue;
}

function strategyOf(repository: Repository, branch: string): 'ALLGREEN' | 'HEADGREEN' | undefined {
  return activeRulesets(repository, branch).flatMap(({ mergeQueue }) => mergeQueue ?? [])[0];
}

interface Wanted {
  readonly pull: PullRequest;
  readonly by: Account;
  /** undefined: the base branch. */
  readonly onto: string | undefined;
}

function build(world: World, { pull, by, onto: given }: Wanted): Entry {
  const { repository, head, number } = pull;
  const onto = given ?? branchHead(repository, pull.base.branch);
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
  return { pull, branch: `gh-readonly-queue/${pull.base.branch}/pr-${number}-${onto}`, commit, base: onto, by };
}

function ask(world: World, entry: Entry): void {
  const { pull, by, branch, commit } = entry;
  moveRef(world, { account: by }, pull.repository, branchRef(branch), commit);
  world.emit({ name: 'merge_group', action: 'checks_requested', group: entry, sender: by });
}

const watched = new WeakSet<World>();

function watch(world: World): void {
  if (watched.has(world)) return;
  watched.add(world);
  world.onEvent((event) => {
    if (event.name === 'check_run' && event.action === 'completed') settle(world, event.run.repository);
    if (event.name === 'status') settle(world, event.status.repository);
  });
}

/**
 * Merges what may be merged and drops what may not, as GitHub's documentation has it under "Managing a merge queue": by ALLGREEN an entry is merged
 * when it and all before it have passed, and one that fails is dropped; by HEADGREEN the last that has passed takes all before it along, and one
 * that fails is dropped where none behind it can do that any more.
 */
function settle(world: World, repository: Repository): void {
  const queue = queueOf(world, repository);
  const isByHead = queue.some(({ pull }) => strategyOf(repository, pull.base.branch) === 'HEADGREEN');
  const states = queue.map((entry) => stateOf(repository, entry));
  const pending = states.findIndex((state) => state !== 'passed');
  const merged = isByHead ? states.lastIndexOf('passed') + 1 : pending === -1 ? states.length : pending;
  for (const entry of queue.splice(0, merged)) {
    const before = branchHead(repository, entry.pull.base.branch) ?? entry.base;
    markMerged(world, entry.by, entry.pull, { commit: entry.commit, before });
    moveRef(world, { account: entry.by }, repository, branchRef(entry.pull.base.branch), entry.commit);
    leave(world, entry, 'merged');
  }
  const left = states.slice(merged);
  const failed = isByHead && left.at(-1) !== 'failed' ? -1 : isByHead ? left.length - 1 : left.indexOf('failed');
  const [dropped, ...behind] = failed === -1 ? [] : queue.splice(failed);
  if (dropped === undefined) return;
  leave(world, dropped, 'dequeued');
  for (const entry of behind) {
    leave(world, entry, 'invalidated');
    const anew = build(world, { ...entry, onto: queue.at(-1)?.commit });
    queue.push(anew);
    ask(world, anew);
  }
  settle(world, repository);
}

function stateOf(repository: Repository, { pull, commit }: Entry): 'passed' | 'failed' | 'pending' {
  const names = requiredChecks(repository, pull.base.branch);
  if (names.some((name) => hasFailed(repository, commit, name))) return 'failed';
  return names.every((name) => hasPassed(repository, commit, name)) ? 'passed' : 'pending';
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

function leave(world: World, entry: Entry, reason: 'merged' | 'dequeued' | 'invalidated'): void {
  deleteRef(world, { account: entry.by }, entry.pull.repository, branchRef(entry.branch));
  world.emit({ name: 'merge_group', action: 'destroyed', group: entry, reason, sender: entry.by });
}
