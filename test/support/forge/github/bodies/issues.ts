import type { components } from '@octokit/openapi-types';
import type { Issue, PullRequest } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { appBody, associationOf, userBody } from './accounts.ts';
import { reactionsBody } from './discussion.ts';
import { labelBody, pullPage, pullUrl } from './pull.ts';
import { repositoryPage, repositoryUrl } from './repository.ts';

export function issuePage(world: World, issue: Issue): string {
  return `${repositoryPage(world, issue.repository)}/issues/${issue.number}`;
}

/** An issue, or a pull request as the issue that it also is. */
export function issueBody(world: World, item: Issue | PullRequest): components['schemas']['issue'] {
  const { repository, number } = item;
  const url = `${repositoryUrl(world, repository)}/issues/${number}`;
  return {
    id: item.id,
    node_id: item.nodeId,
    number,
    url,
    repository_url: repositoryUrl(world, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: item.kind === 'issue' ? issuePage(world, item) : pullPage(world, item),
    title: item.title,
    body: item.body === '' ? null : item.body,
    user: userBody(world, item.author),
    labels: [...item.labels].map((label) => labelBody(world, label)),
    state: item.state,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: 0,
    created_at: item.createdAt.toISOString(),
    updated_at: item.updatedAt.toISOString(),
    closed_at: item.closedAt?.toISOString() ?? null,
    author_association: associationOf(repository, item.author),
    reactions: reactionsBody(url, []),
    performed_via_github_app: item.kind === 'issue' && item.app !== undefined ? appBody(world, item.app) : null,
    ...(item.kind === 'pull' ? { pull_request: pullLinks(world, item) } : {}),
  };
}

function pullLinks(world: World, pull: PullRequest) {
  const page = pullPage(world, pull);
  const at = pull.merge?.at.toISOString() ?? null;
  return {
    url: pullUrl(world, pull),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    merged_at: at,
  };
}
