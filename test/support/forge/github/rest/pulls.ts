import type { PullRequest, Repository, Review } from '../world/model.ts';
import { account } from '../world/accounts.ts';
import { changedFiles, pullCommits } from '../world/diffs.ts';
import { addReview, dismissReview } from '../world/discussion.ts';
import { mergePull, updateFromBase } from '../world/merging.ts';
import { editPull, headLabel, openPull, pullsOf, requestReview } from '../world/pulls.ts';
import { invalidField, notFound } from '../world/refusal.ts';
import { repositoryKey } from '../world/repositories.ts';
import type { World } from '../world/world.ts';
import { teamBody, userBody } from '../bodies/accounts.ts';
import { commitBody, fileBody } from '../bodies/commits.ts';
import { reviewBody } from '../bodies/discussion.ts';
import { pullBody, pullUrl, simplePullBody } from '../bodies/pull.ts';
import { type Call, operation } from './operation.ts';
import { paginate } from './pages.ts';

export const pullOperations = [
  operation('pulls/list', { pull_requests: 'read' }, ({ world, repository, query, url }) => {
    const matching = pullsOf(repository, query.state ?? 'open').filter(
      (pull) =>
        (query.head === undefined || headLabel(pull) === query.head) &&
        (query.base === undefined || pull.base.branch === query.base),
    );
    const direction = query.direction ?? (query.sort === undefined || query.sort === 'created' ? 'desc' : 'asc');
    const key = (pull: PullRequest) => (query.sort === 'updated' ? pull.updatedAt.getTime() : pull.number);
    matching.sort((a, b) => (direction === 'asc' ? key(a) - key(b) : key(b) - key(a)));
    const { items, headers } = paginate(matching, url, query);
    return { status: 200, body: items.map((pull) => simplePullBody(world, pull)), headers };
  }),
  operation('pulls/get', { pull_requests: 'read' }, ({ world, repository, path }) => ({
    status: 200,
    body: pullBody(world, pullIn(repository, path.pull_number)),
  })),
  operation('pulls/create', { pull_requests: 'write' }, createPull),
  operation('pulls/update', { pull_requests: 'write' }, ({ world, actor, repository, path, body }) => {
    const pull = pullIn(repository, path.pull_number);
    const { body: text, maintainer_can_modify: modifiable, ...changes } = body;
    if (modifiable !== undefined) pull.maintainerCanModify = modifiable;
    editPull(world, actor, pull, { ...changes, ...(text === undefined ? {} : { body: text }) });
    return { status: 200, body: pullBody(world, pull) };
  }),
  operation('pulls/merge', { contents: 'write' }, ({ world, actor, repository, path, body }) => {
    const pull = pullIn(repository, path.pull_number);
    const wanted = body ?? {};
    const sha = mergePull(world, actor, pull, {
      method: wanted.merge_method ?? 'merge',
      ...(wanted.commit_title === undefined ? {} : { title: wanted.commit_title }),
      ...(wanted.commit_message === undefined ? {} : { message: wanted.commit_message }),
      ...(wanted.sha === undefined ? {} : { expectedHead: wanted.sha }),
    });
    return { status: 200, body: { sha, merged: true, message: 'Pull Request successfully merged' } };
  }),
  operation('pulls/update-branch', { pull_requests: 'write' }, ({ world, actor, repository, path, body }) => {
    const pull = pullIn(repository, path.pull_number);
    updateFromBase(world, actor, pull, body?.expected_head_sha);
    return { status: 202, body: { message: 'Updating pull request branch.', url: pullUrl(world, pull) } };
  }),
  operation('pulls/check-if-merged', { pull_requests: 'read', contents: 'read' }, ({ repository, path }) => {
    if (pullIn(repository, path.pull_number).merge === undefined) throw notFound();
    return { status: 204 };
  }),
  operation('pulls/list-commits', { pull_requests: 'read' }, ({ world, repository, path, query, url }) => {
    const { items, headers } = paginate(pullCommits(pullIn(repository, path.pull_number)).slice(0, 250), url, query);
    return { status: 200, body: items.map((commit) => commitBody(world, repository, commit)), headers };
  }),
  operation('pulls/list-files', { pull_requests: 'read' }, ({ world, repository, path, query, url }) => {
    const pull = pullIn(repository, path.pull_number);
    const { items, headers } = paginate(changedFiles(pull).slice(0, 3_000), url, query);
    return { status: 200, body: items.map((file) => fileBody(world, repository, pull.head.sha, file)), headers };
  }),
  operation('pulls/list-requested-reviewers', { pull_requests: 'read' }, ({ world, repository, path }) => {
    const pull = pullIn(repository, path.pull_number);
    const users = [...pull.requestedReviewers].map((reviewer) => userBody(world, reviewer));
    return { status: 200, body: { users, teams: [...pull.requestedTeams].map((team) => teamBody(world, team)) } };
  }),
  operation('pulls/request-reviewers', { pull_requests: 'write' }, requestReviewers),
  operation('pulls/list-reviews', { pull_requests: 'read' }, ({ world, repository, path, query, url }) => {
    const { items, headers } = paginate(pullIn(repository, path.pull_number).reviews, url, query);
    return { status: 200, body: items.map((review) => reviewBody(world, review)), headers };
  }),
  operation('pulls/create-review', { pull_requests: 'write' }, ({ world, actor, repository, path, body }) => {
    const states = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } as const;
    const state = body.event === undefined ? 'PENDING' : states[body.event];
    const review = addReview(world, actor.account, pullIn(repository, path.pull_number), {
      state,
      body: body.body ?? '',
      ...(body.commit_id === undefined ? {} : { commit: body.commit_id }),
    });
    return { status: 200, body: reviewBody(world, review) };
  }),
  operation('pulls/get-review', { pull_requests: 'read' }, ({ world, repository, path }) => ({
    status: 200,
    body: reviewBody(world, reviewIn(pullIn(repository, path.pull_number), path.review_id)),
  })),
  operation('pulls/dismiss-review', { pull_requests: 'write' }, ({ world, actor, repository, path }) => {
    const review = reviewIn(pullIn(repository, path.pull_number), path.review_id);
    dismissReview(world, actor, review);
    return { status: 200, body: reviewBody(world, review) };
  }),
];

