import type { Log } from '../telemetry/telemetry.ts';
import { Gate } from './gate.ts';
import type { GitRemote } from './git.ts';
import type { Mirror } from './mirror.ts';
import { discard } from './mirror-files.ts';
import { GitFailure } from './process.ts';

export interface SlotOptions {
  readonly directory: string;
  readonly open: (remote: () => Promise<GitRemote>) => Promise<Mirror>;
  readonly log: Log;
  readonly now: () => Date;
}

/** The place of one repository's mirror: opened when first used, made anew once when damaged, removed when nobody is using it. */
export class MirrorSlot {
  readonly #options: SlotOptions;
  readonly #gate = new Gate();
  #mirror: Promise<Mirror> | undefined;
  #remote: (() => Promise<GitRemote>) | undefined;
  /** Counts how often the mirror was discarded. */
  #generation = 0;
  #rebuiltAt = -Infinity;
  bytes: number;
  usedAt: Date;

  constructor(options: SlotOptions, found: { bytes: number; usedAt: Date }) {
    this.#options = options;
    this.bytes = found.bytes;
    this.usedAt = found.usedAt;
  }

  /** Says where to fetch from: a mirror that an earlier process left knows it only once somebody asks for its repository. */
  connect(remote: () => Promise<GitRemote>): void {
    this.#remote = remote;
  }

  get isIdle(): boolean {
    return this.#gate.isIdle;
  }

  /**
   * Runs an operation on the mirror, which stays for as long. When git fails, the mirror may be damaged: it is discarded and the
   * operation runs once more, which fetches what it needs. That is done at most once in ten minutes.
   */
  async use<T>(operation: (mirror: Mirror) => Promise<T>): Promise<T> {
    const generation = this.#generation;
    const attempt = (): Promise<T> => this.#gate.shared(async () => operation(await this.#open()));
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof GitFailure) || !(await this.#rebuild(generation, error))) throw error;
      return await attempt();
    }
  }

  /** Runs an operation if the mirror stands open. Is no use that would keep it from being removed as the longest unused. */
  async useIfOpen(operation: (mirror: Mirror) => Promise<void>): Promise<void> {
    await this.#gate.shared(async () => {
      const mirror = await this.#mirror?.catch(() => undefined);
      if (mirror !== undefined) await operation(mirror);
    });
  }

  /** Waits until nobody is using the mirror, and deletes it. */
  async remove(): Promise<void> {
    await this.#gate.exclusive(() => this.#discard());
  }

  /** Waits until nobody is using the mirror, and lets go of its process. */
  async close(): Promise<void> {
    await this.#gate.exclusive(() => this.#stop());
  }

  async #open(): Promise<Mirror> {
    this.usedAt = this.#options.now();
    const opening = (this.#mirror ??= this.#options.open(() => this.#fetchFrom()));
    try {
      return await opening;
    } catch (error) {
      if (this.#mirror === opening) this.#mirror = undefined;
      throw error;
    }
  }

  #fetchFrom(): Promise<GitRemote> {
    if (this.#remote === undefined) throw new Error('the mirror has no remote yet');
    return this.#remote();
  }

  /** @returns false when it was made anew just now, so that the damage is not what failed. */
  async #rebuild(generation: number, error: GitFailure): Promise<boolean> {
    return await this.#gate.exclusive(async () => {
      if (generation !== this.#generation) return true;
      const now = this.#options.now().getTime();
      if (now - this.#rebuiltAt < REBUILD_PAUSE_MS) return false;
      this.#rebuiltAt = now;
      this.#options.log.warn({ err: error }, 'git failed in a mirror, which is made anew');
      await this.#discard();
      return true;
    });
  }

  async #discard(): Promise<void> {
    await this.#stop();
    this.#generation += 1;
    this.bytes = 0;
    await discard(this.#options.directory);
  }

  async #stop(): Promise<void> {
    const mirror = await this.#mirror?.catch(() => undefined);
    this.#mirror = undefined;
    mirror?.stop();
  }
}

const REBUILD_PAUSE_MS = 600_000;
