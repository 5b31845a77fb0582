import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { environmentOf, imageRule } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { formatDuration, parseDuration } from '../../src/config/duration.ts';
import { parseImageName } from '../../src/domain/image.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const path = fc
  .array(fc.constantFrom('apps', '*', '**', 'a', '.b', 'x.yaml'), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'));
const duration = fc
  .tuple(fc.nat(99_999), fc.constantFrom('s', 'm', 'h', 'd', 'w'))
  .map(([amount, unit]) => `${amount}${unit}`);
const moment = fc
  .tuple(fc.constantFrom('Mon', 'Wed', 'Sun'), fc.integer({ min: 10, max: 23 }), fc.integer({ min: 10, max: 59 }))
  .map(([day, hour, minute]) => `${day} ${hour}:${minute}`);

const environment = fc.record(
  {
    paths: fc.array(path, { minLength: 1, maxLength: 3 }),
    merge: fc.constantFrom('auto', 'manual'),
    soak: duration,
    review: fc.record(
      {
        approvals: fc.nat(100),
        from: fc.array(name.map((word) => `@acme/${word}`)),
        codeowners: fc.boolean(),
        forbid: fc.subarray(['plain-secret']),
      },
      { requiredKeys: [] },
    ),
    freeze: fc.array(
      fc
        .record(
          { from: moment, to: moment, zone: fc.constantFrom('Asia/Tokyo', 'UTC', 'Europe/Paris'), reason: fc.string() },
          { requiredKeys: ['from', 'to'] },
        )
        .filter(({ from, to }) => from !== to),
      { maxLength: 2 },
    ),
    deploys: fc.array(path, { minLength: 1, maxLength: 3 }),
    url: fc.webUrl(),
    notify: fc.record({ slack: fc.constantFrom('#deploys', '#営業', 'C0123ABCDEF') }, { requiredKeys: [] }),
  },
  { requiredKeys: ['paths'] },
);
const image = fc.record(
  {
    match: fc.constantFrom('nginx', 'ghcr.io/acme/*', '**', 'localhost:5000/x'),
    tags: fc.oneof(
      fc.constantFrom('same-shape', 'ignore'),
      fc.record({ semver: fc.constantFrom('1', '>=1.0.0', '~2.4 || 3') }),
      fc.record({ pattern: fc.constantFrom('^main-', '[0-9]+') }),
      fc.record({ digest: name }),
    ),
    source: fc.constantFrom('acme/{name}', 'acme/x'),
    set: fc.array(
      fc.record({ path: fc.constantFrom('a', 'a.b', 'a.0.b'), value: fc.constantFrom('{commit}', 'x {date}', '') }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['match'] },
);
const config = fc.record(
  {
    version: fc.constant(1),
    environments: fc.dictionary(name, environment, { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
    images: fc.array(image, { maxLength: 3 }),
    deploys: fc.record({ within: duration.filter((text) => (parseDuration(text) ?? 0) >= 60_000) }),
    bypass: fc.record({ tell: fc.subarray(['check', 'issue', 'chat']) }),
    notify: fc.constant({ slack: '#deploys' }),
  },
  { requiredKeys: ['version'] },
);

test('whatever the language allows is valid, keeps its order, and answers for every file and image', () => {
  const shop = parseImageName('ghcr.io/acme/shop');
  fc.assert(
    fc.property(config, fc.constantFrom('\n', '\r\n'), path, (value, lineEnd, file) => {
      const read = readConfig(new Map([['.tagalong.yml', stringify(value).replaceAll('\n', lineEnd)]]));
      expect(read).toMatchObject({ kind: 'valid' });
      if (read.kind !== 'valid' || shop === undefined) return;
      expect(read.config.environments.map((each) => each.name)).toEqual(Object.keys(value.environments ?? {}));
      expect(read.config.images.map(({ match }) => match)).toEqual((value.images ?? []).map(({ match }) => match));
      environmentOf(read.config, file, 'main');
      imageRule(read.config, shop);
      for (const { line, column } of read.warnings) expect(Math.min(line, column)).toBeGreaterThanOrEqual(1);
    }),
    { numRuns: 200 },
  );
});

const fragment = fc.constantFrom(
  'version: 1\n',
  'images:\n',
  '  - match: ',
  'environments:',
  '\t',
  '{',
  '}',
  '[',
  ']',
  '&a ',
  '*a',
  '!x ',
  '"',
  "'",
  '|\n',
  '---\n',
  '%YAML 1.1\n',
  '<<: ',
  '? ',
  ': ',
  '\r',
  '\uFEFF',
  '# x\n',
);
const yamlLike = fc
  .array(fc.oneof(fragment, fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 30 })
  .map((parts) => parts.join(''));

test('no text makes it throw, and each problem has a place within the text', () => {
  fc.assert(
    fc.property(yamlLike, (text) => {
      const read = readConfig(new Map([['.tagalong.yml', text]]));
      if (read.kind !== 'invalid') return;
      expect(read.problems.length).toBeGreaterThan(0);
      const lines = text.split('\n').length;
      for (const { line, column, message } of read.problems) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(message).not.toBe('');
      }
    }),
    { numRuns: 500 },
  );
});

test('no value makes it throw', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 4 }),
      fc.constantFrom('version', 'environments', 'images', 'deploys', 'bypass', 'notify'),
      (value, word) => {
        readConfig(new Map([['.tagalong.yml', JSON.stringify({ version: 1, [word]: value })]]));
        readConfig(
          new Map([['.tagalong.yml', JSON.stringify({ version: 1, environments: { a: value }, images: [value] })]]),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('a duration is written as it is read', () => {
  fc.assert(
    fc.property(duration, (text) => {
      const milliseconds = parseDuration(text);
      expect(milliseconds).toBeDefined();
      expect(parseDuration(formatDuration(milliseconds ?? -1))).toBe(milliseconds);
    }),
  );
});
