import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import { TagalongError } from '../domain/errors.ts';
import type { GitRemote, LoggedCommit } from './git.ts';
import { measure, openMirrorFiles, readShallow, removeLocks, SCRATCH } from './mirror-files.ts';
import { createObjects, type ObjectCache, type Objects } from './objects.ts';
import type { ObjectReader } from './object-reader.ts';
import { bareRepository, GitFailure, runGit, type GitPlace, type GitRun } from './process.ts';
import { fetchFrom, NotOnRemote, type FetchTimeouts } from './remote-fetch.ts';

export interface MirrorOptions {
  readonly directory: string;
  readonly remote: () => Promise<GitRemote>;
  readonly reader: ObjectReader;
  readonly cache: ObjectCache;
  /** Tells this mirror apart in the cache from others and from earlier ones of the same repository. */
  readonly cacheScope: string;
  readonly timeouts: FetchTimeouts;
  /** Ends fetches that are under way. */
  readonly signal: AbortSignal;
  /** The mirror may have become larger. */
  readonly onGrowth: () => void;
}

export interface CommitRange {
  readonly from?: string | undefined;
  readonly to: string;
  readonly limit: number;
}

/** The bare, shallow mirror of one repository. */
export class Mirror {
  readonly #options: MirrorOptions;
  readonly #place: GitPlace;
  readonly objects: Objects;
  #refs: ReadonlyMap<string, string> = new Map();
  readonly #mergeBases = new LRUCache<string, string>({ max: 1_000 });
  /** The size when it held nothing that is not needed. */
  #clean: { readonly bytes: number; readonly boundary: number } | undefined;
  /** Everything that adds to the mirror or takes away, one after the other. */
  readonly #inTurn = pLimit(1);
  #nextFetch: { readonly refs: Set<string>; readonly done: Promise<ReadonlyMap<string, string>> } | undefined;

  private constructor(options: MirrorOptions) {
    this.#options = options;
    this.#place = bareRepository(options.directory);
    this.objects = createObjects(options.reader, options.cache, options.cacheScope);
  }

  static async open(options: MirrorOptions): Promise<Mirror> {
    await openMirrorFiles(options.directory);
    const mirror = new Mirror(options);
    await mirror.#readRefs();
    return mirror;
  }

  /** The commits of refs as of the last fetch. */
  get refs(): ReadonlyMap<string, string> {
    return this.#refs;
  }

  /** Callers that ask while a fetch is under way share the next one, which begins after all of them have asked. */
  async fetch(refs: readonly string[]): Promise<ReadonlyMap<string, string>> {
    this.#nextFetch ??= { refs: new Set(), done: this.#inTurn(() => this.#fetchNext()) };
    for (const ref of refs) this.#nextFetch.refs.add(ref);
    const commits = await this.#nextFetch.done;
    return new Map([...commits].filter(([ref]) => refs.includes(ref)));
  }

