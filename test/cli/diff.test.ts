import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runDiff } from '../../src/cli/diff.ts';
import type { DiffOptions, Io } from '../../src/cli/io.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagalong-test-'));
  await git('init', '--quiet', '--initial-branch', 'main');
  await write({
    'apps/web.yaml': deployment('1'),
    'apps/other.yaml': deployment('1').replace('web', 'other'),
    'README.md': 'x',
  });
  await commit();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const deployment = (tag: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: acme/web:${tag}\n`;

async function git(...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false'];
  const { stdout } = await execa('git', [...identity, ...args], { cwd: folder });
  return stdout;
}

async function write(files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

async function commit(): Promise<void> {
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'x');
}

async function run(options: Partial<DiffOptions> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', ''];
  const io: Io = {
    stdout: { color: false, write: (text) => void (stdout += text) },
    stderr: { color: false, write: (text) => void (stderr += text) },
    stdin: (async function* () {})(),
    cwd: folder,
    env: { PATH: process.env['PATH'] },
  };
  const code = await runDiff(io, { directory: '.', head: 'worktree', format: 'text', ...options });
  return { code, stdout, stderr };
}

test('what is not committed yet is compared with the last commit', async () => {
  await write({ 'apps/web.yaml': deployment('2') });
  const { code, stdout } = await run();
  expect(code).toBe(0);
  expect(stdout).toContain('apps/web.yaml\n  Deployment/web  changed  acme/web 1 → 2\n');
  expect(stdout).toMatch(/\n1 resource changes in 1 app\nCompared: [0-9a-f]{7} → the work tree\n$/);
});

test('on a branch, everything since it left the default branch is shown', async () => {
  await git('checkout', '--quiet', '-b', 'bump');
  await write({ 'apps/web.yaml': deployment('2') });
  await commit();
  await write({ 'apps/other.yaml': deployment('3').replace('web', 'other') });
  expect((await run()).stdout).toMatch(/\nBoth resources change in 2 apps\nCompared: /);
  expect((await run({ head: 'HEAD' })).stdout).toMatch(
    /\n1 resource changes in 1 app\nCompared: [0-9a-f]{7} → [0-9a-f]{7}\n$/,
  );
});

test('two revisions, as JSON', async () => {
  await write({ 'apps/web.yaml': deployment('2') });
  await commit();
  const { code, stdout } = await run({ base: 'HEAD~1', head: 'HEAD', format: 'json' });
  const [base, head] = await Promise.all([git('rev-parse', 'HEAD~1'), git('rev-parse', 'HEAD')]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ base, head, units: [{ ok: true, resources: [{ change: 'changed' }] }] });
});

test('as the comment that a change would get', async () => {
  await write({ 'apps/web.yaml': deployment('2') });
  expect((await run({ format: 'markdown' })).stdout).toMatch(
    /^<!-- tagalong:diff -->\n### 1 resource changes in 1 app\n/,
  );
});

test('a folder of a repository', async () => {
  await write({ 'apps/web.yaml': deployment('2'), 'README.md': 'y' });
  expect((await run({ directory: 'apps' })).stdout).toContain('web.yaml\n  Deployment/web');
});

test('no difference is no error', async () => {
  const { code, stdout, stderr } = await run();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^No rendered change\nCompared: [0-9a-f]{7} → the work tree\n$/);
});

test('what cannot be rendered makes it fail, and the rest is shown', async () => {
  await write({ 'apps/web.yaml': deployment('2'), 'apps/other.yaml': 'apiVersion: v1\nkind: [\n' });
  const { code, stdout } = await run();
  expect(code).toBe(1);
  expect(stdout).toContain('apps/other.yaml render-failed (head)');
  expect(stdout).toContain('web 1 → 2');
});

test('an unknown revision is named', async () => {
  const { code, stderr } = await run({ base: 'nowhere' });
  expect(code).toBe(1);
  expect(stderr).toContain('git-failed: "nowhere" is no revision');
});
