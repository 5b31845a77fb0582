import { REVIEW_CHECK } from '../domain/change.ts';
import { inlineCode } from './escape.ts';
import { shortCommit } from './diff-summary.ts';
import type { CheckText } from './checks.ts';

/** The sticky comment that says why a merge by the bot was refused. */
export const MERGE_MARKER = '<!-- tagalong:merge -->';

/** The check of a change that could not be looked at: never green, and gone with the next look that succeeds. */
export function unreadableCheck(
  why: string,
  isTransient: boolean,
): Omit<CheckText, 'conclusion'> & { readonly conclusion: 'failure' | 'pending' } {
  const next = isTransient
    ? 'Nothing to do: it is tried again by itself.'
    : 'It is tried again a few times. When it stays, the log of the bot says more, and `/retry` looks again.';
  return {
    name: REVIEW_CHECK,
    conclusion: isTransient ? 'pending' : 'failure',
    title: 'The gate could not look at this change',
    summary: `${next}\n\n${inlineCode(why)}\n\nWhat the gate said before does not count until then.`,
    annotations: [],
  };
}

/** The check of a merge queue's commit that belongs to no change that the gate can look at. */
export function notInGroupCheck(why: string): Omit<CheckText, 'conclusion'> & { readonly conclusion: 'failure' } {
  return {
    name: REVIEW_CHECK,
    conclusion: 'failure',
    title: 'The gate knows no open change for this commit',
    summary: `Take the change out of the merge queue, and put it in again.\n\n${why}`,
    annotations: [],
  };
}

/** The check of a merge queue's commit of which nobody can tell what it would merge. */
export function unknownGroupCheck(why: string): Omit<CheckText, 'conclusion'> & { readonly conclusion: 'failure' } {
  return {
    name: REVIEW_CHECK,
    conclusion: 'failure',
    title: 'The gate cannot tell what this commit would merge',
    summary: `Put the change into the merge queue again. When this comes back, \`tagalong doctor\` tells what the app may not read.\n\n${why}`,
    annotations: [],
  };
}

/** Why the bot takes an approval back; plain text for the forge. */
export function dismissalReason(head: string, isRetargeted: boolean): string {
  return isRetargeted
    ? `It was given while this change had another target. Please review ${shortCommit(head)} again.`
    : `What is deployed by this change is not what was approved. Please review ${shortCommit(head)} again.`;
}

/** What the forge said when the bot was to merge. */
export function mergeRefusedComment({
  head,
  message,
  askedBy,
}: {
  readonly head: string;
  readonly message: string;
  readonly askedBy?: string;
}): string {
  const whose = askedBy === undefined ? 'as the configuration says' : `as ${inlineCode(askedBy)} asked`;
  return [
    MERGE_MARKER,
    `**Not merged.** The gate passes, and the forge refuses to merge ${inlineCode(shortCommit(head))} (${whose}):`,
    `> ${inlineCode(message.slice(0, 500))}`,
    'It is tried again when something about this change is news: a check, a review, a push. `/retry` tries at once.',
  ].join('\n\n');
}
