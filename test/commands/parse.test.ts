import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_COMMANDS, parseCommands } from '../../src/commands/parse.ts';
import { commands } from '../../src/commands/registry.ts';

/** `line name text`, with what an unknown one was probably meant for. */
function read(body: string): string[] {
  return parseCommands(body).map(({ line, name, text, isKnown, nearest }) =>
    [line, isKnown ? name : `?${name}`, text, nearest === undefined ? '' : `(${nearest})`].filter(Boolean).join(' '),
  );
}

describe('one line', () => {
  test.each([
    ['/hold', ['1 hold']],
    ['/tagalong hold', ['1 hold']],
    ['/tagalong /hold', ['1 hold']],
    ['/TagAlong Hold', ['1 hold']],
    ['/HOLD on', ['1 hold on']],
    ['/hold   two  spaces  ', ['1 hold two  spaces']],
    ['/hold\tafter a tab', ['1 hold after a tab']],
    ['   /hold', ['1 hold']],
    ['/tagalong', ['1 help']],
    ['/override freeze it is /urgent', ['1 override freeze it is /urgent']],
    ['/bump ghcr.io/acme/shop:1.4.2 production', ['1 bump ghcr.io/acme/shop:1.4.2 production']],
  ])('%j is read', (body, found) => {
    expect(read(body)).toEqual(found);
  });

  test.each([
    [''],
    ['hold'],
    ['please /hold'],
    ['/'],
    ['//hold'],
    ['/ hold'],
    ['/usr/bin'],
    ['/usr/bin/env node'],
    ['/api/v1 answers 500'],
    ['/hold/on'],
    ['/etc'],
    ['/tmp is full'],
    ['/v1.2.3'],
    ['/tagalongs'],
    ['atlantis plan'],
    ['atlantis apply -d staging'],
    ['@dependabot rebase'],
    ['@mergifyio queue'],
    ['@tagalong hold'],
    ['bors r+'],
    ['! /hold'],
    ['`/hold`'],
    ['- /hold'],
    ['1. /hold'],
    ['# /hold'],
    ['**/hold**'],
    ['\u00a0/hold'],
  ])('%j is none', (body) => {
    expect(read(body)).toEqual([]);
  });

  test.each([
    ['/hodl', ['1 ?hodl (hold)']],
    ['/aprove', ['1 ?aprove (approve)']],
    ['/Approved', ['1 ?approved (approve)']],
    ['/mrege now', ['1 ?mrege now (merge)']],
    ['/merge!', ['1 ?merge! (merge)']],
    ['/merge, please', ['1 ?merge, please (merge)']],
    ['/roll-back', ['1 ?roll-back (rollback)']],
    ['/unfreze', ['1 ?unfreze (unfreeze)']],
    ['/promote production', ['1 ?promote production (bump)']],
    ['/tagalong promote production', ['1 ?promote production (bump)']],
    ['/tagalong nonsense', ['1 ?nonsense']],
    ['/hol', ['1 ?hol (hold)']],
    ['/bumpp acme/shop:1', ['1 ?bumpp acme/shop:1 (bump)']],
    ['/rollbak', ['1 ?rollbak (rollback)']],
    ['/yhw', []],
    ['/wyh', ['1 ?wyh (why)']],
    ['/tagalong freez', ['1 ?freez (freeze)']],
    ['/tagalong /usr/bin', ['1 ?usr/bin']],
  ])('%j is unknown', (body, found) => {
    expect(read(body)).toEqual(found);
  });

  // Of Prow, Tekton, Azure Pipelines, Mergify, PR-Agent, Netlify … and words that paths and services begin with.
  test.each(
    [
      'lgtm, assign @me, unassign, cc @me, uncc, kind bug, area ci, sig node, priority high, label x, remove-label x, milestone v1',
      'test all, retest, retest-required, test-required, ok-to-test, close, reopen, retitle x, lifecycle stale, triage accepted',
      'meow, woof, honk, pony, joke, shrug, cherry-pick main, backport v1, transfer x, release-note-none, verify-owners, wip, draft',
      'azp run, ship, shipit, ping, plan, apply, deploy, preview, review, describe, improve, ask why, run e2e, update, squash, cancel',
      'helm upgrade, bin, dump, fold, who, way, heap is full, emerge, breeze, verge, old, gold, told, spin, ship it, lump, kelp',
    ].flatMap((line) => line.split(', ')),
  )('/%s is left to others', (text) => {
    expect(read(`/${text}`)).toEqual([]);
  });
});

