import { styleText } from 'node:util';

/** A goal of the project, with what was found in this run. */
export interface Target {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  readonly met: boolean;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  /** The first cell of a row says what it is about; the others are figures. */
  readonly rows: readonly (readonly string[])[];
}

/** What a benchmark found. */
export interface Report {
  readonly tables: readonly Table[];
  /** What a reader must know to read the figures right. */
  readonly notes: readonly string[];
  readonly targets: readonly Target[];
}

/** One benchmark. It tells what it is doing while it does it, because it takes a minute. */
export interface Benchmark {
  readonly name: string;
  readonly summary: string;
  readonly run: (tell: (step: string) => void) => Promise<Report>;
}

export function reportText({ tables, notes }: Report): string {
  const parts = [...tables.map(tableText), notes.map((note) => wrap(`* ${note}`, 118, '  ')).join('\n')];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

export function targetsText(targets: readonly Target[]): string {
  const rows = targets.map(({ what, wanted, found, met }) => [met ? 'met' : 'MISSED', found, wanted, what]);
  return `${tableText({ title: 'Targets', columns: ['', 'found', 'wanted', 'of'], rows })}\n`;
}

/** A figure in milliseconds. */
export function ms(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

/** A figure as a multiple of another. */
export function times(value: number): string {
  return `${value.toFixed(2)}×`;
}

function tableText({ title, columns, rows }: Table): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  const [head = '', ...body] = lines.map((line) => lineText(line, widths));
  return [styleText('bold', title), styleText('dim', head), ...body].join('\n');
}

/** Figures stand to the right, what they are about to the left. */
function lineText(cells: readonly string[], widths: readonly number[]): string {
  const isFigure = (index: number): boolean => index > 0 && index < cells.length - 1;
  const padded = cells.map((cell, index) => {
    const width = widths[index] ?? 0;
    return isFigure(index) || index > 0 ? cell.padStart(width) : cell.padEnd(width);
  });
  return `  ${padded.join('  ')}`.trimEnd();
}

function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
