import type { Commit } from '../../git/objects.ts';
import { ghost, isDeleted, mayWrite, roleOf } from '../world/accounts.ts';
import { changedFiles, pullCommits } from '../world/diffs.ts';
import { commentsOf } from '../world/discussion.ts';
import { isMergeable, mergeability } from '../world/merging.ts';
import type { Account, Comment, Label, Node, PullRequest, Repository, Review } from '../world/model.ts';
import { brought, pullsOf } from '../world/pulls.ts';
import { fullName } from '../world/repositories.ts';
import type { World } from '../world/world.ts';
import { associationOf } from '../bodies/accounts.ts';
import { accountOfEmail } from '../bodies/commits.ts';
import { commentPage } from '../bodies/discussion.ts';
import { pullPage } from '../bodies/pull.ts';
import { repositoryPage } from '../bodies/repository.ts';
import type { Arguments } from './arguments.ts';
import { rollupNode } from './checks.ts';
import { connection } from './connection.ts';
import { deployFields, deploymentNode, deploymentStatusNode } from './deploys.ts';
import { pullsFor, repositoryFields } from './repository.ts';
import { branchFields } from './rules.ts';

/** The model as GraphQL objects: plain fields, and functions where a field takes arguments or leads on. */
export function accountNode(world: World, account: Account) {
  const page = `${world.origin}/${account.login}`;
  return {
    __typename: account.type,
    id: account.nodeId,
    databaseId: account.id,
    login: account.login.replace(/\[bot\]$/, ''),
    name: account.name,
    url: page,
    resourcePath: `/${account.login}`,
    avatarUrl: `${world.origin}/avatars/${account.login}`,
    createdAt: '2011-01-25T18:44:36Z',
  };
}

/** null once the account is deleted; REST tells `ghost` instead. */
function authorNode(world: World, account: Account) {
  return isDeleted(world, account) ? null : accountNode(world, account);
}

export function labelNode(world: World, label: Label) {
  return {
    __typename: 'Label',
    id: label.nodeId,
    name: label.name,
    color: label.color,
    description: label.description ?? null,
    isDefault: false,
    url: `${repositoryPage(world, label.repository)}/labels/${encodeURIComponent(label.name)}`,
    repository: () => repositoryFields(world, label.repository),
  };
}

export function commentNode(world: World, comment: Comment) {
  return {
    __typename: 'IssueComment',
    id: comment.nodeId,
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    body: comment.body,
    bodyText: comment.body,
    author: () => authorNode(world, comment.author),
    authorAssociation: associationOf(comment.pull.repository, comment.author),
    viewerDidAuthor: comment.app === world.app,
    createdAt: comment.createdAt.toISOString(),
    updatedAt: comment.updatedAt.toISOString(),
    isMinimized: false,
    url: commentPage(world, comment),
    issue: () => null,
    pullRequest: () => pullNode(world, comment.pull),
    repository: () => repositoryFields(world, comment.pull.repository),
  };
}

export function refNode(world: World, repository: Repository, name: string, oid: string) {
  const short = name.split('/').slice(2).join('/');
  return {
    __typename: 'Ref',
    id: refId(repository, name),
    name: short,
    prefix: name.slice(0, name.length - short.length),
    target: () => commitNode(world, repository, repository.git.existingCommit(oid)),
    ...branchFields(repository, short, oid),
    repository: () => repositoryFields(world, repository),
    associatedPullRequests: (args: Arguments) => {
      const pulls = pullsFor(repository, { ...args, headRefName: short }).filter(
        ({ head }) => head.repository === repository,
      );
      return connection(pulls, args, (pull) => pullNode(world, pull));
    },
  };
}

export function refId(repository: Repository, name: string): string {
  return `REF_${Buffer.from(`${fullName(repository)}:${name}`).toString('base64url')}`;
}

export function refOfId(world: World, id: string): { repository: Repository; name: string } | undefined {
  const [where = '', name = ''] = Buffer.from(id.slice('REF_'.length), 'base64url').toString().split(':');
  const repository = id.startsWith('REF_') ? world.repositories.get(where.toLowerCase()) : undefined;
  return repository?.git.refs.get(name) === undefined ? undefined : { repository, name };
}

