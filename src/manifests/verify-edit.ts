import { isMap, isScalar, isSeq } from 'yaml';
import type { Version } from '../domain/version.ts';
import { sitesOf } from './find-sites.ts';
import { scalarsOf, spellingOf, type FoundSite } from './found-site.ts';
import { isSafePlain } from './scalar.ts';
import type { FieldToSet } from './set-fields.ts';
import { keyOf, sourceScalar } from './nodes.ts';
import type { Pointer, Source, SourceDocument, SourceScalar } from './source.ts';
import type { WantedMove } from './wanted-move.ts';

/**
 * Whether an edited text, read anew, holds the same sites as before, the moved ones at their new versions, and the fields at
 * their new values. The last guard: whatever the splicing got wrong is refused instead of proposed.
 */
export function isAsPlanned(
  after: Source,
  standing: readonly FoundSite[],
  moves: readonly WantedMove[],
  fields: readonly FieldToSet[],
): boolean {
  const found = sitesOf(after);
  const targets = new Map(moves.map(({ site, to }) => [spellingOf(site), to]));
  const set = new Set(fields.map(({ scalar }) => scalar.range[0]));
  return (
    found.length === standing.length &&
    standing.every((site, index) => isSiteAsPlanned(site, found[index], targets, set)) &&
    fields.every((field) => isFieldAsPlanned(after, field))
  );
}

/** What stands at a site once it was moved: a tag where one stood, a digest where one stood. */
export function versionAfter(site: FoundSite, to: Version): { tag?: string; digest?: string } {
  return {
    ...(site.tag !== undefined && { tag: to.tag }),
    ...(site.digest !== undefined && to.digest !== undefined && { digest: to.digest }),
  };
}

function isSiteAsPlanned(
  before: FoundSite,
  after: FoundSite | undefined,
  targets: ReadonlyMap<string, Version>,
  set: ReadonlySet<number>,
): boolean {
  if (after === undefined || after.image !== before.image || after.format !== before.format) return false;
  const to = targets.get(spellingOf(before));
  if (to === undefined && scalarsOf(before).some(({ range }) => set.has(range[0]))) return true;
  const wanted = to === undefined ? before : versionAfter(before, to);
  return after.tag === wanted.tag && after.digest === wanted.digest;
}

function isFieldAsPlanned(after: Source, { document, scalar, value }: FieldToSet): boolean {
  const written = scalarAt(after.documents[document], scalar.pointer);
  if (written === undefined) return false;
  if (written.style === 'block') return written.value.trim() === value;
  return written.value === value && (written.style !== 'plain' || isSafePlain(value, false));
}

/** The scalar that is spelled at a pointer. Aliases are not followed: pointers say where things are spelled. */
function scalarAt(document: SourceDocument | undefined, pointer: Pointer): SourceScalar | undefined {
  let node: unknown = document?.root?.node;
  for (const step of pointer) {
    if (isMap(node)) node = node.items.findLast(({ key }) => keyOf(key) === step)?.value;
    else if (isSeq(node) && typeof step === 'number') node = node.items[step];
    else return undefined;
  }
  return isScalar(node) ? sourceScalar({ node, pointer }) : undefined;
}
