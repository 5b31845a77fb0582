import type { MergeRequest } from '../domain/steering.ts';
import { wrongUsage } from '../markdown/replies-refusals.ts';
import { headMoved, mergeRequested, mergeWithdrawn } from '../markdown/replies-review.ts';
import { decision } from './arguments.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command, CommandAnswer, CommandContext } from './command.ts';
import { headThatWasSeen } from './seen-head.ts';
import { storedVerdict } from './stored-verdict.ts';

export const merge: Command = {
  name: 'merge',
  usage: '/merge',
  summary: 'Merges as soon as the gate passes. A push by anybody but the bot ends it, and so does `/merge cancel`.',
  needs: 'write',
  ofGate: true,
  examples: ['/merge', '/merge cancel'],
  async run(context, { text }) {
    if (text.toLowerCase() === 'cancel') return withdraw(context);
    if (text !== '') return { kind: 'refused', markdown: wrongUsage(PLAIN, merge.usage) };
    const headCommit = await headThatWasSeen(context);
    if (headCommit === undefined) return { kind: 'refused', markdown: headMoved('merge') };
    const { change, steering } = context;
    const { mergeRequest: standing } = await steering.ofChange(change.repository, change.number);
    const isNew = standing?.headCommit !== headCommit;
    const request: MergeRequest = isNew ? { ...decision(context), headCommit } : standing;
    if (isNew) await store(context, request);
    const judged = await context.verdicts.verdict(change.repository, change.number);
    const verdict = judged?.headCommit === change.headCommit ? storedVerdict(judged) : undefined;
    const isMine = isNew || request.by === context.by.login;
    return { kind: 'done', markdown: mergeRequested(request, { verdict, isNew: isMine }) };
  },
};

const PLAIN =
  '`/merge` merges as soon as the gate passes, and takes nothing but `cancel`; `/hold` keeps a change for later.';

async function withdraw(context: CommandContext): Promise<CommandAnswer> {
  const { change, steering } = context;
  const { repository, number } = change;
  const entry = auditEntry(context, 'withdraw-merge');
  await steering.apply(repository, { kind: 'withdraw-merge', number }, entry, []);
  return { kind: 'done', markdown: mergeWithdrawn() };
}

async function store(context: CommandContext, request: MergeRequest): Promise<void> {
  const { change, steering } = context;
  await steering.apply(
    change.repository,
    { kind: 'request-merge', number: change.number, request },
    auditEntry(context, 'request-merge', { details: { commit: request.headCommit } }),
    [],
  );
}
