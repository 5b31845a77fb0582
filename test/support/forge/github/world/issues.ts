import { ensureLabel, refuseLongBody } from './discussion.ts';
import type { Actor, Issue, Repository } from './model.ts';
import { nextNumber } from './pulls.ts';
import { invalidField, Refusal } from './refusal.ts';
import type { World } from './world.ts';

export interface NewIssue {
  readonly title: string;
  readonly body: string;
  readonly labels?: readonly string[];
}

export function openIssue(world: World, actor: Actor, repository: Repository, wanted: NewIssue): Issue {
  if (!repository.hasIssues) throw new Refusal(410, 'Issues are disabled for this repo');
  if (wanted.title.trim() === '') throw invalidField('Issue', 'title', 'missing_field');
  refuseLongBody('Issue', wanted.body);
  const now = world.now();
  const labels = (wanted.labels ?? []).map((name) => ensureLabel(world, actor, repository, name));
  const issue = world.add<Issue>({
    kind: 'issue',
    ...world.identity('issue'),
    repository,
    number: nextNumber(repository),
    author: actor.account,
    app: actor.app,
    title: wanted.title,
    body: wanted.body,
    state: 'open',
    labels: new Set(labels),
    closedAt: undefined,
    createdAt: now,
    updatedAt: now,
  });
  repository.issues.set(issue.number, issue);
  return issue;
}

export interface IssueChanges {
  readonly title?: string;
  readonly body?: string;
  readonly state?: 'open' | 'closed';
}

export function editIssue(world: World, issue: Issue, { title, body, state }: IssueChanges): void {
  if (body !== undefined) refuseLongBody('Issue', body);
  issue.title = title ?? issue.title;
  issue.body = body ?? issue.body;
  issue.state = state ?? issue.state;
  issue.closedAt = issue.state === 'open' ? undefined : (issue.closedAt ?? world.now());
  issue.updatedAt = world.now();
}
