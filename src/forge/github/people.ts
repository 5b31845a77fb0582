import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Person } from '../../domain/change.ts';
import { repositoryKey, type RepositoryRef } from '../../domain/repository.ts';
import type { People, Permission } from '../reviews.ts';
import { AUTHORED, authored, authorsOf, type AuthoredCommit, type Authors } from './authors.ts';
import type { Client, Octokit } from './client.ts';
import { isOutOfReach } from './errors.ts';
import { splitPath } from './paths.ts';

export function createPeople(client: Client): People {
  const remembered = new LRUCache<string, Authors>({ max: 5_000 });
  return {
    permission: (repository, login) => permission(client, repository, login),
    async commitAuthors(repository, { from, to }) {
      const key = `${repositoryKey(repository)} ${from ?? ''}..${to}`;
      const known = remembered.get(key);
      if (known !== undefined) return known;
      const authors = await authorsBetween(client, repository, { from, to }).catch((error: unknown) => {
        if (isOutOfReach(error)) return undefined;
        throw error;
      });
      if (authors !== undefined) remembered.set(key, authors);
      return authors;
    },
  };
}

/** GitHub maps `maintain` to `write` and `triage` to `read` here, and gives custom roles the level that they are built on. */
async function permission(client: Client, repository: RepositoryRef, login: string): Promise<Permission> {
  try {
    const { data } = await client.inRepository(repository, (octokit, at) =>
      octokit.rest.repos.getCollaboratorPermissionLevel({ ...at, username: login }),
    );
    return permissions.safeParse(data.permission).data ?? 'none';
  } catch (error) {
    if (isOutOfReach(error)) return 'none';
    throw error;
  }
}

const permissions = z.enum(['none', 'read', 'write', 'admin']);

interface Range {
  readonly from: string | undefined;
  readonly to: string;
}

async function authorsBetween(
  client: Client,
  repository: RepositoryRef,
  { from, to }: Range,
): Promise<Authors | undefined> {
  if (from === undefined) {
    const commits = await readCommits(client, repository, [to]);
    return commits.length === 0 ? undefined : authorsOf(commits, SIGNS);
  }
  const compared = await compare(client, repository, from, to);
  if (compared === undefined) return undefined;
  const { commits, isWhole } = compared;
  const named = commits.filter(({ commit }) => CO_AUTHORED.test(commit.message)).map(({ sha }) => sha);
  const coAuthored = await readCommits(client, repository, named);
  const told = [authorsOf(coAuthored, SIGNS), authorsOf(commits.map(asAuthored), SIGNS)];
  return {
    people: distinct(told.flatMap(({ people }) => people)),
    unknown: [...new Set(told.flatMap(({ unknown }) => unknown))],
    isComplete: isWhole && coAuthored.length === named.length && told.every(({ isComplete }) => isComplete),
  };
}

/** On the branches of an application stand rebased commits, which carry no signature any more. */
const SIGNS = false;

/** REST leaves those out whom only the message names. Source: "Creating a commit with multiple authors" of GitHub's documentation. */
const CO_AUTHORED = /^co-authored-by:/im;

/** GitHub compares no further. */
const LISTED_COMMITS = 250;
const PAGE = 100;

type Compared = Awaited<ReturnType<Octokit['rest']['repos']['compareCommitsWithBasehead']>>['data']['commits'];

/** @returns undefined where a branch or tag goes by one of the hashes, and GitHub has compared that */
async function compare(
  client: Client,
  repository: RepositoryRef,
  from: string,
  to: string,
): Promise<{ commits: Compared; isWhole: boolean } | undefined> {
  const commits: Compared = [];
  for (let page = 1; ; page++) {
    const { data } = await client.inRepository(repository, (octokit, at) =>
      octokit.rest.repos.compareCommitsWithBasehead({ ...at, basehead: `${from}...${to}`, per_page: PAGE, page }),
    );
    commits.push(...data.commits);
    const isWhole = commits.length >= data.total_commits;
    const last = isWhole ? commits.at(-1)?.sha : undefined;
    if (!data.base_commit.sha.startsWith(from) || last?.startsWith(to) === false) return undefined;
    if (isWhole || data.commits.length === 0 || commits.length >= LISTED_COMMITS) return { commits, isWhole };
  }
}

/** A commit as REST tells it, in the shape of GraphQL: the account of a bot stands behind its address there. */
function asAuthored({ sha, commit, author, committer }: Compared[number]): AuthoredCommit {
  return {
    oid: sha,
    authors: { totalCount: 1, nodes: [actorOf(commit.author, author)] },
    committer: actorOf(commit.committer, committer),
  };
}

type Signature = Compared[number]['commit']['author'];

function actorOf(signature: Signature, account: Compared[number]['author']) {
  const login = account !== null && 'login' in account && account.type !== 'Bot' ? account.login : undefined;
  return {
    name: signature?.name ?? null,
    email: signature?.email ?? null,
    user: login === undefined ? null : { login },
  };
}

function distinct(people: readonly Person[]): readonly Person[] {
  return [...new Map(people.map((person) => [person.login.toLowerCase(), person])).values()];
}

const BATCH = 50;

/**
 * Those that do not exist are left out. Asked for as expressions, because a tag may tell a hash in short and an object id is a whole one; a branch
 * or tag that goes by that hash stands for another commit, and is none.
 */
async function readCommits(
  client: Client,
  repository: RepositoryRef,
  oids: readonly string[],
): Promise<readonly AuthoredCommit[]> {
  const { owner, repo } = splitPath(repository);
  const commits: AuthoredCommit[] = [];
  for (let start = 0; start < oids.length; start += BATCH) {
    const batch = oids.slice(start, start + BATCH);
    const variables = { owner, name: repo, ...Object.fromEntries(batch.map((oid, index) => [`c${index}`, oid])) };
    const answer = await client.graphql(repository, commitsDocument(batch.length), variables, commitsAnswer);
    const found = Object.values(answer.repository).flatMap((each) => authored.safeParse(each).data ?? []);
    commits.push(...found.filter(({ oid }) => batch.some((asked) => oid.startsWith(asked))));
  }
  return commits;
}

function commitsDocument(count: number): string {
  const indexes = Array.from({ length: count }, (_, index) => index);
  return `query Commits($owner: String!, $name: String!${indexes.map((i) => `, $c${i}: String!`).join('')}) {
  repository(owner: $owner, name: $name) {
    ${indexes.map((i) => `c${i}: object(expression: $c${i}) { ...Authored }`).join('\n    ')}
  }
}
${AUTHORED}`;
}

const commitsAnswer = z.object({ repository: z.record(z.string(), z.unknown()) });
