import type { Version } from '../domain/version.ts';
import type { FoundSite } from './found-site.ts';
import { splitReference } from './reference.ts';
import { isSafePlain, replaceOnce, spell, type Splice } from './scalar.ts';
import type { Source, SourceDocument, SourceScalar } from './source.ts';

export type VersionSplices =
  | { readonly ok: true; readonly splices: readonly Splice[] }
  | { readonly ok: false; readonly reason: 'digest-unknown' | 'not-writable'; readonly detail: string };

/**
 * The splices that bring a site to a version. What stands there moves, and nothing is added: a tag moves, a digest moves with it,
 * and a version's digest is left out where none stands. A standing digest with none known for the version is a refusal, since
 * clusters would go on pulling the old one.
 */
export function versionSplices(source: Source, document: SourceDocument, site: FoundSite, to: Version): VersionSplices {
  if (site.digest !== undefined && to.digest === undefined) {
    const detail = `A digest stands there, and that of \`${to.tag}\` is not known; the old one would win over the new tag.`;
    return { ok: false, reason: 'digest-unknown', detail };
  }
  if (site.tag === undefined && site.digest === undefined) {
    return { ok: false, reason: 'not-writable', detail: 'No version stands there that could be moved.' };
  }
  const splices =
    site.written.kind === 'reference'
      ? inReference(source, document, site.written.scalar, to)
      : inFields(source, document, site, to);
  return splices.every((splice) => splice !== undefined)
    ? { ok: true, splices }
    : {
        ok: false,
        reason: 'not-writable',
        detail: 'The version is spelled in a way that cannot be edited byte by byte.',
      };
}

function inReference(
  source: Source,
  document: SourceDocument,
  scalar: SourceScalar,
  to: Version,
): (Splice | undefined)[] {
  const parts = splitReference(scalar.value);
  if (parts === undefined) return [undefined];
  const [start, end] = scalar.range;
  const inset = scalar.style === 'single' || scalar.style === 'double' ? 1 : 0;
  const isVerbatim = source.text.slice(start + inset, end - inset) === scalar.value;
  const moves = [
    ...(parts.tag === undefined ? [] : [{ range: parts.tag, text: to.tag }]),
    ...(parts.digest === undefined ? [] : [{ range: parts.digest, text: to.digest ?? '' }]),
  ];
  if (!isVerbatim) {
    return moves.map(({ range, text }) => replaceOnce(source, scalar.range, scalar.value.slice(...range), text));
  }
  const value = spliceText(scalar.value, moves);
  if (scalar.style === 'plain' && !isSafePlain(value, true)) return [spell(source, document, scalar, value)];
  const offset = start + inset;
  return moves.map(({ range, text }) => ({ range: [range[0] + offset, range[1] + offset], text }));
}

function inFields(source: Source, document: SourceDocument, site: FoundSite, to: Version): (Splice | undefined)[] {
  if (site.written.kind !== 'fields') return [undefined];
  const { tag, digest } = site.written;
  const tagText = tag?.value.includes('@') === true ? `${to.tag}@${to.digest ?? ''}` : to.tag;
  return [
    ...(tag === undefined || tag.value === tagText ? [] : [spell(source, document, tag, tagText)]),
    ...(digest === undefined || digest.value === to.digest ? [] : [spell(source, document, digest, to.digest ?? '')]),
  ];
}

/** The text with every splice made. Splices must not overlap. */
export function spliceText(text: string, splices: readonly Splice[]): string {
  const sorted = splices.toSorted((a, b) => a.range[0] - b.range[0]);
  let end = 0;
  let result = '';
  for (const splice of sorted) {
    result += text.slice(end, splice.range[0]) + splice.text;
    end = splice.range[1];
  }
  return result + text.slice(end);
}
