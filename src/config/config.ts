import type { z } from 'zod';
import { familiarName, type ImageName } from '../domain/image.ts';
import type { ReviewPolicy, SetField, TagPolicy, WeeklyFreeze } from '../domain/policy.ts';
import { crossCheck } from './cross-checks.ts';
import { readDocument, type ConfigDocument } from './document.ts';
import { explainIssues } from './explain.ts';
import { matchesImage, matchesPath } from './glob.ts';
import { ineffectiveWords } from './in-force.ts';
import { configJsonSchema, wordsAt } from './json-schema.ts';
import { formatPath, sentence, type ConfigProblem, type ConfigWarning, type Finding } from './problem.ts';
import { configSchema, type RawConfig, type RawEnvironment, type RawImage } from './schema.ts';
import { unreachable } from './unreachable.ts';
import { parseWeekMoment } from './week.ts';

export type { ConfigProblem, ConfigWarning } from './problem.ts';

/** Where a configuration may stand in a repository. Two of them at once are a mistake. */
export const configPaths: readonly string[] = ['.tagalong.yml', '.github/tagalong.yml', '.gitlab/tagalong.yml'];

/** What a repository says about itself, with every default filled in but those that depend on its default branch. */
export interface Config {
  /** In the order of the file; empty when the file names none. */
  readonly environments: readonly Environment[];
  readonly images: readonly ImageEntry[];
  /** `within`: milliseconds after which the silence of deploy tools is told as silence. */
  readonly deploys: { readonly within: number };
  /** Where a commit that went around the gate is told; the audit log always has it. */
  readonly bypass: { readonly tell: readonly BypassTelling[] };
  readonly notify?: NotifyTarget;
}

export type BypassTelling = 'check' | 'issue' | 'chat';

export interface NotifyTarget {
  /** `#deploys`, or the id of a channel. */
  readonly slack?: string;
}

export interface Environment {
  readonly name: string;
  /** Globs over repository-relative paths. */
  readonly paths: readonly string[];
  readonly merge: 'auto' | 'manual';
  readonly after?: string;
  /** Milliseconds. */
  readonly soak?: number;
  readonly review: ReviewPolicy;
  readonly freeze: readonly WeeklyFreeze[];
  /** Globs over names of applications, for `matchesPath`; empty when the file names none. */
  readonly deploys: readonly string[];
  /** Where what is deployed here is reached. */
  readonly url?: string;
  /** Instead of the one of the whole file. */
  readonly notify?: NotifyTarget;
}

export interface ImageEntry {
  /** A glob over names of images. */
  readonly match: string;
  /** undefined for `tags: ignore`. */
  readonly rule: ImageRule | undefined;
}

/** How versions of an image are followed and written. */
export interface ImageRule {
  readonly tags: TagPolicy;
  /** The application repository, as a template with `{name}`. */
  readonly source?: string;
  readonly on: 'push' | 'publish';
  /** The tag that a push will publish, as a template; present with `on: 'push'`. */
  readonly tag?: string;
  readonly set: readonly SetField[];
}

/** Absent, broken and valid are three different things: a broken file never means "no policy". */
export type ReadConfig =
  | { readonly kind: 'absent' }
  | { readonly kind: 'invalid'; readonly file: string; readonly problems: readonly ConfigProblem[] }
  | {
      readonly kind: 'valid';
      readonly file: string;
      readonly config: Config;
      readonly warnings: readonly ConfigWarning[];
    };

/**
 * Reads the configuration among the files of a repository, by path; other files are not looked at. Tells all problems (of very
 * many the first), in the order of the file. An empty file is valid: it opts in and changes no default. Never throws.
 */
export function readConfig(files: ReadonlyMap<string, string>): ReadConfig {
  const [file, ...others] = configPaths.filter((path) => files.has(path));
  if (file === undefined) return { kind: 'absent' };
  if (others.length > 0) return { kind: 'invalid', file, problems: [severalFiles([file, ...others])] };
  return readFile(file, files.get(file) ?? '');
}

/**
 * The rule for an image: the first entry that matches, else the default, which follows tags of the same shape.
 * @returns undefined when the image is not followed (`tags: ignore`)
 */
export function imageRule(config: Config, image: ImageName): ImageRule | undefined {
  const names = [image, familiarName(image)];
  const entry = config.images.find((rule) => names.some((name) => matchesImage(rule, name)));
  return entry === undefined ? DEFAULT_RULE : entry.rule;
}

/**
 * The environment of a file: the first that matches its path. Where the configuration names none, all files belong to one that
 * is named after the default branch.
 * @returns undefined when the file belongs to no environment, and is left alone
 */
export function environmentOf(config: Config, path: string, defaultBranch: string): Environment | undefined {
  if (config.environments.length === 0) return { name: defaultBranch, ...DEFAULT_ENVIRONMENT };
  return config.environments.find(({ paths }) => matchesPath(paths, path));
}

/** That of an empty file. */
export const DEFAULT_CONFIG: Config = {
  environments: [],
  images: [],
  deploys: { within: 30 * 60 * 1000 },
  bypass: { tell: ['check'] },
};

