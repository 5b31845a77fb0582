import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { TagalongError } from '../../domain/errors.ts';
import type { RepositoryRef } from '../../domain/repository.ts';
import type { CommitFile, CommitMessage } from '../forge.ts';
import type { Client } from './client.ts';
import {
  blobId,
  branchState,
  branchStateDocument,
  buildDocument,
  commitDocument,
  commitMade,
  committedOnBranch,
  createRefDocument,
  expressions,
  NO_COMMIT,
  refCreated,
  refsUpdated,
  repositoryId,
  repositoryIdDocument,
  updateRefsDocument,
} from './documents.ts';
import { GitHubError, isAnswer, isNotFound, isRefused } from './errors.ts';
import { splitPath } from './paths.ts';

/** One commit that a branch is to end in. */
export interface Placement {
  readonly branch: string;
  /** The parent that the commit gets. */
  readonly base: string;
  readonly files: readonly CommitFile[];
  /** Paths to remove. */
  readonly deletions?: readonly string[];
  readonly message: CommitMessage;
}

export interface BranchState {
  /** undefined when there is no such branch. */
  readonly head: string | undefined;
  /** The branch ends in our own commit, which has this parent and these files. */
  readonly isPlaced: boolean;
  /** An interrupted {@link rebuild} left its spare branch. */
  readonly hasSpare: boolean;
  /** Open changes from this branch, those of forks left out; only those into `target` where it was given. */
  readonly openChanges: readonly number[];
}

/** How the branch stands, against what it is to become. */
export async function readBranch(
  client: Client,
  repository: RepositoryRef,
  { branch, base, files, deletions = [] }: Placement,
  target?: string,
): Promise<BranchState> {
  const paths = [...files.map(({ path }) => path), ...deletions];
  const { owner, repo } = splitPath(repository);
  const refs = { ref: `refs/heads/${branch}`, spare: `refs/heads/${branch}${SPARE_SUFFIX}` };
  const variables = { owner, name: repo, branch, ...refs, ...(target !== undefined && { target }) };
  const answer = await client.graphql(
    repository,
    branchStateDocument(paths),
    { ...variables, ...expressions(`refs/heads/${branch}`, paths) },
    branchState,
  );
  const found = answer.repository;
  client.known.remember(repository, { nodeId: found.id });
  const wanted = [...files.map(({ content }) => blobOid(content)), ...deletions.map(() => undefined)];
  const hasFiles = wanted.every((oid, i) => blobId.safeParse(found[`o${i}`]).data?.oid === oid);
  return {
    head: found.head?.target.oid,
    isPlaced: hasFiles && isOwnCommitOn(found.head?.target, base, await client.botLogin()),
    hasSpare: found.spare !== null && found.spare !== undefined,
    openChanges: found.pullRequests.nodes.filter((each) => !each.isCrossRepository).map(({ number }) => number),
  };
}

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

export interface CommittedOn {
  readonly commit: string;
  /** The open changes that the branch is the source of. */
  readonly openChanges: readonly number[];
}

