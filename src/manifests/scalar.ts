import { isMap, isScalar, parse } from 'yaml';
import type { TextRange } from '../domain/site.ts';
import type { Mapping, Pointer, Source, SourceDocument, SourceScalar } from './source.ts';

/** One piece of text in place of another. */
export interface Splice {
  readonly range: TextRange;
  readonly text: string;
}

/**
 * How to spell a string in place of a scalar, so that YAML 1.1 and YAML 1.2 both read that very string. Quotes that stand there
 * stay. A plain scalar stays plain where that is safe; where it is not, it is quoted as its neighbours in the mapping are, else as
 * the document mostly is, else doubly.
 * @returns undefined where it cannot be done: in a block scalar that does not hold the old value once, or under a tag like `!!int`
 */
export function spell(
  source: Source,
  document: SourceDocument,
  scalar: SourceScalar,
  value: string,
): Splice | undefined {
  if (scalar.yamlTag !== undefined && /^tag:yaml\.org,2002:(?!str$)/.test(scalar.yamlTag)) return undefined;
  const [start, end] = scalar.range;
  switch (scalar.style) {
    case 'single':
    case 'double':
      return { range: scalar.range, text: quote(value, scalar.style) };
    case 'plain': {
      const parent = parentOf(document, scalar.pointer);
      const text = isSafePlain(value, parent?.flow ?? true)
        ? value
        : quote(value, source.path.endsWith('.json') ? 'double' : quotesAround(document, parent));
      return { range: scalar.range, text: start === end ? spaced(source, start, text) : text };
    }
    case 'block':
      return replaceOnce(source, scalar.range, scalar.value.trim(), value);
  }
}

/** Whether a string, written without quotes as the value of a key, is read as that string by YAML 1.1 and YAML 1.2. */
export function isSafePlain(value: string, inFlow: boolean): boolean {
  if (MISREAD.some((pattern) => pattern.test(value)) || NUMBER.test(value.replaceAll('_', ''))) return false;
  const text = inFlow ? `{ key: ${value} }` : `key: ${value}\n`;
  return (['1.1', '1.2'] as const).every((version) => readsAs(text, version, value));
}

/**
 * What parsers between the two versions of YAML read as something else; wider than either grammar, since a quote too many does no
 * harm. See the YAML 1.1 type repository (bool, null, float, int, merge, timestamp, value).
 */
const MISREAD = [
  /^(?:|~|null|true|false|yes|no|on|off|y|n|<<|=)$/i,
  /^[-+]?\.(?:inf|nan)$/i,
  /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/,
  /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt\s].*)?$/,
  // Not every indicator at the start is an error to every parser.
  /^[-?:,[\]{}#&*!|>'"%@`]/,
];
const NUMBER = /^[-+]?(?:0x[0-9a-f]+|0o[0-7]+|0b[01]+|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)$/i;

function readsAs(text: string, version: '1.1' | '1.2', value: string): boolean {
  try {
    const parsed: unknown = parse(text, { version, logLevel: 'silent' });
    return typeof parsed === 'object' && parsed !== null && 'key' in parsed && parsed.key === value;
  } catch {
    return false;
  }
}

function quote(value: string, style: 'single' | 'double'): string {
  // JSON's escapes are all escapes of YAML's double quotes; single quotes can hold printable text alone.
  return style === 'double' || /[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(value)
    ? JSON.stringify(value)
    : `'${value.replaceAll("'", "''")}'`;
}

function quotesAround(document: SourceDocument, parent: Mapping | undefined): 'single' | 'double' {
  const styles = (parent?.node.items ?? []).map(({ value }) => (isScalar(value) ? value.type : undefined));
  const single = styles.filter((type) => type === 'QUOTE_SINGLE').length;
  const double = styles.filter((type) => type === 'QUOTE_DOUBLE').length;
  if (single !== double) return single > double ? 'single' : 'double';
  return document.quotes.single > document.quotes.double ? 'single' : 'double';
}

function parentOf(document: SourceDocument, pointer: Pointer): Mapping | undefined {
  return document.mappings.find(
    (mapping) =>
      isMap(mapping.node) &&
      mapping.pointer.length === pointer.length - 1 &&
      mapping.pointer.every((step, index) => step === pointer[index]),
  );
}

/** Text for a place where nothing stood, apart from the colon before it and from a comment behind it. */
function spaced({ text: source }: Source, offset: number, text: string): string {
  const before = /\S/.test(source.charAt(offset - 1)) ? ' ' : '';
  const after = source.charAt(offset) === '#' ? ' ' : '';
  return before + text + after;
}

/** Replaces the one occurrence of a text within a range. */
export function replaceOnce(
  source: Source,
  [start, end]: TextRange,
  before: string,
  after: string,
): Splice | undefined {
  const text = source.text.slice(start, end);
  const at = text.indexOf(before);
  if (before === '' || at === -1 || text.includes(before, at + 1) || /[\r\n]/.test(after)) return undefined;
  return { range: [start + at, start + at + before.length], text: after };
}
