import { wrongUsage } from '../markdown/replies-refusals.ts';
import type { Command } from './command.ts';

export const diff: Command = {
  name: 'diff',
  usage: '/diff [full]',
  summary: 'Renders this change again, and answers with what it does; `full` with as much as fits.',
  needs: 'read',
  examples: ['/diff', '/diff full'],
  async run({ renderedDiff }, { text }) {
    const how = text.toLowerCase();
    if (how !== '' && how !== 'full') {
      return { kind: 'refused', markdown: wrongUsage('`/diff` takes `full` or nothing.', diff.usage) };
    }
    return { kind: 'done', markdown: await renderedDiff(how === 'full') };
  },
};
