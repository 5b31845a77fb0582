/** The words of a name in lower case: `shop-api_v2` is `shop`, `api`, `v2`. */
export function wordsOf(name: string): readonly string[] {
  return name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/** Where `run` stands in `words` without anything between, as the index of its first word; -1 when it does not, or is empty. */
export function indexOfRun(words: readonly string[], run: readonly string[]): number {
  if (run.length === 0) return -1;
  return words.findIndex((_, start) => run.every((word, offset) => words[start + offset] === word));
}

export function containsRun(words: readonly string[], run: readonly string[]): boolean {
  return indexOfRun(words, run) !== -1;
}
