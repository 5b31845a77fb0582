/** One line of a comment that Markdown shows as text of its author. */
export interface TextLine {
  readonly text: string;
  /** One-based. */
  readonly line: number;
}

/** What hides lines until it ends. */
interface Hidden {
  /** Whether this line is the last of it. */
  isEnd(line: string): boolean;
  /** Whether this line is outside already, without an end having been seen. */
  isOutside(line: string): boolean;
}

/**
 * The lines of a comment that are neither quoted, nor code (fenced, indented, `<pre>`), nor in an HTML comment, as CommonMark reads
 * them (4.4, 4.5, 4.6, 5.1). In doubt a line is hidden: a command that is not seen can be repeated, one that was not meant is done. In
 * linear time.
 */
export function textLines(body: string): readonly TextLine[] {
  const shown: TextLine[] = [];
  let hidden: Hidden | undefined;
  for (const [index, text] of body.split(/\r\n|\n|\r/).entries()) {
    if (hidden?.isOutside(text) === true) hidden = undefined;
    if (hidden !== undefined) {
      if (hidden.isEnd(text)) hidden = undefined;
      continue;
    }
    hidden = fenceAt(text) ?? htmlBlockAt(text);
    if (hidden !== undefined) continue;
    if (!/^(?: {4}| {0,3}\t| {0,3}>)/.test(text)) shown.push({ text, line: index + 1 });
    hidden = commentAfter(text);
  }
  return shown;
}

/** Spaces and the markers of list items, in front of a fence. */
const FENCE = /^( {0,3}(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)(`{3,}|~{3,})(.*)$/;

function fenceAt(text: string): Hidden | undefined {
  const [, lead = '', fence = '', info = ''] = FENCE.exec(text) ?? [];
  if (fence === '' || (fence.startsWith('`') && info.includes('`'))) return undefined;
  const isInList = lead.trim() !== '';
  return {
    isEnd: (line) => isClosing(line, fence, isInList),
    isOutside: (line) => isInList && line.trim() !== '' && indentOf(line) < lead.length,
  };
}

function isClosing(line: string, fence: string, isInList: boolean): boolean {
  const trimmed = line.trim();
  const run = fence.charAt(0).repeat(trimmed.length);
  return trimmed === run && trimmed.length >= fence.length && (isInList || indentOf(line) <= 3);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

const HTML_BLOCKS: readonly { readonly start: RegExp; readonly end: RegExp }[] = [
  { start: /^ {0,3}<!--/, end: /-->/ },
  { start: /^ {0,3}<(?:pre|script|style|textarea)(?:[\s>]|$)/i, end: /<\/(?:pre|script|style|textarea)>/i },
];

/** What begins an HTML block, the whole of which is not Markdown. One that ends on its own line hides that line alone. */
function htmlBlockAt(text: string): Hidden | undefined {
  const block = HTML_BLOCKS.find(({ start }) => start.test(text));
  if (block === undefined) return undefined;
  const isOver = block.end.test(text);
  return { isEnd: (line) => block.end.test(line), isOutside: () => isOver };
}

/** A comment that begins within a line goes on until it ends, or until its paragraph does. */
function commentAfter(text: string): Hidden | undefined {
  const start = text.lastIndexOf('<!--');
  if (start === -1 || text.includes('-->', start)) return undefined;
  return { isEnd: (line) => line.includes('-->'), isOutside: (line) => line.trim() === '' };
}
