import type { TreeEntry } from '../../git/objects.ts';
import { treeMode } from '../../git/objects.ts';
import { entriesOf, type Entry } from '../world/merge-queue.ts';
import type { PullRequest, Repository } from '../world/model.ts';
import { pullsOf } from '../world/pulls.ts';
import { notFound } from '../world/refusal.ts';
import { fullName } from '../world/repositories.ts';
import { findCommit } from '../world/revisions.ts';
import { requireAccess } from '../world/tokens.ts';
import type { World } from '../world/world.ts';
import { repositoryPage } from '../bodies/repository.ts';
import { type Arguments, asArguments, number, requiredText, text, texts } from './arguments.ts';
import { connection } from './connection.ts';
import type { GraphQLContext } from './execute.ts';
import { accountNode, commitNode, labelNode, pullNode, refNode } from './nodes.ts';

export function repositoryFields(world: World, repository: Repository): object {
  const { git, defaultBranch } = repository;
  return {
    __typename: 'Repository',
    id: repository.nodeId,
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: fullName(repository),
    description: repository.description ?? null,
    url: repositoryPage(world, repository),
    sshUrl: `git@${new URL(world.origin).host}:${fullName(repository)}.git`,
    owner: () => accountNode(world, repository.owner),
    isPrivate: repository.private,
    isArchived: repository.archived,
    isDisabled: false,
    isEmpty: git.refs.get(`refs/heads/${defaultBranch}`) === undefined,
    isFork: repository.parent !== undefined,
    visibility: repository.private ? 'PRIVATE' : 'PUBLIC',
    createdAt: repository.createdAt.toISOString(),
    pushedAt: repository.pushedAt.toISOString(),
    updatedAt: repository.pushedAt.toISOString(),
    autoMergeAllowed: false,
    mergeCommitAllowed: repository.mergeMethods.includes('merge'),
    rebaseMergeAllowed: repository.mergeMethods.includes('rebase'),
    squashMergeAllowed: repository.mergeMethods.includes('squash'),
    hasIssuesEnabled: repository.hasIssues,
    deleteBranchOnMerge: repository.deleteBranchOnMerge,
    forkingAllowed: true,
    viewerPermission: 'WRITE',
    parent: () => (repository.parent === undefined ? null : repositoryFields(world, repository.parent)),
    defaultBranchRef: () => refNamed(world, repository, `refs/heads/${defaultBranch}`),
    ref: (args: Arguments) => refNamed(world, repository, qualified(requiredText(args, 'qualifiedName'))),
    refs: (args: Arguments) => {
      const refs = git.refs.list(requiredText(args, 'refPrefix'));
      return connection(refs, args, ([name, oid]) => refNode(world, repository, name, oid));
    },
    object: (args: Arguments, { credentials }: GraphQLContext) => {
      requireAccess(world, credentials, repository, { contents: 'read' });
      const oid = text(args, 'oid');
      if (oid !== undefined && !/^[0-9a-f]{40}$/.test(oid)) return null;
      return objectNode(world, repository, oid ?? text(args, 'expression') ?? '');
    },
    label: (args: Arguments) => {
      const label = repository.labels.get(requiredText(args, 'name').toLowerCase());
      return label === undefined ? null : labelNode(world, label);
    },
    labels: (args: Arguments) => {
      const query = text(args, 'query')?.toLowerCase();
      const labels = [...repository.labels.values()].filter(
        ({ name }) => query === undefined || name.toLowerCase().includes(query),
      );
      return connection(labels, args, (label) => labelNode(world, label));
    },
    mergeQueue: (args: Arguments, { credentials }: GraphQLContext) => {
      requireAccess(world, credentials, repository, { merge_queues: 'read' });
      const entries = entriesOf(world, repository, text(args, 'branch') ?? defaultBranch);
      return entries === undefined ? null : queueNode(world, entries);
    },
    pullRequest: (args: Arguments, { credentials }: GraphQLContext) => {
      requireAccess(world, credentials, repository, { pull_requests: 'read' });
      const wanted = number(args, 'number');
      const pull = wanted === undefined ? undefined : repository.pulls.get(wanted);
      if (pull === undefined)
        throw notFound(`Could not resolve to a PullRequest with the number of ${String(wanted)}.`);
      return pullNode(world, pull);
    },
    pullRequests: (args: Arguments, { credentials }: GraphQLContext) => {
      requireAccess(world, credentials, repository, { pull_requests: 'read' });
      return connection(pullsFor(repository, args), args, (pull) => pullNode(world, pull));
    },
  };
}

