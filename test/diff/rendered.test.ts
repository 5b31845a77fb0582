import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { diffRendered } from '../../src/diff/rendered.ts';
import type { Difference } from '../../src/diff/result.ts';

function difference(base: string, head: string): Difference {
  const compared = diffRendered(base, head);
  if (!compared.ok) throw new Error(compared.message);
  return compared;
}

function only(base: string, head: string) {
  const { resources } = difference(base, head);
  const [resource] = resources;
  if (resource === undefined || resources.length > 1) throw new Error(`${resources.length} resources differ`);
  return resource;
}

function configMap(name: string, data = 'key: value', namespace = ''): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${namespace && `  namespace: ${namespace}\n`}data:\n  ${data}\n`;
}

describe('pairing', () => {
  test('a changed resource is one, with the lines that differ', () => {
    const resource = only(configMap('a', 'key: one'), configMap('a', 'key: two'));
    expect(resource).toEqual({
      id: { apiVersion: 'v1', kind: 'ConfigMap', name: 'a' },
      change: 'changed',
      added: 1,
      removed: 1,
      patch: ['@@ -3,4 +3,4 @@ data', ' metadata:', '   name: a', ' data:', '-  key: one', '+  key: two'].join('\n'),
      notes: [],
    });
  });

  test.each<[string, string, string, [string, string][]]>([
    ['added', configMap('a'), `${configMap('a')}---\n${configMap('b')}`, [['b', 'added']]],
    ['removed', `${configMap('a')}---\n${configMap('b')}`, configMap('b'), [['a', 'removed']]],
    [
      'another namespace is another resource',
      configMap('a', 'k: v', 'x'),
      configMap('a', 'k: v', 'y'),
      [
        ['a', 'added'],
        ['a', 'removed'],
      ],
    ],
    [
      'order of documents says nothing',
      `${configMap('a')}---\n${configMap('b')}`,
      `${configMap('b')}---\n${configMap('a')}`,
      [],
    ],
    ['quotes, comments and indentation say nothing', configMap('a'), configMap('"a"', "key:   'value' # so"), []],
  ])('%s', (_name, base, head, expected) => {
    expect(difference(base, head).resources.map(({ id, change }) => [id.name, change])).toEqual(expected);
  });

  test('another version of the same API group is the same resource', () => {
    const ingress = (version: string): string =>
      `apiVersion: networking.k8s.io/${version}\nkind: Ingress\nmetadata: { name: web }\n`;
    expect(only(ingress('v1beta1'), ingress('v1'))).toMatchObject({ change: 'changed', added: 1, removed: 1 });
  });

  test('a generated name is completed by the cluster', () => {
    const job = (image: string): string =>
      `apiVersion: batch/v1\nkind: Job\nmetadata: { generateName: migrate- }\nspec: { image: ${image} }\n`;
    expect(only(job('a'), job('b'))).toMatchObject({ id: { name: 'migrate-*' }, change: 'changed' });
  });

  test('the items of a List are resources', () => {
    const list = (value: string): string =>
      stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { value } },
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } },
        ],
      });
    expect(only(list('1'), list('2')).id.name).toBe('a');
    expect(difference(list('1'), list('2')).total).toBe(2);
    expect(difference(list('1'), list('1')).total).toBe(2);
  });

  test('several resources of one name are paired in their order', () => {
    const base = `${configMap('a', 'k: 1')}---\n${configMap('a', 'k: 2')}`;
    const head = `${configMap('a', 'k: 1')}---\n${configMap('a', 'k: 3')}---\n${configMap('a', 'k: 4')}`;
    expect(difference(base, head).resources.map(({ change }) => change)).toEqual(['changed', 'added']);
  });

  test.each(['ConfigMap', 'Secret'])('a generated %s whose hash alone is new is one resource that changed', (kind) => {
    const generated = (name: string, value: string): string =>
      configMap(name, `k: ${value}`).replace('ConfigMap', kind);
    const resource = only(generated('env-8h2dg7t9cb', 'b25l'), generated('env-2mt4kfgc5h', 'dHdv'));
    expect(resource).toMatchObject({ id: { name: 'env-2mt4kfgc5h' }, change: 'changed' });
    expect(resource.notes).toContainEqual({ kind: 'renamed', from: 'env-8h2dg7t9cb' });
  });

  test('names that merely look long are not taken for hashes', () => {
    const resources = difference(configMap('env-production'), configMap('env-monitoring')).resources;
    expect(resources.map(({ change }) => change)).toEqual(['added', 'removed']);
  });
});

describe('reading', () => {
  test.each([
    ['octal', 'mode: 0644', 'mode: 0645'],
    ['a number too big for JavaScript', 'id: 12345678901234567890', 'id: 12345678901234567891'],
    ['a hash that looks like a huge float', 'tag: 593e910', 'tag: 593e911'],
    ['a text against a number', 'tag: "1"', 'tag: 1'],
    ['a time', 'at: 22:22', 'at: 22:23'],
    ['a date', 'at: 2024-11-02', 'at: 2024-11-03'],
    ['keys that YAML 1.1 takes for booleans', 'y: 1', 'n: 1'],
  ])('%s: the change is seen', (_name, before, after) => {
    expect(only(configMap('a', before), configMap('a', after))).toMatchObject({ added: 1, removed: 1 });
  });

  test('two ways to write one value are no change', () => {
    expect(difference(configMap('a', 'k: yes'), configMap('a', 'k: true')).resources).toEqual([]);
  });

  test.each([
    ['broken YAML', 'apiVersion: v1\nkind: Secret\nstringData: {a: "hunter2hunter2\n'],
    ['a stray text', 'apiVersion: v1\nkind: Secret\nhunter2hunter2\n'],
    ['an unknown alias', 'apiVersion: v1\nkind: Secret\nstringData: *hunter2hunter2\n'],
  ])('%s: the place is told, the text is not', (_name, broken) => {
    const compared = diffRendered('', `${configMap('a')}---\n${broken}`);
    expect(compared).toMatchObject({ ok: false, side: 'head' });
    expect(compared).toHaveProperty('message', expect.stringMatching(/[Ll]ine \d+/));
    expect(JSON.stringify(compared)).not.toContain('hunter2');
  });

  test('of a doubled key the last counts', () => {
    expect(only(configMap('a', 'k: 1\n  k: 2'), configMap('a', 'k: 3\n  k: 4')).patch).toContain('-  k: 2\n+  k: 4');
  });

  test('an error counts its lines from the start of the rendering', () => {
    const compared = diffRendered('', `${configMap('a')}---\na: [\n`);
    expect(compared).toHaveProperty('message', expect.stringMatching(/^Line [78],/));
  });
});

describe('properties', () => {
  const name = fc.stringMatching(/^[a-z]{1,6}$/);
  const resource = fc.record({
    apiVersion: fc.constantFrom('v1', 'apps/v1'),
    kind: fc.constantFrom('ConfigMap', 'Secret', 'Deployment', 'List'),
    metadata: fc.record({ name }),
    data: fc.dictionary(name, fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))),
  });
  const written = fc.array(resource, { maxLength: 6 });
  const asYaml = (resources: readonly object[]): string =>
    resources.map((each) => stringify(each, { version: '1.1' })).join('---\n');
  const asJson = (resources: readonly object[]): string =>
    resources.map((each) => `${JSON.stringify(each, null, 2)}\n`).join('---\n');

  test('nothing differs from itself, however it is written', () => {
    fc.assert(
      fc.property(written, (resources) => {
        expect(difference(asYaml(resources), asJson(resources)).resources).toEqual([]);
      }),
    );
  });

  test('the reverse of a difference has as many resources, and additions for removals', () => {
    fc.assert(
      fc.property(written.map(asYaml), written.map(asJson), (a, b) => {
        const [there, back] = [difference(a, b), difference(b, a)];
        const count = (of: Difference, change: string): number =>
          of.resources.filter((each) => each.change === change).length;
        expect(count(there, 'added')).toBe(count(back, 'removed'));
        expect(count(there, 'changed')).toBe(count(back, 'changed'));
        expect(there.total).toBe(back.total);
      }),
    );
  });
});

test('two texts with nothing in common are counted and not compared for minutes', () => {
  const lines = (word: string): string =>
    Array.from({ length: 20_000 }, (_, index) => `  ${word}${index}: ${word}`).join('\n');
  const resource = only(configMap('a', lines('a').trimStart()), configMap('a', lines('b').trimStart()));
  expect(resource.patch).toBeUndefined();
  expect(resource).toMatchObject({ added: 20_005, removed: 20_005 });
});
