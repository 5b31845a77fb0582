import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Tree } from '../../src/git/git.ts';
import { forkPoint, localTree, worktreeTree } from '../../src/git/local.ts';

let directory: string;
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false', ...args], {
    cwd: directory,
    encoding: 'utf8',
  }).trim();

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'local-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function write(files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(directory, path, '..'), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
}

async function filesOf(tree: Tree): Promise<Record<string, string>> {
  const paths = (await tree.list()).map(({ path }) => path);
  return Object.fromEntries([...(await tree.read(paths))].map(([path, bytes]) => [path, bytes.toString()]));
}

describe('a directory that is no repository', () => {
  it('is read as it lies there, without .git and node_modules', async () => {
    write({ 'a.yaml': 'a', 'b/c.yaml': 'c', 'node_modules/x/y.yaml': 'y', '.git/config': '' });
    rmSync(join(directory, '.git'), { recursive: true });
    expect(await filesOf(await worktreeTree(directory))).toEqual({ 'a.yaml': 'a', 'b/c.yaml': 'c' });
  });

  it('is read also where a repository around it ignores it', async () => {
    git('init', '--quiet');
    write({ '.gitignore': 'scratch/\n', 'scratch/a.yaml': 'a' });
    expect(await filesOf(await worktreeTree(join(directory, 'scratch')))).toEqual({ 'a.yaml': 'a' });
  });

  it('has no revisions', async () => {
    await expect(localTree(directory, 'HEAD')).rejects.toMatchObject({ code: 'git-failed' });
  });
});

describe('a repository', () => {
  beforeEach(() => {
    git('init', '--quiet', '--initial-branch=main');
    write({ 'a.yaml': '1', 'sub/b.yaml': '2', '.gitignore': 'ignored/\n' });
    git('add', '.');
    git('commit', '--quiet', '-m', 'first');
  });

  it('is read at a revision, also from a folder below its root', async () => {
    write({ 'a.yaml': 'changed' });
    expect(await filesOf(await localTree(directory, 'HEAD'))).toMatchObject({ 'a.yaml': '1', 'sub/b.yaml': '2' });
    expect(await filesOf(await localTree(join(directory, 'sub'), 'main'))).toEqual({ 'b.yaml': '2' });
  });

  it('is empty at a revision that has no such folder', async () => {
    write({ 'later/c.yaml': '3' });
    expect(await filesOf(await localTree(join(directory, 'later'), 'HEAD'))).toEqual({});
  });

  it('is read from the work tree with what is new, without what is deleted or ignored', async () => {
    write({ 'a.yaml': 'changed', 'new.yaml': 'n', 'ignored/x.yaml': 'x' });
    rmSync(join(directory, 'sub/b.yaml'));
    expect(await filesOf(await worktreeTree(directory))).toEqual({
      '.gitignore': 'ignored/\n',
      'a.yaml': 'changed',
      'new.yaml': 'n',
    });
  });

  it.each(['nonsense', '--help', 'HEAD~9'])('does not know the revision %s', async (revision) => {
    await expect(localTree(directory, revision)).rejects.toMatchObject({ code: 'git-failed' });
  });

  it('is compared with the commit at which a branch left main', async () => {
    const fork = git('rev-parse', 'HEAD');
    git('checkout', '--quiet', '-b', 'feature');
    git('commit', '--quiet', '--allow-empty', '-m', 'second');
    expect(await forkPoint(directory, 'worktree')).toBe(fork);
    expect(await forkPoint(directory, 'feature')).toBe(fork);
  });

  it('is compared with HEAD where there is no such branch', async () => {
    git('branch', '--quiet', '-m', 'trunk');
    expect(await forkPoint(directory, 'worktree')).toBe('HEAD');
  });
});
