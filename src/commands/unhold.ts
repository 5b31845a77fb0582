import { HOLD_LABEL } from '../domain/change.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command } from './command.ts';

export const unhold: Command = {
  name: 'unhold',
  usage: '/unhold',
  summary: 'Ends `/hold`.',
  needs: 'write',
  ofGate: true,
  examples: ['/unhold'],
  async run(context) {
    const { forge, audit, change } = context;
    await forge.setLabels(change, { remove: [HOLD_LABEL] });
    await audit.append([auditEntry(context, 'unhold')]);
    return { kind: 'done' };
  },
};