/** What a change needs where no `review` stands. */
export const DEFAULT_REVIEW: ReviewPolicy = { forbid: ['plain-secret'] };

const DEFAULT_ENVIRONMENT: Omit<Environment, 'name'> = {
  paths: ['**'],
  merge: 'manual',
  review: DEFAULT_REVIEW,
  freeze: [],
  deploys: [],
};

const DEFAULT_RULE: ImageRule = { tags: { kind: 'same-shape' }, on: 'publish', set: [] };

function severalFiles(files: readonly string[]): ConfigProblem {
  const [file = '', ...others] = files;
  const found = files.map((path) => `\`${path}\``).join(' and ');
  const message = `There are ${found}; allowed: one of them. Remove the others.`;
  return { file, line: 1, column: 1, path: '', found: others.join(', '), allowed: 'one configuration file', message };
}

/** More problems than this are counted and not told: nobody reads them, and forges take no more. */
const MAX_PROBLEMS = 100;

function readFile(file: string, text: string): ReadConfig {
  const document = readDocument(text);
  const { value } = document;
  if (value === undefined) return { kind: 'invalid', file, problems: syntaxProblems(file, document) };

  const parsed = configSchema.safeParse(value ?? { version: 1 });
  const issues = parsed.error?.issues ?? [];
  const findings = [...explain(issues.slice(0, MAX_PROBLEMS), value), ...crossCheck(value)].slice(0, MAX_PROBLEMS);
  const problems = [
    ...syntaxProblems(file, document),
    ...findings.map((finding) => problemOf(file, document, finding)),
  ];
  if (!parsed.success || problems.length > 0) return { kind: 'invalid', file, problems: inFileOrder(problems) };
  const config = assemble(parsed.data);
  return { kind: 'valid', file, config, warnings: inFileOrder(warningsOf(file, document, config)) };
}

function explain(issues: readonly z.core.$ZodIssue[], value: unknown): readonly Finding[] {
  if (issues.length === 0) return [];
  const schema = configJsonSchema();
  return explainIssues(issues, value, (path) => wordsAt(schema, path));
}

function syntaxProblems(file: string, { findings }: ConfigDocument): ConfigProblem[] {
  return findings.map((finding) => problem(file, finding.position, finding));
}

function problemOf(file: string, document: ConfigDocument, finding: Finding): ConfigProblem {
  return problem(file, document.locate(finding.path, finding.atKey), finding);
}

function problem(file: string, position: { line: number; column: number }, finding: Finding): ConfigProblem {
  const { path, found, allowed, nearest } = finding;
  const message = sentence(finding);
  return {
    file,
    ...position,
    path: formatPath(path),
    found,
    allowed,
    ...(nearest !== undefined && { nearest }),
    message,
  };
}

function warningsOf(file: string, document: ConfigDocument, config: Config): ConfigWarning[] {
  const ineffective = ineffectiveWords(document.value).map((word) => ({
    kind: 'not-in-force' as const,
    atKey: true,
    ...word,
  }));
  const hidden = unreachable(config).map((glob) => ({ kind: 'unreachable' as const, atKey: false, ...glob }));
  return [...ineffective, ...hidden].map(({ kind, path, atKey, message }) => ({
    kind,
    file,
    ...document.locate(path, atKey),
    path: formatPath(path),
    message,
  }));
}

function inFileOrder<T extends { line: number; column: number }>(entries: readonly T[]): T[] {
  return entries.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function assemble({ environments = {}, images, ...rest }: RawConfig): Config {
  const { deploys = DEFAULT_CONFIG.deploys, bypass = DEFAULT_CONFIG.bypass, notify } = rest;
  return {
    environments: Object.entries(environments).map(([name, raw]) => environment(name, raw)),
    images: images.map((raw) => ({ match: raw.match, rule: rule(raw) })),
    deploys,
    bypass,
    ...(notify !== undefined && { notify }),
  };
}

function environment(name: string, raw: RawEnvironment): Environment {
  const { freeze = [], review = DEFAULT_REVIEW, deploys = [], ...rest } = raw;
  const minutes = (text: string) => parseWeekMoment(text) ?? 0;
  return {
    name,
    ...rest,
    review,
    freeze: freeze.map(({ from, to, ...rest }) => ({ from: minutes(from), to: minutes(to), ...rest })),
    deploys,
  };
}

function rule({ tags, on, source, tag, set }: RawImage): ImageRule | undefined {
  const policy = tagPolicy(tags);
  if (policy === undefined) return undefined;
  return { tags: policy, on, set, ...(source !== undefined && { source }), ...(tag !== undefined && { tag }) };
}

function tagPolicy(tags: RawImage['tags']): TagPolicy | undefined {
  if (tags === 'ignore') return undefined;
  if (tags === 'same-shape') return { kind: 'same-shape' };
  if (tags.semver !== undefined) return { kind: 'semver', range: tags.semver };
  if (tags.pattern !== undefined) return { kind: 'pattern', pattern: tags.pattern };
  return { kind: 'digest', tag: tags.digest ?? '' };
}
