import { parseImageName } from '../domain/image.ts';
import { splitReference } from './reference.ts';
import { isNull, scalarOf } from './nodes.ts';
import type { Mapping, SourceDocument, SourceScalar } from './source.ts';
import type { Candidate } from './found-site.ts';

/**
 * The two ways in which charts take images: `repository` with `tag` or `digest` (and `registry`) in one mapping, at any depth; and
 * `image: repository:tag`. An empty tag is a site without a version: the chart then takes its own application version.
 */
export function findHelmValuesSites(document: SourceDocument): Candidate[] {
  return document.mappings.flatMap((mapping) => [...inFields(document, mapping), ...inOneString(document, mapping)]);
}

function inFields(document: SourceDocument, mapping: Mapping): Candidate[] {
  const name = scalarOf(document, mapping, 'repository');
  const tag = scalarOf(document, mapping, 'tag');
  const digest = scalarOf(document, mapping, 'digest');
  if (name === undefined || (tag === undefined && digest === undefined)) return [];
  const image = parseImageName(withRegistry(scalarOf(document, mapping, 'registry'), name.value));
  return image === undefined ? [] : [{ format: 'helm-values', kind: 'fields', image, name, tag, digest }];
}

function inOneString(document: SourceDocument, mapping: Mapping): Candidate[] {
  const scalar = scalarOf(document, mapping, 'image');
  const parts = scalar && splitReference(scalar.value);
  if (scalar === undefined || (parts?.tag === undefined && parts?.digest === undefined)) return [];
  return [{ format: 'helm-values', kind: 'reference', scalar }];
}

function withRegistry(registry: SourceScalar | undefined, repository: string): string {
  const isGiven = registry !== undefined && !isNull(registry) && registry.value !== '';
  return isGiven ? `${registry.value.replace(/\/+$/, '')}/${repository}` : repository;
}
