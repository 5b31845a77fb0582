import { helpReply } from '../markdown/replies-help.ts';
import type { Command } from './command.ts';

/** @param others every other command: help is made from them */
export function helpFor(others: readonly Command[]): Command {
  const help: Command = {
    name: 'help',
    usage: '/help',
    summary: 'Lists the commands.',
    needs: 'read',
    afterEnd: 'merged-or-closed',
    examples: ['/help'],
    run: ({ change }) =>
      Promise.resolve({ kind: 'done', markdown: helpReply([help, ...others], change.repository.forge) }),
  };
  return help;
}
