import type { ReadConfig } from '../config/read-config.ts';
import type { ImageName } from '../domain/image.ts';
import type { FileProblem } from '../domain/site.ts';
import { escapeInline, inlineCode } from './escape.ts';
import { prose } from './prose.ts';

/** The content of a check on a commit, in the words of the forge port. */
export interface CheckText {
  readonly name: string;
  /** `pending`: it has not come to its end. */
  readonly conclusion: 'success' | 'failure' | 'neutral' | 'pending';
  readonly title: string;
  readonly summary: string;
  readonly annotations: readonly {
    readonly path: string;
    readonly line: number;
    readonly column?: number;
    readonly message: string;
  }[];
}

/** `tagalong/config`: whether `.tagalong.yml` can be obeyed, and what of it is not what its author may expect. */
export function configCheck(read: Exclude<ReadConfig, { kind: 'absent' }>): CheckText {
  const findings = read.kind === 'valid' ? read.warnings : read.problems;
  const annotations = findings.map(({ file, line, column, message }) => ({ path: file, line, column, message }));
  const list = findings.map(
    ({ file, line, column, message }) => `- ${inlineCode(`${file}:${line}:${column}`)} ${message}`,
  );
  if (read.kind === 'invalid') {
    return {
      name: 'tagalong/config',
      conclusion: 'failure',
      title: `${count(findings.length, 'problem')} in ${read.file}`,
      summary: ['Nothing is proposed in this repository while its default branch says this:', ...list].join('\n'),
      annotations,
    };
  }
  return {
    name: 'tagalong/config',
    conclusion: 'success',
    title:
      findings.length === 0
        ? `${read.file} is valid`
        : `${read.file} is valid, with ${count(findings.length, 'remark')}`,
    summary:
      list.length === 0
        ? 'Every word of it is in force.'
        : ['The configuration is in force, except:', ...list].join('\n'),
    annotations,
  };
}

/** `tagalong/manifests`: files of a push that could not be read. The others are followed all the same. */
export function manifestsCheck(problems: readonly FileProblem[]): CheckText {
  const files = new Set(problems.map(({ path }) => path)).size;
  return {
    name: 'tagalong/manifests',
    conclusion: 'neutral',
    title: `${count(files, 'file')} could not be read`,
    summary: [
      'Images in these files are not followed; all other files are:',
      ...problems.map(
        ({ path, line, message }) => `- ${inlineCode(line === undefined ? path : `${path}:${line}`)} ${message}`,
      ),
    ].join('\n'),
    annotations: problems.map(({ path, line = 1, column, message }) => ({
      path,
      line,
      ...(column !== undefined && { column }),
      message,
    })),
  };
}

export interface RefusedBump {
  readonly environment: string;
  readonly image: ImageName;
  readonly tag: string;
  readonly detail: string;
}

/** `tagalong/bump …`: a version that is due and cannot be written, told on the commit that it would be built on. */
export function refusedBumpCheck({ environment, image, tag, detail }: RefusedBump): CheckText {
  return {
    name: `tagalong/bump ${image} in ${environment}`,
    conclusion: 'neutral',
    title: `${tag} cannot be written`,
    summary: `${inlineCode(`${image}:${tag}`)} is due in **${escapeInline(environment)}** and was not proposed: ${detail}`,
    annotations: [],
  };
}

/** Why a bump could not be opened, as its `detail`, and what to do then. */
export function forgeRefusal(message: string): string {
  return `${prose(message)}\n\nIt is tried again a few times by itself, with the next version, and when somebody presses **Re-run** here.`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
