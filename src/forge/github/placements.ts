import type { RepositoryRef } from '../../domain/repository.ts';
import type { CommitFile, CommitMessage } from '../forge.ts';
import type { Client } from './client.ts';
import { commitDocument, committedOnBranch } from './documents.ts';

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
