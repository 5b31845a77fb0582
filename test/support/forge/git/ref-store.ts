import { mkdirSync, readFileSync, renameSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The refs of a bare repository: loose files that git reads, and a map that answers at once. Nothing packs them, and what a
 * push moved is read again by `refresh`.
 */
export class RefStore {
  readonly #directory: string;
  readonly #refs = new Map<string, string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  get(name: string): string | undefined {
    return this.#refs.get(name);
  }

  /** Names with commits, sorted by name. */
  list(prefix: string): (readonly [string, string])[] {
    return [...this.#refs].filter(([name]) => name.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** False when the name would be a folder of, or lie within, another ref. */
  isFree(name: string): boolean {
    for (const other of this.#refs.keys()) {
      if (other.startsWith(`${name}/`) || name.startsWith(`${other}/`)) return false;
    }
    return true;
  }

  set(name: string, oid: string): void {
    if (!isRefName(name)) throw new Error(`not a ref name: ${name}`);
    const file = join(this.#directory, name);
    if (!this.#refs.has(name)) mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.lock`, `${oid}\n`);
    renameSync(`${file}.lock`, file);
    this.#refs.set(name, oid);
  }

  delete(name: string): void {
    rmSync(join(this.#directory, name), { force: true });
    this.#refs.delete(name);
    this.#removeEmptyFolders(dirname(name));
  }

  /** Reads the named refs from disk, after another process wrote them. */
  refresh(names: readonly string[]): void {
    for (const name of names) {
      const oid = readIfPresent(join(this.#directory, name));
      if (oid === undefined) this.#refs.delete(name);
      else this.#refs.set(name, oid);
    }
  }

  #removeEmptyFolders(folder: string): void {
    if (folder.split('/').length <= 2) return;
    try {
      rmdirSync(join(this.#directory, folder));
    } catch {
      return;
    }
    this.#removeEmptyFolders(dirname(folder));
  }
}

/** The rules of `git check-ref-format` that keep a name within `refs/`. */
export function isRefName(name: string): boolean {
  const parts = name.split('/');
  return (
    parts.length >= 3 &&
    parts[0] === 'refs' &&
    parts.every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock') && !part.endsWith('.')) &&
    !/\.\.|@\{|[\x00-\x20\x7f~^:?*[\\]/.test(name)
  );
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
