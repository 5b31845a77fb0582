import type { FileProblem, Site } from '../domain/site.ts';
import { paint, type Output } from './io.ts';

/** A site as programs read it. What does not stand there is null. */
export interface SiteJson {
  readonly image: string;
  readonly tag: string | null;
  readonly digest: string | null;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly format: Site['format'];
  readonly path: string;
}

export function siteJson({ image, tag, digest, path, line, column, format, pointer }: Site): SiteJson {
  return {
    image,
    tag: tag ?? null,
    digest: digest ?? null,
    file: path,
    line,
    column,
    format,
    path: formatPointer(pointer),
  };
}

/** `spec.containers[0].image` */
export function formatPointer(pointer: Site['pointer']): string {
  return pointer.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** `file:line:column`, which editors and terminals make a link of. */
export function formatPlace({ path, line, column }: Pick<FileProblem, 'path' | 'line' | 'column'>): string {
  return [path, line, column].filter((part) => part !== undefined).join(':');
}

export function tellProblem(output: Output, problem: FileProblem): void {
  output.write(`${formatPlace(problem)}: ${paint(output, 'yellow', 'warning:')} ${problem.message}\n`);
}
