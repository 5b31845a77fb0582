import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { RepositoryRef } from '../../domain/repository.ts';
import type { Client } from './client.ts';
import { blobId, branchState, branchStateDocument, expressions } from './documents.ts';
import { splitPath } from './paths.ts';
import type { Placement } from './placements.ts';

export interface BranchState {
  /** undefined when there is no such branch. */
  readonly head: string | undefined;
  /** The branch ends in our own commit, which has this parent and these files. */
  readonly isPlaced: boolean;
  /** An interrupted rebuild left its spare branch. */
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
  const refs = { ref: `refs/heads/${branch}`, spare: `refs/heads/${spareOf(branch)}` };
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

/** The branch on which a rebuild makes a commit before the branch itself moves to it. */
export function spareOf(branch: string): string {
  return `${branch}.next`;
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
