import { dismissStale } from './approvals.ts';
import type { Account, Actor, Label, PullRequest, Repository } from './model.ts';
import { invalid, invalidField, unprocessable } from './refusal.ts';
import { branchHead } from './repositories.ts';
import type { World } from './world.ts';

export interface NewPull {
  readonly title: string;
  readonly body: string;
  readonly head: { readonly repository: Repository; readonly branch: string };
  readonly base: string;
  readonly draft?: boolean;
  readonly maintainerCanModify?: boolean;
}

export function pullsOf(repository: Repository, state: 'open' | 'closed' | 'all'): PullRequest[] {
  return [...repository.pulls.values()].filter((pull) => state === 'all' || pull.state === state);
}

/** `acme:branch`, as GitHub labels the two ends. */
export function headLabel({ head }: PullRequest): string {
  return `${head.repository.owner.login}:${head.branch}`;
}

export function openPull(world: World, actor: Actor, repository: Repository, wanted: NewPull): PullRequest {
  const headSha = branchHead(wanted.head.repository, wanted.head.branch);
  const baseSha = branchHead(repository, wanted.base);
  if (baseSha === undefined) throw invalidField('PullRequest', 'base', 'invalid');
  if (headSha === undefined) throw invalidField('PullRequest', 'head', 'invalid');
  refuseDuplicate(repository, wanted);
  if (repository.git.isAncestor(headSha, baseSha)) {
    throw invalid('PullRequest', `No commits between ${wanted.base} and ${wanted.head.branch}`);
  }
  const number = nextNumber(repository);
  const now = world.now();
  const pull = world.add<PullRequest>({
    kind: 'pull',
    ...world.identity('pull'),
    repository,
    number,
    author: actor.account,
    title: wanted.title,
    body: wanted.body,
    state: 'open',
    draft: wanted.draft ?? false,
    head: { ...wanted.head, sha: headSha },
    base: { branch: wanted.base, sha: baseSha },
    labels: new Set(),
    requestedReviewers: new Set(),
    requestedTeams: new Set(),
    reviews: [],
    maintainerCanModify: wanted.maintainerCanModify ?? false,
    locked: false,
    merge: undefined,
    closedAt: undefined,
    createdAt: now,
    updatedAt: now,
  });
  repository.pulls.set(number, pull);
  writePullRefs(world, pull);
  world.emit({ name: 'pull_request', action: 'opened', pull, sender: actor.account });
  return pull;
}

function refuseDuplicate(repository: Repository, { head, base }: NewPull): void {
  const same = pullsOf(repository, 'open').some(
    (pull) => pull.head.repository === head.repository && pull.head.branch === head.branch && pull.base.branch === base,
  );
  if (same)
    throw invalid('PullRequest', `A pull request already exists for ${head.repository.owner.login}:${head.branch}.`);
}

/** Issues and pull requests are numbered together. */
export function nextNumber(repository: Repository): number {
  return repository.pulls.size + repository.issues.size + 1;
}

export interface PullChanges {
  readonly title?: string;
  readonly body?: string;
  readonly base?: string;
  readonly state?: 'open' | 'closed';
  readonly draft?: boolean;
}

export function editPull(world: World, actor: Actor, pull: PullRequest, wanted: PullChanges): void {
  const changes: { title?: string; body?: string; base?: { branch: string; sha: string } } = {};
  if (wanted.title !== undefined && wanted.title !== pull.title) {
    changes.title = pull.title;
    pull.title = wanted.title;
  }
  if (wanted.body !== undefined && wanted.body !== pull.body) {
    changes.body = pull.body;
    pull.body = wanted.body;
  }
  if (wanted.base !== undefined && wanted.base !== pull.base.branch) {
    changes.base = { ...pull.base };
    changeBase(pull, wanted.base);
  }
  if (Object.keys(changes).length > 0) {
    pull.updatedAt = world.now();
    world.emit({ name: 'pull_request', action: 'edited', pull, changes, sender: actor.account });
  }
  if (wanted.state === 'closed') closePull(world, actor.account, pull);
  if (wanted.state === 'open') reopenPull(world, actor, pull);
}

function changeBase(pull: PullRequest, branch: string): void {
  if (pull.state === 'closed') throw invalid('PullRequest', 'Cannot change the base branch of a closed pull request.');
  const sha = branchHead(pull.repository, branch);
  if (sha === undefined) throw invalidField('PullRequest', 'base', 'invalid');
  pull.base.branch = branch;
  pull.base.sha = sha;
}

/** Closing what is closed changes nothing, as on GitHub. */
export function closePull(world: World, sender: Account, pull: PullRequest): void {
  if (pull.state === 'closed') return;
  pull.state = 'closed';
  pull.closedAt = world.now();
  pull.updatedAt = world.now();
  pull.repository.git.refs.delete(mergeRef(pull));
  world.emit({ name: 'pull_request', action: 'closed', pull, sender });
}

