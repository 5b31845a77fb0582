import { errorCode } from '../domain/errors.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { Mirrors } from '../git/git.ts';

export interface AddedBeyondDeps {
  readonly mirrors: Pick<Mirrors, 'mergeBase' | 'changedPaths'>;
}

/** Where the branch went when a change was merged. */
export interface Merged {
  readonly from: string;
  readonly to: string;
  /** That of the change when it was merged. */
  readonly headCommit: string;
}

/**
 * The paths that are not as the change would have them: somebody merged by hand, and put more in, or something else. Where the branch had
 * moved in a path since the change left it, the outcome of a merge is not judged. None where it cannot be compared any more.
 */
export async function addedBeyond(
  { mirrors }: AddedBeyondDeps,
  repository: RepositoryRef,
  { from, to, headCommit }: Merged,
): Promise<readonly string[]> {
  const between = async (before: string, after: string) =>
    (await mirrors.changedPaths(repository, before, after)).map(({ path }) => path);
  try {
    const origin = await mirrors.mergeBase(repository, from, headCommit);
    if (origin === undefined) return [];
    const brought = await between(from, to);
    const offered = new Set(await between(origin, headCommit));
    const movedMeanwhile = new Set(await between(origin, from));
    const other = (await between(headCommit, to)).filter((path) => offered.has(path) && !movedMeanwhile.has(path));
    return [...new Set([...brought.filter((path) => !offered.has(path)), ...other])].toSorted();
  } catch (error) {
    if (errorCode(error) === 'git-failed') return [];
    throw error;
  }
}
