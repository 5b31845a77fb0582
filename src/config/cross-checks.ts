import { nearestWord } from './nearest.ts';
import { alternatives, type DocumentPath, type Finding } from './problem.ts';

const MAX_ENVIRONMENTS = 100;

/**
 * What needs two places of the file at once. Works on the plain value and takes it as it is, because these are told also when
 * something else in the file is wrong.
 */
export function crossCheck(value: unknown): Finding[] {
  const environments = mapping(mapping(value)['environments']);
  const images: unknown = mapping(value)['images'];
  const tooMany = tooManyEnvironments(environments);
  return [
    ...(tooMany.length > 0
      ? tooMany
      : [...unknownPredecessors(environments), ...cycles(environments), ...tooFewReviewers(environments)]),
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

function tooManyEnvironments(environments: Mapping): Finding[] {
  const count = Object.keys(environments).length;
  if (count <= MAX_ENVIRONMENTS) return [];
  return [{ path: ['environments'], found: `${count} environments`, allowed: `at most ${MAX_ENVIRONMENTS}` }];
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
  const seen = new Set<string>();
  return Object.keys(environments).flatMap((name) => {
    const circle = circleFrom(name, environments, seen);
    if (circle === undefined) return [];
    const way = [...circle, circle[0]].map((member) => `\`${member}\``).join(' after ');
    const path = ['environments', circle[0] ?? name, 'after'];
    return [{ path, found: `a circle (${way})`, allowed: 'an environment that does not come after this one' }];
  });
}

/** Follows `after` until it ends, or comes to where it has been: on this way, which is a circle, or on an earlier one. */
function circleFrom(start: string, environments: Mapping, seen: Set<string>): readonly string[] | undefined {
  const way: string[] = [];
  let name: unknown = start;
  while (typeof name === 'string' && Object.hasOwn(environments, name) && !seen.has(name)) {
    seen.add(name);
    way.push(name);
    name = mapping(environments[name])['after'];
  }
  const first = way.findIndex((member) => member === name);
  if (first === -1) return undefined;
  const order = Object.keys(environments);
  const circle = way.slice(first);
  const top = circle.indexOf(order.find((member) => circle.includes(member)) ?? '');
  return [...circle.slice(top), ...circle.slice(0, top)];
}

/** More approvals than there are people to give them: nothing could ever merge. */
function tooFewReviewers(environments: Mapping): Finding[] {
  return Object.entries(environments).flatMap(([name, environment]) => {
    const { approvals, from } = mapping(mapping(environment)['review']);
    if (typeof approvals !== 'number' || !Array.isArray(from) || from.length === 0) return [];
    const people = new Set(from.map((each: unknown) => String(each).toLowerCase()));
    if ([...people].some((each) => each.includes('/')) || people.size >= approvals) return [];
    const path = ['environments', name, 'review', 'approvals'];
    const found = `${approvals} approvals from ${people.size === 1 ? 'one person' : `${people.size} people`}`;
    return [{ path, found, allowed: 'as many people or a team in `from`' }];
  });
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
