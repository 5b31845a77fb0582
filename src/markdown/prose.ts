import { escapeInline, inlineCode } from './escape.ts';

/**
 * What a forge would make something of, even where Markdown does not: mentions, references to issues, and addresses. It finds them in
 * the page, after Markdown is done, so that escaping them is in vain. What follows without a gap goes with them, for it would begin a text
 * of its own; and so does an `@` at the very end, which would call whoever our next word names.
 */
const LIVING =
  /((?:(?<![\w`])@(?:[A-Za-z0-9][\w-]*(?:\/[\w.-]+)*(?:\[bot\])?|$)|(?<!\w)(?:[\w.-]+\/[\w.-]+)?#\d+\b|\bGH-\d+\b|\b(?:(?:https?|ftp):\/\/|www\.)\S+)(?:[@#][\w./-]*)*)/i;

/** What begins a list, a rule or an underline where it stands first. */
const LIST_MARK = /^(?:[-+=]|\d(?=\d{0,8}[.)]))/;

/** Longer than any sentence of ours with a reason that a person gives. */
const LONGEST = 600;

/** A plain sentence, with the names in it as code: it reads as it was written, nobody is called by it, nothing becomes a link. */
export function prose(text: string): string {
  const flat = text
    .slice(0, 4 * LONGEST)
    .replaceAll(/\s+/g, ' ')
    .trim();
  const cut = flat.length <= LONGEST ? flat : `${flat.slice(0, LONGEST)}…`;
  return cut
    .split(LIVING)
    .map((part, index) => (index % 2 === 1 ? inlineCode(part) : escapeInline(part)))
    .join('')
    .replace(LIST_MARK, (mark) => `&#${mark.charCodeAt(0)};`);
}
