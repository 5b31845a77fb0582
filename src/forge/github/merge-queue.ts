import { z } from 'zod';
import type { RepositoryRef } from '../../domain/repository.ts';
import type { Merging, QueueEntry } from '../reviews.ts';
import type { Client } from './client.ts';
import { isOutOfReach } from './errors.ts';
import { splitPath } from './paths.ts';

export function createMergeQueue(client: Client): Pick<Merging, 'mergeQueue'> {
  return {
    mergeQueue: (repository, branch) =>
      mergeQueue(client, repository, branch).catch((error: unknown) => {
        if (isOutOfReach(error)) return undefined;
        throw error;
      }),
  };
}

export const mergeQueueDocument = `query MergeQueue($owner: String!, $name: String!, $branch: String!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    mergeQueue(branch: $branch) {
      entries(first: 100, after: $cursor) {
        pageInfo { hasNextPage endCursor }
        nodes { position headCommit { oid } pullRequest { number } }
      }
    }
  }
}`;

const entry = z.object({
  position: z.number(),
  headCommit: z.object({ oid: z.string() }).nullish(),
  pullRequest: z.object({ number: z.number() }).nullish(),
});

const answered = z.object({
  repository: z.object({
    mergeQueue: z
      .object({
        entries: z.object({
          pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
          nodes: z.array(entry),
        }),
      })
      .nullish(),
  }),
});

/** A hundred for each request. */
async function mergeQueue(
  client: Client,
  repository: RepositoryRef,
  branch: string,
): Promise<readonly QueueEntry[] | undefined> {
  const { owner, repo } = splitPath(repository);
  const entries: z.infer<typeof entry>[] = [];
  for (let cursor: string | null | undefined; ;) {
    const variables = { owner, name: repo, branch, cursor };
    const answer = await client.graphql(repository, mergeQueueDocument, variables, answered);
    const queue = answer.repository.mergeQueue;
    if (!queue) return undefined;
    entries.push(...queue.entries.nodes);
    if (!queue.entries.pageInfo.hasNextPage) return entries.toSorted((a, b) => a.position - b.position).map(entryOf);
    cursor = queue.entries.pageInfo.endCursor;
  }
}

function entryOf({ headCommit, pullRequest }: z.infer<typeof entry>): QueueEntry {
  return {
    ...(pullRequest && { number: pullRequest.number }),
    ...(headCommit && { headCommit: headCommit.oid }),
  };
}
