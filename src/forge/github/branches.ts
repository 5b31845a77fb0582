import { TagalongError } from '../../domain/errors.ts';
import type { RepositoryRef } from '../../domain/repository.ts';
import { isOwnBranch, spareOf, type BranchState } from './branch-state.ts';
import type { Client } from './client.ts';
import { buildDocument, commitMade } from './documents.ts';
import { isAnswer } from './errors.ts';
import { commitInput, commitOn, type Placement } from './placements.ts';
import { createBranch, deleteBranch, move, nodeId } from './refs.ts';

/**
 * Leads a branch to one commit on `base`, from whatever an interrupted attempt or an earlier change left there. Repeating it writes
 * nothing.
 * @returns the commit.
 * @throws TagalongError `forge-refused` when a person has committed on the branch: it is left as it is.
 */
export async function settleBranch(
  client: Client,
  repository: RepositoryRef,
  placement: Placement,
  state: BranchState,
  target: string,
): Promise<string> {
  if (state.hasSpare) await dropSpare(client, repository, placement.branch);
  if (state.head !== undefined && state.isPlaced) return state.head;
  if (state.head === undefined) await createBranch(client, repository, placement);
  if (state.head === undefined || state.head === placement.base) {
    return (await commitOn(client, repository, placement)).commit;
  }
  if (await isOwnBranch(client, repository, { branch: placement.branch, target })) {
    return rebuild(client, repository, placement, state.head);
  }
  throw new TagalongError(
    'forge-refused',
    `The branch ${placement.branch} carries commits by somebody else and is left as it is. Merge, rename or delete it.`,
  );
}

/**
 * Replaces a branch by one commit on `base`. The commit is made on a spare branch and the branch then moved to it in one step, so that it
 * never equals its base: GitHub closes a change whose branch does.
 * @param head where the branch must still be. @throws TagalongError `forge-conflict` or `forge-refused` when it is not.
 */
export async function rebuild(
  client: Client,
  repository: RepositoryRef,
  placement: Placement,
  head: string,
): Promise<string> {
  const spare = { ...placement, branch: spareOf(placement.branch) };
  const commit = await build(client, repository, spare).catch(async (error: unknown) => {
    if (!isAnswer(error)) throw error;
    // An interrupted attempt may have left a spare branch.
    await deleteBranch(client, repository, spare.branch);
    return build(client, repository, spare);
  });
  await move(client, repository, { branch: placement.branch, spare: spare.branch, from: head, to: commit });
  return commit;
}

/** Deletes what an interrupted {@link rebuild} left. */
export async function dropSpare(client: Client, repository: RepositoryRef, branch: string): Promise<void> {
  await deleteBranch(client, repository, spareOf(branch));
}

async function build(client: Client, repository: RepositoryRef, placement: Placement): Promise<string> {
  const ref = {
    repositoryId: await nodeId(client, repository),
    name: `refs/heads/${placement.branch}`,
    oid: placement.base,
  };
  const commit = commitInput(repository, placement);
  const made = await client.graphql(repository, buildDocument, { ref, commit }, commitMade);
  return made.createCommitOnBranch.commit.oid;
}
