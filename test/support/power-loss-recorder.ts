import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';

/*
 * A disk that can lose power. It watches what this process does to the files under a folder, and knows what of it is sure to
 * be on the disk: the content of a file as of its last fsync, and the names of files (creations, renames, removals), in their
 * order, as of the last fsync of anything, as on a journaling file system. What came later may be there or not: `afterPowerCut`
 * makes the folder as a machine could find it after the power was cut now.
 */

export interface Recorder {
  /** Called after everything that is done to the files. */
  onOperation: () => void;
  /**
   * Makes the folder anew at `to`. Of what is not sure, `keep` decides: nothing is there, or a random choice of it, single
   * writes torn.
   */
  afterPowerCut(to: string, keep: 'nothing' | 'some'): void;
}

/** @param template what is under `root` now, and on the disk for sure */
export function recordFiles(root: string, template: string): Recorder {
  const disk = new Disk(root, template);
  const recorder: Recorder = {
    onOperation: () => undefined,
    afterPowerCut: (to, keep) => disk.afterPowerCut(to, keep),
  };
  watch(root, disk, () => recorder.onOperation());
  return recorder;
}

type Change =
  | { readonly kind: 'write'; readonly at: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly size: number };

class FileOnDisk {
  /** What is sure; read when the file is changed for the first time. */
  content: Buffer;
  pending: Change[] = [];

  constructor(content: Buffer) {
    this.content = content;
  }

  sync(): void {
    for (const change of this.pending) this.content = applied(this.content, change);
    this.pending = [];
  }
}

type Entry = FileOnDisk | 'directory' | 'absent';
type Renaming = (names: Map<string, Entry>) => void;

class Disk {
  /** Names as the process sees them, and as they are sure to be; both only where they differ from the template. */
  readonly #seen = new Map<string, Entry>();
  readonly #sure = new Map<string, Entry>();
  #pending: Renaming[] = [];
  readonly #root: string;
  readonly #template: string;

  constructor(root: string, template: string) {
    this.#root = root;
    this.#template = template;
  }

  /** The file with this name, which the process has not changed yet. */
  file(path: string): FileOnDisk | undefined {
    const name = this.#name(path);
    const entry = this.#seen.get(name);
    if (entry instanceof FileOnDisk) return entry;
    if (entry !== undefined || !realStat(path)?.isFile()) return undefined;
    const file = new FileOnDisk(fs.readFileSync(path));
    this.#seen.set(name, file);
    this.#sure.set(name, file);
    return file;
  }

  create(path: string, entry: Entry): void {
    const name = this.#name(path);
    this.#rename((names) => names.set(name, entry));
  }

  remove(path: string): void {
    this.create(path, 'absent');
  }

