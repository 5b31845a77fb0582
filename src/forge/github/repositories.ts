import { LRUCache } from 'lru-cache';
import type { RepositoryRef } from '../../domain/repository.ts';
import type { ForgeRepository, Repositories } from '../forge.ts';
import type { Client } from './client.ts';
import { isNotFound } from './errors.ts';
import { splitPath, urlPath } from './paths.ts';

export interface RepositoriesOptions {
  /** `https://github.com`, or the address of a GitHub Enterprise Server. */
  readonly webUrl: string;
  readonly now: () => Date;
}

export function createRepositories(client: Client, { webUrl, now }: RepositoriesOptions): Repositories {
  const web = webUrl.replace(/\/+$/, '');
  const readToken = createReadTokens(client, now);
  return {
    installed: () => installed(client),
    repository: (repository) => repositoryOf(client, repository),
    async gitRemote(repository) {
      const credentials = Buffer.from(`x-access-token:${await readToken(repository)}`).toString('base64');
      return { url: `${web}/${urlPath(repository.path)}.git`, authorization: `Basic ${credentials}` };
    },
    compareUrl: ({ path }, from, to) =>
      `${web}/${urlPath(path)}/compare/${encodeURIComponent(from)}...${encodeURIComponent(to)}`,
    commitUrl: ({ path }, commit) => `${web}/${urlPath(path)}/commit/${encodeURIComponent(commit)}`,
  };
}

/** Leaves out suspended installations, those that have not granted writing, and archived or disabled repositories. */
async function* installed(client: Client): AsyncIterable<ForgeRepository> {
  const installations = await client.asApp((octokit) =>
    octokit.paginate(octokit.rest.apps.listInstallations, { per_page: 100 }),
  );
  for (const { id, suspended_at: suspendedAt, permissions } of installations) {
    if (suspendedAt === null && permissions.contents === 'write') yield* ofInstallation(client, id);
  }
}

async function* ofInstallation(client: Client, installation: number): AsyncIterable<ForgeRepository> {
  for (let page = 1; ; page++) {
    const { data } = await client.asInstallation(installation, (octokit) =>
      octokit.rest.apps.listReposAccessibleToInstallation({ per_page: 100, page }),
    );
    for (const each of data.repositories) {
      const repository: RepositoryRef = { forge: 'github', path: each.full_name };
      client.known.remember(repository, { installation, nodeId: each.node_id });
      if (!each.archived && !each.disabled) yield { repository, defaultBranch: each.default_branch };
    }
    if (data.repositories.length < 100) return;
  }
}

async function repositoryOf(client: Client, repository: RepositoryRef): Promise<ForgeRepository | undefined> {
  try {
    const { data } = await client.inRepository(repository, (octokit, at) => octokit.rest.repos.get({ ...at }));
    const found: RepositoryRef = { forge: 'github', path: data.full_name };
    const installation = client.known.installation(repository);
    client.known.remember(found, { installation, nodeId: data.node_id });
    return { repository: found, defaultBranch: data.default_branch };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Tokens for git, which is another process: each opens one repository, for reading, and nothing else. */
function createReadTokens(client: Client, now: () => Date): (repository: RepositoryRef) => Promise<string> {
  const tokens = new LRUCache<string, { token: string; until: number }>({ max: 10_000 });
  return async (repository) => {
    const installation = await client.installationOf(repository);
    const { repo } = splitPath(repository);
    const key = `${installation} ${repo.toLowerCase()}`;
    const cached = tokens.get(key);
    if (cached !== undefined && cached.until > now().getTime()) return cached.token;
    const { data } = await client.asApp((octokit) =>
      octokit.rest.apps.createInstallationAccessToken({
        installation_id: installation,
        repositories: [repo],
        permissions: { contents: 'read' },
      }),
    );
    tokens.set(key, { token: data.token, until: Date.parse(data.expires_at) - TOKEN_MARGIN_MS });
    return data.token;
  };
}

/** A token is not given out when a long fetch could outlive it. */
const TOKEN_MARGIN_MS = 5 * 60_000;
