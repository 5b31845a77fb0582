import { LineCounter, parseAllDocuments } from 'yaml';
import type { Document } from 'yaml';
import { indexDocument, type IndexedDocument } from './document-index.ts';
import type { Source } from './source.ts';

/** An unquoted template action, as in Helm charts: the file becomes YAML only once it is rendered. */
const TEMPLATE_LINE = /^[ \t]*(?:-[ \t]+)?(?:[^\s"'#|>][^"'#|>\n]*:[ \t]+)?\{\{/m;

/**
 * Reads YAML or JSON without ever throwing. All scalars are read as strings, spelled as they are. Broken YAML is one problem
 * and no documents, because what follows an error may not be what it seems. Templates are neither documents nor problems.
 */
export function readSource(path: string, text: string): Source {
  const lines = new LineCounter();
  const bom = text.startsWith('\uFEFF') ? 1 : 0;
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: Math.max(1, line === 1 ? col - bom : col) };
  };
  const source = { path, text, position };
  const parsed = parse(text, lines);
  if (!parsed.ok) {
    if (TEMPLATE_LINE.test(text)) return { ...source, documents: [], problems: [] };
    const { offset, message } = parsed.error;
    return { ...source, documents: [], problems: [{ path, ...(offset !== undefined && position(offset)), message }] };
  }
  const { indexed } = parsed;
  if (indexed.some(({ isTemplate }) => isTemplate)) return { ...source, documents: [], problems: [] };
  const problems = indexed.flatMap(({ oddities }) => oddities);
  return {
    ...source,
    documents: indexed.map(({ document }) => document),
    problems: problems.map(({ offset, message }) => ({ path, ...position(offset), message })),
  };
}

type Parsed =
  | { readonly ok: true; readonly indexed: readonly IndexedDocument[] }
  | { readonly ok: false; readonly error: { readonly offset?: number; readonly message: string } };

function parse(text: string, lineCounter: LineCounter): Parsed {
  try {
    const documents = parseAllDocuments(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
      lineCounter,
    });
    const list: Document[] = Array.isArray(documents) ? documents : [];
    const error = list.flatMap(({ errors }) => errors).at(0);
    if (error !== undefined) return notYaml(firstSentence(error.message), error.pos[0]);
    return { ok: true, indexed: list.map(indexDocument) };
  } catch (error) {
    // The stack is finite; what is nested deeper than it reaches, no cluster reads either.
    if (error instanceof RangeError) return notYaml('it is nested too deeply');
    throw error;
  }
}

function notYaml(reason: string, offset?: number): Parsed {
  const message = `This is not valid YAML: ${reason}.`;
  return { ok: false, error: { ...(offset !== undefined && { offset }), message } };
}

/** The parser's message without the excerpt of the file that it may quote. */
function firstSentence(message: string): string {
  const line = message.split('\n', 1)[0] ?? '';
  return line.replace(/(?<=\S): .*$/, '').replace(/[.:]$/, '');
}