describe('a whole comment', () => {
  test('several commands, each with its line, whatever the line ends', () => {
    expect(read('Hello\r\n/hold db\r\rtext\n/pin 1.2.3 for 7d\r\n')).toEqual(['2 hold db', '5 pin 1.2.3 for 7d']);
  });

  test('a quote of another comment, answered below', () => {
    expect(read('> /merge\n> please\n\nNo.\n/hold\n  > /unhold\n>/unhold\n')).toEqual(['5 hold']);
  });

  const hidden: Readonly<Record<string, readonly (readonly [string, string, readonly string[]])[]>> = {
    'fenced code': [
      ['backticks', '```\n/hold\n```\n/merge', ['4 merge']],
      ['tildes', '~~~ text\n/hold\n~~~\n/merge', ['4 merge']],
      ['a longer fence', '````\n```\n/hold\n````\n/merge', ['5 merge']],
      ['a longer end', '```\n/hold\n`````\n/merge', ['4 merge']],
      ['the other character', '```\n~~~\n/hold\n```\n/merge', ['5 merge']],
      ['an indented fence', '   ```\n/hold\n  ```\n/merge', ['4 merge']],
      ['a fence that does not end', '```\n/hold\n\n/merge', []],
      ['an end with words', '```\n/hold\n``` no\n/merge', []],
      ['an end too far in', '```\n/hold\n    ```\n/merge', []],
      ['words with a language', '```sh run\n/hold\n```\n/merge', ['4 merge']],
      ['code in a line, which is no fence', '```a```\n/hold', ['2 hold']],
      ['a fence too far in, which is none', '    ```\n/hold', ['2 hold']],
      ['two backticks', '``\n/hold', ['2 hold']],
      ['a list item', '- ```\n  /hold\n  ```\n/merge', ['4 merge']],
      ['a nested list item', '1. - ```\n     /hold\n     ```\n/merge', ['4 merge']],
      ['a list item that is left', '- ```\n  /hold\n/merge', ['3 merge']],
      ['a quoted fence', '> ```\n/hold', ['2 hold']],
    ],
    'other code': [
      ['four spaces', '    /hold\n/merge', ['2 merge']],
      ['a tab', '\t/hold\n/merge', ['2 merge']],
      ['a space and a tab', ' \t/hold\n/merge', ['2 merge']],
      ['pre', '<pre>\n/hold\n</pre>\n/merge', ['4 merge']],
      ['pre on one line', '<pre>/hold</pre>\n/merge', ['2 merge']],
      ['PRE with attributes', '<PRE class="a">\n/hold\n</PRE>\n/merge', ['4 merge']],
    ],
    'an HTML comment': [
      ['on one line', '<!-- /hold -->\n/merge', ['2 merge']],
      ['over lines', '<!--\n/hold\n-->\n/merge', ['4 merge']],
      ['with empty lines', '<!--\n\n/hold\n\n-->\n/merge', ['6 merge']],
      ['that does not end', '<!--\n/hold\n\n/merge', []],
      ['within text', 'a <!-- b\n/hold\n--> c\n/merge', ['4 merge']],
      ['within text that ends', 'a <!-- b\n/hold\n\n/merge', ['4 merge']],
      ['two in one line', 'a <!-- b --> <!-- c\n/hold\n-->\n/merge', ['4 merge']],
      ['the template of a pull request', '<!-- Write\n/hold to stop -->\nDone.\n/merge', ['4 merge']],
    ],
  };

  describe.each(Object.entries(hidden))('%s', (_, rows) => {
    test.each(rows)('%s', (_, body, found) => {
      expect(read(body)).toEqual(found);
    });
  });

  test('no more than are carried out, and one that says that there are more', () => {
    expect(parseCommands('/hold\n'.repeat(MAX_COMMANDS))).toHaveLength(MAX_COMMANDS);
    expect(parseCommands('/hold\n'.repeat(9000))).toHaveLength(MAX_COMMANDS + 1);
  });
});

