import type { components } from '@octokit/openapi-webhooks-types';
import type { Commit, Signature } from '../../git/objects.ts';
import type { WorldEvent } from '../world/events.ts';
import type { Repository } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { accountOfEmail } from '../bodies/commits.ts';
import { repositoryPage } from '../bodies/repository.ts';
import type { Common } from './payloads.ts';

type Push = Extract<WorldEvent, { name: 'push' }>;

/** GitHub lists this many commits of a push at most. */
const commitLimit = 2_048;

export function pushPayload(world: World, event: Push, base: Common): components['schemas']['webhook-push'] {
  const { repository, before, after, ref, forced } = event;
  const created = /^0+$/.test(before);
  const deleted = /^0+$/.test(after);
  const commits = deleted ? [] : pushedCommits(event, created);
  const head = deleted ? undefined : repository.git.existingCommit(after);
  const page = repositoryPage(world, repository);
  const compare =
    created || deleted ? `${page}/commit/${after}` : `${page}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`;
  return {
    ref,
    before,
    after,
    created,
    deleted,
    forced,
    base_ref: null,
    compare,
    commits: commits.map((commit) => pushedCommit(world, repository, commit)),
    head_commit: head === undefined ? null : pushedCommit(world, repository, head),
    pusher: { name: event.sender.login, email: event.sender.email },
    ...base,
  };
}

/** Oldest first; of a new branch, what the other branches do not have. */
function pushedCommits({ repository, ref, before, after }: Push, created: boolean): Commit[] {
  const { git } = repository;
  const others = git.refs.list('refs/heads/').filter(([name]) => name !== ref);
  const known = created ? others.map(([, oid]) => oid) : [before];
  return [...git.history([after], known)].slice(0, commitLimit).reverse();
}

function pushedCommit(world: World, repository: Repository, commit: Commit) {
  return {
    id: commit.oid,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date.toISOString(),
    url: `${repositoryPage(world, repository)}/commit/${commit.oid}`,
    author: gitActor(world, commit.author),
    committer: gitActor(world, commit.committer),
    ...touchedPaths(repository, commit),
  };
}

/** How many paths of a commit are told at most. */
const pathLimit = 3_000;

interface TouchedPaths {
  readonly added: string[];
  readonly removed: string[];
  readonly modified: string[];
}

/** A branch that is made anew tells again of the commit it starts at, so that one diff serves many pushes. */
const remembered = new WeakMap<Commit, TouchedPaths>();

function touchedPaths(repository: Repository, commit: Commit): TouchedPaths {
  const known = remembered.get(commit);
  if (known !== undefined) return known;
  const [parent] = commit.parents;
  const before = parent === undefined ? undefined : repository.git.existingCommit(parent).tree;
  const changes = repository.git.changes(before, commit.tree).slice(0, pathLimit);
  const paths = (status: string) => changes.filter((change) => change.status === status).map(({ path }) => path);
  const touched = { added: paths('added'), removed: paths('removed'), modified: paths('modified') };
  remembered.set(commit, touched);
  return touched;
}

function gitActor(world: World, { name, email }: Signature) {
  const username = accountOfEmail(world, email)?.login;
  return { name, email, ...(username === undefined ? {} : { username }) };
}
