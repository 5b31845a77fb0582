import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TagalongError } from '../domain/errors.ts';
import { repositoryKey, type RepositoryRef } from '../domain/repository.ts';
import type { Log } from '../telemetry/telemetry.ts';
import type { GitRemote } from './git.ts';
import { measure, UNFINISHED } from './mirror-files.ts';
import { MirrorSlot } from './mirror-slot.ts';
import { Mirror } from './mirror.ts';
import { createObjectCache } from './objects.ts';
import { bareRepository } from './process.ts';
import { createReaderPool } from './reader-pool.ts';
import type { FetchTimeouts } from './remote-fetch.ts';

export interface ShelfOptions {
  readonly directory: string;
  readonly remote: (repository: RepositoryRef) => Promise<GitRemote>;
  readonly maxBytes: number;
  readonly log: Log;
  readonly now: () => Date;
  readonly timeouts?: FetchTimeouts;
}

const TIMEOUTS: FetchTimeouts = { totalMs: 5 * 60_000, silenceMs: 60_000 };
/** How many `git cat-file` processes wait for work, and for how long. */
const READERS = { idleMs: 30_000, processes: 8 };

/** The mirrors of one directory: found again after a restart, and removed from the longest unused while they take too much room. */
export class Shelf {
  readonly #options: ShelfOptions;
  readonly #slots = new Map<string, MirrorSlot>();
  readonly #cache = createObjectCache();
  readonly #reader = createReaderPool(READERS);
  readonly #closing = new AbortController();
  readonly #grown = new Set<MirrorSlot>();
  #weighing: Promise<void> = Promise.resolve();
  #found: Promise<void> | undefined;
  /** Counts the mirrors that were opened, so that no cache answers for one from what an earlier one had. */
  #opened = 0;

  constructor(options: ShelfOptions) {
    this.#options = options;
  }

  async slot(repository: RepositoryRef): Promise<MirrorSlot> {
    await this.#findOnce();
    if (this.#isClosed()) throw new TagalongError('git-failed', 'The mirrors are closed.');
    const name = directoryName(repository);
    const slot = this.#slots.get(name) ?? this.#newSlot(name, { bytes: 0, usedAt: this.#options.now() });
    this.#slots.set(name, slot);
    slot.connect(() => this.#options.remote(repository));
    return slot;
  }

  /** Ends the fetches that are under way, waits for everything else, and stops all processes. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#weighing;
    await Promise.all([...this.#slots.values()].map((slot) => slot.close()));
  }

  /** Measures what was fetched into, one mirror after the other and in nobody's way, and makes room if all together are too large. */
  #hasGrown(slot: MirrorSlot): void {
    if (this.#grown.has(slot)) return;
    this.#grown.add(slot);
    this.#weighing = this.#weighing.then(async () => {
      this.#grown.delete(slot);
      if (this.#isClosed()) return;
      try {
        await slot.useIfOpen(async (mirror) => void (slot.bytes = await mirror.tidy()));
        await this.#makeRoom(slot);
      } catch (err) {
        if (!this.#isClosed()) this.#options.log.warn({ err }, 'a mirror could not be tidied');
      }
    });
  }

  async #makeRoom(newest: MirrorSlot): Promise<void> {
    const { maxBytes, log } = this.#options;
    const total = () => [...this.#slots.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    const candidates = [...this.#slots]
      .filter(([, slot]) => slot !== newest && slot.isIdle && slot.bytes > 0)
      .sort(([, a], [, b]) => a.usedAt.getTime() - b.usedAt.getTime());
    for (const [name, slot] of candidates) {
      if (total() <= maxBytes) return;
      if (!slot.isIdle) continue;
      log.info({ mirror: name, bytes: slot.bytes }, 'mirror removed to make room');
      await slot.remove();
    }
    if (total() > maxBytes) log.warn({ bytes: total(), maxBytes }, 'the mirrors in use take more room than they may');
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #findOnce(): Promise<void> {
    const finding = (this.#found ??= this.#find());
    try {
      await finding;
    } catch (error) {
      if (this.#found === finding) this.#found = undefined;
      throw error;
    }
  }

  /** Takes up what an earlier process left. */
  async #find(): Promise<void> {
    const { directory } = this.#options;
    await mkdir(directory, { recursive: true });
    for (const name of await readdir(directory)) {
      const path = join(directory, name);
      if (UNFINISHED.test(name)) await rm(path, { recursive: true, force: true });
      if (!name.endsWith('.git')) continue;
      const { bytes } = await measure(path);
      this.#slots.set(name, this.#newSlot(name, { bytes, usedAt: (await stat(path)).mtime }));
    }
  }

  #newSlot(name: string, found: { bytes: number; usedAt: Date }): MirrorSlot {
    const { log, now, timeouts = TIMEOUTS } = this.#options;
    const directory = join(this.#options.directory, name);
    const open = (remote: () => Promise<GitRemote>): Promise<Mirror> =>
      Mirror.open({
        directory,
        remote,
        reader: this.#reader(bareRepository(directory)),
        cache: this.#cache,
        cacheScope: `${++this.#opened} `,
        timeouts,
        signal: this.#closing.signal,
        onGrowth: () => {
          this.#hasGrown(slot);
        },
      });
    const slot = new MirrorSlot({ directory, open, log: log.child({ mirror: name }), now }, found);
    return slot;
  }
}

/** Readable, and different for different repositories on every file system: `github-acme-deploy-1a2b3c4d5e6f.git`. */
function directoryName(repository: RepositoryRef): string {
  const key = repositoryKey(repository);
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 12);
  return `${key.replaceAll(/[^a-z0-9]+/g, '-').slice(0, 80)}-${hash}.git`;
}
