import type { components } from '@octokit/openapi-types';
import type { Label, PullRequest, Repository } from '../world/model.ts';
import { commentsOf } from '../world/discussion.ts';
import { changedFiles, pullCommits } from '../world/diffs.ts';
import { isMergeable, mergeability } from '../world/merging.ts';
import { headLabel } from '../world/pulls.ts';
import type { World } from '../world/world.ts';
import { associationOf, teamBody, userBody } from './accounts.ts';
import { repositoryBody, repositoryPage, repositoryUrl } from './repository.ts';

type Schemas = components['schemas'];

export function pullUrl(world: World, pull: PullRequest): string {
  return `${repositoryUrl(world, pull.repository)}/pulls/${pull.number}`;
}

export function pullPage(world: World, pull: PullRequest): string {
  return `${repositoryPage(world, pull.repository)}/pull/${pull.number}`;
}

export function labelBody(world: World, label: Label) {
  return {
    id: label.id,
    node_id: label.nodeId,
    url: `${repositoryUrl(world, label.repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    description: label.description ?? null,
    color: label.color,
    default: false,
  } satisfies Schemas['label'];
}

/** What the list of pull requests shows of each. */
export function simplePullBody(world: World, pull: PullRequest) {
  const { repository, head, base } = pull;
  return {
    id: pull.id,
    node_id: pull.nodeId,
    number: pull.number,
    ...pullUrls(world, pull),
    state: pull.state,
    locked: pull.locked,
    title: pull.title,
    user: userBody(world, pull.author),
    body: pull.body === '' ? null : pull.body,
    labels: [...pull.labels].map((label) => ({ ...labelBody(world, label), description: label.description ?? '' })),
    milestone: null,
    active_lock_reason: null,
    created_at: pull.createdAt.toISOString(),
    updated_at: pull.updatedAt.toISOString(),
    closed_at: pull.closedAt?.toISOString() ?? null,
    merged_at: pull.merge?.at.toISOString() ?? null,
    merge_commit_sha: pull.merge?.commit ?? repository.git.refs.get(`refs/pull/${pull.number}/merge`) ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [...pull.requestedReviewers].map((reviewer) => userBody(world, reviewer)),
    requested_teams: [...pull.requestedTeams].map((team) => teamBody(world, team)),
    head: endBody(world, { label: headLabel(pull), ref: head.branch, sha: head.sha, repository: head.repository }),
    base: endBody(world, {
      label: `${repository.owner.login}:${base.branch}`,
      ref: base.branch,
      sha: base.sha,
      repository,
    }),
    _links: pullLinks(world, pull),
    author_association: associationOf(repository, pull.author),
    auto_merge: null,
    draft: pull.draft,
  };
}

export function pullBody(world: World, pull: PullRequest) {
  return {
    ...simplePullBody(world, pull),
    ...countsBody(world, pull),
    mergeable: pull.state === 'closed' ? null : (isMergeable(pull) ?? null),
    rebaseable: pull.state === 'closed' ? null : (isMergeable(pull) ?? null),
    mergeable_state: mergeability(pull),
  };
}

/** In a webhook GitHub has not yet looked whether the pull request merges. */
export function announcedPullBody(world: World, pull: PullRequest) {
  const uncertain = { mergeable: null, rebaseable: null, mergeable_state: 'unknown' };
  return { ...simplePullBody(world, pull), ...countsBody(world, pull), ...uncertain };
}

function countsBody(world: World, pull: PullRequest) {
  const files = changedFiles(pull);
  return {
    merged: pull.merge !== undefined,
    merged_by: pull.merge === undefined ? null : userBody(world, pull.merge.by),
    comments: commentsOf(pull).length,
    review_comments: 0,
    maintainer_can_modify: pull.maintainerCanModify,
    commits: pullCommits(pull).length,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length,
  };
}

function endBody(world: World, end: { label: string; ref: string; sha: string; repository: Repository }) {
  const { label, ref, sha, repository } = end;
  return { label, ref, sha, user: userBody(world, repository.owner), repo: repositoryBody(world, repository) };
}

function pullUrls(world: World, pull: PullRequest) {
  const url = pullUrl(world, pull);
  const page = pullPage(world, pull);
  const api = repositoryUrl(world, pull.repository);
  return {
    url,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: `${api}/issues/${pull.number}`,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${api}/issues/${pull.number}/comments`,
    statuses_url: `${api}/statuses/${pull.head.sha}`,
  };
}

function pullLinks(world: World, pull: PullRequest) {
  const urls = pullUrls(world, pull);
  return {
    self: { href: urls.url },
    html: { href: urls.html_url },
    issue: { href: urls.issue_url },
    comments: { href: urls.comments_url },
    review_comments: { href: urls.review_comments_url },
    review_comment: { href: urls.review_comment_url },
    commits: { href: urls.commits_url },
    statuses: { href: urls.statuses_url },
  };
}

export function minimalPullBody(world: World, pull: PullRequest) {
  const end = (repository: Repository, ref: string, sha: string) => ({
    ref,
    sha,
    repo: { id: repository.id, url: repositoryUrl(world, repository), name: repository.name },
  });
  return {
    id: pull.id,
    number: pull.number,
    url: pullUrl(world, pull),
    head: end(pull.head.repository, pull.head.branch, pull.head.sha),
    base: end(pull.repository, pull.base.branch, pull.base.sha),
  } satisfies Schemas['pull-request-minimal'];
}
