import { closeSync, fsyncSync, openSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type Preparation = Parameters<NodeFS['init']>[1];
type PostgresModule = Parameters<NonNullable<Preparation['preRun']>[number]>[0];

/**
 * The file system of the embedded database, with the one operation that its maker left out: without it, "write this to
 * the disk now" is answered with success and does nothing.
 *
 * When the disk fails or is full, the database gives up, which its maker's loop does not notice: it would turn for ever.
 * So it is stopped here, and every later use of it throws the same error.
 */
export class DurableFileSystem extends NodeFS {
  #syncs = 0;
  #stopped: DatabaseStopped | undefined;
  readonly #onStop: (error: DatabaseStopped) => void;

  /** @param onStop told at most once */
  constructor(directory: string, onStop: (error: DatabaseStopped) => void = () => undefined) {
    super(directory);
    this.#onStop = onStop;
  }

  /** Why the database stopped, if it did. */
  get stopped(): DatabaseStopped | undefined {
    return this.#stopped;
  }

  /** How often the database had something written to the disk. */
  get syncs(): number {
    return this.#syncs;
  }

  override async init(database: Parameters<NodeFS['init']>[0], options: Preparation): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(database, options);
    const prepare = (module: PostgresModule): void => {
      const stop = (cause: unknown): DatabaseStopped => this.#stop(module, cause);
      addSync(module, () => (this.#syncs += 1), stop);
      Object.assign(module, { onAbort: stop });
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), prepare] } };
  }

  #stop(module: PostgresModule, cause: unknown): DatabaseStopped {
    if (this.#stopped !== undefined) return this.#stopped;
    const error = (this.#stopped = new DatabaseStopped({ cause }));
    // The loop that runs the database calls these around every turn, and catches only what is thrown between them.
    const refuse = (): never => {
      throw error;
    };
    Object.assign(module, { stackSave: refuse, stackRestore: refuse });
    this.#onStop(error);
    return error;
  }
}

/** The embedded database met an error of the disk after which it cannot go on; the process has to be started again. */
export class DatabaseStopped extends Error {
  constructor(options: ErrorOptions) {
    super('The embedded database stopped after an error of the disk.', options);
    this.name = 'DatabaseStopped';
  }
}

function addSync(module: PostgresModule, count: () => void, stop: (cause: unknown) => DatabaseStopped): void {
  const { stream_ops: operations } = module.NODEFS as { stream_ops?: StreamOperations };
  if (operations === undefined) return;
  operations.fsync = ({ nfd }) => {
    try {
      fsyncSync(nfd);
    } catch (error) {
      throw stop(error);
    }
    count();
    return 0;
  };
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

interface StreamOperations {
  fsync?: (stream: { readonly nfd: number }) => number;
}
