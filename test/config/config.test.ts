import { describe, expect, test } from 'vitest';
import { configPaths, environmentOf, imageRule } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { parseImageName } from '../../src/domain/image.ts';
import { valid } from './read.ts';

function image(name: string) {
  const parsed = parseImageName(name);
  if (parsed === undefined) throw new Error(`${name} is no image`);
  return parsed;
}

const DEFAULT_TOP = { deploys: { within: 30 * 60 * 1000 }, bypass: { tell: ['check'] } };
const DEFAULT_RULE = { tags: { kind: 'same-shape' }, on: 'publish', set: [] };

describe('where the file stands', () => {
  test.each(configPaths)('%s is read', (path) => {
    expect(readConfig(new Map([[path, 'version: 1\n']]))).toMatchObject({ kind: 'valid', file: path });
  });

  test('no file is absent, which is neither valid nor broken', () => {
    expect(readConfig(new Map([['README.md', 'version: 1']]))).toEqual({ kind: 'absent' });
  });

  test('two files are a mistake that names both', () => {
    const read = readConfig(new Map(configPaths.slice(0, 2).map((path) => [path, 'version: 1'])));
    expect(read).toMatchObject({
      kind: 'invalid',
      file: '.tagalong.yml',
      problems: [{ message: expect.stringMatching(/`\.tagalong\.yml` and `\.github\/tagalong\.yml`/) as string }],
    });
  });
});

describe('saying little', () => {
  test.each([
    ['nothing at all', ''],
    ['a comment', '# Followed by Tagalong.\n'],
    ['a document mark', '---\n'],
    ['the version', 'version: 1\n'],
    ['the version behind a byte order mark', '\uFEFFversion: 1\n'],
    ['the version with carriage returns', 'version: 1\r\n'],
  ])('%s changes no default', (_, text) => {
    const { config, warnings } = valid(text);
    expect(config).toEqual({ environments: [], images: [], ...DEFAULT_TOP });
    expect(warnings).toEqual([]);
    expect(imageRule(config, image('ghcr.io/acme/shop'))).toEqual(DEFAULT_RULE);
    expect(environmentOf(config, '.hidden/deep/x.yaml', 'trunk')).toEqual({
      name: 'trunk',
      paths: ['**'],
      merge: 'manual',
      review: { forbid: ['plain-secret'] },
      freeze: [],
      deploys: [],
    });
  });
});

test('everything the language has is read', () => {
  const { config } = valid(`version: 1
environments:
  staging: { paths: ["staging/**"], merge: auto, review: { approvals: 0 }, deploys: ["*-staging", a/b/c], url: "https://x.test/a" }
  production:
    paths: ["production/**", "shared/*.yaml"]
    notify: { slack: C0123ABCDEF }
    after: staging
    soak: 30m
    review: { approvals: 2, from: ["@acme/sre", "@ann"], codeowners: true, forbid: [] }
    freeze:
      - { from: "Fri 17:00", to: "Mon 08:00", zone: Asia/Tokyo, reason: weekend }
      - { from: "Mon 00:00", to: "Sun 23:59" }
images:
  - match: ghcr.io/acme/*
    tags: { semver: ">=1.0.0" }
    source: acme/{name}
    on: push
    tag: "{branch}-{commit.short}"
    set: [{ path: metadata.labels.commitHash, value: "{commit.short}" }]
  - { match: a, tags: { pattern: "^main-" } }
  - { match: b, tags: { digest: latest } }
  - { match: c, tags: same-shape }
  - { match: d, tags: ignore }
deploys: { within: 2h }
bypass: { tell: [issue, chat] }
notify: { slack: "#deploys" }
`);
  expect(config).toEqual({
    environments: [
      {
        name: 'staging',
        paths: ['staging/**'],
        merge: 'auto',
        review: { approvals: 0, forbid: ['plain-secret'] },
        freeze: [],
        deploys: ['*-staging', 'a/b/c'],
        url: 'https://x.test/a',
      },
      {
        name: 'production',
        paths: ['production/**', 'shared/*.yaml'],
        merge: 'manual',
        after: 'staging',
        soak: 30 * 60 * 1000,
        review: { approvals: 2, from: ['@acme/sre', '@ann'], codeowners: true, forbid: [] },
        freeze: [
          { from: 4 * 1440 + 17 * 60, to: 8 * 60, zone: 'Asia/Tokyo', reason: 'weekend' },
          { from: 0, to: 7 * 1440 - 1, zone: 'UTC' },
        ],
        deploys: [],
        notify: { slack: 'C0123ABCDEF' },
      },
    ],
    images: [
      {
        match: 'ghcr.io/acme/*',
        rule: {
          tags: { kind: 'semver', range: '>=1.0.0' },
          source: 'acme/{name}',
          on: 'push',
          tag: '{branch}-{commit.short}',
          set: [{ path: 'metadata.labels.commitHash', value: '{commit.short}' }],
        },
      },
      { match: 'a', rule: { ...DEFAULT_RULE, tags: { kind: 'pattern', pattern: '^main-' } } },
      { match: 'b', rule: { ...DEFAULT_RULE, tags: { kind: 'digest', tag: 'latest' } } },
      { match: 'c', rule: DEFAULT_RULE },
      { match: 'd', rule: undefined },
    ],
    deploys: { within: 2 * 60 * 60 * 1000 },
    bypass: { tell: ['issue', 'chat'] },
    notify: { slack: '#deploys' },
  });
});

