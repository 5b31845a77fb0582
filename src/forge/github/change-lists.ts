import { z } from 'zod';
import type { RepositoryRef } from '../../domain/repository.ts';
import type { OpenChange } from '../reviews.ts';
import type { Client } from './client.ts';
import { splitPath } from './paths.ts';

const openDocument = `query OpenChanges($owner: String!, $name: String!, $base: String!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(
      states: [OPEN]
      baseRefName: $base
      first: 100
      after: $cursor
      orderBy: { field: CREATED_AT, direction: DESC }
    ) {
      pageInfo { hasNextPage endCursor }
      nodes { number headRefOid }
    }
  }
}`;

const openAnswer = z.object({
  repository: z.object({
    pullRequests: z.object({
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
      nodes: z.array(z.object({ number: z.number(), headRefOid: z.string() })),
    }),
  }),
});

/** Open changes that target the branch, newest first. A hundred for each request. */
export async function openChanges(
  client: Client,
  repository: RepositoryRef,
  base: string,
): Promise<readonly OpenChange[]> {
  const { owner, repo } = splitPath(repository);
  const changes: OpenChange[] = [];
  for (let cursor: string | null | undefined; ;) {
    const variables = { owner, name: repo, base, cursor };
    const answer = await client.graphql(repository, openDocument, variables, openAnswer);
    const { nodes, pageInfo } = answer.repository.pullRequests;
    changes.push(...nodes.map(({ number, headRefOid: headCommit }) => ({ number, headCommit })));
    if (!pageInfo.hasNextPage) return changes;
    cursor = pageInfo.endCursor;
  }
}

type Brought = ReadonlyMap<string, readonly OpenChange[]>;

/** GitHub answers this many commits with their changes well within its limits for one document. */
const BATCH = 50;

/** The merged changes into the default branch that brought each commit. */
export async function changesOfCommits(
  client: Client,
  repository: RepositoryRef,
  commits: readonly string[],
): Promise<Brought> {
  const wanted = [...new Set(commits)];
  const found = new Map<string, readonly OpenChange[]>();
  for (let start = 0; start < wanted.length; start += BATCH) {
    const batch = await changesOfBatch(client, repository, wanted.slice(start, start + BATCH));
    for (const [commit, changes] of batch) found.set(commit, changes);
  }
  return found;
}

/**
 * GitHub associates a commit with the change that brought it by a merge, a squash or a rebase, and also with changes into other branches
 * that have it: those are left out.
 */
async function changesOfBatch(client: Client, repository: RepositoryRef, commits: readonly string[]): Promise<Brought> {
  const { owner, repo } = splitPath(repository);
  const oids = Object.fromEntries(commits.map((commit, index) => [`c${index}`, commit]));
  const variables = { owner, name: repo, ...oids };
  const answer = await client.graphql(repository, bringersDocument(commits.length), variables, bringersAnswer);
  const { defaultBranchRef, ...objects } = answer.repository;
  return new Map(
    commits.flatMap((commit, index) => {
      const pulls = bringers.safeParse(objects[`c${index}`]).data?.associatedPullRequests.nodes ?? [];
      const brought = pulls.filter(
        ({ state, baseRefName }) => state === 'MERGED' && baseRefName === defaultBranchRef?.name,
      );
      const changes = brought.map(({ number, headRefOid: headCommit }) => ({ number, headCommit }));
      return changes.length === 0 ? [] : [[commit, changes] as const];
    }),
  );
}

function bringersDocument(count: number): string {
  const indexes = Array.from({ length: count }, (_, index) => index);
  return `query Bringers($owner: String!, $name: String!${indexes.map((i) => `, $c${i}: GitObjectID!`).join('')}) {
  repository(owner: $owner, name: $name) {
    defaultBranchRef { name }
    ${indexes.map((i) => `c${i}: object(oid: $c${i}) { ...Brought }`).join('\n    ')}
  }
}
fragment Brought on Commit {
  associatedPullRequests(first: 20) { nodes { number state headRefOid baseRefName } }
}`;
}

const bringersAnswer = z.object({
  repository: z.object({ defaultBranchRef: z.object({ name: z.string() }).nullish() }).catchall(z.unknown()),
});

const bringers = z.object({
  associatedPullRequests: z.object({
    nodes: z.array(
      z.object({ number: z.number(), state: z.string(), headRefOid: z.string(), baseRefName: z.string() }),
    ),
  }),
});
