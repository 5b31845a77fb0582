import type { RenderedDiff, ResourceDiff, UnitDiff } from '../diff/result.ts';
import { errorCodes } from '../domain/errors.ts';
import { counted, noteWords, plural, resourceTitle, unitTitle } from './diff-notes.ts';
import { comparison, countChanges, diffSummary, isCommit, shortCommit } from './diff-summary.ts';
import { inlineCode, tableCode } from './escape.ts';
import { fenced, htmlCode, shortened } from './fences.ts';

/** The line by which the comment is found again. */
export const DIFF_MARKER = '<!-- tagalong:diff -->';

export interface DiffCommentOptions {
  /** The most characters that the forge takes, in UTF-16 units: never fewer than the characters a forge counts. */
  readonly limit: number;
}

/** A diff of at most this many lines is shown unfolded. */
const OPEN_LINES = 60;
const MAX_DANGERS = 5;
const MAX_NOTES = 5;
const OMITTED_NAMES_ROOM = 1_000;

type Failed = Extract<UnitDiff, { ok: false }>;
type Compared = Extract<UnitDiff, { ok: true }>;

interface Entry {
  readonly unit: Compared;
  readonly resource: ResourceDiff;
}

/**
 * The comment on a change that shows what it does to the cluster: how much changes, what of it is dangerous, a table, and the
 * diff of each resource. What does not fit is left out whole, largest first, and counted.
 */
export function diffComment(diff: RenderedDiff, { limit }: DiffCommentOptions): string {
  const failed = diff.units.filter((unit) => !unit.ok);
  const compared = diff.units.filter((unit) => unit.ok);
  const entries = compared.flatMap((unit) => unit.resources.map((resource) => ({ unit, resource })));
  const comment = new Parts(limit, [`${DIFF_MARKER}\n### ${diffSummary(diff)}`], footer(diff));
  comment.add(dangers(entries));
  comment.add(cutList(failed.map(failureBlock), comment.room * 0.3, moreFailures));
  const overview = table(entries, comment.room * 0.3);
  comment.add(overview);
  addDetails(comment, diff, blocksOf(entries, overview));
  return comment.text();
}

/** The blocks of a text that is never longer than its limit. */
class Parts {
  readonly #limit: number;
  readonly #blocks: string[];
  readonly #last: string;

  constructor(limit: number, first: string[], last: string) {
    this.#limit = limit;
    this.#blocks = first;
    this.#last = last;
  }

  /** How many characters a further block may have. */
  get room(): number {
    return Math.max(0, this.#limit - this.text().length - 2);
  }

  add(block: string): void {
    if (block !== '' && block.length <= this.room) this.#blocks.push(block);
  }

  text(): string {
    return [...this.#blocks, this.#last].join('\n\n').slice(0, this.#limit);
  }
}

function dangers(entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ unit, resource }) =>
    resource.notes
      .filter(({ kind }) => kind === 'risk')
      .map((note) => `${noteWords(note, code)}: ${code(resourceTitle(resource.id))} in ${code(unitTitle(unit.unit))}`),
  );
  const more = lines.length - MAX_DANGERS;
  return [...lines.slice(0, MAX_DANGERS), ...(more > 0 ? [`⚠️ and ${more} more like these`] : [])].join('<br>\n');
}

function failureBlock({ unit, code: error, side, message }: Failed): string {
  const where = {
    base: 'as it was before the change',
    head: 'as the change makes it',
    both: 'before and after the change',
  };
  const heading = `**${code(unitTitle(unit))} could not be rendered** ${where[side]}:`;
  return [heading, fenced('text', message), `What to do: ${errorCodes[error].remedy}`].join('\n\n');
}

function moreFailures(count: number): string {
  return `${plural(count, 'more app')} could not be rendered.`;
}

function table(entries: readonly Entry[], room: number): string {
  if (entries.length === 0) return '';
  const head = ['| app | resource | change | note |', '| --- | --- | --- | --- |'];
  const body = cutList(
    entries.map(row),
    room - head.join('\n').length,
    (count) => `| | ${plural(count, 'more resource')} | | |`,
    '\n',
  );
  return body === '' ? '' : [...head, body].join('\n');
}

