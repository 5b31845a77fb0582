import type { z } from 'zod';
import type { ChangeRef } from '../../domain/change.ts';
import type { RepositoryRef } from '../../domain/repository.ts';
import { authorsOf, type AuthoredCommit, type Authors } from './authors.ts';
import type { Client } from './client.ts';
import { queryPartly } from './partial.ts';
import { splitPath } from './paths.ts';
import {
  moreChecks,
  moreChecksDocument,
  moreCommits,
  moreCommitsDocument,
  moreMembers,
  moreMembersDocument,
  moreReviews,
  moreReviewsDocument,
  type AnsweredContext,
  type AnsweredPull,
  type AnsweredReview,
  type members,
  type reviewAnswer,
} from './review-documents.ts';

/** The lists of a review in full: the first page is there, and each further one costs a request. */

export type Organization = z.infer<typeof reviewAnswer>['organization'];

/** Members of those teams that are there and may be read. */
export async function membersOf(
  client: Client,
  repository: RepositoryRef,
  slugs: readonly string[],
  organization: Organization,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const [index, slug] of slugs.entries()) {
    const first = organization?.[`t${index}`];
    if (first) found.set(slug, await allMembers(client, repository, slug, first.members));
  }
  return found;
}

type Members = z.infer<typeof members>['members'];

async function allMembers(
  client: Client,
  repository: RepositoryRef,
  team: string,
  first: Members,
): Promise<readonly string[]> {
  const { owner } = splitPath(repository);
  const logins = first.nodes.map(({ login }) => login);
  for (let { hasNextPage, endCursor: cursor } = first.pageInfo; hasNextPage;) {
    const answer = await client.graphql(repository, moreMembersDocument, { owner, team, cursor }, moreMembers);
    const { nodes, pageInfo } = answer.organization.team.members;
    logins.push(...nodes.map(({ login }) => login));
    ({ hasNextPage, endCursor: cursor } = pageInfo);
  }
  return logins;
}

/** GitHub lists at most this many commits of a pull request. */
const LISTED_COMMITS = 250;

export async function authorsIn(
  client: Client,
  { repository, number }: ChangeRef,
  { pull, signs }: { pull: AnsweredPull; signs: boolean },
): Promise<Authors> {
  const { owner, repo } = splitPath(repository);
  let page = pull.commits;
  const commits: AuthoredCommit[] = page.nodes.map(({ commit }) => commit);
  while (page.pageInfo.hasPreviousPage && commits.length < LISTED_COMMITS) {
    const variables = { owner, name: repo, number, cursor: page.pageInfo.startCursor };
    page = (await client.graphql(repository, moreCommitsDocument, variables, moreCommits)).repository.pullRequest
      .commits;
    commits.unshift(...page.nodes.map(({ commit }) => commit));
  }
  const authors = authorsOf(commits, signs);
  const isWhole = commits.length === pull.commits.totalCount && commits.length < LISTED_COMMITS;
  return { ...authors, isComplete: authors.isComplete && isWhole };
}

export async function reviewsOf(
  client: Client,
  { repository, number }: ChangeRef,
  pull: AnsweredPull,
): Promise<readonly AnsweredReview[]> {
  const { owner, repo } = splitPath(repository);
  let page = pull.reviews;
  const reviews = [...page.nodes];
  while (page.pageInfo.hasNextPage) {
    const variables = { owner, name: repo, number, cursor: page.pageInfo.endCursor };
    page = (await client.graphql(repository, moreReviewsDocument, variables, moreReviews)).repository.pullRequest
      .reviews;
    reviews.push(...page.nodes);
  }
  return reviews;
}

/** What was reported on the head. The list of commits ends before the head where it is too long. */
export async function contextsOf(
  client: Client,
  repository: RepositoryRef,
  pull: AnsweredPull,
): Promise<readonly AnsweredContext[]> {
  const newest = pull.newest.nodes.at(0)?.commit;
  const isHead = newest?.oid === pull.headRefOid;
  let page = isHead ? newest.statusCheckRollup?.contexts : await moreContexts(client, repository, pull.headRefOid);
  const contexts: AnsweredContext[] = [];
  while (page !== undefined) {
    contexts.push(...page.nodes.filter((node) => node !== null));
    const { hasNextPage, endCursor } = page.pageInfo;
    page = hasNextPage ? await moreContexts(client, repository, pull.headRefOid, endCursor) : undefined;
  }
  return contexts;
}

async function moreContexts(client: Client, repository: RepositoryRef, oid: string, cursor?: string | null) {
  const { owner, repo } = splitPath(repository);
  const optional = ['repository.object.statusCheckRollup'];
  const { answer } = await queryPartly(
    client,
    repository,
    { document: moreChecksDocument, variables: { owner, name: repo, oid, cursor }, shape: moreChecks },
    optional,
  );
  return answer.repository.object?.statusCheckRollup?.contexts;
}
