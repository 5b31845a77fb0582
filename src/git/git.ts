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
  /** The bytes of the files that exist among `paths`; others are absent from the answer. One round trip. */
  read(paths: readonly string[]): Promise<ReadonlyMap<string, Buffer>>;
  /**
   * Writes the files at or below each of `paths` (files or folders, '' for all) into `directory`, at the same relative paths, and
   * nothing else. Symbolic links that lead out of the tree are not written.
   */
  writeOut(paths: readonly string[], directory: string): Promise<void>;
}

export interface ChangedPath {
  readonly path: string;
  readonly status: 'added' | 'modified' | 'deleted';
}

/** Bare mirrors of remote repositories: fetched incrementally, never checked out. */
export interface Mirrors {
  /**
   * Brings the named refs (`refs/heads/main`, `refs/pull/12/head`) up to date and tells their commits; a ref that does not exist
   * on the remote is absent from the answer.
   * @throws TagalongError `git-failed` or `forge-unavailable`
   */
  fetch(repository: RepositoryRef, refs: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The commits of refs as of the last fetch, without asking the remote. Absent when never fetched. */
  known(repository: RepositoryRef, refs: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The files of a commit that the mirror has. @throws TagalongError `git-failed` when it has not. */
  tree(repository: RepositoryRef, commit: string): Promise<Tree>;
  /** What differs between two commits, renames shown as deleted and added. */
  changedPaths(repository: RepositoryRef, from: string, to: string): Promise<readonly ChangedPath[]>;
  /** The best common ancestor, fetching more history as needed; undefined when the histories are unrelated. */
  mergeBase(repository: RepositoryRef, a: string, b: string): Promise<string | undefined>;
  /** True when a three-way merge of `head` into `base` has conflicts. */
  conflicts(repository: RepositoryRef, base: string, head: string): Promise<boolean>;
  /** Forgets the mirror of a repository. */
  remove(repository: RepositoryRef): Promise<void>;
  close(): Promise<void>;
}

/** What git needs to reach a repository. The secret goes to git through the environment, never in a URL or an argument. */
export interface GitRemote {
  /** Without credentials, for instance `https://github.com/acme/deploy.git`. */
  readonly url: string;
  /** The value of the `Authorization` header. */
  readonly authorization?: string;
}
