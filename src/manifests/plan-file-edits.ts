import type { SetField } from '../domain/policy.ts';
import type { FileEdit, Site } from '../domain/site.ts';
import type { Version } from '../domain/version.ts';
import { findConflict, sharedValue, withoutRepeats, type OwnedSplice } from './conflicts.ts';
import { sitesOf, type FoundSite } from './find-sites.ts';
import { spellingOf } from './found-site.ts';
import { spell } from './scalar.ts';
import { fieldsToSet, type FieldToSet } from './set-fields.ts';
import { readSource } from './read-source.ts';
import type { Pointer, Source } from './source.ts';
import { isAsPlanned, versionAfter } from './verify-edit.ts';
import { spliceText, versionSplices } from './version-splices.ts';
import type { WantedMove } from './wanted-move.ts';

export type { WantedMove } from './wanted-move.ts';

/** A version that an edit moves: what stood there, and what stands there now. */
export interface SiteChange {
  readonly site: Site;
  readonly from: { readonly tag?: string; readonly digest?: string };
  readonly to: { readonly tag?: string; readonly digest?: string };
}

/** A further field that an edit writes. */
export interface SetChange {
  readonly path: string;
  readonly document: number;
  readonly pointer: Pointer;
  /** One-based. */
  readonly line: number;
  readonly from: string;
  readonly to: string;
}

export type EditRefusal =
  /** The file is not among those given, or differs from the text in which the site was found. */
  | 'file-changed'
  | 'digest-unknown'
  | 'placeholder-unknown'
  | 'value-unknown'
  | 'set-field-not-scalar'
  | 'not-writable'
  /** The scalar is also the version of another image, by an anchor or merge. */
  | 'shared-value'
  /** Two texts are wanted in one place. */
  | 'conflicting-edits';

/** What would be written, as data. Nothing is written where `ok` is false. */
export type FilePlan =
  | {
      readonly ok: true;
      /** Only files that change. */
      readonly edits: readonly FileEdit[];
      readonly changes: readonly SiteChange[];
      readonly setChanges: readonly SetChange[];
      /** Entries of `set` for which no document of a moved site has a field. */
      readonly unmatchedSet: readonly SetField[];
    }
  | { readonly ok: false; readonly reason: EditRefusal; readonly detail: string; readonly site: Site };

type Refused = Extract<FilePlan, { ok: false }>;

/**
 * Plans the edits that bring sites to versions, by splicing the text and by nothing else. All of it or nothing: one site that
 * cannot be written refuses the plan. Every planned text is read again, and holds the wanted values and otherwise the same sites.
 * A move to what stands there already changes nothing, and sets nothing.
 * @param files the texts in which the sites were found, by path; others are not looked at
 */
export function planFileEdits(files: ReadonlyMap<string, string>, wanted: readonly WantedMove[]): FilePlan {
  const edits: FileEdit[] = [];
  const changes: SiteChange[] = [];
  const setChanges: SetChange[] = [];
  const matched = new Set<SetField>();
  const moves = wanted.filter(({ site, to }) => !stands(site, to));
  for (const [path, ofFile] of Map.groupBy(moves, ({ site }) => site.path)) {
    const before = files.get(path);
    const plan = planFile(path, before, ofFile);
    if (!plan.ok) return plan;
    plan.matched.forEach((field) => matched.add(field));
    changes.push(...plan.changes);
    setChanges.push(...plan.setChanges);
    edits.push({ path, before: before ?? '', after: plan.after });
  }
  const unmatched = new Set(moves.flatMap(({ set = [] }) => set.filter((field) => !matched.has(field))));
  return { ok: true, edits, changes, setChanges, unmatchedSet: [...unmatched] };
}

interface FilePart {
  readonly ok: true;
  readonly after: string;
  readonly changes: readonly SiteChange[];
  readonly setChanges: readonly SetChange[];
  readonly matched: ReadonlySet<SetField>;
}

function planFile(path: string, before: string | undefined, moves: readonly WantedMove[]): FilePart | Refused {
  const source = readSource(path, before ?? '');
  const standing = sitesOf(source);
  const [first] = moves;
  if (first === undefined) throw new TypeError('A group of moves has at least one.');
  const known = new Set(standing.map(spellingOf));
  const stranger = moves.find(({ site }) => !known.has(spellingOf(site)));
  if (stranger !== undefined)
    return refuse('file-changed', stranger, 'The file is not the one in which the site was found.');
  const shared = sharedValue(standing, moves);
  if (shared !== undefined) return refuse('shared-value', shared.move, shared.detail);

  const splices: OwnedSplice[] = [];
  const fields: FieldToSet[] = [];
  for (const move of moves) {
    const planned = planMove(source, move);
    if (!planned.ok) return planned;
    splices.push(...planned.splices);
    fields.push(...planned.fields);
  }
  const distinct = withoutRepeats(splices);
  const conflict = findConflict(distinct);
  if (conflict !== undefined) return refuse('conflicting-edits', conflict.move, conflict.detail);

  const after = spliceText(source.text, distinct);
  if (!isAsPlanned(readSource(path, after), standing, moves, fields)) {
    return refuse('not-writable', first, 'The edited text would not read back as planned.');
  }
  return {
    ok: true,
    after,
    changes: moves.map(siteChange),
    setChanges: setChanges(source, fields),
    matched: new Set(fields.map(({ field }) => field)),
  };
}

function planMove(
  source: Source,
  move: WantedMove,
): { ok: true; splices: OwnedSplice[]; fields: readonly FieldToSet[] } | Refused {
  const { site, to } = move;
  const document = source.documents[site.document];
  if (document === undefined) return refuse('file-changed', move, 'The file has no such document.');
  const version = versionSplices(source, document, site, to);
  if (!version.ok) return refuse(version.reason, move, version.detail);

  const name = site.image.slice(site.image.lastIndexOf('/') + 1);
  const set = fieldsToSet(document, move.set ?? [], { ...move.values, tag: to.tag, digest: to.digest, name });
  if (!set.ok) return refuse(set.reason, move, set.detail);
  const splices = version.splices.map((splice) => ({ ...splice, move }));
  for (const { field, scalar, value } of set.fields) {
    if (scalar.value === value && scalar.style !== 'plain') continue;
    const splice = spell(source, document, scalar, value);
    if (splice === undefined) {
      return refuse('not-writable', move, `\`${field.path}\` is spelled in a way that cannot be edited byte by byte.`);
    }
    splices.push({ ...splice, move });
  }
  return { ok: true, splices, fields: set.fields };
}

/** Whether the version stands there already, as far as can be told. */
function stands(site: FoundSite, to: Version): boolean {
  const sameTag = site.tag === undefined ? site.digest !== undefined : site.tag === to.tag;
  return sameTag && (site.digest === undefined || to.digest === undefined || site.digest === to.digest);
}

function siteChange({ site, to }: WantedMove): SiteChange {
  const { tag, digest } = site;
  return {
    site,
    from: { ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) },
    to: versionAfter(site, to),
  };
}

function setChanges(source: Source, fields: readonly FieldToSet[]): SetChange[] {
  const changed = fields.filter(({ scalar, value }) => scalar.value !== value);
  const distinct = new Map(changed.map((field) => [field.scalar.range[0], field]));
  return [...distinct.values()].map(({ scalar, document, value }) => ({
    path: source.path,
    document,
    pointer: scalar.pointer,
    line: source.position(scalar.range[0]).line,
    from: scalar.value,
    to: value,
  }));
}

function refuse(reason: EditRefusal, { site }: WantedMove, detail: string): Refused {
  return { ok: false, reason, detail, site };
}
