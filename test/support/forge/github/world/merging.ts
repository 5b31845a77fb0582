import type { Commit } from '../../git/objects.ts';
import { roleOf } from './accounts.ts';
import { approvals } from './approvals.ts';
import { deleteRef, moveRef } from './branches.ts';
import { forgeSignature, signatureOf } from './commits.ts';
import type { Actor, MergeMethod, Protection, PullRequest, Repository } from './model.ts';
import { markMerged } from './pulls.ts';
import { Refusal, unprocessable } from './refusal.ts';
import { branchHead, branchRef } from './repositories.ts';
import { activeRulesets } from './rules.ts';
import type { World } from './world.ts';

export type Mergeability = 'clean' | 'dirty' | 'blocked' | 'draft' | 'unknown';

export interface MergeRequest {
  readonly method: MergeMethod;
  readonly title?: string;
  readonly message?: string;
  /** The head that the caller saw. */
  readonly expectedHead?: string;
}

const conflictMemory = new WeakMap<PullRequest, { ends: string; conflicts: boolean }>();

/** Whether git could merge; undefined when the base branch is gone. */
export function isMergeable(pull: PullRequest): boolean | undefined {
  const base = branchHead(pull.repository, pull.base.branch);
  if (base === undefined) return undefined;
  const ends = `${base} ${pull.head.sha}`;
  const remembered = conflictMemory.get(pull);
  if (remembered?.ends === ends) return !remembered.conflicts;
  const conflicts = pull.repository.git.mergeTree(base, pull.head.sha) === undefined;
  conflictMemory.set(pull, { ends, conflicts });
  return !conflicts;
}

/** The `mergeable_state` of REST. */
export function mergeability(pull: PullRequest): Mergeability {
  if (pull.state === 'closed') return 'unknown';
  if (isMergeable(pull) !== true) return 'dirty';
  if (pull.draft) return 'draft';
  return unmetRule(pull) === undefined ? 'clean' : 'blocked';
}

/** Merges, and answers the commit that the base branch then has. */
export function mergePull(world: World, actor: Actor, pull: PullRequest, request: MergeRequest): string {
  if (request.expectedHead !== undefined && request.expectedHead !== pull.head.sha) {
    throw new Refusal(409, 'Head branch was modified. Review and try the merge again.');
  }
  if (pull.draft && pull.state === 'open') throw new Refusal(405, 'Pull Request is still a draft');
  if (pull.state === 'closed' || isMergeable(pull) !== true) {
    throw new Refusal(405, 'Pull Request is not mergeable');
  }
  if (!pull.repository.mergeMethods.includes(request.method)) throw new Refusal(405, methodRefusals[request.method]);
  const unmet = unmetRule(pull, actor) ?? forbiddenMethod(pull, request.method, actor);
  if (unmet !== undefined) throw new Refusal(405, unmet);
  const before = branchHead(pull.repository, pull.base.branch) ?? pull.base.sha;
  const commit = writeMerge(world, actor, pull, request);
  markMerged(world, actor.account, pull, { commit, before });
  moveRef(world, actor, pull.repository, branchRef(pull.base.branch), commit);
  if (pull.repository.deleteBranchOnMerge) deleteHead(world, actor, pull);
  return commit;
}

const methodRefusals: Readonly<Record<MergeMethod, string>> = {
  merge: 'Merge commits are not allowed on this repository.',
  squash: 'Squash merges are not allowed on this repository.',
  rebase: 'Rebase merges are not allowed on this repository.',
};

/** Administrators go around branch protection that is not enforced for them. */
function protectionFor({ repository, base }: PullRequest, actor: Actor | undefined): Protection | undefined {
  const protection = repository.protections.get(base.branch);
  const isAdmin = actor !== undefined && actor.app === undefined && roleOf(repository, actor.account) === 'admin';
  return isAdmin && protection?.enforcesAdmins === false ? undefined : protection;
}

/** A merge commit breaks a linear history; what is rebased has no signature; and a ruleset may name the methods. The words are not documented. */
function forbiddenMethod(pull: PullRequest, method: MergeMethod, actor: Actor): string | undefined {
  const rules = activeRulesets(pull.repository, pull.base.branch);
  const guards = [protectionFor(pull, actor), ...rules];
  if (method === 'merge' && guards.some((guard) => guard?.requiresLinearHistory === true)) {
    return 'This branch must not contain merge commits.';
  }
  if (method === 'rebase' && guards.some((guard) => guard?.requiresSignatures === true)) {
    return 'Commits must have verified signatures.';
  }
  const isLeft = rules.every(({ pullRequest }) => pullRequest?.methods?.includes(method) ?? true);
  return isLeft ? undefined : `Repository rule violations found: the merge method ${method} is not allowed.`;
}

