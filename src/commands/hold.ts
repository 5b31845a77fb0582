import { HOLD_LABEL } from '../domain/change.ts';
import { reasonIn } from './arguments.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command } from './command.ts';
import { unhold } from './unhold.ts';

export const hold: Command = {
  name: 'hold',
  usage: '/hold [reason]',
  summary: 'Keeps this change from merging until `/unhold`.',
  needs: 'write',
  ofGate: true,
  examples: ['/hold', '/hold waiting for the database migration'],
  async run(context, command) {
    // As people know it from Prow, where this is how a hold ends.
    if (command.text.toLowerCase() === 'cancel') return unhold.run(context, { ...command, text: '' });
    const { forge, audit, change } = context;
    await forge.setLabels(change, { add: [HOLD_LABEL] });
    await audit.append([auditEntry(context, 'hold', { details: { reason: reasonIn(command.text) } })]);
    return { kind: 'done' };
  },
};
