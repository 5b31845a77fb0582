import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCheck } from '../../src/cli/check.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tagalong-check-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, file)), { recursive: true });
    await writeFile(path.join(directory, file), text);
  }
}

async function check(json = false, color = false) {
  const told = { stdout: '', stderr: '' };
  const code = await runCheck(
    {
      stdout: { write: (text) => void (told.stdout += text), color },
      stderr: { write: (text) => void (told.stderr += text), color },
      stdin: (async function* () {})(),
      cwd: path.dirname(directory),
      env: {},
    },
    { directory: path.basename(directory), json },
  );
  return { code, ...told };
}

test('a valid file says what holds', async () => {
  await write({
    '.github/tagalong.yml': `version: 1
environments:
  staging: { paths: [staging/**], merge: auto }
  production:
    paths: [production/**]
    after: staging
    soak: 90m
    review: { approvals: 3, from: ["@acme/sre", "@sue"], codeowners: true, forbid: [] }
    freeze: [{ from: "Fri 17:00", to: "Mon 08:05", zone: Asia/Tokyo }]
images:
  - { match: nginx, tags: { semver: "~1.27" } }
  - { match: a, tags: { pattern: ^main } }
  - { match: b, tags: { digest: latest } }
  - { match: c, tags: ignore }
`,
  });
  expect(await check()).toEqual({
    code: 0,
    stdout: `valid: .github/tagalong.yml
environments:
  staging: staging/**
    1 approval; none for the bot's own bumps; the bot merges its own bumps
  production: production/**, after staging for 90m
    3 approvals from @acme/sre, @sue; code owners; plain Secrets allowed; frozen Fri 17:00 to Mon 08:05 Asia/Tokyo; merged by people or /merge
images:
  nginx: semver ~1.27
  a: pattern ^main
  b: digest of latest
  c: ignored
  any other: same-shape
`,
    stderr: `.github/tagalong.yml:6:5: warning: \`after\` is read, and not in force in this version: a version is proposed in every environment at once.
.github/tagalong.yml:7:5: warning: \`soak\` is read, and not in force in this version: a version is proposed at once.
`,
  });
});

test('an empty file says what holds without a word', async () => {
  await write({ '.tagalong.yml': '' });
  expect(await check()).toEqual({
    code: 0,
    stdout:
      'valid: .tagalong.yml\nenvironments: one environment, named after the default branch, for every file\nimages: all, same-shape\n',
    stderr: '',
  });
});

test('a broken file is told as file, line and column', async () => {
  await write({ '.tagalong.yml': 'version: 1\nenviroments: {}\nimages: 5\n' });
  const { code, stdout, stderr } = await check();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.split('\n')).toEqual([
    expect.stringMatching(/^\.tagalong\.yml:2:1: error: .*Did you mean `environments`\?$/),
    expect.stringMatching(/^\.tagalong\.yml:3:9: error: `images` is the number `5`; allowed: a list\.$/),
    '',
  ]);
});

test('no file is told, and is no success', async () => {
  await write({ 'pod.yaml': 'kind: Pod\n' });
  expect(await check()).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('an empty one opts in') as string,
  });
});

test('a near miss of the name is told', async () => {
  await write({ '.tagalong.yaml': 'version: 1\n' });
  expect((await check()).stderr).toContain('`.tagalong.yaml` is there; rename it to `.tagalong.yml`.');
});

test('machines get what the configuration says, its problems, and its absence', async () => {
  const json = async () => {
    const { code, stdout, stderr } = await check(true);
    expect(stderr).toBe('');
    return { code, answer: JSON.parse(stdout) as unknown };
  };
  expect(await json()).toEqual({ code: 1, answer: { kind: 'absent' } });
  await write({ '.tagalong.yml': 'version: 2\n' });
  expect(await json()).toMatchObject({
    code: 1,
    answer: { kind: 'invalid', problems: [{ line: 1, column: 10, path: 'version' }] },
  });
  await write({ '.tagalong.yml': 'version: 1\n' });
  expect(await json()).toMatchObject({ code: 0, answer: { kind: 'valid', file: '.tagalong.yml', warnings: [] } });
});

test('color marks what is wrong, on a terminal alone', async () => {
  await write({ '.tagalong.yml': 'version: 2\n' });
  expect((await check(false, true)).stderr).toContain('\u001B[31merror:\u001B[39m');
  expect((await check()).stderr).not.toContain('\u001B');
});
