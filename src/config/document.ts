import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type YAMLError,
} from 'yaml';
import { type DocumentPath, type Finding } from './problem.ts';

/** Larger than any configuration that a person writes, and small enough to be read at every push. */
const MAX_LENGTH = 64 * 1024;
const MAX_ALIASES = 100;
const MAX_ERRORS = 20;

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A finding about the text itself, that has no path but a place. */
export interface SyntaxFinding extends Finding {
  readonly position: Position;
}

export interface ConfigDocument {
  /** The plain value; null for a file that says nothing; undefined where the text cannot be read that far. */
  readonly value: unknown;
  readonly findings: readonly SyntaxFinding[];
  /** The place of the value at a path, or of the nearest thing around it that exists. */
  locate(path: DocumentPath, atKey?: boolean): Position;
}

const START: Position = { line: 1, column: 1 };

/** Reads the YAML 1.2 text of a configuration file, so that `on` is a word and `yes` is no boolean. Never throws. */
export function readDocument(source: string): ConfigDocument {
  const text = source.replace(/^\uFEFF/, '');
  if (text.length > MAX_LENGTH) return unreadable(tooLarge(text.length));
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    stringKeys: true,
    prettyErrors: false,
    resolveKnownTags: false,
    schema: 'core',
    logLevel: 'error',
  });
  const errors = [...document.errors, ...document.warnings].slice(0, MAX_ERRORS);
  const told = firstOfEachLine(errors.map((error) => syntaxFinding(error, lines, text)));
  const findings = [...told, ...unusableNodes(document, lines)];
  const isBroken = findings.some(({ allowed }) => allowed !== EACH_KEY_ONCE);
  const { value, fault } = isBroken ? { value: undefined } : plainValue(document);
  return {
    value,
    findings: fault === undefined ? findings : [...findings, { ...fault, position: START }],
    locate: (path, atKey = false) => positionAt(lines, locate(document, path, atKey)),
  };
}

function unreadable(finding: Finding): ConfigDocument {
  return { value: undefined, findings: [{ ...finding, position: START }], locate: () => START };
}

function tooLarge(length: number): Finding {
  return { path: [], found: `${length} characters long`, allowed: `at most ${MAX_LENGTH} characters` };
}

const EACH_KEY_ONCE = 'each key once in a mapping';

/** What people do most often, in our words; the rest in those of the parser. */
const KNOWN_ERRORS: Partial<Record<YAMLError['code'], { found: string; allowed: string }>> = {
  TAB_AS_INDENT: { found: 'a tab used to indent', allowed: 'spaces' },
  DUPLICATE_KEY: { found: 'a key that stands twice', allowed: EACH_KEY_ONCE },
  MULTIPLE_DOCS: { found: 'a second document', allowed: 'one document in the file' },
  NON_STRING_KEY: { found: 'a key that is no word', allowed: 'words as keys' },
  RESOURCE_EXHAUSTION: { found: 'nested too deeply', allowed: 'a few levels' },
  TAG_RESOLVE_FAILED: { found: 'a tag (`!…`) of YAML', allowed: 'plain values' },
};

function syntaxFinding(error: YAMLError, lines: LineCounter, text: string): SyntaxFinding {
  const known = KNOWN_ERRORS[error.code];
  const position = positionAt(lines, error.pos[0]);
  const line = text.split(/\r?\n/)[position.line - 1]?.trim() ?? '';
  const shown = line === '' ? 'the end of the file' : `\`${line.replaceAll('`', "'").slice(0, 60)}\``;
  const found = known?.found ?? shown;
  const allowed = known?.allowed ?? 'YAML';
  const message =
    known === undefined ? `This is not YAML: ${error.message}.` : `Here is ${known.found}; allowed: ${known.allowed}.`;
  return { path: [], position, found, allowed, message };
}

/** What follows an error on its line is most often the same mistake, met again. */
function firstOfEachLine(findings: readonly SyntaxFinding[]): SyntaxFinding[] {
  return findings.filter(
    ({ position }, index) => findings.findIndex((other) => other.position.line === position.line) === index,
  );
}

/** What the parser takes and no configuration needs. */
function unusableNodes(document: Document.Parsed, lines: LineCounter): SyntaxFinding[] {
  const findings: SyntaxFinding[] = [];
  let aliases = 0;
  const tell = (node: unknown, found: string, allowed: string) => {
    const message = `Here is ${found}; allowed: ${allowed}.`;
    findings.push({ path: [], position: positionAt(lines, startOf(node) ?? 0), found, allowed, message });
  };
  visit(document, {
    Alias(_, alias) {
      aliases += 1;
      if (aliases > MAX_ALIASES) {
        tell(alias, `more than ${MAX_ALIASES} aliases`, 'fewer');
        return visit.BREAK;
      }
      const anchored = alias.resolve(document);
      if (anchored === undefined)
        tell(alias, `the alias \`*${alias.source}\` of no anchor`, 'anchors that stand before it');
      return undefined;
    },
    Scalar(key, scalar) {
      if (key === 'key' && scalar.value === '__proto__') tell(scalar, 'the key `__proto__`', 'words of the language');
    },
  });
  return findings;
}

/** Aliases are resolved, within bounds, so that a small text cannot become a large value. */
function plainValue(document: Document.Parsed): { value: unknown; fault?: Finding } {
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const allowed = `aliases of anchors that stand before them, at most ${MAX_ALIASES}`;
    return { value: undefined, fault: { path: [], found: 'using aliases wrongly', allowed, message: `${message}.` } };
  }
}

function locate(document: Document.Parsed, path: DocumentPath, atKey: boolean): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    const isLast = index === path.length - 1;
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
      if (pair === undefined) return offset;
      const wantsKey = (isLast && atKey) || startOf(pair.value) === undefined || isEmptyScalar(pair.value);
      offset = startOf(wantsKey ? pair.key : pair.value) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function isEmptyScalar(node: unknown): boolean {
  return isScalar(node) && node.range?.[0] === node.range?.[1];
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
