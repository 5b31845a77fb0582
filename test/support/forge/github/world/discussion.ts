import type {
  Account,
  Actor,
  Comment,
  Label,
  PullRequest,
  Reaction,
  ReactionContent,
  Repository,
  Review,
} from './model.ts';
import { invalidField, Refusal, unprocessable } from './refusal.ts';
import type { World } from './world.ts';

/** GitHub's limit for a body, in characters. */
export const bodyLimit = 65_536;

export function refuseLongBody(resource: string, body: string): void {
  if (body.length <= bodyLimit) return;
  throw unprocessable(
    `Validation Failed: {"resource":"${resource}","code":"custom","field":"body","message":"body is too long (maximum is ${bodyLimit} characters)"}`,
    `Body is too long (maximum is ${bodyLimit} characters)`,
  );
}

/** In the words of GitHub, which lets no app comment there whatever its permissions: issue 6215 of renovatebot/renovate. */
function refuseLocked({ locked }: PullRequest, { app }: Actor): void {
  if (locked && app !== undefined) {
    throw new Refusal(403, 'Unable to create comment because issue is locked.', { type: 'FORBIDDEN' });
  }
}

export function addComment(world: World, actor: Actor, pull: PullRequest, body: string): Comment {
  if (body.trim() === '') throw unprocessable('Validation Failed', "Body can't be blank");
  refuseLongBody('IssueComment', body);
  refuseLocked(pull, actor);
  const now = world.now();
  const comment = world.add<Comment>({
    kind: 'comment',
    ...world.identity('comment'),
    pull,
    author: actor.account,
    app: actor.app,
    body,
    reactions: [],
    createdAt: now,
    updatedAt: now,
  });
  pull.repository.comments.set(comment.id, comment);
  pull.updatedAt = now;
  world.emit({ name: 'issue_comment', action: 'created', comment, sender: actor.account });
  return comment;
}

export function commentsOf(pull: PullRequest): Comment[] {
  return [...pull.repository.comments.values()].filter((comment) => comment.pull === pull);
}

export function editComment(world: World, actor: Actor, comment: Comment, body: string): void {
  refuseLongBody('IssueComment', body);
  refuseLocked(comment.pull, actor);
  const previousBody = comment.body;
  if (previousBody === body) return;
  comment.body = body;
  comment.updatedAt = world.now();
  world.emit({ name: 'issue_comment', action: 'edited', comment, previousBody, sender: actor.account });
}

export function deleteComment(world: World, actor: Actor, comment: Comment): void {
  comment.pull.repository.comments.delete(comment.id);
  world.nodes.delete(comment.nodeId);
  world.emit({ name: 'issue_comment', action: 'deleted', comment, sender: actor.account });
}

/** Reacting twice with the same content gives the first reaction again. GitHub sends no event for reactions. */
export function react(world: World, actor: Actor, subject: Comment | Review, content: ReactionContent) {
  const existing = subject.reactions.find(({ user, content: given }) => user === actor.account && given === content);
  if (existing !== undefined) return { reaction: existing, created: false };
  refuseLocked(subject.pull, actor);
  const reaction = world.add<Reaction>({
    kind: 'reaction',
    ...world.identity('reaction'),
    user: actor.account,
    content,
    createdAt: world.now(),
  });
  subject.reactions.push(reaction);
  return { reaction, created: true };
}

export function labelNamed(repository: Repository, name: string): Label | undefined {
  return repository.labels.get(name.toLowerCase());
}

export function createLabel(
  world: World,
  actor: Actor,
  repository: Repository,
  wanted: { name: string; color?: string; description?: string },
): Label {
  if (labelNamed(repository, wanted.name) !== undefined) throw invalidField('Label', 'name', 'already_exists');
  const label = world.add<Label>({
    kind: 'label',
    ...world.identity('label'),
    repository,
    name: wanted.name,
    color: wanted.color ?? 'ededed',
    description: wanted.description,
  });
  repository.labels.set(wanted.name.toLowerCase(), label);
  world.emit({ name: 'label', action: 'created', label, sender: actor.account });
  return label;
}

/** REST makes labels that do not exist yet when they are put on something. */
export function ensureLabel(world: World, actor: Actor, repository: Repository, name: string): Label {
  return labelNamed(repository, name) ?? createLabel(world, actor, repository, { name });
}

export function addReview(
  world: World,
  author: Account,
  pull: PullRequest,
  wanted: { state: Review['state']; body: string; commit?: string },
): Review {
  if (wanted.state === 'APPROVED' && author === pull.author) {
    throw unprocessable('Can not approve your own pull request');
  }
  const review = world.add<Review>({
    kind: 'review',
    ...world.identity('review'),
    pull,
    author,
    body: wanted.body,
    state: wanted.state,
    commit: wanted.commit ?? pull.head.sha,
    submittedAt: world.now(),
    reactions: [],
  });
  pull.reviews.push(review);
  pull.requestedReviewers.delete(author);
  world.emit({ name: 'pull_request_review', action: 'submitted', review, sender: author });
  return review;
}

/** Takes a review back. @throws Refusal 422 where there is nothing to take back */
export function dismissReview(world: World, actor: Actor, review: Review): void {
  if (review.state === 'DISMISSED') throw unprocessable('Can not dismiss a dismissed pull request review');
  if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED') {
    throw unprocessable(`Can not dismiss a ${review.state.toLowerCase()} pull request review`);
  }
  review.state = 'DISMISSED';
  world.emit({ name: 'pull_request_review', action: 'dismissed', review, sender: actor.account });
}
