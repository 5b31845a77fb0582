import { constants } from 'node:fs';
import { mkdir, open, symlink } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import pLimit from 'p-limit';
import type { TreeEntry } from './git.ts';
import { LINK } from './tree-objects.ts';

/** The bytes of entries by path; absent for one that cannot be read, or not together with the others. */
export type ReadEntries = (entries: readonly TreeEntry[]) => Promise<ReadonlyMap<string, Buffer>>;

/**
 * Writes files below `directory`, keeping the executable bit. Nothing is ever written outside of it: entries whose names git itself
 * refuses are left out, files never follow a link that stands there, and links come last, only those that stay
 * among what is written.
 */
export async function writeFiles(entries: readonly TreeEntry[], directory: string, read: ReadEntries): Promise<void> {
  const safe = entries.filter(({ path }) => isSafePath(path));
  const files = safe.filter(({ mode }) => mode !== LINK);
  await mkdir(directory, { recursive: true });
  for (const folder of new Set(safe.map(({ path }) => dirname(path)))) {
    await mkdir(join(directory, folder), { recursive: true });
  }
  for (let start = 0; start < files.length; start += BATCH) {
    await writeBatch(files.slice(start, start + BATCH), directory, read);
  }
  const written = withFolders(files);
  const links = safe.filter(({ mode }) => mode === LINK);
  for (const [path, target] of await read(links)) {
    if (staysWithin(path, target.toString('utf8'), written)) await link(target.toString('utf8'), join(directory, path));
  }
}

/**
 * Whether git would check this path out: no component is empty, `.`, `..` or any spelling of `.git` that some file system takes for
 * it. The spellings are those of git's `verify_path` with `core.protectNTFS` and `core.protectHFS`.
 */
export function isSafePath(path: string): boolean {
  return path.split('/').every((component) => {
    const plain = component.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '').toLowerCase();
    return !/^(?:\.{0,2}|\.git[ .]*(?::.*)?|git~1[ .]*(?::.*)?)$/.test(plain) && !/[\0\\]/.test(component);
  });
}

/** How many files are held in memory at once. */
const BATCH = 500;
const atOnce = pLimit(16);

async function writeBatch(files: readonly TreeEntry[], directory: string, read: ReadEntries): Promise<void> {
  for (let rest = files; rest.length > 0;) {
    const contents = await read(rest);
    if (contents.size === 0) return;
    const writes = rest.map(async ({ path, mode }) => {
      const content = contents.get(path);
      if (content !== undefined) await atOnce(() => writeFile(join(directory, path), content, mode));
    });
    await Promise.all(writes);
    rest = rest.filter(({ path }) => !contents.has(path));
  }
}

async function writeFile(path: string, content: Buffer, mode: string): Promise<void> {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const file = await open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode === '100755' ? 0o755 : 0o644);
  try {
    await file.writeFile(content);
  } finally {
    await file.close();
  }
}

function withFolders(entries: readonly TreeEntry[]): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const { path } of entries) {
    for (let at = path; at !== '.' && !paths.has(at); at = posix.dirname(at)) paths.add(at);
  }
  return paths;
}

/**
 * Whether a link leads to something that is written. All `..` must come first: after the name of a folder it could mean the parent
 * of what another link leads to.
 */
function staysWithin(path: string, target: string, written: ReadonlySet<string>): boolean {
  const steps = target.split('/').filter((step) => step !== '' && step !== '.');
  const down = steps.findIndex((step) => step !== '..');
  const turnsBack = down !== -1 && steps.indexOf('..', down) !== -1;
  if (target.startsWith('/') || target.includes('\0') || turnsBack) return false;
  return written.has(posix.join(posix.dirname(path), ...steps));
}

/** A link that stands there already, from the same tree, is left as it is. */
async function link(target: string, path: string): Promise<void> {
  try {
    await symlink(target, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
