import { describe, expect, test } from 'vitest';
import { environmentOf } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { places, problemsOf, valid } from './read.ts';

const environment = (words: string) => `version: 1\nenvironments:\n  a: {paths: [x]}\n  b: {paths: [y], ${words}}\n`;
const entry = (words: string) => `version: 1\nimages:\n  - match: acme/shop\n    ${words}\n`;

describe('one problem, and where it is (¦)', () => {
  test.each<[marked: string, path: string, found: string, allowed: RegExp, nearest?: string]>([
    ['¦- a\n', '', 'a list', /^a mapping$/],
    ['¦hello\n', '', 'the text `hello`', /^a mapping$/],
    ['¦images: []\n', 'version', 'nothing', /`1`/],
    ['version: ¦2\n', 'version', 'the number `2`', /`1`/],
    ['version: ¦"1"\n', 'version', 'the text `1`', /`1`/],
    [
      'version: 1\n¦enviroments: {}\n',
      'enviroments',
      'the unknown word `enviroments`',
      /^`version`, `environments`, `images`, `deploys`, `bypass` or `notify`$/,
      'environments',
    ],
    ['version: 1\n¦on: push\n', 'on', 'the unknown word `on`', /`images`/],
    ['version: 1\n¦images:\n', 'images', 'nothing', /^a list$/],
    ['version: 1\nimages: ¦{}\n', 'images', 'a mapping', /^a list$/],
    ['version: 1\nenvironments: ¦{}\n', 'environments', 'a mapping', /at least one environment/],
    ['version: 1\nenvironments:\n  ¦12: {paths: [x]}\n', 'environments.12', 'the name `12`', /letters, digits/],
    ['version: 1\nenvironments:\n  ¦"a b": {paths: [x]}\n', 'environments.a b', 'the name `a b`', /letters, digits/],
    ['version: 1\nenvironments:\n  ¦a:\n', 'environments.a', 'nothing', /^a mapping$/],
    ['version: 1\nenvironments:\n  a: ¦{merge: auto}\n', 'environments.a.paths', 'nothing', /^a list$/],
    ['version: 1\nenvironments:\n  a: {paths: ¦[]}\n', 'environments.a.paths', 'a list', /at least one glob/],
    [
      'version: 1\nenvironments:\n  a: {paths: ¦apps/**}\n',
      'environments.a.paths',
      'the text `apps/**`',
      /^a list$/,
      '["apps/**"]',
    ],
    ['version: 1\nenvironments:\n  a: {paths: [¦5]}\n', 'environments.a.paths[0]', 'the number `5`', /quotes/],
    [environment('merge: ¦automatic'), 'environments.b.merge', 'the text `automatic`', /^`auto` or `manual`$/, 'auto'],
    [environment('after: ¦aa'), 'environments.b.after', 'the unknown environment `aa`', /^`a`$/, 'a'],
    [environment('after: ¦b'), 'environments.b.after', 'a circle (`b` after `b`)', /not come after/],
    [environment('soak: ¦30'), 'environments.b.soak', 'the number `30`', /`30m` or `7d`/],
    [environment('soak: ¦30 m'), 'environments.b.soak', 'the text `30 m`', /`30m` or `7d`/],
    [environment('soak: ¦1h30m'), 'environments.b.soak', 'the text `1h30m`', /`30m` or `7d`/],
    [environment('review: {approvals: ¦"2"}'), 'environments.b.review.approvals', 'the text `2`', /whole number/],
    [environment('review: {approvals: ¦-1}'), 'environments.b.review.approvals', 'the number `-1`', /0 or more/],
    [environment('review: {approvals: ¦1.5}'), 'environments.b.review.approvals', 'the number `1.5`', /whole number/],
    [
      environment('review: {codeowners: ¦yes}'),
      'environments.b.review.codeowners',
      'the text `yes`',
      /^`true` or `false`$/,
    ],
    [environment('review: {from: [¦sre]}'), 'environments.b.review.from[0]', 'the text `sre`', /`@` in front/],
    [
      environment('review: {forbid: [¦plain-secrets]}'),
      'environments.b.review.forbid[0]',
      'the text `plain-secrets`',
      /`plain-secret`/,
      'plain-secret',
    ],
    [
      environment('review: {approvals: ¦3, from: ["@ann", "@Bob", "@bob"]}'),
      'environments.b.review.approvals',
      '3 approvals from 2 people',
      /as many people or a team/,
    ],
    [environment('deploys: ¦shop'), 'environments.b.deploys', 'the text `shop`', /^a list$/, '["shop"]'],
    [environment('deploys: ¦[]'), 'environments.b.deploys', 'a list', /at least one glob/],
    [environment('deploys: [¦"a[b]"]'), 'environments.b.deploys[0]', 'the text `a[b]`', /names of applications/],
    [environment('deploys: [¦"!a"]'), 'environments.b.deploys[0]', 'the text `!a`', /names of applications/],
    [environment('url: ¦shop.example.com'), 'environments.b.url', 'the text `shop.example.com`', /`https:\/\/`/],
    [environment('url: ¦"javascript:alert(1)"'), 'environments.b.url', 'the text `javascript:alert(1)`', /`https:/],
    [environment('notify: {slack: ¦deploys}'), 'environments.b.notify.slack', 'the text `deploys`', /`"#deploys"`/],
    ['version: 1\nnotify: {slack: ¦"#Deploys"}\n', 'notify.slack', 'the text `#Deploys`', /`"#deploys"`/],
    ['version: 1\nnotify: {slack: ¦"#a b"}\n', 'notify.slack', 'the text `#a b`', /`C0123ABCDEF`/],
    ['version: 1\nnotify:\n  ¦slack: #deploys\n', 'notify.slack', 'nothing', /in quotes/],
    ['version: 1\nnotify: {¦slak: x}\n', 'notify.slak', 'the unknown word `slak`', /`slack`/, 'slack'],
    ['version: 1\ndeploys: {within: ¦30}\n', 'deploys.within', 'the number `30`', /`30m` or `7d`/],
    ['version: 1\ndeploys: {within: ¦0s}\n', 'deploys.within', 'the text `0s`', /at least/],
    ['version: 1\n¦deploy: {within: 30m}\n', 'deploy', 'the unknown word `deploy`', /`deploys`/, 'deploys'],
    ['version: 1\nbypass: {tell: ¦check}\n', 'bypass.tell', 'the text `check`', /^a list$/, '["check"]'],
    ['version: 1\nbypass: {tell: [¦slack]}\n', 'bypass.tell[0]', 'the text `slack`', /`check`, `issue` or `chat`/],
    ['version: 1\nbypass: {tell: [¦chek]}\n', 'bypass.tell[0]', 'the text `chek`', /`check`/, 'check'],
    [environment('freeze: [¦{to: Mon 08:00}]'), 'environments.b.freeze[0].from', 'nothing', /`Fri 17:00`/],
    [
      environment('freeze: [{from: ¦Fry 17:00, to: Mon 08:00}]'),
      'environments.b.freeze[0].from',
      'the text `Fry 17:00`',
      /`Mon` to `Sun`/,
    ],
    [
      environment('freeze: [{from: Fri 17:00, to: ¦Mon 24:00}]'),
      'environments.b.freeze[0].to',
      'the text `Mon 24:00`',
      /24 hours/,
    ],
    [
      environment('freeze: [¦{from: Fri 17:00, to: Fri 17:00}]'),
      'environments.b.freeze[0]',
      'a mapping',
      /differs from `from`/,
    ],
    [
      environment('freeze: [{from: Fri 17:00, to: Mon 08:00, zone: ¦Asia/Tokio}]'),
      'environments.b.freeze[0].zone',
      'the text `Asia/Tokio`',
      /IANA/,
      'Asia/Tokyo',
    ],
    [
      environment('freeze: [{from: Fri 17:00, to: Mon 08:00, zone: ¦"+09:00"}]'),
      'environments.b.freeze[0].zone',
      'the text `+09:00`',
      /IANA/,
    ],
    [
      environment('freeze: [{from: Fri 17:00, to: Mon 08:00, ¦resaon: x}]'),
      'environments.b.freeze[0].resaon',
      'the unknown word `resaon`',
      /`reason`/,
      'reason',
    ],
    ['version: 1\nimages:\n  - ¦tags: ignore\n', 'images[0].match', 'nothing', /`ghcr\.io\/acme\/\*`/],
    ['version: 1\nimages:\n  - ¦nginx\n', 'images[0]', 'the text `nginx`', /^a mapping$/],
    ['version: 1\nimages:\n  - match: ¦nginx:1.2\n', 'images[0].match', 'the text `nginx:1.2`', /without tag/],
    [
      'version: 1\nimages:\n  - match: ¦nginx@sha256:00\n',
      'images[0].match',
      'the text `nginx@sha256:00`',
      /without tag/,
    ],
    [
      'version: 1\nimages:\n  - match: ¦https://ghcr.io/a\n',
      'images[0].match',
      'the text `https://ghcr.io/a`',
      /without tag/,
    ],
    ['version: 1\nimages:\n  - match: ¦"!nginx"\n', 'images[0].match', 'the text `!nginx`', /without tag/],
    [
      entry('tags: ¦same-shpae'),
      'images[0].tags',
      'the text `same-shpae`',
      /`same-shape`, `ignore` or a mapping with `semver`, `pattern` or `digest`/,
      'same-shape',
    ],
    [entry('tags: ¦[ignore]'), 'images[0].tags', 'a list', /or a mapping with/],
    [entry('tags: ¦{}'), 'images[0].tags', 'a mapping', /exactly one of/],
    [entry('tags: ¦{semver: "1", digest: latest}'), 'images[0].tags', 'a mapping', /exactly one of/],
    [entry('tags: {semver: ¦">=one"}'), 'images[0].tags.semver', 'the text `>=one`', /range/],
    [entry('tags: {semver: ¦""}'), 'images[0].tags.semver', 'the text ``', /range/],
    [entry('tags: {semver: ¦1.10}'), 'images[0].tags.semver', 'the number `1.1`', /in quotes/],
    [entry('tags: {pattern: ¦"("}'), 'images[0].tags.pattern', 'the text `(`', /regular expression/],
    [entry('tags: {pattern: ¦"(?=a)"}'), 'images[0].tags.pattern', 'the text `(?=a)`', /regular expression/],
    [entry(String.raw`tags: {pattern: ¦'(a)\1'}`), 'images[0].tags.pattern', 'the text `(a)\\1`', /regular expression/],
    [entry('tags: {digest: ¦"a b"}'), 'images[0].tags.digest', 'the text `a b`', /a tag/],
    [entry('on: ¦pull'), 'images[0].on', 'the text `pull`', /^`publish` or `push`$/, 'push'],
    [entry('on: ¦push'), 'images[0].on', '`push` without `tag`', /together with `tag`/],
    [entry('¦tag: "{branch}"'), 'images[0].tag', '`tag` without `on: push`', /together with `on: push`/],
    [
      'version: 1\nimages:\n  - {match: acme/shop, on: push, tag: ¦"{digest}"}\n',
      'images[0].tag',
      'the placeholder `{digest}`',
      /^the placeholders `\{commit\}`/,
    ],
    [
      'version: 1\nimages:\n  - {match: acme/shop, on: push, tag: ¦"{branch}:x"}\n',
      'images[0].tag',
      'the text `{branch}:x`',
      /a tag such as/,
    ],
    [entry('source: ¦acme/{nmae}'), 'images[0].source', 'the placeholder `{nmae}`', /`\{name\}`/, '{name}'],
    [
      entry('set: [{path: a.b, value: ¦"{comit}"}]'),
      'images[0].set[0].value',
      'the placeholder `{comit}`',
      /`\{commit\.short\}`/,
      '{commit}',
    ],
    [entry('set: [{path: a.b, value: ¦"{commit"}]'), 'images[0].set[0].value', 'a bracket on its own', /placeholders/],
    [entry('set: [{path: a.b, value: ¦5}]'), 'images[0].set[0].value', 'the number `5`', /in quotes/],
    [entry('set: [{path: ¦.a, value: x}]'), 'images[0].set[0].path', 'the text `.a`', /joined by dots/],
    [entry('set: [¦{path: a.b}]'), 'images[0].set[0].value', 'nothing', /text/],
    ['version: 1\n¦\timages: []\n', '', 'a tab used to indent', /^spaces$/],
    ['version: 1\n¦version: 1\n', '', 'a key that stands twice', /once/],
    ['version: 1\n¦---\nversion: 1\n', '', 'a second document', /one document/],
    ['version: 1\nimages: ¦*x\n', '', 'the alias `*x` of no anchor', /before/],
    ['version: !!int 1\nimages: ¦!x []\n', '', 'a tag (`!…`) of YAML', /plain/],
    ['version: 1\n¦[a]: 1\n', '', 'a key that is no word', /words/],
    ['version: 1\n¦__proto__: {}\n', '', 'the key `__proto__`', /words/],
    ['version: "1\n¦', '', 'the end of the file', /YAML/],
    ['version: 1\n¦a: &a {}\n<<: *a\n', 'a', 'the unknown word `a`', /`images`/],
  ])('%j', (marked, path, found, allowed, nearest) => {
    const [first] = problemsOf(marked.replace('¦', ''));
    expect(first).toMatchObject({
      file: '.tagalong.yml',
      path,
      found,
      allowed: expect.stringMatching(allowed) as string,
    });
    expect({ line: first?.line, column: first?.column }).toEqual(placeOf(marked));
    expect(first?.nearest).toBe(nearest);
  });

  test.each([
    [
      'version: 1\nreview: {approvals: 2}\n',
      '`review` means nothing at the top of the file; it belongs in `environments.<name>`; allowed: ',
    ],
    [
      'version: 1\nset: []\n',
      '`set` means nothing at the top of the file; it belongs in an entry of `images`; allowed: ',
    ],
    [environment('approvals: 2'), 'nothing in `environments.b`; it belongs in `environments.<name>.review`; allowed: '],
  ])('a word in the wrong place is told its own: %j', (text, told) => {
    expect(problemsOf(text)[0]?.message).toContain(told);
  });

  test.each([
    ['', /empty/],
    ['/apps', /without a `\/` in front/],
    ['apps/', /`\/\*\*` at the end/],
    ['./apps', /`\.` and `\.\.`/],
    ['apps/../x', /`\.` and `\.\.`/],
    [String.raw`apps\x`, /separated by/],
    ['!apps', /list what belongs/],
    ['apps/[x]', /only `\*`/],
    ['apps/{a,b', /bracket/],
    ['apps/@(a)', /only `\*`, `\*\*`, `\?` and `\{a,b\}`/],
    ['apps/**.yaml', /`\*\*` stands for folders/],
    ['x'.repeat(257), /256 characters/],
  ])('the glob %j is refused with its reason', (glob, reason) => {
    const problems = problemsOf(`version: 1\nenvironments:\n  a: {paths: [x, ${JSON.stringify(glob)}]}\n`);
    expect(places(problems)).toEqual(['3:18 environments.a.paths[1]']);
    expect(problems[0]?.message).toMatch(reason);
  });
});

test('all problems are told, in the order of the file', () => {
  const problems = problemsOf(`version: 3
enviroments: {}
environments:
  a: { paths: [/x], merge: never, after: nowhere, soak: soon }
  b: { after: c }
  c: { after: b, paths: [y] }
images:
  - match: a:b
    on: push
    set: [{ path: a, value: "{x}", more: 1 }]
`);
  expect(places(problems)).toEqual([
    '1:10 version',
    '2:1 enviroments',
    '4:16 environments.a.paths[0]',
    '4:28 environments.a.merge',
    '4:42 environments.a.after',
    '4:57 environments.a.soak',
    '5:6 environments.b.paths',
    '5:15 environments.b.after',
    '8:12 images[0].match',
    '9:9 images[0].on',
    '10:29 images[0].set[0].value',
    '10:36 images[0].set[0].more',
  ]);
});

test('a circle is told once, with the way around', () => {
  const circle =
    'version: 1\nenvironments:\n  a: {paths: [a], after: c}\n  b: {paths: [b], after: a}\n  c: {paths: [c], after: b}\n  d: {paths: [d], after: a}\n';
  const problems = problemsOf(circle);
  expect(places(problems)).toEqual(['3:26 environments.a.after']);
  expect(problems[0]?.message).toContain('`a` after `c` after `b` after `a`');
});

test('columns count from the first character, also behind a byte order mark and carriage returns', () => {
  expect(places(problemsOf('\uFEFFvertion: 1\r\nversion: 1\r\n'))).toEqual(['1:1 vertion']);
  expect(places(problemsOf('version: 1\r\nimages:\r\n  - match: 1\r\n'))).toEqual(['3:12 images[0].match']);
});

test('a problem behind an alias is told where the anchor stands', () => {
  const text = 'version: 1\nenvironments:\n  a: {paths: &p [/x]}\n  b: {paths: *p}\n';
  expect(places(problemsOf(text))).toEqual(['3:18 environments.a.paths[0]', '3:18 environments.b.paths[0]']);
});

test('long values are cut, and backticks cannot leave their code', () => {
  const [problem] = problemsOf(`version: 1\nimages:\n  - match: x\n    on: "\`${'y'.repeat(500)}"\n`);
  expect(problem?.found.length).toBeLessThan(80);
  expect(problem?.found.match(/`/g)).toHaveLength(2);
});

describe('hostile files', () => {
  const filled = (head: string, part: (index: number) => string, tail = '') =>
    head + Array.from({ length: 2000 }, (_, index) => part(index)).join('') + tail;

  test.each([
    ['nested lists', '['.repeat(20_000)],
    ['nested mappings', '{a: '.repeat(20_000)],
    ['nested block lists', '- '.repeat(20_000)],
    ['aliases of aliases', bomb()],
    ['aliases without end', filled('version: 1\nx: &a [a]\nimages: [', () => '*a,', ']')],
    ['a list that holds itself', 'version: 1\nimages: &a [*a]\n'],
    ['a file that is too large', `version: 1\n#${'x'.repeat(70_000)}`],
    ['words without end', filled('version: 1\n', (index) => `k${index}: 1\n`)],
    ['wrong entries without end', filled('version: 1\nimages: [', () => '1,', ']')],
    [
      'environments without end',
      filled('version: 1\nenvironments:\n', (index) => `  e${index}: {paths: [x], after: e${index + 1}}\n`),
    ],
    ['globs without end', filled('version: 1\nenvironments:\n  a: {paths: [', (index) => `${index}/**,`, ']}\n')],
    ['a long glob', `version: 1\nimages: [{match: "${'*a'.repeat(500)}"}]\n`],
    ['a glob of many alternatives', `version: 1\nimages: [{match: "${'{a,b}'.repeat(40)}"}]\n`],
    ['a long range', `version: 1\nimages: [{match: a, tags: {semver: "1${' '.repeat(20_000)}a"}}]\n`],
    ['a pattern that explodes', 'version: 1\nimages: [{match: a, tags: {pattern: "((a{0,100}){0,100}){0,100}"}}]\n'],
  ])('%s are refused with few words', (_, text) => {
    const problems = problemsOf(text);
    expect(problems.length).toBeLessThanOrEqual(100);
    for (const problem of problems) expect(problem.message.length).toBeLessThan(400);
  });

  test('a glob that a backtracking matcher would never finish is matched at once', () => {
    const { config } = valid(
      `version: 1\nenvironments:\n  a: {paths: ["${'*a'.repeat(60)}", "${'**/'.repeat(60)}b"]}\n`,
    );
    expect(environmentOf(config, `${'a'.repeat(4000)}c`, 'main')).toBeUndefined();
    expect(environmentOf(config, 'a/'.repeat(2000) + 'c', 'main')).toBeUndefined();
    expect(environmentOf(config, 'a/'.repeat(2000) + 'b', 'main')?.name).toBe('a');
  });

  test('words of objects are no words of the language', () => {
    for (const word of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(places(problemsOf(`version: 1\n${word}: 1\n`))).toEqual([`2:1 ${word}`]);
      const read = readConfig(new Map([['.tagalong.yml', `version: 1\nenvironments:\n  ${word}: {paths: [x]}\n`]]));
      expect(read).toMatchObject({ kind: 'valid', config: { environments: [{ name: word }] } });
    }
  });
});

function placeOf(marked: string): { line: number; column: number } {
  const before = marked.slice(0, marked.indexOf('¦')).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function bomb(): string {
  const levels = Array.from(
    { length: 9 },
    (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(10)}]`,
  );
  return ['version: 1', 'l0: &l0 [x]', ...levels, ''].join('\n');
}
