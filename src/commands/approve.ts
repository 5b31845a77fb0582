import { approved, headMoved, type ApprovalDoubt } from '../markdown/replies-review.ts';
import { decision } from './arguments.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command, CommandContext } from './command.ts';
import { headThatWasSeen } from './seen-head.ts';
import { unapprove } from './unapprove.ts';

export const approve: Command = {
  name: 'approve',
  usage: '/approve',
  summary: 'Counts like an approving review, where the policy lets yours count.',
  needs: 'read',
  ofGate: true,
  examples: ['/approve'],
  async run(context, command) {
    // As people know it from Prow, where this is how an approval ends.
    if (command.text.toLowerCase() === 'cancel') return unapprove.run(context, { ...command, text: '' });
    const { steering, change, by } = context;
    const headCommit = await headThatWasSeen(context);
    if (headCommit === undefined) return { kind: 'refused', markdown: headMoved('approve') };
    await steering.apply(
      change.repository,
      { kind: 'approve', number: change.number, approval: { ...decision(context), headCommit } },
      auditEntry(context, 'approve', { details: { commit: headCommit } }),
      [],
    );
    const doubts = doubtsAbout(context, headCommit);
    return { kind: 'done', ...(doubts.length > 0 && { markdown: approved({ by: by.login, headCommit, doubts }) }) };
  },
};

/** What can be told at once; who else counts is for the gate to say. */
function doubtsAbout({ change, by, permission }: CommandContext, headCommit: string): readonly ApprovalDoubt[] {
  const isOwn = change.author.login.toLowerCase() === by.login.toLowerCase();
  const mayWrite = permission === 'write' || permission === 'admin';
  if (!mayWrite) return ['may-not-write'];
  if (isOwn) return ['own-change'];
  return headCommit === change.headCommit ? [] : ['older-head'];
}
