import { compare as compareSemver } from 'semver';

/**
 * What a tag is made of, by the same-shape rule. `template` is what must be equal in two tags of one shape; the rest is what may
 * move, and in which order.
 */
export type Shape =
  /** `1.4.2`, `v1.4`, `16-alpine`, `release-1.4.2`, `1.4.2-rc.1`; with a commit behind: `1.4.2-3f2a91c`. */
  | {
      readonly kind: 'version';
      readonly template: string;
      readonly prefix: string;
      readonly suffix: string;
      readonly numbers: readonly number[];
      /** `rc.1`; empty for a release. */
      readonly preRelease: string;
    }
  /** `2024-11-02.3`, `20241102`, `main-20241102-1530`: the date, then further numbers, each compared as a number. */
  | { readonly kind: 'date'; readonly template: string; readonly numbers: readonly number[] }
  /** `593e9dd`, `main-3f2a91c`, `main-3f2a91c-1730551800`: without an order of its own. */
  | { readonly kind: 'hash'; readonly template: string }
  /** `latest`, `main`, `edge`: a tag that moves. */
  | { readonly kind: 'word'; readonly template: string };

const VERSION =
  /^(?<prefix>(?:(?![vV]\d)[A-Za-z][A-Za-z0-9]*[-_]|[A-Za-z]+\.)*)(?<v>[vV]?)(?<numbers>\d{1,15}(?:\.\d{1,15}){0,3})(?<rest>.*)$/;
const REVISION = /^-(?<revision>\d{1,6})(?=$|[-_])/;
const PRE_RELEASE =
  /^(?:[-._]?(?<named>(?:alpha|beta|rc|cr|pre|preview|dev|snapshot|nightly|canary|next|milestone|ea|unstable|experimental|pr)(?:[-.]?\d{1,9})*)|(?<short>[ab]\d{1,9}))(?=$|[-_])/i;
const DATE =
  /^(?<prefix>(?:[A-Za-z][A-Za-z0-9]*[-_.])*[vV]?)(?<date>(?<year>\d{4})(?<separator>[-_]?)(?<month>\d{2})\k<separator>(?<day>\d{2}))(?<time>\d{4}|\d{6})?(?<rest>(?:[-_.A-Za-z].*)?)$/;
/** Where a branch or a piece of work is counted, the next number is another one, not a newer one. */
const COUNTS_WORK = /^(?:pr|mr|pull|merge|feature|feat|fix|bugfix|hotfix|issue|ticket|preview)[-_.]/i;
/** A lone number this long is a commit hash that happens to have no letter, rather than a count. */
const LONGEST_COUNT = 6;
const SHORTEST_HASH = 7;

/** How the same-shape rule reads a tag that stands somewhere. */
export function readShape(tag: string): Shape {
  return readDate(tag) ?? readVersion(tag) ?? readHash(tag) ?? { kind: 'word', template: tag };
}

/** Reads a published tag as what `standing` is. @returns undefined where it has another shape */
export function readAs<S extends Shape>(standing: S, tag: string): S | undefined;
export function readAs(standing: Shape, tag: string): Shape | undefined {
  const shape = readLike(standing, tag);
  return shape?.template === standing.template ? shape : undefined;
}

/**
 * Greater than zero when `a` is newer. Zero also where the tags themselves do not tell: for hashes, and for equal versions of
 * different commits.
 */
export function compareShapes(a: Shape, b: Shape): number {
  if (a.kind === 'version' && b.kind === 'version') {
    return compareNumbers(a.numbers, b.numbers) || compareSemver(`0.0.0${dashed(a)}`, `0.0.0${dashed(b)}`);
  }
  return a.kind === 'date' && b.kind === 'date' ? compareNumbers(a.numbers, b.numbers) : 0;
}

/** Whether two tags of this shape can name different commits without telling which is newer. */
export function hasHash({ template }: Shape): boolean {
  return template.includes('<commit');
}

/** The shape in words, for people. */
export function describeShape(shape: Shape): string {
  switch (shape.kind) {
    case 'version': {
      const parts = [`a version of ${counted(shape.numbers.length, 'number')}`];
      if (shape.prefix !== '') parts.push(`after \`${shape.prefix}\``);
      if (shape.suffix !== '') parts.push(`before \`${shape.suffix}\``);
      return parts.join(' ');
    }
    case 'date':
      return `a date written \`${shape.template}\``;
    case 'hash':
      return shape.template === '<commit>' ? 'a commit hash' : `\`${shape.template}\``;
    case 'word':
      return 'a moving tag, of which only the digest is followed';
  }
}

