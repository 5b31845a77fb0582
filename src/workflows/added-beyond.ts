import { errorCode } from '../domain/errors.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { LoggedCommit, Mirrors } from '../git/git.ts';

export interface AddedBeyondDeps {
  readonly mirrors: Pick<Mirrors, 'mergeBase' | 'changedPaths' | 'tree'>;
}

/**
 * The paths that a commit of the branch changes, and that the change which it came by does not bring so: somebody merged by hand, and put
 * more in. Where the branch had moved in a path since the change left it, the outcome of a merge is not judged. None where it cannot be
 * compared any more.
 * @param merged.headCommit the head at which the change was merged
 */
export async function addedBeyond(
  { mirrors }: AddedBeyondDeps,
  repository: RepositoryRef,
  merged: { readonly logged: LoggedCommit; readonly headCommit: string },
): Promise<readonly string[]> {
  const { commit, parents } = merged.logged;
  const [parent] = parents;
  if (parent === undefined) return [];
  try {
    const origin = await mirrors.mergeBase(repository, parent, merged.headCommit);
    if (origin === undefined) return [];
    const brought = await mirrors.changedPaths(repository, parent, commit);
    const offered = await mirrors.changedPaths(repository, origin, merged.headCommit);
    const allowed = new Set(offered.map(({ path }) => path));
    return brought.map(({ path }) => path).filter((path) => !allowed.has(path));
  } catch (error) {
    if (errorCode(error) === 'git-failed') return [];
    throw error;
  }
}
