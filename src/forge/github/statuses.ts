import type { RepositoryRef } from '../../domain/repository.ts';
import type { ToldStatus } from '../deployments.ts';
import type { Client } from './client.ts';
import { isRefused } from './errors.ts';

/** What GitHub shows of the description of a commit status or of a deployment status. */
const DESCRIPTION_LIMIT = 140;

/**
 * Writes a commit status, for which GitHub has no mutation. A commit takes at most 1,000 statuses of one context: what comes after
 * the last one is dropped, because no later attempt would fare better.
 * @param commit the full hash
 */
export async function writeStatus(
  client: Client,
  repository: RepositoryRef,
  commit: string,
  { context, state, description, url }: ToldStatus,
): Promise<void> {
  const target = webAddress(url);
  try {
    await client.inRepository(repository, (octokit, at) =>
      octokit.rest.repos.createCommitStatus({
        ...at,
        sha: commit,
        context,
        state,
        description: shortened(description),
        ...(target !== undefined && { target_url: target }),
      }),
    );
  } catch (error) {
    if (!isFull(error)) throw error;
  }
}

function isFull(error: unknown): boolean {
  return isRefused(error, 422) && error instanceof Error && /maximum number of statuses/i.test(error.message);
}

/** A commit status with one in its description is refused: "description doesn't accept 4-byte Unicode". Source: issue 527 of ouzi-dev/commit-status-updater. */
const FOUR_BYTES = /[\u{10000}-\u{10ffff}]/u;

/**
 * On one line, without emoji and their like, and at most as long as GitHub shows; what is too long ends at a word, with an ellipsis.
 */
export function shortened(text: string, limit = DESCRIPTION_LIMIT): string {
  const segments = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  const taken = segments.filter((segment) => !FOUR_BYTES.test(segment)).join('');
  const line = taken.replace(/\s+/g, ' ').trim();
  if (line.length <= limit) return line;
  const characters = Array.from(new Intl.Segmenter().segment(line), ({ segment }) => segment);
  let kept = '';
  for (const character of characters) {
    if (kept.length + character.length > limit - 1) break;
    kept += character;
  }
  const word = kept.lastIndexOf(' ');
  return `${word > limit * 0.8 ? kept.slice(0, word) : kept}…`;
}

/** GitHub refuses a link that is not http or https. */
export function webAddress(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  return /^https?:$/.test(new URL(url).protocol) ? url : undefined;
}
