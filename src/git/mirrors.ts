import type { RepositoryRef } from '../domain/repository.ts';
import type { Log } from '../telemetry/telemetry.ts';
import type { GitRemote, Mirrors } from './git.ts';
import { checkCommit, type Mirror } from './mirror.ts';
import { objectTree } from './object-tree.ts';
import { Shelf } from './shelf.ts';
import { NotOnRemote, type FetchTimeouts } from './remote-fetch.ts';
import { compareTrees } from './walk.ts';

export interface MirrorsOptions {
  /** Belongs to this process alone. */
  readonly directory: string;
  /** Where a repository is fetched from, with fresh credentials; asked before every request. */
  readonly remote: (repository: RepositoryRef) => Promise<GitRemote>;
  /** Mirrors that were not used for longest are removed while all together are larger. */
  readonly maxBytes: number;
  readonly log: Log;
  readonly now: () => Date;
  /** How long one request may take, and how long the server may be silent. */
  readonly timeouts?: FetchTimeouts;
}

/** Needs git 2.38 or newer, for `merge-tree --write-tree`. */
export function createMirrors(options: MirrorsOptions): Mirrors {
  const shelf = new Shelf(options);
  const use = async <T>(repository: RepositoryRef, operation: (mirror: Mirror) => Promise<T>): Promise<T> =>
    (await shelf.slot(repository)).use(operation);
  return {
    fetch: async (repository, refs) => {
      const usable = refs.filter(isRefName);
      if (usable.length === 0) return new Map();
      return await use(repository, (mirror) => mirror.fetch(usable));
    },
    known: (repository, refs) =>
      use(repository, (mirror) => Promise.resolve(new Map([...mirror.refs].filter(([ref]) => refs.includes(ref))))),
    tree: async (repository, commit) => {
      const root = await use(repository, (mirror) => mirror.root(checkCommit(commit)));
      return objectTree(commit, root, (operation) =>
        use(repository, async (mirror) => {
          await mirror.root(commit);
          return operation(mirror.objects);
        }),
      );
    },
    changedPaths: (repository, from, to) =>
      use(repository, async (mirror) => {
        const [before, after] = [await mirror.root(checkCommit(from)), await mirror.root(checkCommit(to))];
        return compareTrees(mirror.objects.trees, before, after);
      }),
    mergeBase: (repository, a, b) => use(repository, (mirror) => mirror.mergeBase(checkCommit(a), checkCommit(b))),
    conflicts: (repository, base, head) =>
      use(repository, (mirror) => mirror.conflicts(checkCommit(base), checkCommit(head))),
    commits: (repository, range) =>
      use(repository, (mirror) => {
        checkCommit(range.to);
        return mirror.commits(range);
      }),
    isAncestor: (repository, ancestor, commit) =>
      use(repository, async (mirror) => {
        if (checkCommit(ancestor) === checkCommit(commit)) return true;
        try {
          return (await mirror.mergeBase(ancestor, commit)) === ancestor;
        } catch (error) {
          if (error instanceof NotOnRemote) return false;
          throw error;
        }
      }),
    resolve: async (repository, abbreviated) => {
      if (!/^[0-9a-f]{7,64}$/.test(abbreviated)) return undefined;
      return await use(repository, (mirror) => mirror.resolve(abbreviated));
    },
    remove: async (repository) => (await shelf.slot(repository)).remove(),
    close: () => shelf.close(),
  };
}

/** What git accepts as the full name of a ref, as far as a forge serves it; nothing that could be read as an option or a pattern. */
function isRefName(ref: string): boolean {
  return /^refs\/(?!.*(?:\.\.|\/\/|@\{|\.lock(?:\/|$)|\/\.|[/.]$))[^\x00-\x20\x7f~^:?*[\\]+$/.test(ref);
}
