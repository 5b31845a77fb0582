import { closeSync, fsyncSync, openSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type Preparation = Parameters<NodeFS['init']>[1];
type PostgresModule = Parameters<NonNullable<Preparation['preRun']>[number]>[0];

/**
 * The file system of the embedded database, with the one operation that its maker left out: without it, "write this to
 * the disk now" is answered with success and does nothing.
 */
export class DurableFileSystem extends NodeFS {
  #syncs = 0;

  /** How often the database had something written to the disk. */
  get syncs(): number {
    return this.#syncs;
  }

  override async init(database: Parameters<NodeFS['init']>[0], options: Preparation): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(database, options);
    const addSync = (module: PostgresModule): void => {
      const { stream_ops: operations } = module.NODEFS as { stream_ops?: StreamOperations };
      if (operations === undefined) return;
      operations.fsync = (stream) => {
        try {
          fsyncSync(stream.nfd);
        } catch {
          return EIO;
        }
        this.#syncs += 1;
        return 0;
      };
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), addSync] } };
  }
}

/** Has every file and folder under a directory, and the directory itself, written to the disk. */
export async function syncTree(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) syncPath(path);
  }
  syncPath(directory);
}

/** Has a file, or the names in a folder, written to the disk. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** What the database's own C library calls an input/output error; the database stops at it, rather than go on. */
const EIO = 29;

interface StreamOperations {
  fsync?: (stream: { readonly nfd: number }) => number;
}
