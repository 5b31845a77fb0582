import picomatch from 'picomatch';

type Matcher = (text: string) => boolean;

const PATHS = { dot: true, nonegate: true, strictBrackets: true } as const;
const IMAGES = { ...PATHS, nocase: true } as const;

/** Compiled once for what holds the globs, because every file and image of a repository is asked about. */
const compiled = new WeakMap<object, Matcher>();

/**
 * Whether a repository-relative path matches one of the globs. `*` stays within a folder, `**` crosses folders, dot files are
 * like other files, case counts.
 */
export function matchesPath(globs: readonly string[], path: string): boolean {
  return compiledOnce(globs, globs, PATHS)(path);
}

/** Whether a name of an image matches the glob of an entry. Like {@link matchesPath}, but case does not count. */
export function matchesImage(entry: { readonly match: string }, name: string): boolean {
  return compiledOnce(entry, [entry.match], IMAGES)(name);
}

function compiledOnce(holder: object, globs: readonly string[], options: picomatch.PicomatchOptions): Matcher {
  const known = compiled.get(holder);
  if (known !== undefined) return known;
  const matcher = picomatch([...globs], options);
  // The library's matcher takes a second argument, and then never answers false.
  const matches = (text: string) => matcher(text);
  compiled.set(holder, matches);
  return matches;
}

/** Why a text cannot be a glob over repository-relative paths, or undefined when it can. */
export function pathGlobFault(glob: string): string | undefined {
  if (glob === '') return 'it is empty';
  if (/^!(?!\()/.test(glob)) return 'nothing can be taken away with `!`; list what belongs';
  if (glob.includes('\\')) return 'folders are separated by `/`';
  if (glob.startsWith('/')) return 'paths are relative to the repository, without a `/` in front';
  if (glob.endsWith('/')) return 'it matches no file; write `/**` at the end for a whole folder';
  if (glob.split('/').some((segment) => segment === '.' || segment === '..')) return '`.` and `..` are no folders here';
  return bracketFault(glob);
}

/** Why a text cannot be a glob over names of images, or undefined when it can. */
export function imageGlobFault(glob: string): string | undefined {
  if (glob === '') return 'it is empty';
  if (/^!(?!\()/.test(glob)) return 'nothing can be taken away with `!`; put an entry with `tags: ignore` in front';
  if (/@(?!\()/.test(glob) || glob.lastIndexOf(':') > glob.lastIndexOf('/'))
    return 'it is about names, without tag or digest';
  if (/\s|\\|:\/\//.test(glob)) return 'it is a name such as `ghcr.io/acme/shop`, with `*` where anything may stand';
  return bracketFault(glob);
}

/**
 * Texts that stand for all that a glob matches: where the earlier glob matches each of them, it leaves nothing to the later one.
 * @returns undefined for globs that use more than `*`, `**` and `?`, of which this cannot be said.
 */
export function examplesOf(glob: string): readonly string[] | undefined {
  if (/[[\](){}!+@\\]/.test(glob)) return undefined;
  const segments = glob.split('/');
  const fill = (segment: string, index: number, depth: number) => {
    if (segment !== '**') return [segment.replaceAll(/[*?]+/g, ANYTHING)];
    const isLast = index === segments.length - 1;
    return Array<string>(isLast ? depth + 1 : depth).fill(ANYTHING);
  };
  return [0, 1, 2].map((depth) => segments.flatMap((segment, index) => fill(segment, index, depth)).join('/'));
}

/** A character that no glob has a reason to name. */
const ANYTHING = '\u{10FFFD}';

function bracketFault(glob: string): string | undefined {
  try {
    picomatch(glob, PATHS);
    return undefined;
  } catch {
    return 'a bracket is not closed';
  }
}
