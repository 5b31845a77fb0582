import { retried } from '../markdown/replies-review.ts';
import type { Command } from './command.ts';

export const retry: Command = {
  name: 'retry',
  usage: '/retry',
  summary: 'Looks at everything about this change again.',
  needs: 'write',
  examples: ['/retry'],
  // The run that carries out commands looks at the change afterwards, whatever they are.
  run: () => Promise.resolve({ kind: 'done', markdown: retried() }),
};