describe('always', () => {
  const name = fc.constantFrom(...commands.map((command) => command.name));
  const text = fc.string({ maxLength: 40 }).map((each) => each.replaceAll(/[\r\n]/g, ' ').trim());
  const prose = fc
    .array(fc.constantFrom('', 'text', '> quote', '- item', '    code', 'a `b` c', '# head', '/usr/bin'), {
      maxLength: 5,
    })
    .map((lines) => lines.join('\n'));

  test('a command is found between prose, in both forms, in any case', () => {
    fc.assert(
      fc.property(
        name,
        text,
        prose,
        prose,
        fc.boolean(),
        fc.boolean(),
        (command, argument, before, after, long, loud) => {
          const word = `/${long ? 'tagalong ' : ''}${loud ? command.toUpperCase() : command}`;
          const written = `${word} ${argument}`.trim();
          const found = parseCommands(`${before}\n${written}\n${after}`);
          expect(found).toEqual([
            { name: command, text: argument, isKnown: true, line: before.split('\n').length + 1 },
          ]);
        },
      ),
    );
  });

  const lines = fc.array(
    fc.oneof(
      name.map((each) => `/${each}`),
      fc.string(),
    ),
    { maxLength: 20 },
  );
  const quote = (body: string) =>
    body
      .split(/\r\n|\n|\r/)
      .map((line) => `> ${line}`)
      .join('\n');
  const fence = (body: string) => `~~~\n${body.replaceAll('~', '')}\n~~~`;

  test.each([
    ['quoted', quote],
    ['fenced', fence],
  ])('a %s comment says nothing', (_, hide) => {
    fc.assert(
      fc.property(lines, (written) => {
        expect(parseCommands(hide(written.join('\n')))).toEqual([]);
      }),
    );
  });

  test('any text can be read, and names its own lines', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (body) => {
        const lines = body.split(/\r\n|\n|\r/);
        for (const command of parseCommands(body)) {
          expect(lines[command.line - 1]?.toLowerCase()).toContain(command.name);
          expect(command.isKnown).toBe(commands.some((each) => each.name === command.name));
        }
      }),
    );
  });
});

describe('65,536 characters', () => {
  const size = 65_536;
  const fill = (part: string): string => part.repeat(Math.ceil(size / part.length)).slice(0, size);

  // A quadratic reader needs minutes for these, and the test runner gives it less.
  test.each([
    '/hold\n',
    '/',
    '`',
    '`\n',
    '~',
    ' ',
    '\t',
    '- ',
    '1. ',
    '> ',
    '<!--',
    '<!--\n',
    '-->',
    '<pre>',
    '/hodl ',
    '/tagalong ',
    '.',
    '/merge.',
    '-  ',
    '\n',
    '/a',
  ])('of %j are read', (part) => {
    expect(parseCommands(fill(part)).length).toBeLessThanOrEqual(MAX_COMMANDS + 1);
    const known = parseCommands(`${fill(part).slice(0, -9)}\n\n/merge`).filter(({ isKnown }) => isKnown);
    expect(known.every(({ name }) => name === 'hold' || name === 'merge')).toBe(true);
    expect(parseCommands(`/hold ${fill(part)}`).length).toBeGreaterThan(0);
  });
});