/** @param actor who would merge: administrators go around no ruleset */
function unmetRule(pull: PullRequest, actor?: Actor): string | undefined {
  const { repository, base } = pull;
  const classic = protectionFor(pull, actor);
  const rules = activeRulesets(repository, base.branch);
  const checks = [...(classic?.requiredChecks ?? []), ...rules.flatMap((each) => each.requiredChecks.map(nameOf))];
  const missing = checks.find((name) => !hasPassed(repository, pull.head.sha, name));
  if (missing !== undefined) return `Required status check "${missing}" is expected.`;
  const wanted = Math.max(
    classic?.requiredApprovals ?? 0,
    ...rules.map(({ pullRequest }) => pullRequest?.approvals ?? 0),
  );
  if (approvals(pull) >= wanted) return undefined;
  return `At least ${wanted} approving review is required by reviewers with write access.`;
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

/** Whether what was reported last under this name on a commit is good. */
export function hasPassed({ checkRuns, statuses }: Repository, commit: string, name: string): boolean {
  const last = [...checkRuns.values()].findLast((run) => run.sha === commit && run.name === name);
  if (last !== undefined) return ['success', 'neutral', 'skipped'].includes(last.conclusion ?? '');
  return statuses.findLast(({ sha, context }) => sha === commit && context === name)?.state === 'success';
}

/** Merges the base branch into the head branch. @throws Refusal 422 in the words of GitHub */
export function updateFromBase(world: World, actor: Actor, pull: PullRequest, expectedHead: string | undefined): void {
  const { head, repository } = pull;
  const { git } = head.repository;
  const base = branchHead(repository, pull.base.branch);
  if (expectedHead !== undefined && expectedHead !== head.sha) {
    throw unprocessable('expected head sha didn’t match current head ref.');
  }
  if (base === undefined || pull.state === 'closed') throw unprocessable('Pull request is closed.');
  if (git.isAncestor(base, head.sha)) throw unprocessable('There are no new commits on the base branch.');
  const tree = git.mergeTree(head.sha, base);
  if (tree === undefined) throw unprocessable('merge conflict between base and head');
  const commit = git.writeCommit({
    tree,
    parents: [head.sha, base],
    author: signatureOf(world, actor.account),
    committer: forgeSignature(world),
    message: `Merge branch '${pull.base.branch}' into ${head.branch}`,
    signed: true,
  });
  moveRef(world, actor, head.repository, branchRef(head.branch), commit);
}

function writeMerge(world: World, actor: Actor, pull: PullRequest, request: MergeRequest): string {
  const { git } = pull.repository;
  const base = branchHead(pull.repository, pull.base.branch);
  const tree = base === undefined ? undefined : git.mergeTree(base, pull.head.sha);
  if (base === undefined || tree === undefined) throw new Refusal(405, 'Pull Request is not mergeable');
  if (request.method === 'rebase') return rebaseOnto(world, pull, base);
  const isSquash = request.method === 'squash';
  return git.writeCommit({
    tree,
    parents: isSquash ? [base] : [base, pull.head.sha],
    author: signatureOf(world, isSquash ? pull.author : actor.account),
    committer: forgeSignature(world),
    message: mergeMessage(pull, request),
    signed: true,
  });
}

function mergeMessage(pull: PullRequest, { method, title, message }: MergeRequest): string {
  const { head, number } = pull;
  const source = `${head.repository.owner.login}/${head.branch}`;
  const defaultTitle =
    method === 'squash' ? `${pull.title} (#${number})` : `Merge pull request #${number} from ${source}`;
  const body = message ?? (method === 'squash' ? '' : pull.title);
  return [title ?? defaultTitle, ...(body === '' ? [] : ['', body])].join('\n');
}

/** Copies the commits one by one, oldest first; a commit that has become empty is left out. */
function rebaseOnto(world: World, pull: PullRequest, base: string): string {
  const { git } = pull.repository;
  const commits = [...git.history([pull.head.sha], [base])].filter(({ parents }) => parents.length === 1).reverse();
  return commits.reduce((onto, commit) => pick(world, pull, commit, onto), base);
}

function pick(world: World, pull: PullRequest, commit: Commit, onto: string): string {
  const { git } = pull.repository;
  const ontoTree = git.existingCommit(onto).tree;
  const { author, message } = commit;
  const committer = forgeSignature(world);
  const besides = { tree: ontoTree, parents: commit.parents, author, committer, message: 'base', signed: false };
  const tree = git.mergeTree(git.writeCommit(besides), commit.oid);
  if (tree === undefined) throw new Refusal(405, "This branch can't be rebased");
  if (tree === ontoTree) return onto;
  return git.writeCommit({ tree, parents: [onto], author, committer, message, signed: false });
}

function deleteHead(world: World, actor: Actor, { head }: PullRequest): void {
  const ref = branchRef(head.branch);
  if (head.repository.git.refs.get(ref) !== undefined) deleteRef(world, actor, head.repository, ref);
}
