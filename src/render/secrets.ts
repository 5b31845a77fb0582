import { parseAllDocuments } from 'yaml';
import { foldCase, isRecord, LARGEST_YAML, records, strings } from './yaml-value.ts';

/** Shorter ones would mask half of every message, and are no secrets. */
const SHORTEST = 4;
const SECRET_KEY = /pass|secret|token|credential|private|api_?key|auth|dsn|cert/i;
const NOT_VALUES = new Set(['apiVersion', 'kind', 'metadata', 'type']);

/**
 * Every text that is secret in the source files of a rendering, longest first: a renderer may quote it when it fails. Better
 * one too many than one too few: it is used to mask messages and for nothing else.
 */
export function secretTexts(files: ReadonlyMap<string, Buffer>): string[] {
  const texts = new Map([...files].map(([path, bytes]) => [path, bytes.toString('utf8')]));
  const values = new Set<string>();
  const secretFiles = new Set<string>();
  for (const text of texts.values()) collectFromText(text, values, secretFiles);
  for (const [path, text] of texts) {
    if ([...secretFiles].some((name) => path.endsWith(name))) addAll(values, [text, ...scalarsOf(text)]);
  }
  return [...new Set([...values].flatMap(spellings))]
    .filter((text) => text.length >= SHORTEST)
    .toSorted((a, b) => b.length - a.length);
}

function collectFromText(text: string, values: Set<string>, secretFiles: Set<string>): void {
  if (!/secret|pass|token|credential|private|key|auth|dsn|cert/i.test(text)) return;
  const documents = readDocuments(text);
  if (documents === undefined) addAll(values, scalarsOf(text));
  else for (const document of documents) collect(document, false, values, secretFiles);
}

/** undefined for what cannot be read, or grows without measure when it is. */
function readDocuments(text: string): unknown[] | undefined {
  if (text.length > LARGEST_YAML) return undefined;
  const documents = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' });
  if (documents.some(({ errors }) => errors.length > 0)) return undefined;
  try {
    const values: unknown[] = [];
    for (const document of documents) values.push(document.toJS({ maxAliasCount: 1_000 }));
    return values;
  } catch {
    return undefined;
  }
}

/** Walks a document; below a Secret, a secretGenerator, or a key that names a secret, every text is one. */
function collect(value: unknown, isSecret: boolean, values: Set<string>, secretFiles: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, isSecret, values, secretFiles);
  } else if (isRecord(value)) {
    const ownSecret = value['kind'] === 'Secret';
    collectPatch(value, values, secretFiles);
    for (const [key, item] of Object.entries(value)) {
      if (key.toLowerCase() === 'secretgenerator') collectGenerators(foldCase(item), values, secretFiles);
      const below = isSecret || ownSecret || (SECRET_KEY.test(key) && !/(?:ref|name|namespace)$/i.test(key));
      if (!(ownSecret && NOT_VALUES.has(key))) collect(item, below, values, secretFiles);
    }
  } else if (typeof value === 'string') {
    if (isSecret) values.add(value);
    if (value.includes('\n') && value.includes('Secret')) collectFromText(value, values, secretFiles);
  } else if (isSecret && typeof value === 'number') {
    values.add(String(value));
  }
}

/** An entry of `patches` that targets Secrets. */
function collectPatch(entry: Record<string, unknown>, values: Set<string>, secretFiles: Set<string>): void {
  const { target, patch, path } = entry;
  if (!isRecord(target) || target['kind'] !== 'Secret') return;
  if (typeof patch === 'string') addAll(values, scalarsOf(patch));
  if (typeof path === 'string') secretFiles.add(bare(path));
}

function collectGenerators(generators: unknown, values: Set<string>, secretFiles: Set<string>): void {
  for (const { literals, files, envs, env } of records(generators)) {
    for (const literal of strings(literals)) values.add(literal.slice(literal.indexOf('=') + 1));
    for (const file of strings(files)) secretFiles.add(bare(file.slice(file.indexOf('=') + 1)));
    for (const file of [...strings(envs), ...strings([env])]) secretFiles.add(bare(file));
  }
}

/** What stands behind `:`, `=` or `-` on any line, and behind its anchor or tag, of text that need not be YAML. */
function scalarsOf(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const behind = /[:=]\s*(.*)$|^\s*-\s+(.*)$/.exec(line);
    const value = (behind?.[1] ?? behind?.[2] ?? line).trim().replace(/^(?:[&!]\S*\s+)+/, '');
    return [value, line.trim(), value.replace(/^(["'])(.*)\1$/, '$2')];
  });
}

/** The ways in which a message may spell a value: itself, its lines, in base64, out of base64, escaped. */
function spellings(value: string): string[] {
  const lines = value.includes('\n') ? value.split('\n').map((line) => line.trim()) : [];
  const own = [value, value.trim(), ...lines];
  const decoded = /^[A-Za-z0-9+/]+={0,2}\s*$/.test(value) ? [Buffer.from(value, 'base64').toString('utf8')] : [];
  const encoded = Buffer.from(value).toString('base64');
  const escaped = own.map((text) => JSON.stringify(text).slice(1, -1));
  return [...own, ...escaped, ...decoded, encoded, encoded.replace(/=+$/, '')];
}

function bare(path: string): string {
  return path.replace(/^(?:\.{1,2}\/)+/, '');
}

function addAll(values: Set<string>, added: readonly string[]): void {
  for (const value of added) values.add(value);
}