function reopenPull(world: World, actor: Actor, pull: PullRequest): void {
  if (pull.state === 'open') return;
  if (pull.merge !== undefined)
    throw invalid('PullRequest', 'state cannot be changed. The pull request cannot be reopened.');
  const head = branchHead(pull.head.repository, pull.head.branch);
  if (head === undefined || !pull.repository.git.isAncestor(pull.head.sha, head)) {
    const branch = pull.head.branch;
    throw invalid('PullRequest', `state cannot be changed. The ${branch} branch was force-pushed or recreated.`);
  }
  const base = branchHead(pull.repository, pull.base.branch);
  if (base === undefined || pull.repository.git.isAncestor(head, base)) {
    throw invalid(
      'PullRequest',
      `state cannot be changed. There are no new commits on the ${pull.head.branch} branch.`,
    );
  }
  refuseDuplicate(pull.repository, {
    title: pull.title,
    body: pull.body,
    head: pull.head,
    base: pull.base.branch,
  });
  pull.state = 'open';
  pull.closedAt = undefined;
  pull.head.sha = head;
  pull.updatedAt = world.now();
  writePullRefs(world, pull);
  world.emit({ name: 'pull_request', action: 'reopened', pull, sender: actor.account });
}

/** The head branch has moved. */
export function synchronizePull(world: World, sender: Account, pull: PullRequest, after: string): void {
  const before = pull.head.sha;
  if (before === after) return;
  pull.head.sha = after;
  pull.base.sha = branchHead(pull.repository, pull.base.branch) ?? pull.base.sha;
  pull.updatedAt = world.now();
  writePullRefs(world, pull);
  world.emit({ name: 'pull_request', action: 'synchronize', pull, before, after, sender });
  dismissStale(world, pull);
}

/** The base branch holds the head now, by the merge button or by a push. */
export function markMerged(
  world: World,
  by: Account,
  pull: PullRequest,
  { commit, before }: { commit: string; before: string },
): void {
  pull.merge = { commit, before, by, at: world.now() };
  closePull(world, by, pull);
}

export function setDraft(world: World, actor: Actor, pull: PullRequest, draft: boolean): void {
  if (pull.draft === draft) return;
  pull.draft = draft;
  const action = draft ? 'converted_to_draft' : 'ready_for_review';
  world.emit({ name: 'pull_request', action, pull, sender: actor.account });
}

export function labelPull(world: World, actor: Actor, pull: PullRequest, label: Label): void {
  if (pull.labels.has(label)) return;
  pull.labels.add(label);
  pull.updatedAt = world.now();
  world.emit({ name: 'pull_request', action: 'labeled', pull, label, sender: actor.account });
}

export function unlabelPull(world: World, actor: Actor, pull: PullRequest, label: Label): void {
  if (!pull.labels.delete(label)) return;
  pull.updatedAt = world.now();
  world.emit({ name: 'pull_request', action: 'unlabeled', pull, label, sender: actor.account });
}

export function requestReview(world: World, actor: Actor, pull: PullRequest, reviewer: Account): void {
  if (reviewer === pull.author) throw unprocessable('Review cannot be requested from pull request author.');
  if (pull.requestedReviewers.has(reviewer)) return;
  pull.requestedReviewers.add(reviewer);
  world.emit({ name: 'pull_request', action: 'review_requested', pull, reviewer, sender: actor.account });
}

/** The commits of the default branch that a merged pull request brought, and those that it had itself. */
export function brought({ merge, repository, head }: PullRequest, commit: string): boolean {
  if (merge === undefined) return false;
  const isBetween = (end: string) =>
    repository.git.isAncestor(commit, end) && !repository.git.isAncestor(commit, merge.before);
  return isBetween(merge.commit) || isBetween(head.sha);
}

/** The last commit that both branches share; undefined for unrelated histories. */
export function pullMergeBase(pull: PullRequest): string | undefined {
  const base = branchHead(pull.repository, pull.base.branch) ?? pull.base.sha;
  const against = pull.merge === undefined ? base : pull.base.sha;
  return pull.repository.git.mergeBase(against, pull.head.sha);
}

function mergeRef(pull: PullRequest): string {
  return `refs/pull/${pull.number}/merge`;
}

/** GitHub keeps the head, and the merge that it would make, as refs of the base repository. */
function writePullRefs(world: World, pull: PullRequest): void {
  const { git } = pull.repository;
  git.refs.set(`refs/pull/${pull.number}/head`, pull.head.sha);
  const base = branchHead(pull.repository, pull.base.branch);
  const tree = base === undefined ? undefined : git.mergeTree(base, pull.head.sha);
  if (base === undefined || tree === undefined) {
    git.refs.delete(mergeRef(pull));
    return;
  }
  const by = { name: 'GitHub', email: 'noreply@github.com', date: world.now() };
  const message = `Merge ${pull.head.sha} into ${base}`;
  const parents = [base, pull.head.sha];
  git.refs.set(mergeRef(pull), git.writeCommit({ tree, parents, author: by, committer: by, message, signed: true }));
}
