import type { WrittenCommand } from '../domain/command.ts';
import type { CommentRef } from '../domain/event.ts';
import { inlineCode } from './escape.ts';

/** What is said to one line of a comment. */
export interface Answer {
  readonly command: Pick<WrittenCommand, 'name' | 'text'>;
  readonly markdown: string;
}

/** People's own words are shown up to here. */
const LONGEST_QUOTE = 200;

/** The line by which the one reply to a comment is found again. */
export function replyMarker({ kind, id }: CommentRef): string {
  return `<!-- tagalong:reply ${kind === 'comment' ? id : `${kind}-${id}`} -->`;
}

/** The one reply to a comment. Where there are several answers, each names its line. What does not fit is left out from the end. */
export function replyBody(
  comment: CommentRef,
  answers: readonly Answer[],
  { limit, isSeveral }: { readonly limit: number; readonly isSeveral: boolean },
): string {
  const marker = replyMarker(comment);
  const blocks = answers.map(({ command, markdown }) =>
    isSeveral ? `**${inlineCode(writtenLine(command))}**\n\n${markdown}` : markdown,
  );
  const more = '*The other answers do not fit here. Give those commands again in a comment of their own.*';
  const shown: string[] = [];
  let room = limit - marker.length - more.length - 4;
  for (const block of blocks) {
    room -= block.length + 2;
    if (room < 0) break;
    shown.push(block);
  }
  return [marker, ...shown, ...(shown.length < blocks.length ? [more] : [])].join('\n\n');
}

/** A command as its author wrote it, on one line. */
export function writtenLine({ name, text }: Pick<WrittenCommand, 'name' | 'text'>): string {
  return shortQuote(text === '' ? `/${name}` : `/${name} ${text}`);
}

/** What a person wrote, as code: it reads as it was written, and links and mentions nothing. */
export function quoted(text: string): string {
  return inlineCode(shortQuote(text));
}

/** `2026-11-21 04:30 UTC` */
export function moment(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `a`, `b` and `c`, as code. */
export function listed(names: readonly string[], word: 'and' | 'or' = 'and'): string {
  const codes = names.map((name) => quoted(name));
  const last = codes.pop() ?? '';
  return codes.length === 0 ? last : `${codes.join(', ')} ${word} ${last}`;
}

/** Control characters, and those that turn the direction of text around, would let a reason look like something else. */
function shortQuote(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  if (plain === '') return '""';
  return plain.length <= LONGEST_QUOTE ? plain : `${plain.slice(0, LONGEST_QUOTE)}…`;
}
