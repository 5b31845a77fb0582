import type { FileProblem } from '../domain/site.ts';
import { scalarsOf, toSite, type Candidate, type FoundSite } from './found-site.ts';
import { findHelmValuesSites } from './helm-values.ts';
import { findKustomizeSites } from './kustomize.ts';
import { findPodSpecSites, isKubernetesObject } from './pod-spec.ts';
import { isKustomization } from './pre-scan.ts';
import { readSource } from './read-source.ts';
import type { Source, SourceDocument } from './source.ts';

export type { FoundSite } from './found-site.ts';

export interface FoundSites {
  /** In the order of the text; a scalar that aliases use in many places is one site. */
  readonly sites: readonly FoundSite[];
  readonly problems: readonly FileProblem[];
}

/**
 * Every place in a file where an image's version is written. Never throws: broken YAML is one problem and no sites.
 * @param path repository-relative; kustomizations are known by their names
 */
export function findSites(path: string, text: string): FoundSites {
  const source = readSource(path, text);
  return { sites: sitesOf(source), problems: source.problems };
}

/** Like {@link findSites}, of a source that has been read already. */
export function sitesOf(source: Source): FoundSite[] {
  const seen = new Set<string>();
  return source.documents.flatMap((document) =>
    candidates(source, document).flatMap((candidate) => {
      const site = toSite(source, document, candidate);
      if (site === undefined) return [];
      const key = `${site.image} ${scalarsOf(site)
        .map(({ range }) => range.join('-'))
        .join(' ')}`;
      if (scalarsOf(site).length > 0 && seen.has(key)) return [];
      seen.add(key);
      return [site];
    }),
  );
}

function candidates(source: Source, document: SourceDocument): Candidate[] {
  if (isKustomization(source.path)) return findKustomizeSites(document);
  return isKubernetesObject(document) ? findPodSpecSites(document) : findHelmValuesSites(document);
}