export function readVersion(
  tag: string,
  longestCount = LONGEST_COUNT,
): Extract<Shape, { kind: 'version' }> | undefined {
  const { prefix = '', v = '', numbers = '', rest = '' } = VERSION.exec(tag)?.groups ?? {};
  if (numbers === '' || isHex(/^[^-_.]*/.exec(tag.slice(prefix.length))?.[0] ?? '', longestCount)) return undefined;
  const isCount = !numbers.includes('.');
  if (isCount && COUNTS_WORK.test(prefix)) return undefined;

  const revision = REVISION.exec(rest)?.groups?.['revision'];
  const afterRevision = revision === undefined ? rest : rest.slice(revision.length + 1);
  const pre = PRE_RELEASE.exec(afterRevision);
  const suffix = withoutHashes(pre === null ? afterRevision : afterRevision.slice(pre[0].length));
  if (suffix !== '' && !/^[-_.]/.test(suffix)) return undefined;
  const parts = numbers.split('.').map(Number);
  if (suffix.includes('<commit') && (prefix !== '' || parts.length < 3)) return undefined;
  return {
    kind: 'version',
    template: `${prefix}${v}${parts.map(() => 'n').join('.')}${revision === undefined ? '' : '-n'}${suffix}`,
    prefix: prefix + v,
    suffix,
    numbers: revision === undefined ? parts : [...parts, Number(revision)],
    preRelease: dotted(pre?.groups?.['named'] ?? pre?.groups?.['short'] ?? ''),
  };
}

function readLike(standing: Shape, tag: string): Shape | undefined {
  switch (standing.kind) {
    case 'version':
      return readVersion(tag, Math.max(LONGEST_COUNT, String(standing.numbers[0]).length + 1));
    case 'date':
      return readDate(tag);
    case 'hash':
      return readDate(tag) === undefined ? readHash(tag) : undefined;
    case 'word':
      return { kind: 'word', template: tag };
  }
}

function readDate(tag: string): Shape | undefined {
  const groups = DATE.exec(tag)?.groups;
  if (groups === undefined || !isDay(groups)) return undefined;
  const { prefix = '', date = '', time = '', rest = '' } = groups;
  const tail = withoutHashes(rest);
  const digits = [date.replaceAll(/\D/g, ''), ...(time === '' ? [] : [time]), ...(tail.match(/\d+/g) ?? [])];
  const layout = date
    .replace(/^\d{4}/, 'YYYY')
    .replace(/\d{2}$/, 'DD')
    .replace(/\d{2}/, 'MM');
  return {
    kind: 'date',
    template: `${prefix}${layout}${time.replaceAll(/\d/g, 't')}${tail.replaceAll(/\d+/g, 'n')}`,
    numbers: digits.map(Number),
  };
}

function isDay({ year, month, day }: Record<string, string | undefined>): boolean {
  const date = new Date(`${year ?? ''}-${month ?? ''}-${day ?? ''}T00:00:00Z`);
  const isReal = !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
  return isReal && Number(year) >= 1990 && Number(year) < 2200;
}

function readHash(tag: string): Shape | undefined {
  const template = withoutHashes(tag);
  return template.includes('<commit') ? { kind: 'hash', template } : undefined;
}

/** Hashes replaced by their kind: abbreviated, SHA-1 or SHA-256. `git describe` puts a `g` before its own. */
function withoutHashes(text: string): string {
  return text.replaceAll(/(?<=^|[-_.]|[-_.]g)[0-9a-f]{7,64}(?=$|[-_.])/g, ({ length }) => {
    if (length === 64) return '<commit, SHA-256>';
    return length === 40 ? '<commit, full>' : '<commit>';
  });
}

function isHex(text: string, longestCount: number): boolean {
  return (
    text.length >= SHORTEST_HASH && text.length > (/^\d+$/.test(text) ? longestCount : 0) && /^[0-9a-f]+$/.test(text)
  );
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const different = a.findIndex((number, index) => number !== b[index]);
  return different === -1 ? 0 : (a[different] ?? 0) - (b[different] ?? 0);
}

function dashed({ preRelease }: { readonly preRelease: string }): string {
  return preRelease === '' ? '' : `-${preRelease}`;
}

/** `RC1` → `rc.1`, so that `rc10` comes after `rc9`; numbers without leading zeros, as semantic versions want them. */
function dotted(preRelease: string): string {
  const words = preRelease.toLowerCase().match(/[a-z]+|\d+/g) ?? [];
  return words.map((word) => (/^\d/.test(word) ? String(Number(word)) : word)).join('.');
}

function counted(count: number, noun: string): string {
  return count === 1 ? `one ${noun}` : `${count} ${noun}s`;
}
