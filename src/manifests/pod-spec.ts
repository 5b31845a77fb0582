import { splitReference } from './reference.ts';
import { scalarOf } from './nodes.ts';
import type { Located, Mapping, Pointer, SourceDocument } from './source.ts';
import type { Candidate } from './found-site.ts';

/** Lists whose items are containers, in Kubernetes, Tekton and Argo Workflows. */
const CONTAINER_LISTS = new Set(['containers', 'initContainers', 'ephemeralContainers', 'sidecars', 'steps']);
/** Fields that are one container. */
const CONTAINER_FIELDS = new Set(['container', 'script', 'stepTemplate']);
/** Data that is not ours to read as configuration, whatever its keys are called. */
const OPAQUE_KINDS = new Set(['ConfigMap', 'Secret', 'SealedSecret']);

/** Whether a document is a Kubernetes object (or a list of them): it says its kind and API version. */
export function isKubernetesObject(document: SourceDocument): boolean {
  return document.root !== undefined && kindOf(document, document.root) !== undefined;
}

/**
 * `image:` strings of every kind, at any depth, so that custom resources need no list here; and image volumes. Containers are
 * reported with or without a version; elsewhere, only a string with a tag or digest is taken for an image.
 */
export function findPodSpecSites(document: SourceDocument): Candidate[] {
  const opaque: Pointer[] = [];
  return document.mappings.flatMap((mapping) => {
    const kind = kindOf(document, mapping);
    if (kind !== undefined && OPAQUE_KINDS.has(kind)) opaque.push(mapping.pointer);
    if (opaque.some((pointer) => isWithin(mapping.pointer, pointer))) return [];
    const scalar = isImageVolume(mapping)
      ? scalarOf(document, mapping, 'reference')
      : scalarOf(document, mapping, 'image');
    const parts = scalar && splitReference(scalar.value);
    if (scalar === undefined || parts === undefined) return [];
    const hasVersion = parts.tag !== undefined || parts.digest !== undefined;
    return hasVersion || isContainer(mapping) ? [{ format: 'pod-spec', kind: 'reference', scalar }] : [];
  });
}

function kindOf(document: SourceDocument, mapping: Located): string | undefined {
  return scalarOf(document, mapping, 'apiVersion') && scalarOf(document, mapping, 'kind')?.value;
}

function isContainer({ pointer }: Mapping): boolean {
  const last = pointer.at(-1);
  const list = pointer.at(-2);
  if (typeof last === 'number') return typeof list === 'string' && CONTAINER_LISTS.has(list);
  return last !== undefined && CONTAINER_FIELDS.has(last);
}

function isImageVolume({ pointer }: Mapping): boolean {
  return pointer.at(-1) === 'image' && typeof pointer.at(-2) === 'number' && pointer.at(-3) === 'volumes';
}

function isWithin(pointer: Pointer, ancestor: Pointer): boolean {
  return ancestor.length <= pointer.length && ancestor.every((step, index) => step === pointer[index]);
}
