import { noVerdict } from '../markdown/replies-review.ts';
import { verdictReply } from '../markdown/verdict.ts';
import type { Command } from './command.ts';
import { storedVerdict } from './stored-verdict.ts';

export const why: Command = {
  name: 'why',
  usage: '/why',
  summary: 'Shows what the gate says of this change, and why.',
  needs: 'read',
  afterEnd: 'merged-or-closed',
  ofGate: true,
  examples: ['/why'],
  async run({ verdicts, change }) {
    const judged = await verdicts.verdict(change.repository, change.number);
    const isOpen = change.state === 'open';
    const verdict = isOpen && judged?.headCommit !== change.headCommit ? undefined : storedVerdict(judged);
    return { kind: 'done', markdown: verdict === undefined ? noVerdict({ isOpen }) : verdictReply(verdict) };
  },
};
