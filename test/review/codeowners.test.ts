import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ownersOf, parseCodeOwners } from '../../src/review/codeowners.ts';
import { neededTeams } from '../../src/review/teams.ts';
import { policy } from './passing.ts';

/** What the documentation of GitHub ("About code owners") says of patterns, and a little of what gitignore does. */
describe('patterns', () => {
  test.each([
    ['*', 'README.md', true],
    ['*', 'a/b/c.txt', true],
    ['/*', 'README.md', true],
    ['/*', 'a/b.md', false],
    ['*.js', 'index.js', true],
    ['*.js', 'a/b/index.js', true],
    ['*.js', 'index.jsx', false],
    ['/build/logs/', 'build/logs/a.txt', true],
    ['/build/logs/', 'build/logs/2024/a.txt', true],
    ['/build/logs/', 'x/build/logs/a.txt', false],
    ['/build/logs/', 'build/logs', false],
    ['docs/*', 'docs/getting-started.md', true],
    ['docs/*', 'docs/build-app/troubleshooting.md', false],
    ['docs/*', 'x/docs/a.md', false],
    ['apps/', 'apps/a.yaml', true],
    ['apps/', 'x/y/apps/z/a.yaml', true],
    ['apps/', 'apps', false],
    ['/docs/', 'docs/a/b.md', true],
    ['/docs/', 'x/docs/a.md', false],
    ['/apps/github', 'apps/github/a.yaml', true],
    ['/apps/github', 'apps/github', true],
    ['/apps/github', 'apps/github2', false],
    ['**/logs', 'build/logs/a.txt', true],
    ['**/logs', 'logs', true],
    ['**/logs', 'deeply/nested/logs/a/b', true],
    ['logs', 'a/logs/b', true],
    ['apps/*/production', 'apps/shop/production/a.yaml', true],
    ['apps/*/production', 'apps/a/b/production/a.yaml', false],
    ['apps/**/production', 'apps/a/b/production/a.yaml', true],
    ['apps/**/production', 'apps/production/a.yaml', true],
    ['/apps/**', 'apps/a/b', true],
    ['/apps/**', 'apps', false],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['Docs/', 'docs/a.md', false],
    ['with\\ space.md', 'with space.md', true],
    ['\\*.md', 'a.md', false],
    ['\\*.md', '*.md', true],
    ['a**b', 'axyzb', true],
    ['a**b', 'ax/zb', false],
    ['.github/', '.github/CODEOWNERS', true],
    ['/', 'a', false],
  ])('%s and %s: %s', (pattern, path, matches) => {
    expect(ownersOf(parseCodeOwners(`${pattern} @x`), path).kind).toBe(matches ? 'owned' : 'unowned');
  });

  test('takes no time to speak of, whatever the pattern', () => {
    const evil = `${'*a'.repeat(2_000)}b`;
    expect(ownersOf(parseCodeOwners(`${evil} @x\n${'**/'.repeat(500)}z @x`), 'a'.repeat(2_000)).kind).toBe('unowned');
  });
});

describe('lines', () => {
  const owners = (text: string, path = 'a.js') => ownersOf(parseCodeOwners(text), path);

  test.each([
    ['the last line that matches decides', '* @a\n*.js @b\n', { kind: 'owned', line: 2, owners: ['@b'] }],
    [
      'the order of lines counts, not how exact they are',
      '*.js @b\n* @a\n',
      { kind: 'owned', line: 2, owners: ['@a'] },
    ],
    ['a line without owners takes them away', '* @a\n*.js\n', { kind: 'unowned' }],
    ['no line matches', '*.go @a\n', { kind: 'unowned' }],
    ['an empty file', '', { kind: 'unowned' }],
    [
      'several owners',
      '*  @a\t@acme/b c@example.com',
      { kind: 'owned', line: 1, owners: ['@a', '@acme/b', 'c@example.com'] },
    ],
    ['comments at the end', '*.js @a #@b, not yet\n', { kind: 'owned', line: 1, owners: ['@a'] }],
    ['comments of their own and indented lines', '# * @x\n\n  *.js @a\n', { kind: 'owned', line: 3, owners: ['@a'] }],
    [
      'ends of lines of Windows, and a byte-order mark',
      '\uFEFF* @a\r\n*.js @b\r\n',
      { kind: 'owned', line: 2, owners: ['@b'] },
    ],
    ['names of managed accounts', '* @alice_acme', { kind: 'owned', line: 1, owners: ['@alice_acme'] }],
  ])('%s', (_, text, expected) => {
    expect(owners(text)).toEqual(expected);
  });

  test.each([
    ['!*.js @a', 'a pattern cannot be taken back with "!"'],
    ['*.[jt]s @a', 'brackets have no meaning in a pattern'],
    ['***/*.js @a', 'a pattern has no more than two "*" in a row'],
    ['*.js docs@', '"docs@" is neither @user, @organisation/team nor an address'],
    ['*.js @a,@b', '"@a,@b" is neither @user, @organisation/team nor an address'],
    ['*.js @a#b', '"@a#b" is neither @user, @organisation/team nor an address'],
  ])('%s is passed over, and remembered for what it is about', (line, fault) => {
    const parsed = parseCodeOwners(`* @x\n${line}\n`);
    expect(parsed.broken).toEqual([{ line: 2, fault }]);
    expect(ownersOf(parsed, 'a.js')).toEqual({ kind: 'broken', line: 2, fault });
    expect(ownersOf(parsed, 'a.go')).toEqual({ kind: 'owned', line: 1, owners: ['@x'] });
  });

  test('a later valid line heals an earlier broken one', () => {
    expect(owners('!*.js @a\n* @b\n')).toEqual({ kind: 'owned', line: 2, owners: ['@b'] });
  });

  test('a pattern cannot begin with an escaped "#"', () => {
    expect(owners('\\#a.js @a\n', '#a.js')).toMatchObject({ kind: 'broken', line: 1 });
  });

  test('any text can be read, and any path asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, path) => {
        expect(['owned', 'unowned', 'broken']).toContain(owners(text, path).kind);
      }),
    );
  });

  test('a path is matched by itself, whatever is in it', () => {
    const name = fc.stringMatching(/^[^\s/\\*?![\]#]+$/);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
        const path = names.join('/');
        expect(owners(`/${path} @a`, path).kind).toBe('owned');
      }),
    );
  });
});

test('the teams that must be read are those of policies, and those that own touched paths where that counts', () => {
  const text = '* @acme/all\n/charts/ @acme/charts @bob\n/docs/ @acme/docs\n';
  const policies = [
    policy({ review: { from: ['@carol', '@acme/sre'] }, paths: ['docs/a.md'] }),
    policy({ review: { codeowners: true }, paths: ['charts/shop/values.yaml', 'a.yaml'] }),
  ];
  expect(neededTeams(policies, { path: 'CODEOWNERS', text })).toEqual(['@acme/all', '@acme/charts', '@acme/sre']);
  expect(neededTeams(policies, undefined)).toEqual(['@acme/sre']);
});
