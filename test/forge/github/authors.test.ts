import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authorsOf, signsCommits, type AuthoredCommit } from '../../../src/forge/github/authors.ts';

const BOT = { name: 'tagalong[bot]', email: '123+tagalong[bot]@users.noreply.github.com', user: null };
const MONA = { name: 'Mona', email: 'mona@example.com', user: { login: 'mona' } };
const GITHUB = { name: 'GitHub', email: 'noreply@github.com', user: null };
const SIGNED = { isValid: true, wasSignedByGitHub: true };

function commit(author: AuthoredCommit['committer'], changes: Partial<AuthoredCommit> = {}): AuthoredCommit {
  const nodes = author ? [author] : [];
  return { oid: 'a'.repeat(40), authors: { totalCount: nodes.length, nodes }, committer: GITHUB, ...changes };
}

describe('who wrote a commit', () => {
  const bot = [{ login: 'tagalong[bot]', isBot: true }];
  const forged = ['tagalong[bot] <123+tagalong[bot]@users.noreply.github.com>'];

  test.each<[string, AuthoredCommit, boolean, object[], string[]]>([
    ['the bot, through the API', commit(BOT, { signature: SIGNED }), true, bot, []],
    ['somebody with the name of the bot', commit(BOT), true, [], forged],
    [
      'the same with a signature of their own',
      commit(BOT, { signature: { isValid: true, wasSignedByGitHub: false } }),
      true,
      [],
      forged,
    ],
    ['the bot, where nothing is signed', commit(BOT), false, bot, []],
    ['a person through the web', commit(MONA, { signature: SIGNED }), true, [{ login: 'mona', isBot: false }], []],
    ['a person, whose commit GitHub has rebased', commit(MONA), true, [{ login: 'mona', isBot: false }], []],
    ['a person, with git', commit(MONA, { committer: MONA }), true, [{ login: 'mona', isBot: false }], []],
    [
      'a person whom another one has rebased',
      commit(MONA, { committer: { name: 'Ada', email: 'ada@example.com', user: { login: 'ada' } } }),
      true,
      [
        { login: 'mona', isBot: false },
        { login: 'ada', isBot: false },
      ],
      [],
    ],
    ['somebody with the name of GitHub', commit(GITHUB), true, [], ['GitHub <noreply@github.com>']],
    [
      'nobody whom GitHub knows',
      commit({ name: 'Jo', email: 'jo@example.com' }, { committer: null }),
      true,
      [],
      ['Jo <jo@example.com>'],
    ],
  ])('%s', (_who, written, signs, people, unknown) => {
    expect(authorsOf([written], signs)).toEqual({ people, unknown, isComplete: true });
  });

  test('is not all told where a commit has more authors than are listed', () => {
    const crowded = commit(MONA, { authors: { totalCount: 21, nodes: [MONA] } });
    expect(authorsOf([crowded], false).isComplete).toBe(false);
  });

  test('never is a bot without a signature, where GitHub signs', () => {
    const actor = fc.record({
      name: fc.string(),
      email: fc.constantFrom(BOT.email, 'x[bot]@users.noreply.github.com'),
    });
    fc.assert(
      fc.property(actor, (each) => {
        expect(authorsOf([commit(each)], true).people).toEqual([]);
      }),
    );
  });
});

test.each([
  ['https://github.com', true],
  ['https://acme.ghe.com', true],
  ['https://github.acme.example', false],
  ['https://notgithub.com', false],
])('%s signs what is committed through it: %s', (url, signs) => {
  expect(signsCommits(url)).toBe(signs);
});
