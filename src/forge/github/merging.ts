import type { ChangeRef } from '../../domain/change.ts';
import type { Merging, MergeMethod, MergeResult } from '../reviews.ts';
import type { Client } from './client.ts';
import { rulesByRest } from './demands.ts';
import { GitHubError, isAnswer, isNotFound } from './errors.ts';

export function createMerging(client: Client): Pick<Merging, 'merge' | 'updateBranch'> {
  return {
    merge: (change, options) => merge(client, change, options),
    updateBranch: (change, expectedHead) => updateBranch(client, change, expectedHead),
  };
}

interface Wanted {
  readonly headCommit: string;
  readonly method: MergeMethod;
}

/** A refusal costs two requests more: one for the state of the change, one for the methods that the rules of its target leave. */
async function merge(client: Client, change: ChangeRef, wanted: Wanted): Promise<MergeResult> {
  const { repository } = change;
  const first = await attempt(client, change, wanted);
  if (!('refusal' in first)) return first;
  const rules = await rulesByRest(client, repository, first.targetBranch);
  if (rules === undefined || rules.methods.includes(wanted.method)) return refused(first);
  for (const method of rules.methods) {
    const next = await attempt(client, change, { ...wanted, method });
    if (!('refusal' in next)) return next;
  }
  return refused(first);
}

interface Refused {
  readonly refusal: GitHubError;
  readonly targetBranch: string;
}

/** GitHub's own words, without what we put before them. */
function refused({ refusal }: Refused): MergeResult {
  return { kind: 'refused', message: wordsOf(refusal) };
}

async function attempt(
  client: Client,
  change: ChangeRef,
  { headCommit, method }: Wanted,
): Promise<MergeResult | Refused> {
  try {
    const { data } = await client.inRepository(change.repository, (octokit, at) =>
      octokit.rest.pulls.merge({ ...at, pull_number: change.number, sha: headCommit, merge_method: method }),
    );
    return { kind: 'merged', commit: data.sha };
  } catch (error) {
    if (!isAnswer(error) || isNotFound(error)) throw error;
    return explainRefusal(client, change, headCommit, error);
  }
}

/**
 * GitHub answers alike to a change that it must not merge and to one that it has merged: after a lost answer, or because somebody was
 * faster. Its state tells them apart.
 */
async function explainRefusal(
  client: Client,
  { repository, number }: ChangeRef,
  headCommit: string,
  refusal: GitHubError,
): Promise<MergeResult | Refused> {
  const { data } = await client.inRepository(repository, (octokit, at) =>
    octokit.rest.pulls.get({ ...at, pull_number: number }),
  );
  if (data.head.sha !== headCommit) return { kind: 'head-moved' };
  if (data.merged) {
    return { kind: 'merged', ...(data.merge_commit_sha !== null && { commit: data.merge_commit_sha }) };
  }
  // 405 "Base branch was modified", or 409 though the head is the one that was asked for: the next attempt may do.
  if (refusal.status === 409 || /base branch was modified/i.test(refusal.message)) {
    throw new GitHubError('forge-conflict', refusal.message, { cause: refusal, status: refusal.status });
  }
  return { refusal, targetBranch: data.base.ref };
}

async function updateBranch(
  client: Client,
  { repository, number }: ChangeRef,
  expectedHead: string,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly message: string }> {
  try {
    await client.inRepository(repository, (octokit, at) =>
      octokit.rest.pulls.updateBranch({ ...at, pull_number: number, expected_head_sha: expectedHead }),
    );
    return { ok: true };
  } catch (error) {
    if (!isAnswer(error) || isNotFound(error)) throw error;
    const message = wordsOf(error);
    return /no new commits on the base branch/i.test(message) ? { ok: true } : { ok: false, message };
  }
}

function wordsOf({ message }: GitHubError): string {
  return message.replace(/^GitHub \d+: /, '');
}
