/** Names are cut here: nothing that people name is longer, and a hostile one could fill a comment. */
const LONGEST_NAME = 120;

/** A fenced code block (CommonMark 4.5) that nothing inside can end: the fence is longer than any run of backticks. */
export function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Text as code inside HTML, where Markdown is not read. */
export function htmlCode(text: string): string {
  const escaped = shortened(text).replace(/[&<>"'`*_[\]\\@#|~]|[\r\n]+/g, (part) =>
    /^[\r\n]/.test(part) ? ' ' : `&#${part.charCodeAt(0)};`,
  );
  return `<code>${escaped}</code>`;
}

/** A name, cut to a length that people use; visible also when it is empty. */
export function shortened(name: string): string {
  if (name === '') return '""';
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME)}…`;
}
