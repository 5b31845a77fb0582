import { unapproved } from '../markdown/replies-review.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command } from './command.ts';

export const unapprove: Command = {
  name: 'unapprove',
  usage: '/unapprove',
  summary: 'Takes your `/approve` back.',
  needs: 'read',
  ofGate: true,
  examples: ['/unapprove'],
  async run(context) {
    const { steering, change, by } = context;
    await steering.apply(
      change.repository,
      { kind: 'unapprove', number: change.number, by: by.login },
      auditEntry(context, 'unapprove'),
      [],
    );
    return { kind: 'done', markdown: unapproved() };
  },
};
