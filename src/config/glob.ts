import { RE2JS } from 're2js';

/**
 * The globs of the configuration: `*` and `?` stay within a folder, `**` as a folder of its own crosses folders, `{a,b}` is
 * either. Dot files are like other files. Compiled to RE2, because globs and paths both come from repositories: with a
 * backtracking matcher a dozen `*` against one long name would stop the process.
 */
type Matcher = (text: string) => boolean;

const MAX_LENGTH = 256;
const MAX_ALTERNATIVES = 64;

/** Compiled once for what holds the globs, because every file and image of a repository is asked about. */
const compiled = new WeakMap<object, Matcher>();

/** Whether a repository-relative path matches one of the globs. Case counts. */
export function matchesPath(globs: readonly string[], path: string): boolean {
  return compiledOnce(globs, globs)(path);
}

/** Whether a name of an image matches the glob of an entry. Names are of lower case, so the case of the glob does not count. */
export function matchesImage(entry: { readonly match: string }, name: string): boolean {
  return compiledOnce(entry, [entry.match.toLowerCase()])(name);
}

/** Why a text cannot be a glob over repository-relative paths, or undefined when it can. */
export function pathGlobFault(glob: string): string | undefined {
  if (glob.startsWith('!')) return 'nothing can be taken away with `!`; list what belongs';
  if (glob.includes('\\')) return 'folders are separated by `/`';
  if (glob.startsWith('/')) return 'paths are relative to the repository, without a `/` in front';
  if (glob.endsWith('/')) return 'it matches no file; write `/**` at the end for a whole folder';
  if (glob.split('/').some((segment) => segment === '.' || segment === '..')) return '`.` and `..` are no folders here';
  return globFault(glob);
}

/** Why a text cannot be a glob over names of images, or undefined when it can. */
export function imageGlobFault(glob: string): string | undefined {
  if (glob.startsWith('!')) return 'nothing can be taken away with `!`; put an entry with `tags: ignore` in front';
  if (/\s|\\|:\/\//.test(glob)) return 'it is a name such as `ghcr.io/acme/shop`, with `*` where anything may stand';
  if (glob.includes('@') || glob.lastIndexOf(':') > glob.lastIndexOf('/'))
    return 'it is about names, without tag or digest';
  return globFault(glob);
}

/** Why a text cannot be a glob over the names that deploy tools give to what they deploy, or undefined when it can. */
export function nameGlobFault(glob: string): string | undefined {
  if (glob.startsWith('!')) return 'nothing can be taken away with `!`; list what belongs';
  return globFault(glob);
}

/**
 * Texts that stand for all that a glob matches: what matches each of them leaves nothing to the glob.
 * @param glob one without a fault
 */
export function examplesOf(glob: string): readonly string[] {
  return (expandBraces(glob) ?? []).flatMap((expanded) => {
    const segments = expanded.split('/');
    const fill = (segment: string, index: number, depth: number) => {
      if (segment !== '**') return [segment.replaceAll(/[*?]+/g, ANYTHING)];
      const isLast = index === segments.length - 1;
      return Array<string>(isLast ? depth + 1 : depth).fill(ANYTHING);
    };
    return [0, 1, 2].map((depth) => segments.flatMap((segment, index) => fill(segment, index, depth)).join('/'));
  });
}

/** A character that no glob has a reason to name, more often than anybody writes `?`. */
const ANYTHING = '\u{10FFFD}'.repeat(20);

function globFault(glob: string): string | undefined {
  if (glob === '') return 'it is empty';
  if (glob.length > MAX_LENGTH) return `it has more than ${MAX_LENGTH} characters`;
  if (/[[\]()]/.test(glob)) return 'only `*`, `**`, `?` and `{a,b}` have a meaning here';
  const expanded = expandBraces(glob);
  if (expanded === undefined) return `it has more than ${MAX_ALTERNATIVES} alternatives`;
  if (expanded.some((each) => /[{}]/.test(each))) return 'a bracket is not closed';
  const misplaced = expanded.flatMap((each) => each.split('/')).some((segment) => /.\*\*|\*\*./.test(segment));
  return misplaced ? '`**` stands for folders, with nothing but `/` beside it' : undefined;
}

function compiledOnce(holder: object, globs: readonly string[]): Matcher {
  const known = compiled.get(holder);
  if (known !== undefined) return known;
  const alternatives = globs.flatMap((glob) => expandBraces(glob) ?? []).map(toExpression);
  const expression = RE2JS.compile(`^(?:${alternatives.join('|')})$`, RE2JS.DOTALL);
  const matcher: Matcher = (text) => expression.matches(text);
  compiled.set(holder, matcher);
  return matcher;
}

/** The globs without braces that a glob stands for, or undefined when there are too many. */
function expandBraces(glob: string): readonly string[] | undefined {
  let globs = [glob];
  for (;;) {
    const expanded = globs.flatMap((each) => {
      const [braces, choices = ''] = /\{([^{}]*)\}/.exec(each) ?? [];
      return braces === undefined ? [each] : choices.split(',').map((choice) => each.replace(braces, () => choice));
    });
    if (expanded.length > MAX_ALTERNATIVES) return undefined;
    if (expanded.every((each, index) => each === globs[index])) return expanded;
    globs = expanded;
  }
}

function toExpression(glob: string): string {
  const segments = glob.split('/');
  return segments
    .map((segment, index) => {
      const isLast = index === segments.length - 1;
      if (segment === '**') return isLast ? '.+' : '(?:[^/]+/)*';
      const text =
        segment === '*'
          ? '[^/]+'
          : segment
              .split(/([*?])/)
              .map(toText)
              .join('');
      return isLast ? text : `${text}/`;
    })
    .join('');
}

function toText(part: string): string {
  if (part === '*') return '[^/]*';
  return part === '?' ? '[^/]' : RE2JS.quote(part);
}
