/**
 * A pattern of CODEOWNERS, folder by folder. Like gitignore's, but for `docs/*`, which is about what lies in `docs` itself and not
 * in folders below it. Both pattern and path come from people, so matching takes at most their product in steps.
 */
export type OwnerPattern = readonly (readonly string[])[];

/** Stands for any number of folders, none included. */
const ANY_FOLDERS: readonly string[] = ['**'];
const ANY_NAME: readonly string[] = ['*'];

export function compilePattern(pattern: string): OwnerPattern {
  const isFolder = pattern.endsWith('/');
  const body = pattern.replace(/^\//, '').replace(/\/$/, '');
  const isAnchored = pattern.startsWith('/') || body.includes('/');
  const names = body.split('/').map((name) => (name === '**' ? ANY_FOLDERS : tokensOf(name)));
  return [...(isAnchored ? [] : [ANY_FOLDERS]), ...withEnding(names, isFolder, isAnchored)];
}

/** @param segments the path, split at its `/` */
export function matchesPattern(pattern: OwnerPattern, segments: readonly string[]): boolean {
  return matchesSequence(pattern, segments, (name) => name === ANY_FOLDERS, matchesName);
}

/** A folder is all that lies in it; a name may be that of a file or of a folder. */
function withEnding(names: OwnerPattern, isFolder: boolean, isAnchored: boolean): OwnerPattern {
  const last = names.at(-1);
  if (last === ANY_FOLDERS) return [...names.slice(0, -1), ANY_NAME, ANY_FOLDERS];
  if (isFolder) return [...names, ANY_NAME, ANY_FOLDERS];
  const isStar = last?.length === 1 && last[0] === '*';
  return isStar && isAnchored ? names : [...names, ANY_FOLDERS];
}

/** Characters, of which an escaped one keeps its backslash, so that `\*` is no wildcard. */
function tokensOf(name: string): readonly string[] {
  return (name.match(/\\[^]|[^]/gu) ?? []).filter((token, index, all) => token !== '*' || all[index - 1] !== '*');
}

function matchesName(tokens: readonly string[], name: string): boolean {
  return matchesSequence(
    tokens,
    Array.from(name),
    (token) => token === '*',
    (token, character) => token === '?' || (token.length > 1 ? token.replace(/^\\/, '') : token) === character,
  );
}

/** Wildcard matching without recursion: after a mismatch only the last wildcard takes one more. */
function matchesSequence<P, T>(
  pattern: readonly P[],
  text: readonly T[],
  isAny: (part: P) => boolean,
  isOne: (part: P, item: T) => boolean,
): boolean {
  let at = 0;
  let taken = 0;
  let wildcard: { readonly at: number; taken: number } | undefined;
  while (taken < text.length) {
    const [part, item] = [pattern[at], text[taken]];
    if (part !== undefined && isAny(part)) {
      wildcard = { at, taken };
      at += 1;
    } else if (part !== undefined && item !== undefined && isOne(part, item)) {
      at += 1;
      taken += 1;
    } else if (wildcard !== undefined) {
      wildcard.taken += 1;
      at = wildcard.at + 1;
      taken = wildcard.taken;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every(isAny);
}