function reviewIn(pull: PullRequest, id: number | bigint): Review {
  const review = pull.reviews.find((each) => each.id === Number(id));
  if (review === undefined) throw notFound();
  return review;
}

export function pullIn(repository: Repository, number: number): PullRequest {
  const pull = repository.pulls.get(number);
  if (pull === undefined) throw notFound();
  return pull;
}

function createPull({ world, actor, repository, body }: Call<'pulls/create'>) {
  if (body.title === undefined) throw invalidField('PullRequest', 'title', 'missing_field');
  const head = headNamed(world, repository, body.head);
  const pull = openPull(world, actor, repository, {
    title: body.title,
    body: body.body ?? '',
    head,
    base: body.base,
    draft: body.draft ?? false,
    maintainerCanModify: body.maintainer_can_modify ?? false,
  });
  return { status: 201 as const, body: pullBody(world, pull), headers: { location: pullUrl(world, pull) } };
}

/** `branch`, or `owner:branch` for a branch of a fork. */
export function headNamed(world: World, repository: Repository, head: string) {
  const colon = head.indexOf(':');
  if (colon < 0) return { repository, branch: head };
  const owner = head.slice(0, colon);
  const inNetwork = [...world.repositories.values()].filter(({ git }) => git.objects === repository.git.objects);
  const source =
    inNetwork.find((other) => other.owner.login.toLowerCase() === owner.toLowerCase()) ??
    world.repositories.get(repositoryKey(owner, repository.name));
  if (source === undefined) throw invalidField('PullRequest', 'head', 'invalid');
  return { repository: source, branch: head.slice(colon + 1) };
}

function requestReviewers({ world, actor, repository, path, body }: Call<'pulls/request-reviewers'>) {
  const pull = pullIn(repository, path.pull_number);
  for (const login of body.reviewers ?? []) requestReview(world, actor, pull, account(world, login));
  for (const slug of body.team_reviewers ?? []) {
    const team = world.teams.find((one) => one.organization === repository.owner && one.slug === slug);
    if (team !== undefined) pull.requestedTeams.add(team);
  }
  return { status: 201 as const, body: simplePullBody(world, pull) };
}