export function commitNode(world: World, repository: Repository, commit: Commit): object {
  const [headline = '', ...rest] = commit.message.split('\n');
  const page = `${repositoryPage(world, repository)}/commit/${commit.oid}`;
  return {
    __typename: 'Commit',
    id: `C_${Buffer.from(`${repository.id}:${commit.oid}`).toString('base64url')}`,
    oid: commit.oid,
    abbreviatedOid: commit.oid.slice(0, 7),
    message: commit.message,
    messageHeadline: headline,
    messageBody: rest.join('\n').trim(),
    committedDate: commit.committer.date.toISOString(),
    authoredDate: commit.author.date.toISOString(),
    url: page,
    commitUrl: page,
    author: () => gitActor(world, commit.author),
    committer: () => gitActor(world, commit.committer),
    signature: () => (commit.signed ? signatureNode(commit) : null),
    tree: () => ({ __typename: 'Tree', id: `T_${commit.tree}`, oid: commit.tree }),
    parents: (args: Arguments) => {
      const parents = commit.parents.map((parent) => repository.git.existingCommit(parent));
      return connection(parents, args, (parent) => commitNode(world, repository, parent));
    },
    authors: (args: Arguments) => connection(authorsOf(commit), args, (author) => gitActor(world, author)),
    associatedPullRequests: (args: Arguments) => {
      const pulls = pullsOf(repository, 'all').filter((pull) => brought(pull, commit.oid));
      return connection(pulls, args, (pull) => pullNode(world, pull));
    },
    checkSuites: (args: Arguments) => connection(pushSuites(world, repository, commit.oid), args, (suite) => suite),
    statusCheckRollup: () => rollupNode(world, repository, commit.oid),
    ...deployFields(world, repository, commit.oid),
    repository: () => repositoryFields(world, repository),
  };
}

/** GitHub makes a suite for every app that may write checks, with each push. */
function pushSuites(world: World, repository: Repository, oid: string): readonly object[] {
  const pusher = repository.pushers.get(oid);
  if (pusher === undefined) return [];
  const push = {
    __typename: 'Push',
    id: `PUSH_${oid}`,
    nextSha: oid,
    pusher: () => accountNode(world, isDeleted(world, pusher) ? ghost(world) : pusher),
  };
  return [{ __typename: 'CheckSuite', id: `CS_${oid}`, push }];
}

function signatureNode(commit: Commit) {
  const signature = { isValid: true, state: 'VALID', wasSignedByGitHub: true, email: commit.committer.email };
  return { __typename: 'GpgSignature', ...signature, keyId: 'B5690EEEBB952194' };
}

/** The git author, and those whom the message names as co-authors. */
function authorsOf({ author, message }: Commit): readonly Commit['author'][] {
  const named = [...message.matchAll(/^co-authored-by: *(.*?) *<([^>]*)>$/gim)];
  return [author, ...named.map(([, name = '', email = '']) => ({ name, email, date: author.date }))];
}

/** Behind the address of a bot there is no user. */
function gitActor(world: World, { name, email, date }: Commit['author']) {
  const account = accountOfEmail(world, email);
  const isUser = account?.type === 'User';
  return { name, email, date: date.toISOString(), user: isUser ? accountNode(world, account) : null };
}

/** GitHub lists no more commits of a pull request. */
const listedCommits = 250;

const mergeStates = { clean: 'CLEAN', dirty: 'DIRTY', blocked: 'BLOCKED', draft: 'DRAFT', unknown: 'UNKNOWN' } as const;

