import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bareRepository, runGit } from './process.ts';

/** Opens the mirror, or makes an empty one. What an earlier process left unfinished is removed: we alone own the directory. */
export async function openMirrorFiles(directory: string): Promise<void> {
  if (!(await exists(join(directory, 'HEAD')))) await create(directory);
  await removeLocks(directory);
  await remove(directory, (path) => path.startsWith(SCRATCH));
}

/** Removes what a git that was killed leaves behind. No git may be writing into the mirror. */
export async function removeLocks(directory: string): Promise<void> {
  await remove(directory, (path) => /\.lock$|^gc\.pid$|^objects\/(?:[^/]+\/)?tmp_[^/]*$/.test(path));
}

/** The commits that stand without their parents: https://git-scm.com/docs/shallow */
export async function readShallow(directory: string): Promise<ReadonlySet<string>> {
  return new Set((await read(join(directory, 'shallow'))).split('\n').filter((line) => line !== ''));
}

/** Bytes on disk, as good as exactly: all objects are in packs. */
export async function measure(directory: string): Promise<{ bytes: number; packs: number }> {
  const packs = join(directory, 'objects', 'pack');
  const files = await readdir(packs).catch(() => []);
  const sizes = await Promise.all(
    files.map((file) =>
      stat(join(packs, file)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return {
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    packs: files.filter((file) => file.endsWith('.pack')).length,
  };
}

/** Renamed first, so that a crash leaves no half of a mirror under its name. */
export async function discard(directory: string): Promise<void> {
  const doomed = `${directory}.discarded`;
  await rm(doomed, { recursive: true, force: true });
  try {
    await rename(directory, doomed);
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  await rm(doomed, { recursive: true, force: true });
}

/** How the directories of mirrors end that are being made or deleted. */
export const UNFINISHED = /\.git\.(?:new-[^/]*|discarded)$/;
/** The prefix of folders for the work of a moment inside a mirror. */
export const SCRATCH = 'scratch-';

export function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

async function create(directory: string): Promise<void> {
  await mkdir(dirname(directory), { recursive: true });
  const fresh = await mkdtemp(`${directory}.new-`);
  await runGit(bareRepository(fresh), ['init', '--quiet', '--bare', '--template=']);
  await rm(directory, { recursive: true, force: true });
  await rename(fresh, directory);
}

async function remove(directory: string, isLeftover: (path: string) => boolean): Promise<void> {
  const names = await readdir(directory, { recursive: true });
  for (const name of names.filter(isLeftover)) await rm(join(directory, name), { recursive: true, force: true });
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isNotFound(error)) return '';
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
