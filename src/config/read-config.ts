import type { z } from 'zod';
import type { TagPolicy } from '../domain/policy.ts';
import {
  configPaths,
  DEFAULT_CONFIG,
  DEFAULT_REVIEW,
  type Config,
  type Environment,
  type ImageRule,
} from './config.ts';
import { crossCheck } from './cross-checks.ts';
import { readDocument, type ConfigDocument } from './document.ts';
import { explainIssues } from './explain.ts';
import { ineffectiveWords } from './in-force.ts';
import { configJsonSchema, wordsAt } from './json-schema.ts';
import { formatPath, sentence, type ConfigProblem, type ConfigWarning, type Finding } from './problem.ts';
import { configSchema, type RawConfig, type RawEnvironment, type RawImage } from './schema.ts';
import { unreachable } from './unreachable.ts';
import { parseWeekMoment } from './week.ts';

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
