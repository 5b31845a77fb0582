import type { Repository } from '../world/model.ts';
import { account } from '../world/accounts.ts';
import { installationOf, repositoriesOf } from '../world/installations.ts';
import { notFound, unprocessable } from '../world/refusal.ts';
import { type InstallationToken, covers } from '../world/tokens.ts';
import type { World } from '../world/world.ts';
import { appBody, installationBody, publicUserBody } from '../bodies/accounts.ts';
import { repositoryBody } from '../bodies/repository.ts';
import { type Call, operation } from './operation.ts';
import { paginate } from './pages.ts';

export const appOperations = [
  operation('apps/get-authenticated', 'app', ({ world }) => ({
    status: 200,
    body: { ...appBody(world, world.app), installations_count: world.installations.size },
  })),
  operation('apps/list-installations', 'app', ({ world, url, query }) => {
    const { items, headers } = paginate([...world.installations.values()], url, query);
    return { status: 200, body: items.map((one) => installationBody(world, one)), headers };
  }),
  operation('apps/get-installation', 'app', ({ world, path }) => ({
    status: 200,
    body: installationBody(world, installationById(world, path.installation_id)),
  })),
  operation('apps/get-org-installation', 'app', ({ world, path }) => {
    const installation = world.installations.get(path.org.toLowerCase());
    if (installation === undefined) throw notFound();
    return { status: 200, body: installationBody(world, installation) };
  }),
  operation('apps/get-repo-installation', 'app', ({ world, repository }) => {
    const installation = installationOf(world, repository);
    if (installation === undefined) throw notFound();
    return { status: 200, body: installationBody(world, installation) };
  }),
  operation('apps/create-installation-access-token', 'app', createToken),
  operation('apps/list-repos-accessible-to-installation', 'installation', ({ world, credentials, url, query }) => {
    const visible = credentials.kind === 'installation' ? visibleTo(world, credentials) : [];
    const { items, headers } = paginate(visible, url, query);
    const repositories = items.map((repository) => repositoryBody(world, repository));
    const selection = credentials.kind === 'installation' ? credentials.installation.selection : 'all';
    return {
      status: 200,
      body: { total_count: visible.length, repository_selection: selection, repositories },
      headers,
    };
  }),
  operation('users/get-by-username', 'anyone', ({ world, path }) => {
    const found = world.accounts.get(path.username.toLowerCase());
    if (found === undefined) throw notFound();
    return { status: 200, body: publicUserBody(world, account(world, found.login)) };
  }),
];

function createToken({ services, world, path, body }: Call<'apps/create-installation-access-token'>) {
  const installation = installationById(world, path.installation_id);
  const token = services.tokens.forInstallation(installation, {
    permissions: body.permissions,
    repositories: wantedRepositories(repositoriesOf(world, installation), body),
  });
  return {
    status: 201 as const,
    body: {
      token: token.token,
      expires_at: token.expiresAt.toISOString(),
      permissions: token.permissions,
      repository_selection: token.repositories === undefined ? installation.selection : ('selected' as const),
      ...(token.repositories === undefined
        ? {}
        : { repositories: [...token.repositories].map((repository) => repositoryBody(world, repository)) }),
    },
  };
}

function wantedRepositories(
  covered: readonly Repository[],
  wanted: { repositories?: string[]; repository_ids?: number[] },
): Repository[] | undefined {
  if (wanted.repositories === undefined && wanted.repository_ids === undefined) return undefined;
  const byName = (wanted.repositories ?? []).map((name) => covered.find((one) => one.name === name));
  const byId = (wanted.repository_ids ?? []).map((id) => covered.find((one) => one.id === id));
  return [...byName, ...byId].map((found) => {
    if (found !== undefined) return found;
    throw unprocessable(
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  });
}

function installationById(world: World, id: number) {
  const found = [...world.installations.values()].find((installation) => installation.id === id);
  if (found === undefined) throw notFound();
  return found;
}

function visibleTo(world: World, token: InstallationToken): Repository[] {
  return repositoriesOf(world, token.installation).filter((repository) => covers(world, token, repository));
}
