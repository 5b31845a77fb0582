import { lstat, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import pLimit from 'p-limit';
import { TagalongError } from '../domain/errors.ts';
import type { Tree, TreeEntry } from './git.ts';
import { ObjectReader } from './object-reader.ts';
import { createObjectCache, createObjects } from './objects.ts';
import { objectTree } from './object-tree.ts';
import { GitFailure, runGit, workingCopy } from './process.ts';
import { FOLDER, LINK } from './tree-objects.ts';
import { findPaths } from './walk.ts';
import { writeFiles } from './write-out.ts';

/**
 * The files of a revision of the repository that `directory` lies in, with paths relative to `directory`. Empty where the revision has
 * no such folder. @throws TagalongError `git-failed` for an unknown revision, or outside a repository
 */
export async function localTree(directory: string, revision: string): Promise<Tree> {
  const commit = await git(
    directory,
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`],
    () => {
      throw new TagalongError(
        'git-failed',
        `${JSON.stringify(revision)} is no revision of the repository of ${directory}.`,
      );
    },
  );
  const prefix = (await git(directory, ['rev-parse', '--show-prefix'])).replace(/\/$/, '');
  const reader = new ObjectReader({ place: workingCopy(directory), idleMs: 200 });
  const objects = createObjects(reader, createObjectCache(), '');
  const root = await objects.root(commit);
  const [folder] = root === undefined ? [] : await findPaths(objects.trees, root, [prefix]);
  if (folder?.item.mode !== FOLDER) return emptyTree(commit);
  return objectTree(commit, folder.item.oid, (operation) => operation(objects));
}

/**
 * The files on disk. In a repository those that git tracks or would add; elsewhere all, but for what `.git` and `node_modules`
 * hold. Object ids are not known.
 */
export async function worktreeTree(directory: string): Promise<Tree> {
  const root = await realpath(directory);
  const paths = (await trackedPaths(root)) ?? (await allPaths(root));
  const found = await Promise.all(paths.map((path) => atOnce(() => entryOf(root, path))));
  const entries = found.filter((entry) => entry !== undefined).sort((a, b) => (a.path < b.path ? -1 : 1));
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const read = async (wanted: readonly TreeEntry[]): Promise<Map<string, Buffer>> => {
    const contents = await Promise.all(wanted.map((entry) => atOnce(() => contentOf(root, entry))));
    return new Map(wanted.map(({ path }, index) => [path, contents[index] ?? Buffer.alloc(0)]));
  };
  return {
    revision: 'worktree',
    list: () => Promise.resolve(entries),
    read: (wanted) => read(wanted.flatMap((path) => byPath.get(path) ?? [])),
    writeOut: (wanted, target) =>
      writeFiles(
        entries.filter(({ path }) => isBelow(path, wanted)),
        target,
        read,
      ),
  };
}

/**
 * What a change of the work tree or of `head` is compared with: the commit at which it left the branch that it will return to (the
 * remote's default branch, else `main` or `master`), or `HEAD` where there is no such branch.
 */
export async function forkPoint(directory: string, head: string): Promise<string> {
  const from = head === 'worktree' ? 'HEAD' : head;
  for (const branch of ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master']) {
    const base = await git(directory, ['merge-base', '--end-of-options', branch, from], () => '');
    if (base !== '') return base;
  }
  return 'HEAD';
}

const atOnce = pLimit(32);

/** Its standard output without white space around it. */
async function git(directory: string, args: readonly string[], otherwise?: () => string): Promise<string> {
  try {
    const { stdout } = await runGit(workingCopy(directory), args);
    return stdout.toString('utf8').trim();
  } catch (error) {
    if (otherwise === undefined || !(error instanceof GitFailure)) throw error;
    return otherwise();
  }
}

function emptyTree(revision: string): Tree {
  return {
    revision,
    list: () => Promise.resolve([]),
    read: () => Promise.resolve(new Map()),
    writeOut: () => Promise.resolve(),
  };
}

/** undefined outside a repository, and in a folder that the repository around it ignores. */
async function trackedPaths(root: string): Promise<string[] | undefined> {
  try {
    const { code } = await runGit(workingCopy(root), ['check-ignore', '--quiet', '.'], { answers: [1] });
    if (code === 0) return undefined;
    const { stdout } = await runGit(workingCopy(root), [
      'ls-files',
      '-z',
      '--cached',
      '--others',
      '--exclude-standard',
      '--deduplicate',
    ]);
    return stdout.toString('utf8').split('\0').filter(Boolean);
  } catch (error) {
    if (error instanceof GitFailure && /not a git repository/.test(error.message)) return undefined;
    throw error;
  }
}

const SKIPPED = new Set(['.git', 'node_modules']);

async function allPaths(root: string, folder = root): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const below = await Promise.all(
    entries
      .filter(({ name }) => !SKIPPED.has(name))
      .map(async (entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? await allPaths(root, path) : [relative(root, path).split(sep).join('/')];
      }),
  );
  return below.flat();
}

/** undefined for a tracked file that was deleted, and for what git cannot store. */
async function entryOf(root: string, path: string): Promise<TreeEntry | undefined> {
  const found = await lstat(join(root, path)).catch(() => undefined);
  if (found?.isSymbolicLink() === true) return { path, mode: LINK };
  if (found?.isFile() !== true) return undefined;
  return { path, mode: (found.mode & 0o100) === 0 ? '100644' : '100755' };
}

async function contentOf(root: string, { path, mode }: TreeEntry): Promise<Buffer> {
  return mode === LINK ? Buffer.from(await readlink(join(root, path))) : readFile(join(root, path));
}

function isBelow(path: string, wanted: readonly string[]): boolean {
  return wanted.some((one) => {
    const folder = one.replace(/\/$/, '');
    return folder === '' || path === folder || path.startsWith(`${folder}/`);
  });
}
