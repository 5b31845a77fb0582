import { formatImageReference, parseImageReference } from '../domain/image.ts';
import type { Note, NotedContainer } from './result.ts';
import { isMapping, listAt, stringAt, type Mapping } from './value.ts';

const CONTAINER_LISTS: readonly { readonly list: string; readonly role?: NotedContainer['role'] }[] = [
  { list: 'containers' },
  { list: 'initContainers', role: 'init' },
  { list: 'ephemeralContainers', role: 'ephemeral' },
];

type ImageNote = Extract<Note, { kind: 'image' }>;

/**
 * Which image goes from which version to which, in any kind that holds a pod specification: once for all containers that take the
 * same step. The containers are named only where the resource has several.
 */
export function imageNotes(base: Mapping | undefined, head: Mapping | undefined): ImageNote[] {
  const before = containerImages(base);
  const after = containerImages(head);
  const places = new Set([...after.keys(), ...before.keys()]);
  const steps = [...places].flatMap((place) => stepOf(before.get(place), after.get(place)) ?? []);
  return [...Map.groupBy(steps, keyOf).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    return [
      { ...first.note, ...(places.size > 1 && { containers: distinct(same.map(({ container }) => container)) }) },
    ];
  });
}

interface ContainerImage {
  readonly container: NotedContainer;
  readonly image: string;
}

interface Step {
  readonly container: NotedContainer;
  readonly note: ImageNote;
}

function stepOf(from: ContainerImage | undefined, to: ContainerImage | undefined): Step | undefined {
  const container = to?.container ?? from?.container;
  if (container === undefined || from?.image === to?.image) return undefined;
  const note = {
    kind: 'image' as const,
    ...(from !== undefined && { from: from.image }),
    ...(to !== undefined && { to: to.image }),
  };
  return { container, note };
}

/** Equal for two ways to write the same references. */
function keyOf({ note: { from, to } }: Step): string {
  return JSON.stringify([from, to].map((image) => (image === undefined ? null : normalised(image))));
}

function normalised(image: string): string {
  const reference = parseImageReference(image);
  return reference === undefined ? image : formatImageReference(reference);
}

/** Two pods of one resource may each have a container of one name. */
function distinct(containers: readonly NotedContainer[]): NotedContainer[] {
  return [...new Map(containers.map((container) => [JSON.stringify(container), container])).values()];
}

/** By the place of the container, whatever its position in the list. */
function containerImages(object: Mapping | undefined): Map<string, ContainerImage> {
  const found = new Map<string, ContainerImage>();
  const visit = (value: unknown, at: string): void => {
    if (Array.isArray(value)) value.forEach((item, index) => visit(item, `${at}/${index}`));
    if (!isMapping(value)) return;
    for (const { list, role } of CONTAINER_LISTS) {
      for (const [index, item] of listAt(value, list).entries()) {
        const image = stringAt(item, 'image');
        const name = stringAt(item, 'name') ?? String(index);
        const container = { name, ...(role !== undefined && { role }) };
        if (image !== undefined) found.set(`${at}/${list}/${name}`, { container, image });
      }
    }
    for (const [key, item] of Object.entries(value)) visit(item, `${at}/${key}`);
  };
  visit(object, '');
  return found;
}
