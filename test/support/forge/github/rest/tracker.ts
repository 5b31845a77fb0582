import { issueBody } from '../bodies/issues.ts';
import { editIssue, openIssue } from '../world/issues.ts';
import type { Issue, PullRequest, Repository } from '../world/model.ts';
import { pullsOf } from '../world/pulls.ts';
import { Refusal } from '../world/refusal.ts';
import { type Call, operation } from './operation.ts';
import { paginate } from './pages.ts';

/** Issues that are no pull requests; pull requests stand in the list beside them, as on GitHub. */
export const trackerOperations = [
  operation('issues/list-for-repo', { issues: 'read' }, (call) => {
    const { world, repository, query, url } = call;
    const { items, headers } = paginate(listed(repository, query), url, query);
    return { status: 200, body: items.map((item) => issueBody(world, item)), headers };
  }),
  operation('issues/get', { issues: 'read' }, ({ world, repository, path }) => ({
    status: 200,
    body: issueBody(world, issueIn(repository, path.issue_number)),
  })),
  operation('issues/create', { issues: 'write' }, ({ world, actor, repository, body }) => {
    const labels = (body.labels ?? []).flatMap((label) => (typeof label === 'string' ? label : (label.name ?? [])));
    const issue = openIssue(world, actor, repository, { title: String(body.title), body: body.body ?? '', labels });
    return { status: 201, body: issueBody(world, issue) };
  }),
  operation('issues/update', { issues: 'write' }, ({ world, repository, path, body }) => {
    const issue = issueIn(repository, path.issue_number);
    editIssue(world, issue, {
      ...(typeof body.title === 'string' ? { title: body.title } : {}),
      ...(typeof body.body === 'string' ? { body: body.body } : {}),
      ...(body.state === undefined ? {} : { state: body.state }),
    });
    return { status: 200, body: issueBody(world, issue) };
  }),
];

function listed(
  repository: Repository,
  { state = 'open', creator, labels, sort = 'created', direction = 'desc' }: Call<'issues/list-for-repo'>['query'],
): readonly (Issue | PullRequest)[] {
  const names = labels?.split(',').map((name) => name.toLowerCase()) ?? [];
  const time = ({ createdAt, updatedAt }: Issue | PullRequest) =>
    (sort === 'updated' ? updatedAt : createdAt).getTime();
  const sign = direction === 'asc' ? 1 : -1;
  return [...repository.issues.values(), ...pullsOf(repository, 'all')]
    .filter((item) => state === 'all' || item.state === state)
    .filter(({ author }) => creator === undefined || author.login.toLowerCase() === creator.toLowerCase())
    .filter((item) => names.every((name) => [...item.labels].some((label) => label.name.toLowerCase() === name)))
    .sort((a, b) => sign * (time(a) - time(b) || a.number - b.number));
}

function issueIn(repository: Repository, number: number): Issue {
  const issue = repository.issues.get(number);
  if (issue === undefined) throw new Refusal(404, 'Not Found');
  return issue;
}
