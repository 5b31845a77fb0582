import type { MergeRequest } from '../domain/steering.ts';
import type { Verdict } from '../review/verdict.ts';
import { escapeInline, inlineCode } from './escape.ts';
import { quoted } from './replies.ts';
import { verdictReply } from './verdict.ts';

/** Why an approval may not count, as far as can be told at once; the gate has the last word. */
export type ApprovalDoubt = 'may-not-write' | 'own-change' | 'older-head';

export interface ApprovalWords {
  readonly by: string;
  readonly headCommit: string;
  readonly doubts: readonly ApprovalDoubt[];
}

const DOUBTS: Readonly<Record<ApprovalDoubt, string>> = {
  'may-not-write': 'It does not count: approvals need write access.',
  'own-change': 'It does not count: nobody approves a change of their own.',
  'older-head': 'There is a newer commit: it counts only while that renders the same.',
};

export function approved({ by, headCommit, doubts }: ApprovalWords): string {
  const noted = `Noted: **${escapeInline(by)}** approves ${inlineCode(headCommit.slice(0, 7))}.`;
  return [noted, ...doubts.map((doubt) => DOUBTS[doubt])].join(' ');
}

export function unapproved(): string {
  return 'Your `/approve` is taken back. A review that you gave on the page of the forge is taken back there.';
}

/** The head moved about when the comment was written. */
export function headMoved(name: string): string {
  return `Somebody pushed while you wrote. Nothing was done: look at the change as it is now, and write \`/${name}\` again.`;
}

/** @param isNew false where somebody had asked before */
export function mergeRequested(
  request: MergeRequest,
  { verdict, isNew }: { readonly verdict: Verdict | undefined; readonly isNew: boolean },
): string {
  const who = isNew ? '' : `**${escapeInline(request.by)}** has asked for it already. `;
  if (verdict === undefined) return `${who}This merges as soon as the gate has looked at it and passes.`;
  const nodes = verdict.nodes.filter(({ outcome }) => outcome !== 'pass');
  if (nodes.length === 0) return `${who}Nothing is missing: this merges now.`;
  return [`${who}This merges as soon as the gate passes. Still missing:`, verdictReply({ ...verdict, nodes })].join(
    '\n\n',
  );
}

export function mergeWithdrawn(): string {
  return 'Nobody asks for this to be merged any more. Where the configuration says `merge: auto`, it merges all the same: `/hold` keeps it.';
}

export function rebuildAsked(base: string): string {
  return `This change is built anew on the newest ${quoted(base)}.`;
}

export function branchUpdated(base: string): string {
  return `The newest ${quoted(base)} is merged into this branch.`;
}

export function branchNotUpdated(base: string, message: string): string {
  return `The forge does not bring the newest ${quoted(base)} into this branch: ${quoted(message)}. Its author can: ${inlineCode(`git merge origin/${base}`)} on the branch, then push.`;
}

export function retried(): string {
  return 'Everything about this change is looked at again now.';
}

export function noVerdict({ isOpen }: { readonly isOpen: boolean }): string {
  if (!isOpen) return 'The gate has not looked at this change, and does not any more.';
  return 'The gate has not looked at the newest commit yet; it does so now. Ask `/why` again in a minute.';
}

export function notOverridable(rule: string, rules: readonly string[]): string {
  return `${quoted(rule)} can not be overridden: without it nobody knows what the others are worth. These can: ${rules.map((each) => inlineCode(each)).join(', ')}. Nothing was done.`;
}

export function unknownRule(
  rule: string,
  { rules, nearest }: { readonly rules: readonly string[]; readonly nearest: string | undefined },
): string {
  const hint = nearest === undefined ? '' : ` Did you mean ${inlineCode(nearest)}?`;
  return `There is no rule ${quoted(rule)}.${hint} Rules: ${rules.map((each) => inlineCode(each)).join(', ')}. Nothing was done.`;
}
