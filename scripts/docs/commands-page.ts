import type { Command } from '../../src/commands/command.ts';
import { MAX_COMMANDS } from '../../src/commands/parse.ts';
import { commands } from '../../src/commands/registry.ts';
import { overridableRules } from '../../src/review/rule.ts';
import { page, table } from './markdown.ts';

export function commandsPage(): string {
  const rows = commands.map(({ name, usage, needs, summary }) => [`[\`${usage}\`](#${name})`, needs, summary]);
  return page('Slash commands', '`src/commands/`', [
    intro,
    table(['Command', 'Who', 'What it does'], rows),
    ...commands.map(section),
    rules,
  ]);
}

const intro = `A comment on a pull request of a manifest repository steers the bot. Write one command a line, in any case, with at most three spaces in
front; a comment may hold ${MAX_COMMANDS}. Lines in quotes, code and HTML comments are not read, comments of bots are not either, and editing a comment
does nothing: write a new one.

On GitHub \`/hold\` and \`/tagalong hold\` do the same. On GitLab, which takes many bare words for itself, write \`/tagalong hold\`.

A reaction says at once that a comment was seen, and then how it went: done, refused, or not understood. Where there is something to say, there is one
reply for each comment. *Who* is what the forge itself says that a person may do in the repository.`;

const rules = `## Good to know

- Times (\`for 2h\`) are a whole number and one of \`s\`, \`m\`, \`h\`, \`d\`, \`w\`, counted from the comment.
- \`/approve\`, \`/merge\` and \`/override\` hold for the commits that stood there when the comment was written.
- A reason is what stands behind the rest, with or without \`because\`: \`/rollback to 1.4.1 checkout fails\`, \`/rollback because 500s\`. It is shown
  on the change, on the pin and in the audit log. A first word with a digit in it is taken for a version.
- \`/rollback\` goes to the version that stood before, as the merged bumps and the branch tell. One whose own rollout failed is passed over, which the
  reply says; \`/rollback to\` goes there all the same.
- A bump that people take back by hand (the forge's button, \`git revert\`, an edit) is kept like a rollback until \`/unpin\`, or until somebody writes
  a version by hand that is not behind it.
- \`/hold cancel\`, \`/approve cancel\` and \`/merge cancel\` take back what was said. What other bots listen to is left to them; a word that is one slip
  away from a command is answered with it.
- \`/override\` takes one of ${overridableRules.map((rule) => `\`${rule}\``).join(', ')}.
- \`/pin\`, \`/unpin\` and \`/rollback\` are about the image and environment of the bump that they are written on; elsewhere they need a change that
  touches one environment with one image.
- Every decision is in the audit log with the person, the comment and the reason: \`tagalong audit\`.`;

function section({ name, usage, summary, needs, afterEnd, examples }: Command): string {
  const end = afterEnd === undefined ? '' : ` Works also once the change is ${afterEnd.replaceAll('-', ' ')}.`;
  return [
    `## ${name}`,
    `\`${usage}\` · needs ${needs} access`,
    `${summary}${end}`,
    `\`\`\`text\n${examples.join('\n')}\n\`\`\``,
  ].join('\n\n');
}
