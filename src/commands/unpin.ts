import { unpinned } from '../markdown/replies-steering.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command } from './command.ts';
import { targetOf } from './target.ts';
import { repositorySteered } from './wakes.ts';

export const unpin: Command = {
  name: 'unpin',
  usage: '/unpin',
  summary: 'Ends `/pin` and `/rollback`: newer versions are proposed again.',
  needs: 'write',
  afterEnd: 'merged-or-closed',
  examples: ['/unpin'],
  async run(context) {
    const found = await targetOf(context);
    if (!found.ok) return { kind: 'refused', markdown: found.markdown };
    const { target } = found;
    const { repository } = context.change;
    await context.steering.apply(repository, { kind: 'unpin', ...target }, auditEntry(context, 'unpin', target), [
      repositorySteered(repository),
    ]);
    return { kind: 'done', markdown: unpinned(target) };
  },
};
