import { compilePattern, matchesPattern, type OwnerPattern } from './owner-pattern.ts';

/**
 * CODEOWNERS as GitHub reads it (docs.github.com, "About code owners"): the last line that matches a path decides, a line without
 * owners takes them away, and a line that is not valid is passed over. Here such a line is remembered with what it is probably
 * about, because "nobody owns it" is not what its author wanted to say.
 */
export interface CodeOwners {
  /** In the order of the file. */
  readonly lines: readonly OwnerLine[];
  /** Lines that GitHub passes over. */
  readonly broken: readonly BrokenLine[];
}

interface OwnerLine {
  /** One-based. */
  readonly line: number;
  readonly pattern: OwnerPattern;
  /** As written: `@alice`, `@acme/sre`, `sre@example.com`. */
  readonly owners: readonly string[];
  /** Why GitHub passes it over. */
  readonly fault?: string;
}

export interface BrokenLine {
  readonly line: number;
  readonly fault: string;
}

export type Ownership =
  | { readonly kind: 'owned'; readonly line: number; readonly owners: readonly string[] }
  /** No line matches, or the last that does names nobody. */
  | { readonly kind: 'unowned' }
  /** The last line that is about the path is not valid. */
  | { readonly kind: 'broken'; readonly line: number; readonly fault: string };

/** GitHub does not load a file of this size or more, in bytes. */
export const CODEOWNERS_LIMIT = 3 * 1024 * 1024;

/** Never fails: what cannot be read is in `broken`. */
export function parseCodeOwners(text: string): CodeOwners {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .flatMap((line, index) => parseLine(line, index + 1));
  const broken = lines.flatMap(({ line, fault }) => (fault === undefined ? [] : [{ line, fault }]));
  return { lines, broken };
}

/** Whose approval GitHub would ask for. Case counts in paths. */
export function ownersOf({ lines }: CodeOwners, path: string): Ownership {
  const segments = path.split('/');
  const last = lines.findLast(({ pattern }) => matchesPattern(pattern, segments));
  if (last === undefined) return { kind: 'unowned' };
  const { line, owners, fault } = last;
  if (fault !== undefined) return { kind: 'broken', line, fault };
  return owners.length === 0 ? { kind: 'unowned' } : { kind: 'owned', line, owners };
}

export function teamOwners(ownership: Ownership): readonly string[] {
  return ownership.kind === 'owned' ? ownership.owners.filter((owner) => owner.includes('/')) : [];
}

/** `docs@example.com`: no way is known from an address to an account. */
export function isAddress(owner: string): boolean {
  return !owner.startsWith('@');
}

function parseLine(text: string, line: number): OwnerLine[] {
  const words = text.match(/(?:\\[^]|\S)+/g) ?? [];
  const [pattern, ...rest] = words;
  if (pattern === undefined || pattern.startsWith('#')) return [];
  const comment = rest.findIndex((word) => word.startsWith('#'));
  const owners = comment === -1 ? rest : rest.slice(0, comment);
  const fault = patternFault(pattern) ?? ownerFault(owners);
  return [{ line, pattern: compilePattern(intended(pattern)), owners, ...(fault !== undefined && { fault }) }];
}

function patternFault(pattern: string): string | undefined {
  if (pattern.startsWith('!')) return 'a pattern cannot be taken back with "!"';
  if (/[[\]]/.test(pattern)) return 'brackets have no meaning in a pattern';
  if (pattern.startsWith('\\#')) return 'a pattern cannot begin with "#"';
  return pattern.includes('***') ? 'a pattern has no more than two "*" in a row' : undefined;
}

/** What a pattern that is not valid is probably about. */
function intended(pattern: string): string {
  return pattern
    .replace(/^!+/, '')
    .replace(/^\\#/, '#')
    .replaceAll(/\[[^\]/]*\]?/g, '?')
    .replaceAll(/\*{3,}/g, '**');
}

const USER = /^@[A-Za-z0-9][\w-]*$/;
const TEAM = /^@[A-Za-z0-9][\w-]*\/[\w.-]+$/;
const ADDRESS = /^[^\s@]+@[^\s@]+$/;

function ownerFault(owners: readonly string[]): string | undefined {
  const wrong = owners.find((owner) => ![USER, TEAM, ADDRESS].some((form) => form.test(owner)));
  return wrong === undefined ? undefined : `"${wrong}" is neither @user, @organisation/team nor an address`;
}
