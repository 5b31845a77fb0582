import { nearestWord } from './nearest.ts';
import { alternatives, type DocumentPath, type Finding } from './problem.ts';

/**
 * What needs two places of the file at once. Works on the plain value and takes it as it is, because these are told also when
 * something else in the file is wrong.
 */
export function crossCheck(value: unknown): Finding[] {
  const environments = mapping(mapping(value)['environments']);
  const images: unknown = mapping(value)['images'];
  return [
    ...unknownPredecessors(environments),
    ...cycles(environments),
    ...(Array.isArray(images) ? images.flatMap((image, index) => pushNeedsTag(mapping(image), ['images', index])) : []),
  ];
}

type Mapping = Readonly<Record<string, unknown>>;

function mapping(value: unknown): Mapping {
  return isMapping(value) ? value : {};
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownPredecessors(environments: Mapping): Finding[] {
  const names = Object.keys(environments);
  return names.flatMap((name) => {
    const after = mapping(environments[name])['after'];
    if (typeof after !== 'string' || names.includes(after)) return [];
    const others = names.filter((other) => other !== name);
    const allowed = others.length === 0 ? 'nothing, as there is no other environment' : alternatives(others);
    return [
      {
        path: ['environments', name, 'after'],
        found: `the unknown environment \`${after}\``,
        allowed,
        nearest: nearestWord(after, others),
      },
    ];
  });
}

/** Each circle is told once, at the environment of it that stands first in the file. */
function cycles(environments: Mapping): Finding[] {
  const told = new Set<string>();
  return Object.keys(environments).flatMap((name) => {
    const circle = circleFrom(name, environments);
    if (circle === undefined || circle.some((member) => told.has(member))) return [];
    for (const member of circle) told.add(member);
    const way = [...circle, name].map((member) => `\`${member}\``).join(' after ');
    return [
      {
        path: ['environments', name, 'after'],
        found: `a circle (${way})`,
        allowed: 'an environment that does not come after this one',
      },
    ];
  });
}

function circleFrom(start: string, environments: Mapping): string[] | undefined {
  const way: string[] = [];
  let name: unknown = start;
  while (typeof name === 'string' && Object.hasOwn(environments, name) && !way.includes(name)) {
    way.push(name);
    name = mapping(environments[name])['after'];
  }
  return name === start && way.length > 0 ? way : undefined;
}

function pushNeedsTag(image: Mapping, path: DocumentPath): Finding[] {
  if (image['on'] === 'push' && image['tag'] === undefined) {
    const message =
      '`on: push` needs `tag`, because the tag is not published yet; for instance `tag: "{branch}-{commit.short}"`.';
    return [{ path: [...path, 'on'], found: '`push` without `tag`', allowed: '`push` together with `tag`', message }];
  }
  if (image['tag'] !== undefined && image['on'] !== 'push') {
    const message = '`tag` is for `on: push` alone; a published image says its tag itself.';
    return [
      {
        path: [...path, 'tag'],
        atKey: true,
        found: '`tag` without `on: push`',
        allowed: '`tag` together with `on: push`',
        message,
      },
    ];
  }
  return [];
}
