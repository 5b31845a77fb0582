import type { Note } from './result.ts';
import { isMapping, listAt, stringAt, type Mapping } from './value.ts';

const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** Which container goes from which image to which, in any kind that holds a pod specification. */
export function imageNotes(base: Mapping | undefined, head: Mapping | undefined): Extract<Note, { kind: 'image' }>[] {
  const before = containerImages(base);
  const after = containerImages(head);
  const places = new Set([...before.keys(), ...after.keys()]);
  return [...places].flatMap((place) => {
    const [from, to] = [before.get(place), after.get(place)];
    if (from?.image === to?.image) return [];
    return [
      {
        kind: 'image' as const,
        container: to?.container ?? from?.container ?? '',
        ...(from !== undefined && { from: from.image }),
        ...(to !== undefined && { to: to.image }),
      },
    ];
  });
}

interface ContainerImage {
  readonly container: string;
  readonly image: string;
}

function containerImages(object: Mapping | undefined): Map<string, ContainerImage> {
  const found = new Map<string, ContainerImage>();
  const visit = (value: unknown, at: string): void => {
    if (Array.isArray(value)) value.forEach((item, index) => visit(item, `${at}/${index}`));
    if (!isMapping(value)) return;
    for (const list of CONTAINER_LISTS) {
      for (const [index, item] of listAt(value, list).entries()) addContainer(found, item, `${at}/${list}`, index);
    }
    for (const [key, item] of Object.entries(value)) visit(item, `${at}/${key}`);
  };
  visit(object, '');
  return found;
}

function addContainer(found: Map<string, ContainerImage>, item: unknown, at: string, index: number): void {
  const image = stringAt(item, 'image');
  if (image === undefined) return;
  const container = stringAt(item, 'name') ?? String(index);
  found.set(`${at}/${container}`, { container, image });
}
