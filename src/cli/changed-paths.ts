import { createHash } from 'node:crypto';
import type { Tree, TreeEntry } from '../git/git.ts';

/** How many files are held in memory at once. */
const BATCH = 256;

/** Every path whose bytes or kind differ between two trees, sorted. Files of a work tree are compared by the id that git would give them. */
export async function changedPaths(base: Tree, head: Tree): Promise<string[]> {
  const [before, after] = await Promise.all([listed(base), listed(head)]);
  const paths = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  const unsure: string[] = [];
  const changed = paths.filter((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    if (old === undefined || now === undefined || old.mode !== now.mode) return true;
    if (old.oid !== undefined && now.oid !== undefined) return old.oid !== now.oid;
    unsure.push(path);
    return false;
  });
  for (let start = 0; start < unsure.length; start += BATCH) {
    const batch = unsure.slice(start, start + BATCH);
    const [old, now] = await Promise.all([blobIds(base, before, batch, after), blobIds(head, after, batch, before)]);
    changed.push(...batch.filter((path) => old.get(path) !== now.get(path)));
  }
  return changed.toSorted();
}

type Entries = ReadonlyMap<string, TreeEntry>;

async function listed(tree: Tree): Promise<Entries> {
  return new Map((await tree.list()).map((entry) => [entry.path, entry]));
}

/** The ids of the blobs at `paths`, by the hash that the other tree uses where this one knows none. */
async function blobIds(
  tree: Tree,
  entries: Entries,
  paths: readonly string[],
  others: Entries,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  const unknown = paths.filter((path) => {
    const oid = entries.get(path)?.oid;
    if (oid !== undefined) ids.set(path, oid);
    return oid === undefined;
  });
  const contents = unknown.length === 0 ? new Map<string, Buffer>() : await tree.read(unknown);
  for (const [path, content] of contents) ids.set(path, blobId(content, others.get(path)?.oid?.length ?? 40));
  return ids;
}

/** Git's name of a blob: in a repository of SHA-256 the names have 64 digits. */
function blobId(content: Buffer, digits: number): string {
  const algorithm = digits === 64 ? 'sha256' : 'sha1';
  return createHash(algorithm).update(`blob ${content.length}\0`).update(content).digest('hex');
}
