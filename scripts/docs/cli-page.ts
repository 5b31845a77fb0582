import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import type { Io } from '../../src/cli/io.ts';
import { page } from './markdown.ts';

export function cliPage(): string {
  const program = buildProgram(nowhere, () => undefined);
  return page('Commands', '`src/cli.ts`', [
    'Run from a clone as `npm run -s tagalong -- <command>`. Exit codes: 0 for done, also when there was nothing to do; 1 for a ' +
      'refusal or a finding; 2 for wrong usage. Answers go to standard output, complaints to standard error. Colour shows on a ' +
      'terminal, unless `NO_COLOR` is set.',
    ...[program, ...program.commands.flatMap(withChildren)].map(section),
  ]);
}

function withChildren(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands;
}

function section(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100 });
  command.outputHelp();
  const title = [command.parent?.parent ? command.parent.name() : '', command.name()].join(' ').trim();
  return `## ${title}\n\n\`\`\`text\n${text.trim()}\n\`\`\``;
}

const nowhere: Io = {
  stdout: { write: () => undefined, color: false },
  stderr: { write: () => undefined, color: false },
  stdin: (async function* () {})(),
  cwd: '/',
  env: {},
};
