import { identity, type Resource } from './resources.ts';

/** A resource before and after; one of the two is undefined when it is added or removed. */
export interface Pair {
  readonly base?: Resource;
  readonly head?: Resource;
}

/**
 * What kustomize appends to the names of generated ConfigMaps and Secrets: ten characters of a hash, in an alphabet without the
 * digits and vowels that could spell words (its `hasher.encode`).
 */
const HASH_SUFFIX = /-[24-9bcdfghkmt]{10}$/;

/**
 * Pairs the resources of two renderings: by identity; several of one identity in their order; generated ones whose
 * hash suffix alone has changed as one. In the order of the head, then the removed ones in the order of the base.
 */
export function pairResources(base: readonly Resource[], head: readonly Resource[]): Pair[] {
  const exact = pairBy(({ id }) => identity(id), base, head);
  const generated = pairBy(generatedIdentity, exact.onlyBase, exact.onlyHead);
  const partner = new Map([...exact.pairs, ...generated.pairs]);
  return [
    ...head.map((resource) => {
      const before = partner.get(resource);
      return { head: resource, ...(before !== undefined && { base: before }) };
    }),
    ...generated.onlyBase.map((resource) => ({ base: resource })),
  ];
}

function pairBy(
  keyOf: (resource: Resource) => string | undefined,
  base: readonly Resource[],
  head: readonly Resource[],
): { pairs: Map<Resource, Resource>; onlyBase: Resource[]; onlyHead: Resource[] } {
  const waiting = new Map<string, Resource[]>();
  for (const resource of base) {
    const key = keyOf(resource);
    if (key !== undefined) waiting.set(key, [...(waiting.get(key) ?? []), resource]);
  }
  const pairs = new Map<Resource, Resource>();
  const onlyHead: Resource[] = [];
  for (const resource of head) {
    const before = waiting.get(keyOf(resource) ?? '')?.shift();
    if (before === undefined) onlyHead.push(resource);
    else pairs.set(resource, before);
  }
  const taken = new Set(pairs.values());
  return { pairs, onlyBase: base.filter((resource) => !taken.has(resource)), onlyHead };
}

function generatedIdentity({ id }: Resource): string | undefined {
  if ((id.kind !== 'ConfigMap' && id.kind !== 'Secret') || !HASH_SUFFIX.test(id.name)) return undefined;
  return identity({ ...id, name: id.name.replace(HASH_SUFFIX, '') });
}
