import type { Commit } from '../git/objects.ts';
import { compareTrees, type ChangedFile } from './world/diffs.ts';
import { commentsOf } from './world/discussion.ts';
import type { CheckRun, Comment, Deployment, Issue, PullRequest, Repository, Status } from './world/model.ts';
import { pullsOf } from './world/pulls.ts';
import { branchHead, repositoryKey } from './world/repositories.ts';
import { resolveCommit } from './world/revisions.ts';
import type { RepositoryName } from './people.ts';
import type { World } from './world/world.ts';

/** Reads what stands on GitHub, for the assertions of tests. */
export class State {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  repository(where: RepositoryName): Repository {
    if (typeof where !== 'string') return where;
    const [owner = '', name = ''] = where.split('/');
    const found = this.#world.repositories.get(repositoryKey(owner, name));
    if (found === undefined) throw new Error(`there is no repository ${where}`);
    return found;
  }

  pullRequests(where: RepositoryName, state: 'open' | 'closed' | 'all' = 'all'): PullRequest[] {
    return pullsOf(this.repository(where), state);
  }

  comments(pull: PullRequest): Comment[] {
    return commentsOf(pull);
  }

  /** The commit that a branch points to; undefined when there is no such branch. */
  head(where: RepositoryName, branch?: string): string | undefined {
    const repository = this.repository(where);
    return branchHead(repository, branch ?? repository.defaultBranch);
  }

  branches(where: RepositoryName): string[] {
    return this.repository(where)
      .git.refs.list('refs/heads/')
      .map(([ref]) => ref.slice('refs/heads/'.length));
  }

  /** @param revision a branch or a commit */
  commit(where: RepositoryName, revision: string): Commit & { readonly changes: readonly ChangedFile[] } {
    const repository = this.repository(where);
    const commit = resolveCommit(repository, revision);
    const [parent] = commit.parents;
    const before = parent === undefined ? undefined : repository.git.existingCommit(parent).tree;
    return { ...commit, changes: compareTrees(repository.git, before, commit.tree) };
  }

  /** All files of a commit, as text. */
  files(where: RepositoryName, revision?: string): Map<string, string> {
    const repository = this.repository(where);
    const { tree } = resolveCommit(repository, revision ?? repository.defaultBranch);
    const texts = repository.git
      .files(tree)
      .map(({ path, oid }): [string, string] => [path, repository.git.blob(oid)?.toString() ?? '']);
    return new Map(texts);
  }

  /** undefined when there is no such file. */
  file(where: RepositoryName, path: string, revision?: string): string | undefined {
    const repository = this.repository(where);
    const { tree } = resolveCommit(repository, revision ?? repository.defaultBranch);
    const entry = repository.git.find(tree, path);
    return entry === undefined ? undefined : repository.git.blob(entry.oid)?.toString();
  }

  checkRuns(where: RepositoryName, sha?: string): CheckRun[] {
    return [...this.repository(where).checkRuns.values()].filter((run) => sha === undefined || run.sha === sha);
  }

  statuses(where: RepositoryName, sha?: string): Status[] {
    return this.repository(where).statuses.filter((status) => sha === undefined || status.sha === sha);
  }

  issues(where: RepositoryName, state: 'open' | 'closed' | 'all' = 'all'): Issue[] {
    const all = [...this.repository(where).issues.values()];
    return all.filter((issue) => state === 'all' || issue.state === state);
  }

  deployments(where: RepositoryName): Deployment[] {
    return [...this.repository(where).deployments.values()];
  }
}
