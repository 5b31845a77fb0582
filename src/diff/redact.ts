import type { Note } from './result.ts';
import { isMapping, type Mapping } from './value.ts';

export interface Redacted {
  readonly base?: Mapping;
  readonly head?: Mapping;
  /** What happened to the masked values. */
  readonly note?: Extract<Note, { kind: 'secret-values' | 'sealed-values' }>;
}

const SECRET = '•••';
const SEALED = 'sealed value';
/** How a masked value that differs from the one before is written. */
const CHANGED: Readonly<Record<string, string>> = { [SECRET]: `${SECRET} (changed)`, [SEALED]: `${SEALED} changed` };
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const SECRET_FIELDS_SHOWN = new Set(['apiVersion', 'kind', 'metadata', 'type', 'immutable']);
const SEALED_FIELDS = new Set(['data', 'stringData', 'encryptedData']);
const SECRET_TEXT = /(?:^|[\s{,])["']?kind["']?\s*:\s*["']?Secret\b/;

/**
 * Masks every Secret value in the two states of a resource, before anything compares or prints them. A masked value that changes
 * is still seen to change: `•••` becomes `••• (changed)`, `sealed value` becomes `sealed value changed`. Masked are: all of a Secret but its metadata and type, wherever it is nested
 * (also as text, and in `last-applied-configuration`); the ciphertext of Sealed Secrets and their like; values encrypted by SOPS.
 */
export function redact(base: Mapping | undefined, head: Mapping | undefined): Redacted {
  const before = base === undefined ? new Map<string, Masked>() : sensitiveValues(base);
  const after = head === undefined ? new Map<string, Masked>() : sensitiveValues(head);
  const changed = new Set([...after].filter(([at, { value }]) => isOther(before.get(at), value)).map(([at]) => at));
  return {
    ...(base !== undefined && { base: maskIn(base, before, new Set()) }),
    ...(head !== undefined && { head: maskIn(head, after, changed) }),
    ...noteOf(before, after, changed),
  };
}

interface Masked {
  readonly value: string;
  readonly mark: string;
}

type Found = Map<string, Masked>;

/** How what stands at and below a node is to be read. The kinds are those of the object around it. */
type Context = 'open' | 'secret-kind' | 'sealed-kind' | 'secret' | 'sealed';

function sensitiveValues(object: Mapping): Found {
  const found: Found = new Map();
  visit(object, '', 'open', found);
  return found;
}

function visit(value: unknown, at: string, context: Context, found: Found): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) visit(item, `${at}/${index}`, context, found);
  } else if (isMapping(value)) {
    const own = contextOfObject(value, context);
    for (const [key, item] of Object.entries(value)) visit(item, step(at, key), contextOfField(own, key, item), found);
  } else if (value !== null && value !== undefined && value !== '') {
    const mark = markOf(value, at, context);
    if (mark !== undefined) found.set(at, { value: textOf(value), mark });
  }
}

function contextOfObject({ kind }: Mapping, around: Context): Context {
  if (around === 'secret' || around === 'sealed' || typeof kind !== 'string') return around;
  if (kind === 'Secret') return 'secret-kind';
  return kind.endsWith('Secret') ? 'sealed-kind' : around;
}

function contextOfField(context: Context, key: string, value: unknown): Context {
  switch (context) {
    case 'secret-kind':
      return SECRET_FIELDS_SHOWN.has(key) ? 'open' : 'secret';
    case 'sealed-kind':
      return SEALED_FIELDS.has(key) && isMapping(value) ? 'sealed' : 'sealed-kind';
    case 'open':
      return key === 'sops' && isMapping(value) && 'mac' in value ? 'sealed' : 'open';
    case 'secret':
    case 'sealed':
      return context;
  }
}

function markOf(value: unknown, at: string, context: Context): string | undefined {
  if (context === 'secret') return SECRET;
  if (context === 'sealed') return SEALED;
  if (typeof value !== 'string') return undefined;
  if (value.startsWith('ENC[')) return SEALED;
  return at.endsWith(step('', LAST_APPLIED)) || SECRET_TEXT.test(value) ? SECRET : undefined;
}

function maskIn(object: Mapping, found: Found, changed: ReadonlySet<string>): Mapping {
  if (found.size === 0) return object;
  const copy = (value: unknown, at: string): unknown => {
    const masked = found.get(at);
    if (masked !== undefined) return changed.has(at) ? CHANGED[masked.mark] : masked.mark;
    if (Array.isArray(value)) return value.map((item, index) => copy(item, `${at}/${index}`));
    return isMapping(value) ? copyMapping(value, at) : value;
  };
  const copyMapping = (value: Mapping, at: string): Mapping =>
    Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item, step(at, key))]));
  return copyMapping(object, '');
}

function noteOf(before: Found, after: Found, changed: ReadonlySet<string>): Pick<Redacted, 'note'> {
  const added = [...after.keys()].filter((at) => !before.has(at));
  const removed = [...before.keys()].filter((at) => !after.has(at));
  const touched = [...added, ...changed, ...removed];
  if (touched.length === 0) return {};
  const sealed = touched.every((at) => (after.get(at) ?? before.get(at))?.mark === SEALED);
  const counts = { added: added.length, changed: changed.size, removed: removed.length };
  return { note: { kind: sealed ? 'sealed-values' : 'secret-values', ...counts } };
}

function isOther(before: Masked | undefined, value: string): boolean {
  return before !== undefined && before.value !== value;
}

/** A JSON pointer (RFC 6901), so that no two places share a name. */
function step(at: string, key: string): string {
  return `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
