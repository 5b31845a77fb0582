import type { ChangeRef } from '../../domain/change.ts';
import type { Reviews, ReviewState } from '../reviews.ts';
import { signsCommits } from './authors.ts';
import { changesOfCommits, openChanges } from './change-lists.ts';
import type { Client } from './client.ts';
import { demandOn, mergeMethodsFrom } from './demands.ts';
import { GitHubError, isNotFound, isRefused } from './errors.ts';
import { setLabels } from './labels.ts';
import { queryPartly } from './partial.ts';
import { splitPath } from './paths.ts';
import { parts, reviewAnswer, reviewDocument } from './review-documents.ts';
import { authorsIn, contextsOf, membersOf, reviewsOf } from './review-pages.ts';
import { changeFrom, checksFrom, mergeableFrom, ownCheckFrom, reviewsFrom } from './review-state.ts';

export interface ReviewsOptions {
  readonly appId: number;
  /** `https://github.com`, or the address of a GitHub Enterprise Server. */
  readonly webUrl: string;
}

export function createReviews(client: Client, options: ReviewsOptions): Reviews {
  return {
    reviewState: (change, ask) => reviewState(client, options, change, ask),
    dismissReview: (change, review, reason) => dismissReview(client, change, review, reason),
    openChanges: (repository, targetBranch) => openChanges(client, repository, targetBranch),
    changesOfCommits: (repository, commits) => changesOfCommits(client, repository, commits),
    setLabels: (change, labels) => setLabels(client, change, labels),
  };
}

interface Ask {
  readonly teams: readonly string[];
  readonly check: string;
}

/** One document; a further one for each list that is longer than a page. */
async function reviewState(
  client: Client,
  { appId, webUrl }: ReviewsOptions,
  { repository, number }: ChangeRef,
  { teams, check }: Ask,
): Promise<ReviewState | undefined> {
  const { owner, repo } = splitPath(repository);
  const slugs = [...new Set(teams.flatMap((team) => slugIn(owner, team) ?? []))];
  const named = Object.fromEntries(slugs.map((slug, index) => [`t${index}`, slug]));
  const { answer, failed } = await queryPartly(
    client,
    repository,
    {
      document: reviewDocument(slugs.length),
      variables: { owner, name: repo, number, ...named },
      shape: reviewAnswer,
    },
    Object.values(parts),
  ).catch((error: unknown) => {
    if (isMissing(error)) return { answer: undefined, failed: () => false };
    throw error;
  });
  const pull = answer?.repository.pullRequest;
  if (answer === undefined || !pull) return undefined;

  const contexts = await contextsOf(client, repository, pull);
  const ownCheck = ownCheckFrom(contexts, appId, check);
  const unread = { protection: failed(parts.protection), rules: failed(parts.rules) };
  const demand = await demandOn(client, repository, pull, unread);
  const members = await membersOf(client, repository, slugs, answer.organization);
  const authors = await authorsIn(client, { repository, number }, { pull, signs: signsCommits(webUrl) });
  return {
    change: changeFrom(repository, pull),
    baseCommit: pull.baseRef?.target?.oid ?? pull.baseRefOid,
    mergeable: mergeableFrom(pull),
    authors: { ...authors, isComplete: authors.isComplete && !failed(parts.pushers) },
    reviews: reviewsFrom(await reviewsOf(client, { repository, number }, pull)),
    teams: Object.fromEntries(teams.map((team) => [team, members.get(slugIn(owner, team) ?? '') ?? null])),
    requiredChecks: demand === 'unknown' ? 'unknown' : demand.checks,
    checks: checksFrom(contexts, appId),
    ...(ownCheck !== undefined && { ownCheck }),
    mergeMethods: mergeMethodsFrom(answer.repository, demand),
  };
}

/** The change or its repository is not there, or not for this app; and not merely something about it. */
function isMissing(error: unknown): boolean {
  if (!(error instanceof GitHubError) || !isNotFound(error)) return false;
  const { failedFields: fields } = error;
  return fields.length === 0 || fields.some((field) => ['repository', 'repository.pullRequest'].includes(field));
}

/**
 * The name of a team of the account that the repository belongs to; undefined for a team of another one, which has no say here and may not be
 * read.
 */
function slugIn(owner: string, team: string): string | undefined {
  const prefix = `@${owner}/`.toLowerCase();
  return team.toLowerCase().startsWith(prefix) ? team.slice(prefix.length).toLowerCase() : undefined;
}

async function dismissReview(
  client: Client,
  { repository, number }: ChangeRef,
  review: string,
  reason: string,
): Promise<void> {
  const at = { pull_number: number, review_id: Number(review) };
  try {
    await client.inRepository(repository, (octokit, where) =>
      octokit.rest.pulls.dismissReview({ ...where, ...at, message: reason, event: 'DISMISS' }),
    );
  } catch (error) {
    if (!isRefused(error, 422)) throw error;
    const { data } = await client.inRepository(repository, (octokit, where) =>
      octokit.rest.pulls.getReview({ ...where, ...at }),
    );
    if (data.state !== 'DISMISSED') throw error;
  }
}
