import { closestMatch } from 'leven';

/** The candidate that `word` most likely stands for, or undefined when none is like it. Case is no difference. */
export function nearestWord(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > 64) return undefined;
  const byLowerCase = new Map(candidates.map((candidate) => [candidate.toLowerCase(), candidate]));
  const maxDistance = Math.max(word.length < 4 ? 1 : 2, Math.floor(word.length * 0.4));
  const closest = closestMatch(word.toLowerCase(), [...byLowerCase.keys()], { maxDistance });
  return (
    byLowerCase.get(closest ?? '') ??
    candidates.find((candidate) => isPrefix(candidate, word) || isPrefix(word, candidate))
  );
}

function isPrefix(prefix: string, word: string): boolean {
  return prefix.length >= 3 && word.toLowerCase().startsWith(prefix.toLowerCase());
}
