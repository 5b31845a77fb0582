import { noVerdictYet } from '../markdown/replies-review.ts';
import { verdictReply } from '../markdown/verdict.ts';
import type { Command } from './command.ts';
import { storedVerdict } from './stored-verdict.ts';

export const why: Command = {
  name: 'why',
  usage: '/why',
  summary: 'Shows what the gate says of this change, and why.',
  needs: 'read',
  afterEnd: 'merged-or-closed',
  examples: ['/why'],
  async run({ verdicts, change }) {
    const verdict = storedVerdict(await verdicts.verdict(change.repository, change.number));
    return { kind: 'done', markdown: verdict === undefined ? noVerdictYet() : verdictReply(verdict) };
  },
};