export function pullNode(world: World, pull: PullRequest): object {
  const { repository, head, base } = pull;
  return {
    __typename: 'PullRequest',
    id: pull.nodeId,
    databaseId: pull.id,
    fullDatabaseId: String(pull.id),
    number: pull.number,
    title: pull.title,
    body: pull.body,
    bodyText: pull.body,
    state: pull.merge === undefined ? pull.state.toUpperCase() : 'MERGED',
    closed: pull.state === 'closed',
    merged: pull.merge !== undefined,
    isDraft: pull.draft,
    locked: pull.locked,
    isCrossRepository: head.repository !== repository,
    maintainerCanModify: pull.maintainerCanModify,
    createdAt: pull.createdAt.toISOString(),
    updatedAt: pull.updatedAt.toISOString(),
    closedAt: pull.closedAt?.toISOString() ?? null,
    mergedAt: pull.merge?.at.toISOString() ?? null,
    url: pullPage(world, pull),
    permalink: pullPage(world, pull),
    resourcePath: `/${fullName(repository)}/pull/${pull.number}`,
    author: () => authorNode(world, pull.author),
    authorAssociation: associationOf(repository, pull.author),
    headRefName: head.branch,
    headRefOid: head.sha,
    headRef: () => refOf(world, head.repository, head.branch),
    headRepository: () => repositoryFields(world, head.repository),
    headRepositoryOwner: () => accountNode(world, head.repository.owner),
    baseRefName: base.branch,
    baseRefOid: base.sha,
    baseRef: () => refOf(world, repository, base.branch),
    repository: () => repositoryFields(world, repository),
    mergeable: () => mergeableState(pull),
    mergeStateStatus: () => mergeStates[mergeability(pull)],
    mergeCommit: () =>
      pull.merge === undefined ? null : commitNode(world, repository, repository.git.existingCommit(pull.merge.commit)),
    mergedBy: () => (pull.merge === undefined ? null : accountNode(world, pull.merge.by)),
    additions: () => changedFiles(pull).reduce((sum, file) => sum + file.additions, 0),
    deletions: () => changedFiles(pull).reduce((sum, file) => sum + file.deletions, 0),
    changedFiles: () => changedFiles(pull).length,
    viewerDidAuthor: pull.author === world.app.bot,
    reviewDecision: null,
    labels: (args: Arguments) => connection([...pull.labels], args, (label) => labelNode(world, label)),
    comments: (args: Arguments) => connection(commentsOf(pull), args, (comment) => commentNode(world, comment)),
    reviews: (args: Arguments) => connection(pull.reviews, args, (review) => reviewNode(world, review)),
    commits: (args: Arguments) => {
      const all = pullCommits(pull);
      const listed = connection(all.slice(0, listedCommits), args, (commit) => ({
        id: `PRC_${commit.oid}`,
        commit: commitNode(world, repository, commit),
      }));
      return { ...listed, totalCount: all.length };
    },
    files: (args: Arguments) => connection(changedFiles(pull), args, fileNode),
    reviewRequests: (args: Arguments) =>
      connection([...pull.requestedReviewers], args, (reviewer) => ({
        requestedReviewer: accountNode(world, reviewer),
      })),
  };
}

function fileNode({ path, additions, deletions, status }: ReturnType<typeof changedFiles>[number]) {
  return { path, additions, deletions, changeType: status === 'removed' ? 'DELETED' : status.toUpperCase() };
}

function mergeableState(pull: PullRequest): string {
  if (pull.state === 'closed') return 'UNKNOWN';
  return isMergeable(pull) === true ? 'MERGEABLE' : 'CONFLICTING';
}

function refOf(world: World, repository: Repository, branch: string) {
  const oid = repository.git.refs.get(`refs/heads/${branch}`);
  return oid === undefined ? null : refNode(world, repository, `refs/heads/${branch}`, oid);
}

function reviewNode(world: World, review: Review) {
  return {
    __typename: 'PullRequestReview',
    id: review.nodeId,
    fullDatabaseId: String(review.id),
    state: review.state,
    body: review.body,
    author: authorNode(world, review.author),
    authorCanPushToRepository: mayWrite(roleOf(review.pull.repository, review.author)),
    submittedAt: review.submittedAt.toISOString(),
    commit: () => commitNode(world, review.pull.repository, review.pull.repository.git.existingCommit(review.commit)),
  };
}

/** Any node by its kind; undefined for kinds that GraphQL does not serve here. */
export function graphNode(world: World, node: Node): object | undefined {
  switch (node.kind) {
    case 'account':
      return accountNode(world, node);
    case 'repository':
      return repositoryFields(world, node);
    case 'pull':
      return pullNode(world, node);
    case 'comment':
      return commentNode(world, node);
    case 'label':
      return labelNode(world, node);
    case 'deployment':
      return deploymentNode(world, node);
    case 'deployment-status':
      return deploymentStatusNode(world, node);
    case 'review':
      return reviewNode(world, node);
    case 'app':
    case 'check':
    case 'installation':
    case 'issue':
    case 'reaction':
    case 'status':
    case 'suite':
    case 'team':
      return undefined;
  }
}