  /** The root folder of a commit; the commit is fetched when the mirror does not have it. @throws NotOnRemote */
  async root(commit: string): Promise<string> {
    const known = await this.objects.root(commit);
    if (known !== undefined) return known;
    await this.#inTurn(async () => {
      if ((await this.objects.root(commit)) === undefined) await this.#receive([commit], 1);
    });
    const root = await this.objects.root(commit);
    if (root === undefined) throw new NotOnRemote(commit);
    return root;
  }

  /**
   * The best common ancestor, looking through more and more of the history. As everywhere in shallow repositories, a
   * better one that only a longer way leads to may be overlooked.
   */
  async mergeBase(a: string, b: string): Promise<string | undefined> {
    const known = this.#mergeBases.get(`${a} ${b}`);
    if (known !== undefined) return known;
    await this.root(a);
    await this.root(b);
    for (const depth of DEPTHS) {
      // In turn as a whole: a fetch in between could cut the history short again, or make it whole.
      const looked = await this.#inTurn(async () => {
        if (depth > 1) await this.#receive([a, b], depth);
        const found = await this.#run(['merge-base', a, b], { answers: [1] });
        return { found, isWhole: found.code !== 0 && (await this.#hasWholeHistory([a, b])) };
      });
      if (looked.found.code === 0) return this.#rememberMergeBase(a, b, looked.found.stdout.toString('latin1').trim());
      if (looked.isWhole) return undefined;
    }
    return undefined;
  }

  /**
   * The first-parent line from `to` down to `from`, which is left out. Commits are read as they were written, so that what was fetched
   * once is not fetched again because a later fetch has cut the history short above it; what is missing is fetched, more and more.
   */
  async commits({ from, to, limit }: CommitRange): Promise<readonly LoggedCommit[]> {
    await this.root(to);
    // Little of it first, also where much is wanted: it may be all that is missing above what was fetched before.
    for (const depth of DEPTHS) {
      if (depth > 1) await this.#inTurn(() => this.#receive([to], depth));
      const { line, isWhole } = await this.#walk({ from, to, limit });
      if (isWhole) return line;
    }
    return [];
  }

  async #walk({ from, to, limit }: CommitRange): Promise<{ line: readonly LoggedCommit[]; isWhole: boolean }> {
    const line: LoggedCommit[] = [];
    for (let next: string | undefined = to; next !== undefined && next !== from && line.length < limit;) {
      const commit: LoggedCommit | undefined = await this.objects.commit(next);
      if (commit === undefined) return { line, isWhole: false };
      line.push(commit);
      [next] = commit.parents;
    }
    return { line, isWhole: true };
  }

  /** The one commit whose hash begins so. */
  async resolve(abbreviated: string): Promise<string | undefined> {
    const { code, stdout } = await this.#run(['rev-parse', '--verify', '--quiet', `${abbreviated}^{commit}`], {
      answers: [1, 128],
    });
    return code === 0 ? stdout.toString('latin1').trim() : undefined;
  }

  /** Whether a three-way merge has conflicts. Unrelated histories count as conflicting. */
  async conflicts(base: string, head: string): Promise<boolean> {
    const ancestor = await this.mergeBase(base, head);
    if (ancestor === undefined) return true;
    if (ancestor === base || ancestor === head) return false;
    try {
      return await this.#mergeConflicts(base, head);
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      // A fetch meanwhile has cut the history short again, so that the two look unrelated.
      this.#mergeBases.delete(`${base} ${head}`);
      await this.mergeBase(base, head);
      return this.#mergeConflicts(base, head);
    }
  }

  async #mergeConflicts(base: string, head: string): Promise<boolean> {
    const { directory } = this.#options;
    const scratch = await mkdtemp(join(directory, SCRATCH));
    try {
      const environment = {
        GIT_OBJECT_DIRECTORY: scratch,
        GIT_ALTERNATE_OBJECT_DIRECTORIES: join(directory, 'objects'),
      };
      const { code } = await this.#run(['merge-tree', '--write-tree', base, head], { answers: [1], environment });
      return code === 1;
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  /**
   * Joins the packs when many small ones have come together, and drops what no ref needs any more when the mirror has doubled; what is
   * younger than a day stays, because somebody may be reading it.
   * @returns the bytes on disk
   */
  async tidy(): Promise<number> {
    const { bytes, packs } = await measure(this.#options.directory);
    const boundary = (await readShallow(this.#options.directory)).size;
    this.#clean ??= { bytes, boundary };
    const isBloated =
      bytes > 2 * this.#clean.bytes + TOLERATED_WASTE || boundary > 2 * this.#clean.boundary + TOLERATED_BOUNDARY;
    if (!isBloated && packs <= MAX_PACKS) return bytes;
    await this.#inTurn(() => (isBloated ? this.#dropWaste() : this.#joinPacks()));
    return (await measure(this.#options.directory)).bytes;
  }

  stop(): void {
    this.#options.reader.stop();
  }

  async #fetchNext(): Promise<ReadonlyMap<string, string>> {
    const refs = [...(this.#nextFetch?.refs ?? [])];
    this.#nextFetch = undefined;
    await this.#fetchExisting(refs);
    await this.#readRefs();
    return new Map([...this.#refs].filter(([ref]) => refs.includes(ref)));
  }

  /** One ref that is gone makes git refuse all of them: it is deleted here too, and the others are asked for again. */
  async #fetchExisting(refs: readonly string[]): Promise<void> {
    if (refs.length === 0) return;
    const refspecs = refs.map((ref) => `+${ref}:${ref}`);
    try {
      await this.#receive(refspecs, 1);
    } catch (error) {
      if (!(error instanceof NotOnRemote) || !refs.includes(error.what)) throw error;
      await this.#deleteRefs([error.what]);
      await this.#fetchExisting(refs.filter((ref) => ref !== error.what));
    }
  }

  /**
   * When git fails, what may stand in its way is removed and it runs once more: locks of a git that was killed, and refs that cannot
   * stand beside the wanted ones (`a` beside `a/b`), which are gone from the remote then.
   */
  async #receive(refspecs: readonly string[], depth: number): Promise<void> {
    try {
      await this.#receiveOnce(refspecs, depth);
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      await removeLocks(this.#options.directory);
      await this.#deleteRefs([...this.#refs.keys()].filter((ref) => refspecs.some((spec) => clashes(ref, spec))));
      await this.#receiveOnce(refspecs, depth);
    }
  }

  async #receiveOnce(refspecs: readonly string[], depth: number): Promise<void> {
    const { remote, timeouts, signal, onGrowth } = this.#options;
    await fetchFrom(this.#place, await remote(), { refspecs, depth, timeouts, signal });
    onGrowth();
  }

  async #deleteRefs(refs: readonly string[]): Promise<void> {
    for (const ref of refs) await this.#run(['update-ref', '-d', ref]);
  }

  /** An annotated tag stands for the commit that it names. */
  async #readRefs(): Promise<void> {
    const { stdout } = await this.#run(['for-each-ref', '--format=%(refname) %(objectname) %(*objectname)']);
    const lines = stdout.toString('utf8').split('\n').filter(Boolean);
    const fields = lines.map((line) => line.split(' '));
    this.#refs = new Map(fields.map(([ref = '', oid = '', peeled = '']) => [ref, peeled || oid]));
  }

  #rememberMergeBase(a: string, b: string, base: string): string {
    this.#mergeBases.set(`${a} ${b}`, base);
    return base;
  }

  async #hasWholeHistory(commits: readonly string[]): Promise<boolean> {
    const { stdout } = await this.#run(['rev-list', '--max-parents=0', ...commits]);
    const shallow = await readShallow(this.#options.directory);
    return !stdout
      .toString('latin1')
      .split('\n')
      .some((root) => shallow.has(root));
  }

  async #dropWaste(): Promise<void> {
    await this.#run(['gc', '--quiet', '--cruft', '--prune=1.day.ago'], { signal: this.#options.signal });
    const { bytes } = await measure(this.#options.directory);
    this.#clean = { bytes, boundary: (await readShallow(this.#options.directory)).size };
  }

  async #joinPacks(): Promise<void> {
    await this.#run(['repack', '-d', '-q', '--geometric=2'], { signal: this.#options.signal });
  }

  #run(
    args: readonly string[],
    { environment, ...run }: GitRun & { readonly environment?: Record<string, string> } = {},
  ) {
    return runGit({ ...this.#place, environment: { ...this.#place.environment, ...environment } }, args, run);
  }
}

/** @throws TagalongError for text that is no full commit hash */
export function checkCommit(commit: string): string {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) {
    throw new TagalongError('git-failed', `${JSON.stringify(commit.slice(0, 80))} is no full commit hash.`);
  }
  return commit;
}

/** Whether git cannot keep this ref beside the one that a refspec writes, because one would be a folder of the other. */
function clashes(ref: string, refspec: string): boolean {
  const written = refspec.slice(refspec.indexOf(':') + 1);
  return ref.startsWith(`${written}/`) || written.startsWith(`${ref}/`);
}

/** How much history is looked through for a common ancestor, step by step; the last is git's own number for all of it. */
const DEPTHS = [1, 50, 500, 0x7fffffff];
const MAX_PACKS = 30;
const TOLERATED_WASTE = 64 * 1024 * 1024;
/** Every fetch tells the server the whole boundary of the shallow history: 41 bytes for each push that was fetched. */
const TOLERATED_BOUNDARY = 500;