function queueNode(world: World, entries: readonly Entry[]): object {
  const numbered = entries.map((entry, index) => ({ entry, position: index + 1 }));
  return {
    __typename: 'MergeQueue',
    entries: (page: Arguments) =>
      connection(numbered, page, ({ entry: { pull, commit, base }, position }) => ({
        __typename: 'MergeQueueEntry',
        position,
        baseCommit: () => commitNode(world, pull.repository, pull.repository.git.existingCommit(base)),
        headCommit: () => commitNode(world, pull.repository, pull.repository.git.existingCommit(commit)),
        pullRequest: () => pullNode(world, pull),
      })),
  };
}

function qualified(name: string): string {
  return name.startsWith('refs/') ? name : `refs/heads/${name}`;
}

export function refNamed(world: World, repository: Repository, name: string) {
  const oid = repository.git.refs.get(name);
  return oid === undefined ? null : refNode(world, repository, name, oid);
}

/** The pull requests of a repository that the arguments of a connection let through. */
export function pullsFor(repository: Repository, args: Arguments): PullRequest[] {
  const states = texts(args, 'states');
  const head = text(args, 'headRefName');
  const base = text(args, 'baseRefName');
  const labels = texts(args, 'labels');
  const matching = pullsOf(repository, 'all').filter(
    (pull) =>
      (states.length === 0 || states.includes(pull.merge === undefined ? pull.state.toUpperCase() : 'MERGED')) &&
      (head === undefined || pull.head.branch === head) &&
      (base === undefined || pull.base.branch === base) &&
      (labels.length === 0 || [...pull.labels].some(({ name }) => labels.includes(name))),
  );
  const order = asArguments(args['orderBy']);
  if (text(order, 'field') === 'UPDATED_AT') matching.sort((a, b) => a.updatedAt.getTime() - b.updatedAt.getTime());
  return text(order, 'direction') === 'DESC' ? matching.reverse() : matching;
}

/** `HEAD:path`, `main:`, `<oid>` or a branch, as in git's revisions. */
function objectNode(world: World, repository: Repository, expression: string): object | null {
  const colon = expression.indexOf(':');
  const commit = findCommit(repository, colon < 0 ? expression : expression.slice(0, colon));
  if (colon < 0)
    return commit === undefined ? objectByOid(world, repository, expression) : commitNode(world, repository, commit);
  const entry = commit === undefined ? undefined : repository.git.find(commit.tree, expression.slice(colon + 1));
  return entry === undefined ? null : entryNode(world, repository, entry);
}

function objectByOid(world: World, repository: Repository, oid: string): object | null {
  const object = /^[0-9a-f]{40}$/.test(oid) ? repository.git.objects.read(oid) : undefined;
  if (object?.type === 'blob') return entryNode(world, repository, { name: '', mode: '100644', oid });
  return object?.type === 'tree' ? entryNode(world, repository, { name: '', mode: treeMode, oid }) : null;
}

function entryNode(world: World, repository: Repository, entry: TreeEntry): object {
  const { oid } = entry;
  const shared = {
    id: `O_${oid}`,
    oid,
    abbreviatedOid: oid.slice(0, 7),
    repository: () => repositoryFields(world, repository),
  };
  if (entry.mode === treeMode) {
    const entries = () =>
      repository.git.tree(oid).map((child) => ({
        name: child.name,
        mode: Number.parseInt(child.mode, 8),
        type: child.mode === treeMode ? 'tree' : 'blob',
        oid: child.oid,
        object: () => entryNode(world, repository, child),
      }));
    return { __typename: 'Tree', ...shared, entries };
  }
  const content = repository.git.blob(oid) ?? Buffer.alloc(0);
  const isBinary = content.includes(0);
  return {
    __typename: 'Blob',
    ...shared,
    byteSize: content.length,
    isBinary,
    isTruncated: content.length > blobTextLimit,
    text: isBinary ? null : content.subarray(0, blobTextLimit).toString(),
  };
}

/** GitHub cuts the text of larger blobs. */
const blobTextLimit = 512_000;
