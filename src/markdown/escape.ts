/** Text as inline code, whatever backticks it holds (CommonMark 6.1: the fence is longer than any run inside). */
export function inlineCode(text: string): string {
  const flat = text.replace(/[\r\n]+/g, ' ');
  const longest = Math.max(0, ...[...flat.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 || flat.startsWith(' ') ? ' ' : '';
  return `${fence}${pad}${flat}${pad}${fence}`;
}

/** Like {@link inlineCode}, for a cell of a table, where a bare `|` would end the cell even inside code. */
export function tableCode(text: string): string {
  return inlineCode(text).replaceAll('|', '\\|');
}

/** Text that reads as it is written: nothing in it becomes markup, a link, a mention or a reference. */
export function escapeInline(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#@&~]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * JSON that can stand in an HTML comment: `--` and `>` cannot occur, so no value ends the comment early.
 * `JSON.parse` reads it back as it was.
 */
export function commentJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('-', '\\u002d')
    .replaceAll('>', '\\u003e')
    .replaceAll('<', '\\u003c')
    .replaceAll('@', '\\u0040');
}
