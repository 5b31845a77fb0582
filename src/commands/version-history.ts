import type { ProposedBump } from '../domain/bump.ts';
import { sameVersion, type Version } from '../domain/version.ts';

/**
 * The versions that stood at one place, oldest first, as one would step back through them: going back to a version takes those that came
 * after it off, so that one step back after another leads further back, and never to and fro.
 * @param merged of one image and environment, newest merge first
 */
export function standingHistory(merged: readonly Pick<ProposedBump, 'from' | 'to'>[]): readonly Version[] {
  let history: readonly Version[] = [];
  for (const { from, to } of merged.toReversed()) {
    // Sites that disagreed had no version in common that one could go back to.
    const [only, ...others] = from;
    if (only !== undefined && others.length === 0) history = moveTo(history, only);
    history = moveTo(history, { tag: to.tag, ...(to.digest !== undefined && { digest: to.digest }) });
  }
  return history;
}

/** The history once another version stands there. */
export function moveTo(history: readonly Version[], version: Version): readonly Version[] {
  const at = history.findLastIndex((earlier) => sameVersion(earlier, version));
  return at === -1 ? [...history, version] : history.slice(0, at + 1);
}

/**
 * The versions that stood before the ones that stand now, newest first. What was written by hand, past the bot, is on top of all that
 * the history knows.
 */
export function versionsBefore(history: readonly Version[], standing: readonly Version[]): readonly Version[] {
  const at = history.findLastIndex((version) => standing.some((stands) => sameVersion(stands, version)));
  return (at === -1 ? history : history.slice(0, at)).toReversed();
}
