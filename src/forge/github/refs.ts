import type { RepositoryRef } from '../../domain/repository.ts';
import type { Client } from './client.ts';
import {
  createRefDocument,
  NO_COMMIT,
  refCreated,
  refsUpdated,
  repositoryId,
  repositoryIdDocument,
  updateRefsDocument,
} from './documents.ts';
import { GitHubError, isAnswer, isNotFound, isRefused } from './errors.ts';
import { splitPath } from './paths.ts';

/** Branches as refs: made, moved and deleted, each only from where it was seen. */

/** Makes a branch that is at `base`. */
export async function createBranch(
  client: Client,
  repository: RepositoryRef,
  { branch, base }: { readonly branch: string; readonly base: string },
): Promise<void> {
  const ref = { repositoryId: await nodeId(client, repository), name: `refs/heads/${branch}`, oid: base };
  await client.graphql(repository, createRefDocument, { ref }, refCreated);
}

export interface Move {
  readonly branch: string;
  readonly spare: string;
  readonly from: string;
  readonly to: string;
}

/** Moves the branch to where the spare one is, if it still is where it was, and deletes the spare one, all or nothing. */
export async function move(client: Client, repository: RepositoryRef, wanted: Move): Promise<void> {
  const { branch, spare, from, to } = wanted;
  const refUpdates = [
    { name: `refs/heads/${branch}`, beforeOid: from, afterOid: to, force: true },
    { name: `refs/heads/${spare}`, beforeOid: to, afterOid: NO_COMMIT, force: true },
  ];
  if (!(await updateRefs(client, repository, refUpdates))) await moveByStep(client, repository, wanted);
}

/** Deletes a branch that is at `head`. One that is elsewhere is somebody's, and stays; so does nothing where there is none. */
export async function deleteBranchAt(
  client: Client,
  repository: RepositoryRef,
  branch: string,
  head: string,
): Promise<void> {
  const refUpdates = [{ name: `refs/heads/${branch}`, beforeOid: head, afterOid: NO_COMMIT, force: true }];
  try {
    if (await updateRefs(client, repository, refUpdates)) return;
    const standing = await headOf(client, repository, branch);
    if (standing === head) await deleteBranch(client, repository, branch);
  } catch (error) {
    if (!isAnswer(error)) throw error;
  }
}

/** Deletes a branch. Succeeds when there is none. */
export async function deleteBranch(client: Client, repository: RepositoryRef, branch: string): Promise<void> {
  try {
    await client.inRepository(repository, (octokit, at) =>
      octokit.rest.git.deleteRef({ ...at, ref: `heads/${branch}` }),
    );
  } catch (error) {
    // GitHub answers 422 "Reference does not exist".
    if (!isNotFound(error) && !isRefused(error, 422)) throw error;
  }
}

export async function nodeId(client: Client, repository: RepositoryRef): Promise<string> {
  const known = client.known.nodeId(repository);
  if (known !== undefined) return known;
  const { owner, repo } = splitPath(repository);
  const answer = await client.graphql(repository, repositoryIdDocument, { owner, name: repo }, repositoryId);
  client.known.remember(repository, { nodeId: answer.repository.id });
  return answer.repository.id;
}

interface RefUpdate {
  readonly name: string;
  readonly beforeOid: string;
  readonly afterOid: string;
  readonly force: boolean;
}

/** Moves refs, all or none. @returns false where the server has no such mutation: older Enterprise Servers. */
async function updateRefs(
  client: Client,
  repository: RepositoryRef,
  refUpdates: readonly RefUpdate[],
): Promise<boolean> {
  const refs = { repositoryId: await nodeId(client, repository), refUpdates };
  try {
    await client.graphql(repository, updateRefsDocument, { refs }, refsUpdated);
    return true;
  } catch (error) {
    if (!isAnswer(error) || !error.message.includes('updateRefs')) throw error;
    return false;
  }
}

/** The same by steps, for want of a better way: a push in the moment between looking and moving is lost. */
async function moveByStep(client: Client, repository: RepositoryRef, { branch, spare, from, to }: Move): Promise<void> {
  if ((await headOf(client, repository, branch)) !== from) {
    throw new GitHubError('forge-conflict', `The branch ${branch} has moved.`);
  }
  await client.inRepository(repository, (octokit, at) =>
    octokit.rest.git.updateRef({ ...at, ref: `heads/${branch}`, sha: to, force: true }),
  );
  await deleteBranch(client, repository, spare);
}

/** @throws TagalongError `forge-refused` when there is no such branch. */
async function headOf(client: Client, repository: RepositoryRef, branch: string): Promise<string> {
  const { data } = await client.inRepository(repository, (octokit, at) =>
    octokit.rest.git.getRef({ ...at, ref: `heads/${branch}` }),
  );
  return data.object.sha;
}
