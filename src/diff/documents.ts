/** One document of a YAML stream, as text. */
export interface YamlDocument {
  readonly text: string;
  /** One-based line of the stream on which the text starts. */
  readonly line: number;
}

/**
 * Splits a stream at its `---` lines. Exact without parsing, because YAML 1.2.2 (rule `c-forbidden`) lets no scalar have such a line
 * at its start. Documents without content are left out.
 */
export function splitDocuments(stream: string): YamlDocument[] {
  const documents: YamlDocument[] = [];
  let lines: string[] = [];
  let start = 1;
  const close = (next: number): void => {
    const text = lines.join('\n').trimEnd();
    if (hasContent(text)) documents.push({ text, line: start });
    lines = [];
    start = next;
  };
  const all = stream.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [index, line] of all.entries()) {
    if (!/^---(?:\s|$)/.test(line)) {
      lines.push(line);
      continue;
    }
    close(index + 1);
    lines.push(line.slice(3));
  }
  close(all.length);
  return documents;
}

/**
 * Takes out of two lists the documents whose text stands in both: they are equal, and need not be parsed.
 */
export function withoutShared(
  base: readonly YamlDocument[],
  head: readonly YamlDocument[],
): { base: YamlDocument[]; head: YamlDocument[]; shared: YamlDocument[] } {
  const counts = new Map<string, number>();
  for (const { text } of base) counts.set(text, (counts.get(text) ?? 0) + 1);
  const shared: YamlDocument[] = [];
  const onlyHead = head.filter((document) => {
    const count = counts.get(document.text) ?? 0;
    if (count === 0) return true;
    counts.set(document.text, count - 1);
    shared.push(document);
    return false;
  });
  const onlyBase = base.toReversed().filter(({ text }) => {
    const count = counts.get(text) ?? 0;
    counts.set(text, count - 1);
    return count > 0;
  });
  return { base: onlyBase.toReversed(), head: onlyHead, shared };
}

function hasContent(text: string): boolean {
  return text.split('\n').some((line) => !/^\s*(?:#.*)?$/.test(line) && !/^%|^\.\.\.\s*$/.test(line));
}
