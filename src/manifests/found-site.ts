import { isDigest, isTag, type ImageName } from '../domain/image.ts';
import type { Site, SiteFormat } from '../domain/site.ts';
import { splitReference } from './reference.ts';
import { isNull } from './nodes.ts';
import type { Source, SourceDocument, SourceScalar } from './source.ts';

/** A site with the spelling that an edit needs. Valid for the very text in which it was found. */
export interface FoundSite extends Site {
  readonly written: WrittenVersion;
}

export type WrittenVersion =
  /** `name:tag@digest` in one string. */
  | { readonly kind: 'reference'; readonly scalar: SourceScalar }
  /** Tag and digest in strings of their own. The tag's may hold `tag@digest`. */
  | { readonly kind: 'fields'; readonly tag?: SourceScalar; readonly digest?: SourceScalar };

/** What a format's finder knows of a site. */
export type Candidate =
  | { readonly format: SiteFormat; readonly kind: 'reference'; readonly scalar: SourceScalar }
  | {
      readonly format: SiteFormat;
      readonly kind: 'fields';
      readonly image: ImageName;
      /** The scalar that names the image: where the site is, as long as no version is written. */
      readonly name: SourceScalar;
      readonly tag: SourceScalar | undefined;
      readonly digest: SourceScalar | undefined;
    };

/** The site, or undefined where what stands there is no version (a template, an illegal tag). */
export function toSite(source: Source, document: SourceDocument, candidate: Candidate): FoundSite | undefined {
  return candidate.kind === 'reference'
    ? referenceSite(source, document, candidate)
    : fieldsSite(source, document, candidate);
}

/** The scalars that spell the version of a site: none, one, or tag and digest. */
export function scalarsOf({ written }: FoundSite): SourceScalar[] {
  if (written.kind === 'reference') return [written.scalar];
  return [written.tag, written.digest].filter((scalar) => scalar !== undefined);
}

/** Equal for two readings that found the same site, spelled the same way in the same place of a file. */
export function spellingOf(site: FoundSite): string {
  return JSON.stringify([site.image, site.document, ...scalarsOf(site).map(({ range, value }) => [...range, value])]);
}

function referenceSite(
  source: Source,
  document: SourceDocument,
  { format, scalar }: Extract<Candidate, { kind: 'reference' }>,
): FoundSite | undefined {
  const parts = splitReference(scalar.value);
  if (parts === undefined) return undefined;
  const { name, tag, digest } = parts.reference;
  const version = parts.tag ?? parts.digest;
  return {
    ...place(source, document, scalar, version === undefined ? 0 : version[0]),
    format,
    image: name,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
    written: { kind: 'reference', scalar },
  };
}

function fieldsSite(
  source: Source,
  document: SourceDocument,
  candidate: Extract<Candidate, { kind: 'fields' }>,
): FoundSite | undefined {
  const tagField = present(candidate.tag);
  const digestField = present(candidate.digest);
  const [tag, digestInTag] = splitTag(tagField?.value);
  if ((tag !== undefined && !isTag(tag)) || (digestInTag !== undefined && !isDigest(digestInTag))) return undefined;
  if (digestField !== undefined && !isDigest(digestField.value)) return undefined;
  const digest = digestField?.value ?? digestInTag;
  return {
    ...place(source, document, tagField ?? digestField ?? candidate.name, 0),
    format: candidate.format,
    image: candidate.image,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
    written: {
      kind: 'fields',
      ...(tagField !== undefined && { tag: tagField }),
      ...(digestField !== undefined && { digest: digestField }),
    },
  };
}

/** Charts take `tag: 1.4.2@sha256:…` too, because they paste tags into references. */
function splitTag(text: string | undefined): [tag: string | undefined, digest: string | undefined] {
  const at = text?.indexOf('@') ?? -1;
  return at === -1 ? [text, undefined] : [text?.slice(0, at), text?.slice(at + 1)];
}

function present(scalar: SourceScalar | undefined): SourceScalar | undefined {
  return scalar === undefined || isNull(scalar) || scalar.value === '' ? undefined : scalar;
}

function place(source: Source, document: SourceDocument, scalar: SourceScalar, offset: number) {
  return {
    path: source.path,
    document: document.index,
    pointer: scalar.pointer,
    ...source.position(contentStart(source, scalar) + offset),
  };
}

/** Where the first character of the value stands: behind a quote, and in a block scalar below its header. */
function contentStart(source: Source, { range: [start, end], style, value }: SourceScalar): number {
  if (style === 'plain') return start;
  if (style !== 'block') return start + 1;
  const first = value.trimStart().split('\n', 1)[0] ?? '';
  const at = source.text.slice(start, end).indexOf(first, 1);
  return at === -1 ? start : start + at;
}
