import type { components } from '@octokit/openapi-webhooks-types';
import type { WorldEvent } from '../world/events.ts';
import type { PullRequest } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { associationOf, userBody } from '../bodies/accounts.ts';
import { commentBody, reactionsBody } from '../bodies/discussion.ts';
import { pullPage, pullUrl } from '../bodies/pull.ts';
import { repositoryUrl } from '../bodies/repository.ts';
import { commentsOf } from '../world/discussion.ts';
import { type Common, webhookLabel } from './payloads.ts';

type Schemas = components['schemas'];
type CommentEvent = Extract<WorldEvent, { name: 'issue_comment' }>;

export function commentPayload(world: World, event: CommentEvent, base: Common): object {
  const { comment } = event;
  const shared = { comment: commentBody(world, comment), issue: issueBody(world, comment.pull), ...base };
  switch (event.action) {
    case 'created':
      return { action: event.action, ...shared } satisfies Schemas['webhook-issue-comment-created'];
    case 'edited': {
      const changes = { body: { from: event.previousBody ?? '' } };
      return { action: event.action, changes, ...shared } satisfies Schemas['webhook-issue-comment-edited'];
    }
    case 'deleted':
      return { action: event.action, ...shared } satisfies Schemas['webhook-issue-comment-deleted'];
  }
}

/** The pull request, as the issue that it also is. */
function issueBody(world: World, pull: PullRequest) {
  const url = `${repositoryUrl(world, pull.repository)}/issues/${pull.number}`;
  const page = pullPage(world, pull);
  return {
    url,
    repository_url: repositoryUrl(world, pull.repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: page,
    id: pull.id,
    node_id: pull.nodeId,
    number: pull.number,
    title: pull.title,
    user: userBody(world, pull.author),
    labels: [...pull.labels].map((label) => webhookLabel(world, label)),
    state: pull.state,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: commentsOf(pull).length,
    created_at: pull.createdAt.toISOString(),
    updated_at: pull.updatedAt.toISOString(),
    closed_at: pull.closedAt?.toISOString() ?? null,
    author_association: associationOf(pull.repository, pull.author),
    active_lock_reason: null,
    draft: pull.draft,
    pull_request: {
      url: pullUrl(world, pull),
      html_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      merged_at: pull.merge?.at.toISOString() ?? null,
    },
    body: pull.body === '' ? null : pull.body,
    reactions: reactionsBody(url, []),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: null,
    state_reason: null,
  };
}
