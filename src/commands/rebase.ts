import type { ProposedBump } from '../domain/bump.ts';
import { branchNotUpdated, branchUpdated, rebuildAsked } from '../markdown/replies-review.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command, CommandAnswer, CommandContext } from './command.ts';

export const rebase: Command = {
  name: 'rebase',
  usage: '/rebase',
  summary:
    'Brings this change onto the newest base: a bump that only the bot wrote to is built anew, another branch gets the base merged into it.',
  needs: 'write',
  examples: ['/rebase'],
  async run(context) {
    const { audit, bump, change, inbox } = context;
    await audit.append([auditEntry(context, 'rebase', { details: { commit: change.headCommit } })]);
    if (!isUntouched(context, bump)) return updateBranch(context);
    const { repository, number } = change;
    await inbox.wake({ kind: 'repository', repository }, { kind: 'rebuild', number });
    return { kind: 'done', markdown: rebuildAsked(change.targetBranch) };
  },
};

/** Building a branch anew would take the commits of people off it. */
function isUntouched({ change }: CommandContext, bump: ProposedBump | undefined): boolean {
  return bump !== undefined && bump.headCommit === change.headCommit;
}

async function updateBranch({ forge, change }: CommandContext): Promise<CommandAnswer> {
  const updated = await forge.updateBranch(change, change.headCommit);
  return updated.ok
    ? { kind: 'done', markdown: branchUpdated(change.targetBranch) }
    : { kind: 'refused', markdown: branchNotUpdated(change.targetBranch, updated.message) };
}
