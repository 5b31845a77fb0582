import type { ProposedBump } from '../domain/bump.ts';
import type { Version } from '../domain/version.ts';

/**
 * The version that the author of a comment can have seen proposed: what the bot wrote into the change while they wrote must be neither kept
 * nor skipped by it.
 * @returns undefined when the change proposed another one before, perhaps until after the comment
 */
export function versionThatWasSeen({ to, history, proposedAt }: ProposedBump, at: Date): Version | undefined {
  if (history.length > 0 && proposedAt > at) return undefined;
  return { tag: to.tag, ...(to.digest !== undefined && { digest: to.digest }) };
}
