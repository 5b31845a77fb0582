import { countResources, readResources, type Resource } from './resources.ts';
import { splitDocuments, withoutShared } from './documents.ts';
import { diffLines } from './lines.ts';
import { isPlainSecret, notesOf } from './notes.ts';
import { pairResources, type Pair } from './pair.ts';
import { printResource } from './print.ts';
import { redact } from './redact.ts';
import type { Difference, Note, ResourceDiff } from './result.ts';

export type Compared =
  | ({ readonly ok: true } & Difference)
  /** A rendering that is not YAML. The message quotes nothing of it. */
  | { readonly ok: false; readonly side: 'base' | 'head' | 'both'; readonly message: string };

/**
 * Compares two renderings resource by resource. No Secret value gets into the answer. Documents that are equal
 * to the letter are not even parsed, so the cost is that of what differs.
 */
export function diffRendered(base: string, head: string): Compared {
  const documents = withoutShared(splitDocuments(base), splitDocuments(head));
  const [before, after] = [readResources(documents.base), readResources(documents.head)];
  if (!after.ok) return { ok: false, side: before.ok ? 'head' : 'both', message: after.message };
  if (!before.ok) return { ok: false, side: 'base', message: before.message };
  const pairs = pairResources(before.resources, after.resources);
  const same = documents.shared.reduce((sum, document) => sum + countResources(document), 0);
  return {
    ok: true,
    total: same + pairs.length,
    resources: pairs.flatMap((pair) => diffPair(pair) ?? []),
    findings: pairs.flatMap(({ base: old, head: now }) => plainSecrets(old, now)),
  };
}

function diffPair({ base, head }: Pair): ResourceDiff | undefined {
  const id = head?.id ?? base?.id;
  if (id === undefined) return undefined;
  const redacted = redact(base?.object, head?.object);
  const before = redacted.base === undefined ? '' : printResource(redacted.base);
  const after = redacted.head === undefined ? '' : printResource(redacted.head);
  if (before === after) return undefined;
  const notes: Note[] = notesOf(redacted.base, redacted.head);
  if (base !== undefined && head !== undefined && base.id.name !== head.id.name)
    notes.push({ kind: 'renamed', from: base.id.name });
  if (redacted.note !== undefined) notes.push(redacted.note);
  const change = base === undefined ? 'added' : head === undefined ? 'removed' : 'changed';
  return { id, change, ...diffLines(before, after), notes };
}

function plainSecrets(base: Resource | undefined, head: Resource | undefined): Difference['findings'] {
  if (head === undefined || !isPlainSecret(head.object)) return [];
  const isSame = base !== undefined && printResource(base.object) === printResource(head.object);
  return isSame ? [] : [{ rule: 'plain-secret', resource: head.id }];
}
