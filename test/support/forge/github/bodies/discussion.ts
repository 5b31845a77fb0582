import type { components } from '@octokit/openapi-types';
import { type Comment, type Reaction, type Review, reactionContents } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { appBody, associationOf, userBody } from './accounts.ts';
import { pullPage, pullUrl } from './pull.ts';
import { repositoryUrl } from './repository.ts';

type Schemas = components['schemas'];

export function commentUrl(world: World, comment: Comment): string {
  return `${repositoryUrl(world, comment.pull.repository)}/issues/comments/${comment.id}`;
}

export function commentPage(world: World, comment: Comment): string {
  return `${pullPage(world, comment.pull)}#issuecomment-${comment.id}`;
}

export function commentBody(world: World, comment: Comment) {
  const { pull, author, app } = comment;
  const url = commentUrl(world, comment);
  return {
    id: comment.id,
    node_id: comment.nodeId,
    url,
    html_url: commentPage(world, comment),
    issue_url: `${repositoryUrl(world, pull.repository)}/issues/${pull.number}`,
    user: userBody(world, author),
    body: comment.body,
    created_at: comment.createdAt.toISOString(),
    updated_at: comment.updatedAt.toISOString(),
    author_association: associationOf(pull.repository, author),
    performed_via_github_app: app === undefined ? null : appBody(world, app),
    reactions: reactionsBody(url, comment.reactions),
  } satisfies Schemas['issue-comment'];
}

export function reactionsBody(url: string, reactions: readonly Reaction[]): Schemas['reaction-rollup'] {
  const rollup = { url: `${url}/reactions`, total_count: reactions.length, ...noReactions };
  for (const content of reactionContents) rollup[content] = reactions.filter((one) => one.content === content).length;
  return rollup;
}

const noReactions = { '+1': 0, '-1': 0, laugh: 0, confused: 0, heart: 0, hooray: 0, eyes: 0, rocket: 0 };

export function reactionBody(world: World, reaction: Reaction): Schemas['reaction'] {
  return {
    id: reaction.id,
    node_id: reaction.nodeId,
    user: userBody(world, reaction.user),
    content: reaction.content,
    created_at: reaction.createdAt.toISOString(),
  };
}

export function reviewBody(world: World, review: Review) {
  const page = `${pullPage(world, review.pull)}#pullrequestreview-${review.id}`;
  return {
    id: review.id,
    node_id: review.nodeId,
    user: userBody(world, review.author),
    body: review.body,
    state: review.state,
    html_url: page,
    pull_request_url: pullUrl(world, review.pull),
    _links: { html: { href: page }, pull_request: { href: pullUrl(world, review.pull) } },
    submitted_at: review.submittedAt.toISOString(),
    commit_id: review.commit,
    author_association: associationOf(review.pull.repository, review.author),
  } satisfies Schemas['pull-request-review'];
}
