import type { MergeRequest } from '../domain/steering.ts';
import { headMoved, mergeRequested } from '../markdown/replies-review.ts';
import { decision } from './arguments.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command, CommandContext } from './command.ts';
import { headThatWasSeen } from './seen-head.ts';
import { storedVerdict } from './stored-verdict.ts';

export const merge: Command = {
  name: 'merge',
  usage: '/merge',
  summary: 'Merges as soon as the gate passes. A push by anybody but the bot ends it.',
  needs: 'write',
  examples: ['/merge'],
  async run(context) {
    const headCommit = await headThatWasSeen(context);
    if (headCommit === undefined) return { kind: 'refused', markdown: headMoved('merge') };
    const { change, steering } = context;
    const { mergeRequest: standing } = await steering.ofChange(change.repository, change.number);
    const isNew = standing?.headCommit !== headCommit;
    const request: MergeRequest = isNew ? { ...decision(context), headCommit } : standing;
    if (isNew) await store(context, request);
    const verdict = storedVerdict(await context.verdicts.verdict(change.repository, change.number));
    const isMine = isNew || request.by === context.by.login;
    return { kind: 'done', markdown: mergeRequested(request, { verdict, isNew: isMine }) };
  },
};

async function store(context: CommandContext, request: MergeRequest): Promise<void> {
  const { change, steering } = context;
  await steering.apply(
    change.repository,
    { kind: 'request-merge', number: change.number, request },
    auditEntry(context, 'request-merge', { details: { commit: request.headCommit } }),
    [],
  );
}
