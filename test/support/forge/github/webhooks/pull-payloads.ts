import type { components } from '@octokit/openapi-webhooks-types';
import type { WorldEvent } from '../world/events.ts';
import type { PullRequest, Review } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { reviewBody } from '../bodies/discussion.ts';
import { userBody } from '../bodies/accounts.ts';
import { announcedPullBody, simplePullBody } from '../bodies/pull.ts';
import { type Common, webhookLabel } from './payloads.ts';

type Schemas = components['schemas'];
type PullRequestEvent = Extract<WorldEvent, { name: 'pull_request' }>;

export function pullRequestPayload(world: World, event: PullRequestEvent, base: Common): object {
  const { pull } = event;
  const shared = { number: pull.number, pull_request: pullRequest(world, pull), ...base };
  switch (event.action) {
    case 'opened':
      return { action: event.action, ...shared } satisfies Schemas['webhook-pull-request-opened'];
    case 'closed':
      return { action: event.action, ...shared } satisfies Schemas['webhook-pull-request-closed'];
    case 'reopened':
      return { action: event.action, ...shared } satisfies Schemas['webhook-pull-request-reopened'];
    case 'ready_for_review':
      return { action: event.action, ...shared } satisfies Schemas['webhook-pull-request-ready-for-review'];
    case 'converted_to_draft':
      return { action: event.action, ...shared } satisfies Schemas['webhook-pull-request-converted-to-draft'];
    case 'edited': {
      const changes = editedChanges(event.changes);
      return { action: event.action, changes, ...shared } satisfies Schemas['webhook-pull-request-edited'];
    }
    case 'synchronize': {
      const { action, before, after } = event;
      return { action, before, after, ...shared } satisfies Schemas['webhook-pull-request-synchronize'];
    }
    case 'labeled': {
      const label = webhookLabel(world, event.label);
      return { action: event.action, label, ...shared } satisfies Schemas['webhook-pull-request-labeled'];
    }
    case 'unlabeled': {
      const label = webhookLabel(world, event.label);
      return { action: event.action, label, ...shared } satisfies Schemas['webhook-pull-request-unlabeled'];
    }
    case 'review_requested': {
      const reviewer = userBody(world, event.reviewer);
      return {
        action: event.action,
        requested_reviewer: reviewer,
        ...shared,
      } satisfies Schemas['webhook-pull-request-review-requested'];
    }
  }
}

function editedChanges(changes: { title?: string; body?: string; base?: { branch: string; sha: string } }) {
  return {
    ...(changes.title === undefined ? {} : { title: { from: changes.title } }),
    ...(changes.body === undefined ? {} : { body: { from: changes.body } }),
    ...(changes.base === undefined
      ? {}
      : { base: { ref: { from: changes.base.branch }, sha: { from: changes.base.sha } } }),
  };
}

/** The pull request as webhooks show it, where labels say more than in REST. */
function pullRequest(world: World, pull: PullRequest) {
  return { ...announcedPullBody(world, pull), labels: [...pull.labels].map((label) => webhookLabel(world, label)) };
}

export function reviewPayload(world: World, action: 'submitted' | 'dismissed', review: Review, base: Common): object {
  const { id, node_id, user, body, html_url, pull_request_url, _links, author_association, submitted_at, commit_id } =
    reviewBody(world, review);
  const labels = [...review.pull.labels].map((label) => webhookLabel(world, label));
  const state = review.state.toLowerCase();
  const described = {
    id,
    node_id,
    user,
    html_url,
    pull_request_url,
    _links,
    author_association,
    submitted_at,
    commit_id,
  };
  const told = { ...described, body: body === '' ? null : body, updated_at: submitted_at };
  const shared = { pull_request: { ...simplePullBody(world, review.pull), labels }, ...base };
  if (action === 'dismissed') {
    const dismissed = { ...told, state: 'dismissed' as const };
    return { action, review: dismissed, ...shared } satisfies Schemas['webhook-pull-request-review-dismissed'];
  }
  return { action, review: { ...told, state }, ...shared } satisfies Schemas['webhook-pull-request-review-submitted'];
}