describe('words of the top that say little', () => {
  test.each([
    ['deploys: {}', {}],
    ['bypass: {}', {}],
    ['bypass: { tell: [] }', { bypass: { tell: [] } }],
    ['notify: {}', { notify: {} }],
  ])('%s', (words, expected) => {
    expect(valid(`version: 1\n${words}\n`).config).toEqual({
      environments: [],
      images: [],
      ...DEFAULT_TOP,
      ...expected,
    });
  });
});

describe('the rule of an image', () => {
  const { config } = valid(`version: 1
images:
  - { match: nginx, tags: { digest: stable } }
  - { match: ghcr.io/acme/legacy-*, tags: ignore }
  - { match: "ghcr.io/acme/*", tags: { semver: "1" } }
  - { match: "GHCR.io/Tools/**", tags: { semver: "2" } }
  - { match: "localhost:5000/{a,b}", tags: { semver: "3" } }
  - { match: "bitnami/*", tags: { semver: "4" } }
`);

  test.each([
    ['nginx', { kind: 'digest', tag: 'stable' }],
    ['docker.io/library/nginx', { kind: 'digest', tag: 'stable' }],
    ['docker.io/acme/nginx', { kind: 'same-shape' }],
    ['ghcr.io/acme/legacy-shop', undefined],
    ['ghcr.io/acme/shop', { kind: 'semver', range: '1' }],
    ['ghcr.io/acme/shop/api', { kind: 'same-shape' }],
    ['ghcr.io/tools/deep/er', { kind: 'semver', range: '2' }],
    ['localhost:5000/b', { kind: 'semver', range: '3' }],
    ['localhost:5000/c', { kind: 'same-shape' }],
    ['bitnami/redis', { kind: 'semver', range: '4' }],
    ['docker.io/bitnami/redis', { kind: 'semver', range: '4' }],
    ['quay.io/bitnami/redis', { kind: 'same-shape' }],
  ])('%s', (name, tags) => {
    expect(imageRule(config, image(name))?.tags).toEqual(tags);
  });
});

describe('the environment of a file', () => {
  const { config } = valid(`version: 1
environments:
  staging: { paths: ["apps/*/staging/**", "Charts/?.yaml"] }
  hidden: { paths: [".ops/**"] }
  braces: { paths: ["{a,b/{c,d}}/*.{yml,yaml}", "**/deep/**/end", "odd+.$^|txt"] }
  rest: { paths: ["apps/**"] }
`);

  test.each([
    ['apps/shop/staging/kustomization.yaml', 'staging'],
    ['apps/shop/staging/deep/.secret/x.yaml', 'staging'],
    ['apps/shop/production/x.yaml', 'rest'],
    ['apps/.dot/staging/x.yaml', 'staging'],
    ['apps/x.yaml', 'rest'],
    ['.ops/x.yaml', 'hidden'],
    ['Charts/a.yaml', 'staging'],
    ['charts/a.yaml', undefined],
    ['Charts/ab.yaml', undefined],
    ['README.md', undefined],
    ['apps', undefined],
    ['a/x.yml', 'braces'],
    ['b/d/x.yaml', 'braces'],
    ['b/x.yaml', undefined],
    ['deep/end', 'braces'],
    ['x/y/deep/z/z/end', 'braces'],
    ['x/deeper/end', undefined],
    ['odd+.$^|txt', 'braces'],
    ['odd+x$^|txt', undefined],
    ['apps/line\nend.yaml', 'rest'],
  ])('%s', (path, name) => {
    expect(environmentOf(config, path, 'main')?.name).toBe(name);
  });
});
