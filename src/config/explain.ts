import type { z } from 'zod';
import { nearestWord } from './nearest.ts';
import { alternatives, describeValue, formatPath, type DocumentPath, type Finding } from './problem.ts';

type Issue = z.core.$ZodIssue;

/** In one mapping. */
const MAX_UNKNOWN_WORDS = 100;

/** What a schema has against a value, as findings. The message of each issue of a leaf is what is allowed there. */
export function explainIssues(issues: readonly Issue[], value: unknown, words: WordsAt): Finding[] {
  return issues.flatMap((issue) => explain(issue, value, words));
}

/** The words that a mapping at a path may use. */
export type WordsAt = (path: DocumentPath) => readonly string[];

function explain(issue: Issue, root: unknown, words: WordsAt): Finding[] {
  const path = documentPath(issue.path);
  const value = valueAt(root, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownWords(path, issue.keys, words);
    case 'invalid_key':
      return [invalidName(path, issue.issues[0]?.message ?? issue.message)];
    case 'invalid_union':
      return explainUnion(issue, root, words);
    case 'invalid_value':
      return [notOneOf(path, value, issue.values.map(String), issue.message)];
    case 'invalid_type':
      return [value === undefined ? missing(path, issue) : notOfKind(path, value, issue)];
    case 'custom':
      return [{ ...wrong(path, value, issue.message), ...fault(path, value, issue.params ?? {}, issue.message) }];
    default:
      return [wrong(path, value, issue.message)];
  }
}

function unknownWords(path: DocumentPath, keys: readonly string[], words: WordsAt): Finding[] {
  return keys.slice(0, MAX_UNKNOWN_WORDS).map((key) => unknownWord(path, key, words));
}

function unknownWord(path: DocumentPath, key: string, wordsAt: WordsAt): Finding {
  const words = wordsAt(path);
  const place = path.length === 0 ? 'at the top of the file' : `in \`${formatPath(path)}\``;
  const allowed = alternatives(words);
  const home = homeOf(key, wordsAt);
  return {
    path: [...path, key],
    atKey: true,
    found: `the unknown word \`${key}\``,
    allowed,
    nearest: home === undefined ? nearestWord(key, words) : undefined,
    message: `\`${key}\` means nothing ${place}; ${home === undefined ? '' : `it belongs in ${home}; `}allowed: ${allowed}.`,
  };
}

/** Where else a word that is known stands, as people put it one mapping too high or too low. */
function homeOf(word: string, words: WordsAt): string | undefined {
  const homes: readonly (readonly [name: string, path: DocumentPath])[] = [
    ['`environments.<name>`', ['environments', '<name>']],
    ['`environments.<name>.review`', ['environments', '<name>', 'review']],
    ['an entry of `images`', ['images', 0]],
  ];
  return homes.find(([, path]) => words(path).includes(word))?.[0];
}

function invalidName(path: DocumentPath, allowed: string): Finding {
  const name = path.at(-1);
  return {
    path,
    atKey: true,
    found: `the name \`${name ?? ''}\``,
    allowed,
    message: `\`${name ?? ''}\` is no name; allowed: ${allowed}.`,
  };
}

function notOneOf(path: DocumentPath, value: unknown, options: readonly string[], message: string): Finding {
  if (value === undefined) return missingWith(path, alternatives(options));
  const nearest = typeof value === 'string' ? nearestWord(value, options) : undefined;
  const allowed = options.length > 1 ? alternatives(options) : message;
  return { ...wrong(path, value, allowed), nearest: nearest === value ? undefined : nearest };
}

function missing(path: DocumentPath, issue: z.core.$ZodIssueInvalidType): Finding {
  return missingWith(path, expectation(issue));
}

function missingWith(path: DocumentPath, allowed: string): Finding {
  const name = path.at(-1) ?? '';
  return { path, found: 'nothing', allowed, message: `\`${name}\` is missing; wanted: ${allowed}.` };
}

function wrong(path: DocumentPath, value: unknown, allowed: string): Finding {
  return { path, found: describeValue(value), allowed };
}

/** One text where a list is wanted is most likely meant as its only entry. */
function notOfKind(path: DocumentPath, value: unknown, issue: z.core.$ZodIssueInvalidType): Finding {
  const isOnlyEntry = issue.expected === 'array' && typeof value === 'string' && value.length <= 60;
  return { ...wrong(path, value, expectation(issue)), ...(isOnlyEntry && { nearest: `[${JSON.stringify(value)}]` }) };
}

/** Collections without a message of their own are named by their kind. */
function expectation({ expected, message }: z.core.$ZodIssueInvalidType): string {
  if (!message.startsWith('Invalid input')) return message;
  return expected === 'array' ? 'a list' : 'a mapping';
}

function fault(path: DocumentPath, value: unknown, params: Record<string, unknown>, message: string): Partial<Finding> {
  const { found, allowed, nearest, because } = params;
  return {
    ...(typeof found === 'string' && { found }),
    ...(typeof allowed === 'string' && {
      allowed,
      message: `\`${formatPath(path)}\` has ${String(found)}; allowed: ${allowed}.`,
    }),
    ...(typeof nearest === 'string' && { nearest }),
    ...(typeof because === 'string' && {
      message: `\`${formatPath(path)}\` is ${describeValue(value)}: ${because}. Allowed: ${message}.`,
    }),
  };
}

/** The alternative that was meant is the one that does not fail at its root; where all do, each is named. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, root: unknown, words: WordsAt): Finding[] {
  const path = documentPath(issue.path);
  const meant = issue.errors.find((errors) => !errors.some(failsAtRoot));
  if (meant !== undefined) {
    const placed = meant.map((error) => ({ ...error, path: [...issue.path, ...error.path] }));
    return explainIssues(placed, root, words);
  }
  const options = issue.errors
    .flat()
    .flatMap((error) => (error.code === 'invalid_value' ? error.values.map(String) : []));
  const finding = notOneOf(path, valueAt(root, path), options, issue.message);
  return [
    {
      ...finding,
      allowed: `${options.map((option) => `\`${option}\``).join(', ')} or a mapping with ${alternatives(words(path))}`,
    },
  ];
}

function failsAtRoot({ code, path }: Issue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
}

function documentPath(path: readonly PropertyKey[]): DocumentPath {
  return path.map((step) => (typeof step === 'symbol' ? String(step) : step));
}

function valueAt(root: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    return Reflect.get(value, step);
  }, root);
}