function row({ unit, resource }: Entry): string {
  const cells = [
    tableCell(unitTitle(unit.unit)),
    tableCell(resourceTitle(resource.id)),
    resource.change,
    notes(resource),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** A line for each, and in the last line how many are left out. */
function notes({ notes }: ResourceDiff): string {
  const shown = notes.length <= MAX_NOTES ? notes : notes.slice(0, MAX_NOTES - 1);
  const more = notes.length - shown.length;
  return [...shown.map((note) => noteWords(note, tableCell)), ...(more > 0 ? [`${more} more`] : [])].join('<br>');
}

/** As many diffs of resources as fit, smallest first, in their own order under the heading of their app. */
function addDetails(comment: Parts, diff: RenderedDiff, blocks: readonly Block[]): void {
  const entries = blocks.map(({ entry }) => entry);
  const open = sum(entries, lines) <= OPEN_LINES ? ' open' : '';
  const wanted = details(blocks, open);
  if (wanted.length <= comment.room) {
    comment.add(wanted);
    return;
  }
  const reserve = omission(diff, entries, OMITTED_NAMES_ROOM).length + OMITTED_NAMES_ROOM;
  const chosen = chooseSmallest(blocks, comment.room - reserve, open);
  comment.add(
    details(
      blocks.filter((block) => chosen.has(block)),
      open,
    ),
  );
  const omitted = blocks.filter((block) => !chosen.has(block)).map(({ entry }) => entry);
  comment.add(omission(diff, omitted, comment.room));
}

interface Block {
  readonly entry: Entry;
  readonly text: string;
}

/** A single resource that the table has named already is not named again. */
function blocksOf(entries: readonly Entry[], table: string): Block[] {
  const isNamed = entries.length === 1 && entries.every((entry) => table.endsWith(row(entry)));
  return entries.map((entry) => ({ entry, text: resourceBlock(entry.resource, isNamed) }));
}

function resourceBlock({ id, change, patch, added, removed }: ResourceDiff, isNamed: boolean): string {
  const heading = isNamed ? '' : `${code(resourceTitle(id))} ${change}`;
  if (patch !== undefined) return `${heading && `${heading}\n\n`}${fenced('diff', patch)}`;
  return `${heading === '' ? 'Too' : `${heading}: too`} different to compare, ${plural(removed, 'line')} before, ${added.toLocaleString('en-US')} after`;
}

function chooseSmallest(blocks: readonly Block[], room: number, open: string): Set<Block> {
  const chosen = new Set<Block>();
  const shown = new Set<Compared>();
  let left = room;
  for (const block of blocks.toSorted((a, b) => a.text.length - b.text.length)) {
    const { unit } = block.entry;
    const cost = block.text.length + 2 + (shown.has(unit) ? 0 : wrap(unit, open, []).length + 2);
    if (cost > left) break;
    left -= cost;
    chosen.add(block);
    shown.add(unit);
  }
  return chosen;
}

function details(blocks: readonly Block[], open: string): string {
  const byUnit = Map.groupBy(blocks, ({ entry }) => entry.unit);
  return [...byUnit]
    .map(([unit, own]) =>
      wrap(
        unit,
        open,
        own.map(({ text }) => text),
      ),
    )
    .join('\n\n');
}

function wrap({ unit, resources }: Compared, open: string, blocks: readonly string[]): string {
  const summary = `<summary>${htmlCode(unitTitle(unit))} · ${counted(countChanges(resources))}</summary>`;
  return [`<details${open}>${summary}`, ...blocks, '</details>'].join('\n\n');
}

/** What is left out, counted, and named as far as `room` allows. */
function omission(diff: RenderedDiff, omitted: readonly Entry[], room: number): string {
  const range = [diff.base, diff.head].every(isCommit)
    ? ` --base ${shortCommit(diff.base)} --head ${shortCommit(diff.head)}`
    : '';
  const count = `…and ${plural(omitted.length, 'more resource')}, ${plural(sum(omitted, lines), 'line')}`;
  const advice = `run ${inlineCode(`tagalong diff${range} .`)} in a clone to see all.`;
  const names = omitted.map(({ resource }) => code(resourceTitle(resource.id)));
  const named = cutList(names, Math.min(room, OMITTED_NAMES_ROOM) - count.length - advice.length - 5, () => '…', ', ');
  return named === '' ? `${count}: ${advice}` : `${count} (${named}): ${advice}`;
}

function footer(diff: RenderedDiff): string {
  return `<sub>${comparison(diff, inlineCode)}</sub>`;
}

/** The first of `items` that fit into `room`, and how many did not. */
function cutList(items: readonly string[], room: number, more: (count: number) => string, separator = '\n\n'): string {
  const all = items.join(separator);
  if (all.length <= room) return all;
  const kept: string[] = [];
  let left = room - more(items.length).length;
  for (const item of items) {
    left -= item.length + separator.length;
    if (left < 0) break;
    kept.push(item);
  }
  const text = [...kept, more(items.length - kept.length)].join(separator);
  return text.length <= room ? text : '';
}

function lines({ resource }: Entry): number {
  return resource.added + resource.removed;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function code(text: string): string {
  return inlineCode(shortened(text));
}

function tableCell(text: string): string {
  return tableCode(shortened(text));
}
