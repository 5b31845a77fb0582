import { repositoryKey, type RepositoryRef } from '../../src/domain/repository.ts';
import type { ChangedPath, LoggedCommit, Mirrors } from '../../src/git/git.ts';
import type { FakeForge } from './fake-forge.ts';
import type { FakeRepository } from './fake-repository.ts';
import { memoryTree } from './memory-tree.ts';

/** Mirrors of the repositories of a fake forge. As real ones, they know of a ref what the last fetch saw. */
export interface FakeMirrors extends Mirrors {
  /** How often something was fetched. */
  fetches: number;
}

export function createFakeMirrors(forge: FakeForge): FakeMirrors {
  const seen = new Map<string, Map<string, string>>();

  function refsOf(repository: RepositoryRef): Map<string, string> {
    const refs = seen.get(repositoryKey(repository)) ?? new Map<string, string>();
    seen.set(repositoryKey(repository), refs);
    return refs;
  }

  function pick(repository: RepositoryRef, refs: readonly string[]): Map<string, string> {
    return new Map([...refsOf(repository)].filter(([ref]) => refs.includes(ref)));
  }

  const mirrors: FakeMirrors = {
    fetches: 0,
    fetch(repository, refs) {
      mirrors.fetches += 1;
      for (const ref of refs) {
        const commit = remoteRef(forge, repository, ref);
        if (commit === undefined) refsOf(repository).delete(ref);
        else refsOf(repository).set(ref, commit);
      }
      return Promise.resolve(pick(repository, refs));
    },
    known: (repository, refs) => Promise.resolve(pick(repository, refs)),
    tree: (repository, commit) =>
      Promise.resolve(memoryTree(Object.fromEntries(forge.repositoryAt(repository).files(commit)), commit)),
    changedPaths: (repository, from, to) => Promise.resolve(compare(forge.repositoryAt(repository), from, to)),
    mergeBase: (repository, a, b) => Promise.resolve(mergeBase(forge.repositoryAt(repository), a, b)),
    conflicts(repository, base, head) {
      const git = forge.repositoryAt(repository);
      const origin = mergeBase(git, base, head);
      const ours = new Set(origin === undefined ? [] : compare(git, origin, base).map(({ path }) => path));
      const theirs = origin === undefined ? [] : compare(git, origin, head);
      return Promise.resolve(
        theirs.some(({ path }) => ours.has(path) && git.files(base).get(path) !== git.files(head).get(path)),
      );
    },
    commits: (repository, { from, to, limit }) =>
      Promise.resolve(line(forge.repositoryAt(repository), from, to, limit)),
    isAncestor: (repository, ancestor, commit) =>
      Promise.resolve(history(forge.repositoryAt(repository), commit).includes(ancestor)),
    resolve(repository, abbreviated) {
      const git = forge.repositoryAt(repository);
      const all = [...git.branches.values()].flatMap((head) => history(git, head));
      const [found, ...others] = new Set(all.filter((commit) => commit.startsWith(abbreviated)));
      return Promise.resolve(others.length === 0 ? found : undefined);
    },
    remove(repository) {
      seen.delete(repositoryKey(repository));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  return mirrors;
}

function remoteRef(forge: FakeForge, repository: RepositoryRef, ref: string): string | undefined {
  const git = forge.repositoryAt(repository);
  const number = /^refs\/pull\/(\d+)\/head$/.exec(ref)?.[1];
  if (number === undefined) return git.branches.get(ref.replace('refs/heads/', ''));
  return forge.changes(repository).find((change) => change.number === Number(number))?.headCommit;
}

function compare(git: FakeRepository, from: string, to: string): ChangedPath[] {
  const [before, after] = [git.files(from), git.files(to)];
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((path): ChangedPath[] => {
    if (before.get(path) === after.get(path)) return [];
    if (!before.has(path)) return [{ path, status: 'added' }];
    return [{ path, status: after.has(path) ? 'modified' : 'deleted' }];
  });
}

function line(git: FakeRepository, from: string | undefined, to: string, limit: number): LoggedCommit[] {
  const commits = history(git, to);
  const end = from === undefined ? -1 : commits.indexOf(from);
  return commits.slice(0, end < 0 ? limit : Math.min(end, limit)).map((commit) => {
    const { author, message, parent, merged } = git.commit(commit);
    const parents = [parent, merged].filter((each) => each !== undefined);
    return { commit, parents, authorName: author, authorEmail: `${author}@example.com`, subject: message };
  });
}

function mergeBase(git: FakeRepository, a: string, b: string): string | undefined {
  const ofA = new Set(history(git, a));
  return history(git, b).find((commit) => ofA.has(commit));
}

function history(git: FakeRepository, commit: string): string[] {
  const { parent } = git.commit(commit);
  return parent === undefined ? [commit] : [commit, ...history(git, parent)];
}
