import { structuredPatch } from 'diff';

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

/** The unified hunks between two texts; '' stands for a text that is not there. */
export function diffLines(before: string, after: string): LineDiff {
  if (before === '' || after === '') return wholeText(before, after);
  const result = structuredPatch('', '', before, after, undefined, undefined, {
    context: CONTEXT_LINES,
    maxEditLength: MAX_EDITS,
  });
  if (result === undefined) return { added: countLines(after), removed: countLines(before) };
  const lines = result.hunks.flatMap(({ lines }) => lines);
  return {
    added: lines.filter((line) => line.startsWith('+')).length,
    removed: lines.filter((line) => line.startsWith('-')).length,
    patch: result.hunks.flatMap((hunk) => [hunkHeader(hunk), ...hunk.lines]).join('\n'),
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
}

function hunkHeader({ oldStart, oldLines, newStart, newLines }: Hunk): string {
  return `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`;
}

function countLines(text: string): number {
  return splitLines(text).length;
}

function splitLines(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}
