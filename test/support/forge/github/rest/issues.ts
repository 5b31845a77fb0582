import type { Comment, Label, Repository } from '../world/model.ts';
import {
  addComment,
  commentsOf,
  createLabel,
  deleteComment,
  editComment,
  ensureLabel,
  labelNamed,
  react,
} from '../world/discussion.ts';
import { labelPull, unlabelPull } from '../world/pulls.ts';
import { notFound, Refusal } from '../world/refusal.ts';
import { commentBody, commentUrl, reactionBody } from '../bodies/discussion.ts';
import { labelBody } from '../bodies/pull.ts';
import { type Call, operation } from './operation.ts';
import { paginate } from './pages.ts';
import { pullIn } from './pulls.ts';

/** Pull requests are issues to these operations; either permission opens them. */
const read = { issues: 'read', pull_requests: 'read' } as const;
const write = { issues: 'write', pull_requests: 'write' } as const;

export const issueOperations = [
  operation('issues/list-comments', read, ({ world, repository, path, query, url }) => {
    const since = query.since === undefined ? undefined : new Date(query.since);
    const all = commentsOf(pullIn(repository, path.issue_number));
    const wanted = since === undefined ? all : all.filter(({ updatedAt }) => updatedAt >= since);
    const { items, headers } = paginate(wanted, url, query);
    return { status: 200, body: items.map((comment) => commentBody(world, comment)), headers };
  }),
  operation('issues/get-comment', read, ({ world, repository, path }) => ({
    status: 200,
    body: commentBody(world, commentIn(repository, path.comment_id)),
  })),
  operation('issues/create-comment', write, ({ world, actor, repository, path, body }) => {
    const comment = addComment(world, actor, pullIn(repository, path.issue_number), body.body);
    return { status: 201, body: commentBody(world, comment), headers: { location: commentUrl(world, comment) } };
  }),
  operation('issues/update-comment', write, ({ world, actor, repository, path, body }) => {
    const comment = commentIn(repository, path.comment_id);
    editComment(world, actor, comment, body.body);
    return { status: 200, body: commentBody(world, comment) };
  }),
  operation('issues/delete-comment', write, ({ world, actor, repository, path }) => {
    deleteComment(world, actor, commentIn(repository, path.comment_id));
    return { status: 204 };
  }),
  operation('reactions/list-for-issue-comment', read, ({ world, repository, path, query, url }) => {
    const { reactions } = commentIn(repository, path.comment_id);
    const wanted = reactions.filter(({ content }) => query.content === undefined || content === query.content);
    const { items, headers } = paginate(wanted, url, query);
    return { status: 200, body: items.map((reaction) => reactionBody(world, reaction)), headers };
  }),
  operation('reactions/create-for-issue-comment', { issues: 'write' }, ({ world, actor, repository, path, body }) => {
    const { reaction, created } = react(world, actor, commentIn(repository, path.comment_id), body.content);
    return { status: created ? 201 : 200, body: reactionBody(world, reaction) };
  }),
  operation('issues/list-labels-for-repo', read, ({ world, repository, query, url }) => {
    const { items, headers } = paginate([...repository.labels.values()], url, query);
    return { status: 200, body: items.map((label) => labelBody(world, label)), headers };
  }),
  operation('issues/create-label', write, ({ world, actor, repository, body }) => {
    const { name, color, description } = body;
    const label = createLabel(world, actor, repository, {
      name,
      ...(color === undefined ? {} : { color }),
      ...(description === undefined ? {} : { description }),
    });
    return { status: 201, body: labelBody(world, label), headers: { location: labelBody(world, label).url } };
  }),
  operation('issues/get-label', read, ({ world, repository, path }) => {
    const label = labelNamed(repository, path.name);
    if (label === undefined) throw notFound();
    return { status: 200, body: labelBody(world, label) };
  }),
  operation('issues/list-labels-on-issue', read, ({ world, repository, path, query, url }) => {
    const { items, headers } = paginate([...pullIn(repository, path.issue_number).labels], url, query);
    return { status: 200, body: items.map((label) => labelBody(world, label)), headers };
  }),
  operation('issues/add-labels', write, addLabels),
  operation('issues/remove-label', write, ({ world, actor, repository, path }) => {
    const pull = pullIn(repository, path.issue_number);
    const label = labelNamed(repository, path.name);
    if (label === undefined || !pull.labels.has(label)) throw new Refusal(404, 'Label does not exist');
    unlabelPull(world, actor, pull, label);
    return { status: 200, body: [...pull.labels].map((left) => labelBody(world, left)) };
  }),
];

function commentIn(repository: Repository, id: number | bigint): Comment {
  const comment = repository.comments.get(Number(id));
  if (comment === undefined) throw notFound();
  return comment;
}

function addLabels({ world, actor, repository, path, body }: Call<'issues/add-labels'>) {
  const pull = pullIn(repository, path.issue_number);
  const labels: Label[] = labelNames(body).map((name) => ensureLabel(world, actor, repository, name));
  for (const label of labels) labelPull(world, actor, pull, label);
  return { status: 200 as const, body: [...pull.labels].map((label) => labelBody(world, label)) };
}

/** The operation takes names or objects, as a list or below `labels`. */
function labelNames(body: Call<'issues/add-labels'>['body']): string[] {
  const labels: readonly unknown[] = Array.isArray(body) ? body : 'labels' in body ? (body.labels ?? []) : [];
  return labels.flatMap((label) => (typeof label === 'string' ? [label] : isNamed(label) ? [label.name] : []));
}

function isNamed(label: unknown): label is { name: string } {
  return typeof label === 'object' && label !== null && 'name' in label && typeof label.name === 'string';
}
