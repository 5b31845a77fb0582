import type { Change, ChangeRef } from '../../domain/change.ts';
import type { RepositoryRef } from '../../domain/repository.ts';
import type { Changes, Proposal, Revision, WrittenChange } from '../forge.ts';
import { isOwnBranch, readBranch } from './branch-state.ts';
import { dropSpare, rebuild, settleBranch } from './branches.ts';
import type { Client, Octokit } from './client.ts';
import { opened, proposeDocument, proposed } from './documents.ts';
import { GitHubError, isAnswer, isNotFound } from './errors.ts';
import { setLabels } from './labels.ts';
import { commitInput, commitOn, type Placement } from './placements.ts';
import { deleteBranchAt, nodeId } from './refs.ts';

type PullRequest = Awaited<ReturnType<Octokit['rest']['pulls']['get']>>['data'];

export function createChanges(client: Client): Changes {
  return {
    change: (change) => read(client, change),
    headRef: (number) => `refs/pull/${number}/head`,
    propose: (repository, proposal) => propose(client, repository, proposal),
    isOwnBranch: (repository, branches) => isOwnBranch(client, repository, branches),
    revise: (change, revision) => revise(client, change, revision),
    close: (change, options) => close(client, change, options),
  };
}

async function read(client: Client, { repository, number }: ChangeRef): Promise<Change | undefined> {
  try {
    const { data } = await client.inRepository(repository, (octokit, at) =>
      octokit.rest.pulls.get({ ...at, pull_number: number }),
    );
    return changeOf(repository, data);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * One document first, which is all that a new branch needs. Whatever it is refused for, the state is read and completed
 * step by step, and a refusal that remains is told by the step that meets it. Where the branch is left over from an earlier change, the
 * document has opened the change with what was on it: that is put right, or the change closed again.
 */
async function propose(client: Client, repository: RepositoryRef, proposal: Proposal): Promise<WrittenChange> {
  const placement: Placement = { ...proposal, base: proposal.baseCommit };
  let written: WrittenChange;
  try {
    written = await proposeAtOnce(client, repository, proposal, placement);
  } catch (error) {
    if (!isAnswer(error)) throw error;
    return proposeByStep(client, repository, proposal, { placement, justOpened: openedBy(error) });
  }
  await setLabels(client, { repository, number: written.number }, { add: proposal.labels });
  return written;
}

function openedBy({ partial }: GitHubError): number | undefined {
  return opened.safeParse(partial).data?.createPullRequest.pullRequest.number;
}

async function proposeAtOnce(
  client: Client,
  repository: RepositoryRef,
  { branch, targetBranch, title, body }: Proposal,
  placement: Placement,
): Promise<WrittenChange> {
  const repositoryId = await nodeId(client, repository);
  const answer = await client.graphql(
    repository,
    proposeDocument,
    {
      ref: { repositoryId, name: `refs/heads/${branch}`, oid: placement.base },
      commit: commitInput(repository, placement),
      change: { repositoryId, headRefName: branch, baseRefName: targetBranch, title, body },
    },
    proposed,
  );
  const { number, url } = answer.createPullRequest.pullRequest;
  return { number, url, headCommit: answer.createCommitOnBranch.commit.oid, created: true };
}

async function proposeByStep(
  client: Client,
  repository: RepositoryRef,
  proposal: Proposal,
  { placement, justOpened }: { placement: Placement; justOpened: number | undefined },
): Promise<WrittenChange> {
  const { branch, targetBranch, title, body, labels } = proposal;
  const state = await readBranch(client, repository, placement, targetBranch);
  const headCommit = await settleBranch(client, repository, placement, state, targetBranch).catch(
    async (error: unknown) => {
      if (justOpened !== undefined) await close(client, { repository, number: justOpened }, {});
      throw error;
    },
  );
  const [standing] = state.openChanges;
  if (standing !== undefined) {
    const written = await describe(client, { repository, number: standing }, { title, body, labels });
    return { ...written, headCommit, created: standing === justOpened };
  }
  const { data } = await client.inRepository(repository, (octokit, at) =>
    octokit.rest.pulls.create({ ...at, head: branch, base: targetBranch, title, body }),
  );
  await setLabels(client, { repository, number: data.number }, { add: labels });
  return { number: data.number, url: data.html_url, headCommit, created: true };
}

/** The commit goes first, in a request of its own: were the branch moved, the text must stay as it is too. */
async function revise(client: Client, change: ChangeRef, revision: Revision): Promise<WrittenChange> {
  const { files, rebuildOn } = revision;
  // Adding a commit tells by itself whether the change is open.
  if (files.length === 0 || rebuildOn !== undefined) {
    const { openChanges } = await readBranch(client, change.repository, placementOf(revision));
    insistOnOpen(change.number, openChanges);
  }
  const commit = files.length === 0 ? undefined : await writeRevision(client, change, revision);
  const { headCommit, ...written } = await describe(client, change, revision);
  return { ...written, headCommit: commit ?? headCommit };
}

async function writeRevision(client: Client, { repository, number }: ChangeRef, revision: Revision): Promise<string> {
  const placement = placementOf(revision);
  try {
    if (revision.rebuildOn !== undefined) return await rebuild(client, repository, placement, revision.expectedHead);
    const { commit, openChanges } = await commitOn(client, repository, placement);
    insistOnOpen(number, openChanges);
    return commit;
  } catch (error) {
    if (!isAnswer(error)) throw error;
    const { head, isPlaced, hasSpare, openChanges } = await readBranch(client, repository, placement);
    if (hasSpare) await dropSpare(client, repository, revision.branch);
    insistOnOpen(number, openChanges);
    if (head !== undefined && isPlaced) return head;
    if (head === revision.expectedHead) throw error;
    throw new GitHubError('forge-conflict', `The branch ${revision.branch} has moved: somebody else pushed to it.`, {
      cause: error,
    });
  }
}

function placementOf(revision: Revision): Placement {
  return { ...revision, base: revision.rebuildOn ?? revision.expectedHead };
}

/** A change that was merged or closed meanwhile keeps the text that it ended with. */
function insistOnOpen(number: number, openChanges: readonly number[]): void {
  if (!openChanges.includes(number)) throw new GitHubError('forge-conflict', `#${number} is not open any more.`);
}

/** Writes title and body, and adds the labels that are missing. Labels that people added stay. */
async function describe(
  client: Client,
  { repository, number }: ChangeRef,
  { title, body, labels }: Pick<Proposal, 'title' | 'body' | 'labels'>,
): Promise<WrittenChange> {
  const { data } = await client.inRepository(repository, (octokit, at) =>
    octokit.rest.pulls.update({ ...at, pull_number: number, title, body }),
  );
  insistOnOpen(number, data.state === 'open' ? [number] : []);
  const standing = new Set(data.labels.map((label) => label.name.toLowerCase()));
  const missing = labels.filter((label) => !standing.has(label.toLowerCase()));
  await setLabels(client, { repository, number }, { add: missing });
  return { number, url: data.html_url, headCommit: data.head.sha, created: false };
}

async function close(
  client: Client,
  { repository, number }: ChangeRef,
  { deleteBranch: branch }: { deleteBranch?: string },
): Promise<'merged' | 'closed'> {
  const { data } = await client.inRepository(repository, (octokit, at) =>
    octokit.rest.pulls.update({ ...at, pull_number: number, state: 'closed' }),
  );
  const change = changeOf(repository, data);
  const isOurs = change.sourceBranch === branch && !change.fromFork;
  // A later change may have the same branch, which is then at another commit.
  if (isOurs && change.author.login === (await client.botLogin())) {
    await deleteBranchAt(client, repository, branch, change.headCommit);
  }
  return change.state === 'merged' ? 'merged' : 'closed';
}

function changeOf(repository: RepositoryRef, data: PullRequest): Change {
  return {
    repository,
    number: data.number,
    url: data.html_url,
    state: data.merged_at !== null ? 'merged' : data.state,
    title: data.title,
    body: data.body ?? '',
    author: { login: data.user.login, isBot: data.user.type === 'Bot' },
    sourceBranch: data.head.ref,
    fromFork: !isSame(data.head.repo, data.base.repo),
    headCommit: data.head.sha,
    targetBranch: data.base.ref,
    isDraft: data.draft ?? false,
    labels: data.labels.map(({ name }) => name),
    ...(data.merged_at !== null && data.merge_commit_sha !== null && { mergeCommit: data.merge_commit_sha }),
  };
}

/** The repository of the head is null once a fork is deleted. */
function isSame(head: { id: number } | null, base: { id: number }): boolean {
  return head?.id === base.id;
}
