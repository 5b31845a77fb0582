import { parseImageName } from '../domain/image.ts';
import { fieldOf, isNull, itemsOf, scalarOf } from './nodes.ts';
import type { SourceDocument } from './source.ts';
import type { Candidate } from './found-site.ts';

/**
 * The `images` of a kustomization or component. The image is what a pod will run: `newName` where there is one. Kustomize writes
 * `newTag` and `digest` behind it as they stand.
 */
export function findKustomizeSites(document: SourceDocument): Candidate[] {
  if (document.root === undefined) return [];
  return itemsOf(document, fieldOf(document, document.root, 'images')).flatMap((entry) => {
    const newName = scalarOf(document, entry, 'newName');
    const name = newName === undefined || isNull(newName) ? scalarOf(document, entry, 'name') : newName;
    const image = name && parseImageName(name.value);
    if (name === undefined || image === undefined) return [];
    const tag = scalarOf(document, entry, 'newTag');
    const digest = scalarOf(document, entry, 'digest');
    return [{ format: 'kustomize', kind: 'fields', image, name, tag, digest }];
  });
}
