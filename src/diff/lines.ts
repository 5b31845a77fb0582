import { structuredPatch } from 'diff';
import { pathsAbove } from './section.ts';

export interface LineDiff {
  readonly added: number;
  readonly removed: number;
  /** undefined when the texts are too different; then the counts are the lines of each. */
  readonly patch?: string;
}

/**
 * The most lines that may differ. Myers' algorithm costs the square of it: this many take about a tenth of a second, and nobody reads
 * more. A count and not a time limit, so that the same input always gives the same answer.
 */
const MAX_EDITS = 2_000;
const CONTEXT_LINES = 3;
/** In UTF-16 units. */
const MAX_SECTION = 100;

/**
 * The unified hunks between two printed resources; '' stands for one that is not there. After the `@@` of a hunk stands the path of
 * keys that its first changed line is under, where `diff -p` has the function.
 */
export function diffLines(before: string, after: string): LineDiff {
  if (before === '' || after === '') return wholeText(before, after);
  const result = structuredPatch('', '', before, after, undefined, undefined, {
    context: CONTEXT_LINES,
    maxEditLength: MAX_EDITS,
  });
  if (result === undefined) return { added: countLines(after), removed: countLines(before) };
  const lines = result.hunks.flatMap(({ lines }) => lines);
  const paths = { before: pathsAbove(before), after: pathsAbove(after) };
  return {
    added: lines.filter((line) => line.startsWith('+')).length,
    removed: lines.filter((line) => line.startsWith('-')).length,
    patch: result.hunks.flatMap((hunk) => [hunkHeader(hunk, section(hunk, paths)), ...hunk.lines]).join('\n'),
  };
}

function wholeText(before: string, after: string): LineDiff {
  const sign = before === '' ? '+' : '-';
  const lines = splitLines(before === '' ? after : before);
  return {
    added: before === '' ? lines.length : 0,
    removed: before === '' ? 0 : lines.length,
    patch: lines.map((line) => sign + line).join('\n'),
  };
}

interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly string[];
}

function hunkHeader({ oldStart, oldLines, newStart, newLines }: Hunk, section: string): string {
  return `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@${section && ` ${section}`}`;
}

type Paths = Readonly<Record<'before' | 'after', readonly (readonly string[])[]>>;

function section({ oldStart, newStart, lines }: Hunk, { before, after }: Paths): string {
  const first = lines.findIndex((line) => !line.startsWith(' '));
  const path = lines[first]?.startsWith('-') === true ? before[oldStart - 1 + first] : after[newStart - 1 + first];
  return sectionText(path ?? []);
}

/** Of a path that is too long the end, because the nearest keys say the most. */
function sectionText(path: readonly string[]): string {
  const text = path.map((key) => key.slice(-MAX_SECTION - 1)).join('.');
  return text.length <= MAX_SECTION ? text : `…${text.slice(-MAX_SECTION).replace(/^[\uDC00-\uDFFF]/, '')}`;
}

function countLines(text: string): number {
  return splitLines(text).length;
}

function splitLines(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}
