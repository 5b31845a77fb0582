import type { CheckText } from './checks.ts';
import { shortCommit } from './diff-summary.ts';
import { escapeInline, inlineCode } from './escape.ts';

/** The check on a commit that went around the gate. */
export const BYPASS_CHECK = 'tagalong/bypass';

/** The id of the button that asks for a revert. */
export const REVERT_ACTION = 'revert';

/** One commit that reached the branch without a passing verdict. */
export interface Bypass {
  readonly commit: string;
  readonly url: string;
  readonly subject: string;
  /** As the commit says, which is no proof. */
  readonly author: string;
  readonly how: BypassKind;
}

export type BypassKind =
  | { readonly kind: 'pushed' }
  /** It came by these changes, and the gate passed none of them at the head that was merged. */
  | { readonly kind: 'merged'; readonly changes: readonly number[] }
  /** The change that it came by was passed, and what reached the branch is more than that. */
  | { readonly kind: 'altered'; readonly changes: readonly number[]; readonly paths: readonly string[] }
  /** The branch was moved so that commits are gone from it. */
  | { readonly kind: 'rewritten'; readonly before: string };

export interface BypassCheckText extends Omit<CheckText, 'conclusion'> {
  readonly conclusion: 'failure';
  readonly actions: readonly { readonly id: string; readonly label: string; readonly description: string }[];
}

/** `tagalong/bypass`, with a button that asks for the way back. */
export function bypassCheck(bypass: Bypass): BypassCheckText {
  return {
    name: BYPASS_CHECK,
    conclusion: 'failure',
    title: 'This reached the branch around the gate',
    summary: [
      sentence(bypass),
      'Look at what it brings. Press **Propose a revert** for a pull request that takes it back, or leave it as it is: nothing else is held up.',
    ].join('\n\n'),
    annotations: [],
    actions: [{ id: REVERT_ACTION, label: 'Propose a revert', description: 'Opens a pull request' }],
  };
}

/** What stands in the check once a revert was asked for. */
export function revertedCheck(
  bypass: Pick<Bypass, 'commit'>,
  { change, by, left }: { readonly change: number | undefined; readonly by: string } & Pick<RevertText, 'left'>,
): Omit<BypassCheckText, 'actions'> {
  const who = inlineCode(by);
  const check = { name: BYPASS_CHECK, conclusion: 'failure', annotations: [] } as const;
  if (change !== undefined) {
    const summary = `${who} asked to revert it: review and merge #${change}.`;
    return { ...check, title: `Revert proposed: #${change}`, summary };
  }
  const asked = `${who} asked to revert ${inlineCode(shortCommit(bypass.commit))}.`;
  const byHand = left.filter(({ why }) => why !== 'changed-since');
  if (byHand.length === 0) {
    const summary = `${asked} Everything that it changed was changed again since, or stands as before.`;
    return { ...check, title: 'Nothing of it is left to revert', summary };
  }
  const summary = [`${asked} The bot cannot take this back; do it by hand:`, leftList(left)].join('\n\n');
  return { ...check, title: 'It has to be reverted by hand', summary };
}

export function bypassMarker(commit: string): string {
  return `<!-- tagalong:bypass ${commit} -->`;
}

/** One issue for one push. */
export function bypassIssue(
  bypasses: readonly Bypass[],
  { branch, marker }: { readonly branch: string; readonly marker: string },
): { readonly marker: string; readonly title: string; readonly body: string } {
  const what = bypasses.length === 1 ? 'A commit' : `${bypasses.length} commits`;
  return {
    marker,
    title: `${what} reached ${branch} around the gate`,
    body: [
      marker,
      'Look at what came. The check `tagalong/bypass` on each commit has a button that proposes a revert. Close this when it is settled.',
      fitting(bypasses.map((bypass) => `- ${link(bypass)} ${sentence(bypass)}`)),
    ].join('\n\n'),
  };
}

/** Less than the 65,536 characters that GitHub takes, with room for what stands around it. */
const ISSUE_LIMIT = 60_000;

function fitting(lines: readonly string[]): string {
  let left = ISSUE_LIMIT;
  const end = lines.findIndex((line) => (left -= line.length + 1) < 0);
  if (end === -1) return lines.join('\n');
  return [...lines.slice(0, end), `- and ${lines.length - end} more; \`tagalong audit\` names them all`].join('\n');
}

/** The same for a chat, as plain text. */
export function bypassLines(bypasses: readonly Bypass[]): readonly string[] {
  return bypasses.map(
    (bypass) => `${shortCommit(bypass.commit)} ${bypass.subject} (${bypass.author}): ${howWords(bypass.how, plain)}`,
  );
}

export interface RevertText {
  readonly commit: string;
  readonly url: string;
  readonly subject: string;
  readonly by: string;
  /** Paths that are as before. */
  readonly restored: readonly string[];
  /** Paths that stay as they are, and why. */
  readonly left: readonly { readonly path: string; readonly why: 'changed-since' | 'not-text' | 'submodule' }[];
}

export function revertTitle({ commit, subject }: Pick<RevertText, 'commit' | 'subject'>): string {
  const flat = subject.replace(/\s+/g, ' ').trim();
  const cut = flat.length > 80 ? `${flat.slice(0, 79)}…` : flat;
  return `Revert ${shortCommit(commit)}: ${cut}`;
}

export function revertBody({ commit, url, by, restored, left }: RevertText): string {
  return [
    `Takes back [${inlineCode(shortCommit(commit))}](${url}), which reached the branch around the gate. ${inlineCode(by)} asked for it.`,
    `${files(restored.length)} as before:`,
    list(restored.map((path) => `- ${inlineCode(path)}`)),
    ...(left.length === 0 ? [] : ['**Not taken back**, look at these by hand:', leftList(left)]),
  ].join('\n\n');
}

function leftList(left: RevertText['left']): string {
  return list(left.map(({ path, why }) => `- ${inlineCode(path)}: ${WHY_LEFT[why]}`));
}

const WHY_LEFT = {
  'changed-since': 'changed again since',
  'not-text': 'not a text file',
  submodule: 'a submodule',
} as const;

/** Longer lists are counted: the files stand in the change itself. */
const MAX_LISTED = 50;

function list(lines: readonly string[]): string {
  const more = lines.length > MAX_LISTED ? [`- and ${lines.length - MAX_LISTED} more`] : [];
  return [...lines.slice(0, MAX_LISTED), ...more].join('\n');
}

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

function link({ commit, url }: Bypass): string {
  return `[${inlineCode(shortCommit(commit))}](${url})`;
}

function sentence({ subject, author, how }: Bypass): string {
  return `${inlineCode(subject)} by ${escapeInline(author)}: ${howWords(how, inlineCode)}.`;
}

function howWords(how: BypassKind, quote: (text: string) => string): string {
  switch (how.kind) {
    case 'pushed':
      return 'pushed without a pull request';
    case 'merged':
      return `merged with ${numbers(how.changes)} without a passing verdict`;
    case 'altered':
      return `${numbers(how.changes)} passed, and this also changes ${how.paths.slice(0, 5).map(quote).join(', ')}${how.paths.length > 5 ? ' and more' : ''}`;
    case 'rewritten':
      return `the branch was at ${quote(shortCommit(how.before))} before, and what it had then is gone from it`;
  }
}

function numbers(changes: readonly number[]): string {
  return changes.map((change) => `#${change}`).join(', ');
}

function plain(text: string): string {
  return text;
}