  move(from: string, to: string): void {
    this.file(from);
    const [source, target] = [this.#name(from), this.#name(to)];
    this.#rename((names) => {
      for (const [name, entry] of [...names])
        if (name === source || name.startsWith(source + sep)) {
          names.set(name, 'absent');
          names.set(target + name.slice(source.length), entry);
        }
    });
  }

  syncNames(): void {
    for (const rename of this.#pending) rename(this.#sure);
    this.#pending = [];
  }

  afterPowerCut(to: string, keep: 'nothing' | 'some'): void {
    const names = new Map(this.#sure);
    const kept = keep === 'nothing' ? 0 : Math.floor(Math.random() * (this.#pending.length + 1));
    for (const rename of this.#pending.slice(0, kept)) rename(names);
    fs.cpSync(this.#template, to, { recursive: true });
    for (const [name, entry] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const path = join(to, name);
      if (entry === 'directory') fs.mkdirSync(path, { recursive: true });
      else fs.rmSync(path, { recursive: true, force: true });
      if (!(entry instanceof FileOnDisk)) continue;
      fs.mkdirSync(dirname(path), { recursive: true });
      fs.writeFileSync(path, keep === 'nothing' ? entry.content : withSome(entry));
    }
  }

  #rename(renaming: Renaming): void {
    renaming(this.#seen);
    this.#pending.push(renaming);
  }

  #name(path: string): string {
    return relative(this.#root, path);
  }
}

function applied(content: Buffer, change: Change): Buffer {
  if (change.kind === 'truncate') return resized(content, change.size);
  const enough =
    change.at + change.data.length > content.length ? resized(content, change.at + change.data.length) : content;
  change.data.copy(enough, change.at);
  return enough;
}

function resized(content: Buffer, size: number): Buffer {
  const result = Buffer.alloc(size);
  content.copy(result, 0, 0, size);
  return result;
}

/** Each write is there or not, whatever its order, and may have been cut off at a sector. */
function withSome({ content, pending }: FileOnDisk): Buffer {
  let result: Buffer = Buffer.from(content);
  for (const change of pending) {
    const chance = Math.random();
    if (chance < 0.5) continue;
    const sectors = change.kind === 'write' ? Math.floor(change.data.length / 512) : 0;
    const torn = change.kind === 'write' && chance < 0.6 && sectors > 0;
    const data = torn ? change.data.subarray(0, Math.floor(Math.random() * sectors) * 512) : undefined;
    result = applied(result, change.kind === 'write' && data !== undefined ? { ...change, data } : change);
  }
  return result;
}

const realStat = (path: string): fs.Stats | undefined => fs.lstatSync(path, { throwIfNoEntry: false });

/** Puts itself between this process and the functions of `node:fs` with which the database writes. */
function watch(root: string, disk: Disk, tell: () => void): void {
  const files = new Map<number, FileOnDisk | undefined>();
  const inside = (path: unknown): path is string => typeof path === 'string' && (path + sep).startsWith(root + sep);

  around('openSync', (call, path, flags) => {
    const isNew = inside(path) && realStat(path) === undefined;
    const descriptor = call() as number;
    if (isNew && flags !== 'r') disk.create(path, new FileOnDisk(Buffer.alloc(0)));
    if (inside(path)) files.set(descriptor, disk.file(path));
    return descriptor;
  });
  around('closeSync', (call, descriptor) => {
    files.delete(descriptor as number);
    return call();
  });
  around('writeSync', (call, descriptor, buffer, offset, length, position) => {
    const file = files.get(descriptor as number);
    const written = call() as number;
    if (file === undefined) return written;
    const data = Buffer.copyBytesFrom(buffer as Int8Array, offset as number, length as number);
    file.pending.push({ kind: 'write', at: position as number, data });
    tell();
    return written;
  });
  around('ftruncateSync', (call, descriptor, size) => {
    files.get(descriptor as number)?.pending.push({ kind: 'truncate', size: size as number });
    call();
    tell();
  });
  around('truncateSync', (call, path, size) => {
    if (inside(path)) disk.file(path)?.pending.push({ kind: 'truncate', size: size as number });
    call();
    tell();
  });
  around('writeFileSync', (call, path) => {
    call();
    if (!inside(path)) return;
    disk.create(path, new FileOnDisk(Buffer.alloc(0)));
    tell();
  });
  around('mkdirSync', (call, path) => {
    call();
    if (inside(path)) disk.create(path, 'directory');
  });
  for (const name of ['unlinkSync', 'rmdirSync'] as const)
    around(name, (call, path) => {
      if (inside(path)) disk.file(path);
      call();
      if (!inside(path)) return;
      disk.remove(path);
      tell();
    });
  around('renameSync', (call, from, to) => {
    if (inside(from) && inside(to)) disk.move(from, to);
    call();
    tell();
  });
  const { rename } = fs.promises;
  fs.promises.rename = async (from, to) => {
    await rename(from, to);
    if (inside(from) && inside(to)) disk.move(from, to);
    tell();
  };
  around('fsyncSync', (_, descriptor) => {
    tell();
    if (!files.has(descriptor as number)) return;
    files.get(descriptor as number)?.sync();
    disk.syncNames();
    tell();
  });
  syncBuiltinESMExports();
}

type Watched =
  | 'openSync'
  | 'closeSync'
  | 'writeSync'
  | 'ftruncateSync'
  | 'truncateSync'
  | 'writeFileSync'
  | 'mkdirSync'
  | 'unlinkSync'
  | 'rmdirSync'
  | 'renameSync'
  | 'fsyncSync';

/** While the recorder itself works on files, it is not to watch itself. */
let busy = false;

function around(name: Watched, wrapper: (call: () => unknown, ...parameters: unknown[]) => unknown): void {
  const original = fs[name] as (...parameters: unknown[]) => unknown;
  const wrapped = (...parameters: unknown[]): unknown => {
    if (busy) return original(...parameters);
    busy = true;
    try {
      return wrapper(() => original(...parameters), ...parameters);
    } finally {
      busy = false;
    }
  };
  Object.assign(fs, { [name]: wrapped });
}