/** Adds a commit, signed by GitHub, to a branch that is at `base`. @throws TagalongError `forge-conflict` when it is elsewhere. */
export async function commitOn(client: Client, repository: RepositoryRef, placement: Placement): Promise<CommittedOn> {
  const { createCommitOnBranch: made } = await client.graphql(
    repository,
    commitDocument,
    { commit: commitInput(repository, placement) },
    committedOnBranch,
  );
  const openChanges = made.ref.associatedPullRequests.nodes.map(({ number }) => number);
  return { commit: made.commit.oid, openChanges };
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
  const spare = { ...placement, branch: `${placement.branch}${SPARE_SUFFIX}` };
  const commit = await build(client, repository, spare).catch(async (error: unknown) => {
    if (!isAnswer(error)) throw error;
    // An interrupted attempt may have left a spare branch.
    await deleteBranch(client, repository, spare.branch);
    return build(client, repository, spare);
  });
  await move(client, repository, { branch: placement.branch, spare: spare.branch, from: head, to: commit });
  return commit;
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

/** Deletes what an interrupted {@link rebuild} left. */
export async function dropSpare(client: Client, repository: RepositoryRef, branch: string): Promise<void> {
  await deleteBranch(client, repository, `${branch}${SPARE_SUFFIX}`);
}

export async function nodeId(client: Client, repository: RepositoryRef): Promise<string> {
  const known = client.known.nodeId(repository);
  if (known !== undefined) return known;
  const { owner, repo } = splitPath(repository);
  const answer = await client.graphql(repository, repositoryIdDocument, { owner, name: repo }, repositoryId);
  client.known.remember(repository, { nodeId: answer.repository.id });
  return answer.repository.id;
}

export function commitInput({ path }: RepositoryRef, placement: Placement) {
  const { branch, base, files, deletions = [], message } = placement;
  return {
    branch: { repositoryNameWithOwner: path, branchName: branch },
    expectedHeadOid: base,
    message: { headline: message.headline, ...(message.body !== undefined && { body: message.body }) },
    fileChanges: {
      additions: files.map(({ path: file, content }) => ({
        path: file,
        contents: Buffer.from(content, 'utf8').toString('base64'),
      })),
      ...(deletions.length > 0 && { deletions: deletions.map((gone) => ({ path: gone })) }),
    },
  };
}

const SPARE_SUFFIX = '.next';

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

interface Move {
  readonly branch: string;
  readonly spare: string;
  readonly from: string;
  readonly to: string;
}

/** Moves the branch to where the spare one is, if it still is where it was, and deletes the spare one, all or nothing. */
async function move(client: Client, repository: RepositoryRef, wanted: Move): Promise<void> {
  const { branch, spare, from, to } = wanted;
  const refUpdates = [
    { name: `refs/heads/${branch}`, beforeOid: from, afterOid: to, force: true },
    { name: `refs/heads/${spare}`, beforeOid: to, afterOid: NO_COMMIT, force: true },
  ];
  if (!(await updateRefs(client, repository, refUpdates))) await moveByStep(client, repository, wanted);
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

async function createBranch(client: Client, repository: RepositoryRef, { branch, base }: Placement): Promise<void> {
  const ref = { repositoryId: await nodeId(client, repository), name: `refs/heads/${branch}`, oid: base };
  await client.graphql(repository, createRefDocument, { ref }, refCreated);
}

/** Whether every commit that the branch has and its target has not is this app's. */
export async function isOwnBranch(
  client: Client,
  repository: RepositoryRef,
  { branch, target }: { branch: string; target: string },
): Promise<boolean> {
  const login = await client.botLogin();
  const { data } = await client.inRepository(repository, (octokit, at) =>
    octokit.rest.repos.compareCommitsWithBasehead({ ...at, basehead: `${target}...${branch}`, per_page: 100 }),
  );
  const areOurs = data.commits.every(({ commit }) => isBot(commit.author ?? {}, login));
  return areOurs && data.total_commits === data.commits.length;
}

type Head = NonNullable<z.infer<typeof branchState>['repository']['head']>['target'];

function isOwnCommitOn(head: Head | undefined, base: string, login: string): boolean {
  const [parent, second] = head?.parents.nodes ?? [];
  return head !== undefined && parent?.oid === base && second === undefined && isBot(head.author ?? {}, login);
}

/** GitHub signs the commits of an app with the address `<id>+<slug>[bot]@users.noreply.<host>`. */
function isBot(
  author: { name?: string | null | undefined; email?: string | null | undefined },
  login: string,
): boolean {
  const local = author.email?.split('@')[0]?.replace(/^\d+\+/, '');
  return author.name === login && (local === login || author.email === undefined || author.email === null);
}

/** The id that git gives a blob with this text. */
function blobOid(content: string): string {
  const bytes = Buffer.from(content, 'utf8');
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
