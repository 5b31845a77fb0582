import type { LoggedCommit } from './git.ts';

/**
 * A commit object: headers, each on a line of its own, a blank line and the message. The subject is the first paragraph of the message
 * on one line, as `git log --format=%s` tells it. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_git_commit_objects
 */
export function parseCommit(commit: string, bytes: Buffer): LoggedCommit {
  const text = bytes.toString('utf8');
  const end = text.indexOf('\n\n');
  const headers = (end === -1 ? text : text.slice(0, end)).split('\n');
  const [, authorName = '', authorEmail = ''] =
    headers.map((line) => AUTHOR.exec(line)).find((found) => found !== null) ?? [];
  return {
    commit,
    parents: headers.flatMap((line) => PARENT.exec(line)?.[1] ?? []),
    authorName,
    authorEmail,
    subject: end === -1 ? '' : firstParagraph(text.slice(end + 2)),
  };
}

const PARENT = /^parent ([0-9a-f]{40,64})$/;
const AUTHOR = /^author (.*?) ?<([^>]*)> /;

function firstParagraph(message: string): string {
  const [paragraph = ''] = message.replace(/^\s+/, '').split(/\n\s*\n/);
  return paragraph
    .split('\n')
    .map((line) => line.trimEnd())
    .join(' ')
    .trim();
}
