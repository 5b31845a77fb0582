import type { RenderedDiff, ResourceDiff, UnitDiff } from '../diff/result.ts';
import { errorCodes } from '../domain/errors.ts';
import { noteWords, resourceTitle, unitTitle } from '../markdown/diff-notes.ts';
import { comparison, diffSummary } from '../markdown/diff-summary.ts';
import { paint, type Output } from './io.ts';

/** Writes a rendered diff for a person at a terminal: per app, each resource with what to know of it, and its lines. */
export function writeDiff(output: Output, diff: RenderedDiff): void {
  for (const unit of diff.units) {
    if (!unit.ok) writeFailure(output, unit);
    else if (unit.resources.length > 0) writeUnit(output, unit);
  }
  output.write(`${diffSummary(diff)}\n${comparison(diff, (text) => text)}\n`);
}

type Failed = Extract<UnitDiff, { ok: false }>;
type Compared = Extract<UnitDiff, { ok: true }>;

function writeFailure(output: Output, { unit, side, code, message }: Failed): void {
  const where = side === 'both' ? 'base and head' : side;
  output.write(`${paint(output, 'bold', visible(unitTitle(unit)))} ${paint(output, 'red', `${code} (${where})`)}\n`);
  for (const line of message.split('\n')) output.write(`  ${visible(line)}\n`);
  output.write(`  ${errorCodes[code].remedy}\n\n`);
}

function writeUnit(output: Output, { unit, resources }: Compared): void {
  output.write(`${paint(output, 'bold', visible(unitTitle(unit)))}\n`);
  for (const resource of resources) writeResource(output, resource);
}

function writeResource(output: Output, { id, change, patch, added, removed, notes }: ResourceDiff): void {
  const words = notes.map((note) => visible(noteWords(note, (text) => text)));
  const colour = { added: 'green', changed: 'yellow', removed: 'red' } as const;
  const heading = [visible(resourceTitle(id)), paint(output, colour[change], change), words.join('; ')];
  output.write(`  ${heading.filter((part) => part !== '').join('  ')}\n`);
  if (patch === undefined) output.write(`    too different to compare: ${removed} lines before, ${added} after\n`);
  for (const line of patch?.split('\n') ?? []) output.write(`    ${paintLine(output, visible(line))}\n`);
  output.write('\n');
}

function paintLine(output: Output, line: string): string {
  if (line.startsWith('@@')) return paint(output, 'cyan', line);
  if (line.startsWith('+')) return paint(output, 'green', line);
  return line.startsWith('-') ? paint(output, 'red', line) : line;
}

/** Control characters in what others wrote must not steer the terminal. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) =>
    character === '\t' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
