import type { components } from '@octokit/openapi-types';
import type { Account, App, Installation, Repository, Team } from '../world/model.ts';
import { ghost, isDeleted, roleOf } from '../world/accounts.ts';
import type { World } from '../world/world.ts';

type Schemas = components['schemas'];

/** `simple-user`, as it stands in nearly every body. */
export function userBody(world: World, told: Account) {
  const account = isDeleted(world, told) ? ghost(world) : told;
  const url = `${world.apiUrl}/users/${account.login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: account.nodeId,
    avatar_url: `${world.origin}/avatars/${account.login}`,
    gravatar_id: '',
    url,
    html_url: `${world.origin}/${account.login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: 'public',
    site_admin: false,
  } as const satisfies Schemas['simple-user'];
}

export function publicUserBody(world: World, account: Account): Schemas['public-user'] {
  return {
    ...userBody(world, account),
    name: account.name,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: '2011-01-25T18:44:36Z',
    updated_at: '2011-01-25T18:44:36Z',
  };
}

export function appBody(world: World, app: App) {
  return {
    id: app.id,
    client_id: `Iv1.${app.id.toString(16).padStart(16, '0')}`,
    slug: app.slug,
    node_id: app.nodeId,
    owner: userBody(world, app.owner),
    name: app.name,
    description: '',
    external_url: `${world.origin}/apps/${app.slug}/about`,
    html_url: `${world.origin}/apps/${app.slug}`,
    created_at: app.createdAt.toISOString(),
    updated_at: app.createdAt.toISOString(),
    permissions: app.permissions,
    events: [...app.events],
  } satisfies Schemas['nullable-integration'];
}

export function installationBody(world: World, installation: Installation) {
  const { id, account } = installation;
  return {
    id,
    account: holderBody(world, account),
    repository_selection: installation.selection,
    access_tokens_url: `${world.apiUrl}/app/installations/${id}/access_tokens`,
    repositories_url: `${world.apiUrl}/installation/repositories`,
    html_url: `${world.origin}/organizations/${account.login}/settings/installations/${id}`,
    app_id: world.app.id,
    target_id: account.id,
    target_type: account.type,
    permissions: installation.permissions,
    events: [...world.app.events],
    created_at: installation.createdAt.toISOString(),
    updated_at: installation.createdAt.toISOString(),
    single_file_name: null,
    app_slug: world.app.slug,
    suspended_by: installation.suspendedAt === undefined ? null : userBody(world, account),
    suspended_at: installation.suspendedAt?.toISOString() ?? null,
  } satisfies Schemas['installation'];
}

/** The description wants of the holder of an installation both what a user and what an enterprise has. */
function holderBody(world: World, account: Account) {
  const since = '2011-01-25T18:44:36Z';
  return { ...userBody(world, account), name: account.name, slug: account.login, created_at: since, updated_at: since };
}

export function teamBody(world: World, team: Team) {
  const url = `${world.apiUrl}/organizations/${team.organization.id}/team/${team.id}`;
  return {
    id: team.id,
    node_id: team.nodeId,
    url,
    members_url: `${url}/members{/member}`,
    name: team.name,
    description: null,
    permission: 'pull',
    privacy: 'closed',
    html_url: `${world.origin}/orgs/${team.organization.login}/teams/${team.slug}`,
    repositories_url: `${url}/repos`,
    slug: team.slug,
    type: 'organization',
    organization_id: team.organization.id,
    parent: null,
  } as const satisfies Schemas['team-simple'] & Schemas['team'];
}

/** How the author of something stands to the repository it is in. */
export function associationOf(repository: Repository, author: Account): 'OWNER' | 'MEMBER' | 'COLLABORATOR' | 'NONE' {
  if (author === repository.owner) return 'OWNER';
  if (author.type === 'Bot') return 'NONE';
  const role = roleOf(repository, author);
  if (role === 'none' || role === 'read') return 'NONE';
  return repository.owner.type === 'Organization' ? 'MEMBER' : 'COLLABORATOR';
}
