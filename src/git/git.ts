import type { RepositoryRef } from '../domain/repository.ts';

export interface TreeEntry {
  readonly path: string;
  /** Object id of the blob; undefined for a file of a work tree. Equal ids mean equal bytes. */
  readonly oid?: string;
  /** Git's mode: `100644`, `100755`, `120000` (symbolic link). Submodules are left out. */
  readonly mode: string;
}

/** A set of files at one moment: a commit of a mirror, a commit of a local repository, or a directory on disk. */
export interface Tree {
  /** The full commit hash, or `worktree`. */
  readonly revision: string;
  /** All files, sorted by path. */
  list(): Promise<readonly TreeEntry[]>;
  /**
   * The bytes of the files that exist among `paths`; others are absent from the answer. So are files above 8 MiB, and those that are
   * beyond the first 64 MiB of one call: whoever must have all of them asks {@link readInParts}. A symbolic link reads as the path
   * that it leads to.
   */
  read(paths: readonly string[]): Promise<ReadonlyMap<string, Buffer>>;
  /**
   * Writes the files at or below each of `paths` (files or folders, '' for all) into `directory`, at the same relative paths, and
   * nothing else. Symbolic links are written where what they lead to is written too.
   */
  writeOut(paths: readonly string[], directory: string): Promise<void>;
}

/** The files that {@link Tree.read} gives, in as many calls as that takes: no more is in memory than the caller keeps. */
export async function* readInParts(
  tree: Pick<Tree, 'read'>,
  paths: readonly string[],
): AsyncGenerator<ReadonlyMap<string, Buffer>, void> {
  for (let rest = paths; rest.length > 0;) {
    const part = await tree.read(rest);
    if (part.size === 0) return;
    yield part;
    rest = rest.filter((path) => !part.has(path));
  }
}

export interface ChangedPath {
  readonly path: string;
  readonly status: 'added' | 'modified' | 'deleted';
}

/** A commit as the history tells it; who wrote it is as its author says, and no proof. */
export interface LoggedCommit {
  readonly commit: string;
  readonly parents: readonly string[];
  readonly authorName: string;
  readonly authorEmail: string;
  readonly subject: string;
}

/** Bare mirrors of remote repositories: fetched incrementally, never checked out. */
export interface Mirrors {
  /**
   * Brings the named refs (`refs/heads/main`, `refs/pull/12/head`) up to date and tells their commits; a ref that does not exist
   * on the remote is absent from the answer.
   * @throws TagalongError `git-failed`, `forge-unavailable`, `forge-rate-limited` or `forge-refused`
   */
  fetch(repository: RepositoryRef, refs: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The commits of refs as of the last fetch, without asking the remote. Absent when never fetched. */
  known(repository: RepositoryRef, refs: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * The files of a commit. As in the methods below, a commit that the mirror does not have is fetched by its hash.
   * @throws TagalongError `git-failed` when the remote does not have it either
   */
  tree(repository: RepositoryRef, commit: string): Promise<Tree>;
  /** What differs between two commits, renames shown as deleted and added; submodules too, which are in no tree. */
  changedPaths(repository: RepositoryRef, from: string, to: string): Promise<readonly ChangedPath[]>;
  /** The best common ancestor, fetching more history as needed; undefined when the histories are unrelated. */
  mergeBase(repository: RepositoryRef, a: string, b: string): Promise<string | undefined>;
  /** True when a three-way merge of `head` into `base` has conflicts. */
  conflicts(repository: RepositoryRef, base: string, head: string): Promise<boolean>;
  /**
   * The commits of the first-parent line after `from` (left out: as many as `limit`) up to `to`, newest first, at most `limit`.
   * Where `from` is not on that line, the line ends where it ends.
   */
  commits(
    repository: RepositoryRef,
    range: { readonly from?: string; readonly to: string; readonly limit: number },
  ): Promise<readonly LoggedCommit[]>;
  /** Whether `ancestor` is `commit` or one of its ancestors; false when a commit is not there. */
  isAncestor(repository: RepositoryRef, ancestor: string, commit: string): Promise<boolean>;
  /** The full hash of a commit that the mirror has, from at least 7 hex digits; undefined when none or several begin so. */
  resolve(repository: RepositoryRef, abbreviated: string): Promise<string | undefined>;
  /** Forgets the mirror of a repository. */
  remove(repository: RepositoryRef): Promise<void>;
  close(): Promise<void>;
}

/** Where a repository is fetched from. The secret goes to git through its environment, never in a URL or an argument. */
export interface GitRemote {
  /** Without credentials, for instance `https://github.com/acme/deploy.git`. */
  readonly url: string;
  /** The value of the `Authorization` header. */
  readonly authorization?: string;
}
