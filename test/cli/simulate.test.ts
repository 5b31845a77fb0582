import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runSimulate } from '../../src/cli/simulate.ts';
import { snapshotSchema } from '../../src/cli/snapshot-schema.ts';
import { evaluate } from '../../src/review/evaluate.ts';
import { anySnapshot } from '../review/any-snapshot.ts';
import { byPerson, override, passing, review } from '../review/passing.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tagalong-simulate-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function simulate(input: unknown, { json = false, file = '-', color = false } = {}) {
  const told = { stdout: '', stderr: '' };
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  const code = await runSimulate(
    {
      stdout: { write: (text) => void (told.stdout += text), color },
      stderr: { write: (text) => void (told.stderr += text), color },
      stdin: (async function* () {
        yield await Promise.resolve(Buffer.from(text));
      })(),
      cwd: directory,
      env: {},
    },
    { file, json },
  );
  return { code, ...told };
}

test('a snapshot that passes ends with 0', async () => {
  const { code, stdout, stderr } = await simulate(passing());
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^pass: Nothing stands in its way\n\npass {3}config: /);
});

test('one that waits tells each rule, why, and what would help, and ends with 1', async () => {
  const snapshot = byPerson({
    reviews: [review('alice', { id: 'command' })],
    freezes: [{ by: 'carol', until: '2024-11-07T00:00:00Z' }],
    overrides: [override('freeze')],
  });
  expect(await simulate(snapshot)).toEqual({
    code: 1,
    stderr: '',
    stdout: `wait: Waiting for 1 approval from somebody with write access in production (and 1 other rule)

pass   config: The configuration of the target branch is valid
pass   mergeable: It can be merged
wait   approvals in production: Waiting for 1 approval from somebody with write access
       → Approve it in a review, or with a comment: /approve
       → Or, by an administrator: /override approvals <reason>
pass   codeowners: Code owners are not asked
wait   four-eyes: The approval by @alice does not count: nobody can approve a change of their own
       → Ask somebody who has no part in it
       → Or, by an administrator: /override four-eyes <reason>
pass   changes-requested: Nobody asks for changes
pass   hold: It is not on hold
pass   freeze: Frozen by @carol until 2024-11-07 00:00 UTC
       overridden by @root: the shop is down
pass   pin: No pin is in its way
pass   checks: All demanded checks are green
pass   findings: Nothing that is forbidden is in it
pass   render: All of it can be rendered

Time alone changes the answer at 2024-11-07T00:00:00.000Z.
`,
  });
});

test('colours show on a terminal, and what others wrote does not steer it', async () => {
  const { stdout } = await simulate(passing({ pin: { version: '1\u001b[2J', by: 'carol' } }), { color: true });
  expect(stdout).toContain('\u001b[31mblock\u001b[39m  \u001b[1mpin\u001b[22m');
  expect(stdout).toContain('pinned to 1\\u001b[2J by @carol');
});

test('--json prints the verdict', async () => {
  const { code, stdout } = await simulate(passing({ reviews: [] }), { json: true });
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual(structuredClone(evaluate(passing({ reviews: [] }))));
});

test('a file is read from where the person stands', async () => {
  await writeFile(path.join(directory, 'snapshot.json'), JSON.stringify(passing()));
  expect((await simulate('', { file: 'snapshot.json' })).code).toBe(0);
});

test.each([
  ['no JSON', '{"version":', /^error: -: this is no JSON: .*\n$/],
  ['no object', '[]', /^error: -: the snapshot: expected object, received array\n$/],
  ['another version', { ...passing(), version: 2 }, /^error: -: version: allowed: 1\n$/],
  ['a misspelt field', { ...passing(), overides: [] }, /^error: -: the snapshot: unknown: overides\n$/],
  [
    'a moment',
    passing({ reviews: [review('bob', { at: 'yesterday' })] }),
    /^error: -: reviews\[0\]\.at: a moment is wanted/,
  ],
  [
    'a commit',
    passing({ change: { headCommit: 'main' } }),
    /^error: -: change\.headCommit: a full commit hash is wanted\n$/,
  ],
  ['a kind', { ...passing(), config: { kind: 'none' } }, /^error: -: config\.kind: /],
])('what is not a snapshot is told with its place: %s', async (_, input, told) => {
  const { code, stdout, stderr } = await simulate(input);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(told);
});

test('a file with hundreds of mistakes does not fill the terminal', async () => {
  const { stderr } = await simulate({ ...passing(), paths: Array.from({ length: 300 }, () => 1) });
  expect(stderr.split('\n')).toHaveLength(22);
  expect(stderr).toMatch(/and 280 more\n$/);
});

test('a file that is not there is told', async () => {
  const { code, stderr } = await simulate('', { file: 'missing.json' });
  expect(code).toBe(2);
  expect(stderr).toBe('error: missing.json: cannot be read: ENOENT: no such file or directory\n');
});

test('whatever the gate is given can be saved and simulated', () => {
  fc.assert(
    fc.property(anySnapshot, (snapshot) => {
      const saved: unknown = JSON.parse(JSON.stringify(snapshot));
      expect(evaluate(snapshotSchema.parse(saved))).toEqual(evaluate(snapshot));
    }),
  );
});

test('the example of the documentation waits for a second approval', async () => {
  const example = await readFile(path.join(import.meta.dirname, '../../docs/examples/snapshot.json'), 'utf8');
  const { code, stdout, stderr } = await simulate(example);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toMatch(/^wait: Waiting for 1 more approval from @acme\/sre in production/);
});
