import type { ChangeRef } from '../../domain/change.ts';
import type { Reviews, ReviewState } from '../reviews.ts';
import { signsCommits } from './authors.ts';
import { changesOfCommits, openChanges } from './change-lists.ts';
import type { Client } from './client.ts';
import { isNotFound, isRefused } from './errors.ts';
import { setLabels } from './labels.ts';
import { queryPartly } from './partial.ts';
import { splitPath } from './paths.ts';
import { parts, reviewAnswer, reviewDocument } from './review-documents.ts';
import { authorsIn, contextsOf, membersOf, reviewsOf } from './review-pages.ts';
import {
  changeFrom,
  checksFrom,
  isBehindFrom,
  mergeableFrom,
  mergeMethodsFrom,
  ownCheckFrom,
  requiredChecksFrom,
  reviewsFrom,
} from './review-state.ts';

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
  const slugs = slugsIn(owner, teams);
  const named = Object.fromEntries(slugs.map((slug, index) => [`t${index}`, slug]));
  const { answer, failed } = await queryPartly(
    client,
    repository,
    {
      document: reviewDocument(slugs.length),
      variables: { owner, name: repo, number, head: `refs/pull/${number}/head`, ...named },
      shape: reviewAnswer,
    },
    Object.values(parts),
  ).catch((error: unknown) => {
    if (isNotFound(error)) return { answer: undefined, failed: () => false };
    throw error;
  });
  const pull = answer?.repository.pullRequest;
  if (answer === undefined || !pull) return undefined;

  const contexts = await contextsOf(client, repository, pull);
  const ownCheck = ownCheckFrom(contexts, appId, check);
  const members = await membersOf(client, repository, slugs, answer.organization);
  return {
    change: changeFrom(repository, pull),
    baseCommit: pull.baseRef?.target?.oid ?? pull.baseRefOid,
    mergeable: mergeableFrom(pull),
    isBehind: isBehindFrom(pull),
    authors: await authorsIn(client, { repository, number }, { pull, signs: signsCommits(webUrl) }),
    reviews: reviewsFrom(await reviewsOf(client, { repository, number }, pull)),
    teams: Object.fromEntries(teams.map((team) => [team, members.get(slugOf(team)) ?? null])),
    requiredChecks: failed(parts.protection) || failed(parts.rules) ? 'unknown' : requiredChecksFrom(pull),
    checks: checksFrom(contexts, appId),
    ...(ownCheck !== undefined && { ownCheck }),
    mergeMethods: mergeMethodsFrom(answer.repository),
  };
}

/** The teams of the account that the repository belongs to: teams of others have no say in it, and may not be read. */
function slugsIn(owner: string, teams: readonly string[]): readonly string[] {
  const own = teams.filter((team) => team.toLowerCase().startsWith(`@${owner.toLowerCase()}/`));
  return [...new Set(own.map(slugOf))];
}

function slugOf(team: string): string {
  return team.slice(team.indexOf('/') + 1).toLowerCase();
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
