import type { Account, App, Permissions, Repository, Role, Team } from './model.ts';
import type { World } from './world.ts';

/** The account with that name, made on first mention. */
export function account(world: World, login: string, type: Account['type'] = 'User'): Account {
  const known = world.accounts.get(login.toLowerCase());
  if (known !== undefined) return known;
  const identity = world.identity('account');
  const email = `${identity.id}+${login}@users.noreply.github.com`;
  const made = world.add<Account>({ kind: 'account', ...identity, login, type, name: login, email });
  world.accounts.set(login.toLowerCase(), made);
  return made;
}

/** What an account leaves stays, in nobody's name. */
export function deleteAccount(world: World, login: string): void {
  const gone = account(world, login);
  world.accounts.delete(login.toLowerCase());
  for (const { members } of world.teams) members.delete(gone);
  for (const { collaborators } of world.repositories.values()) collaborators.delete(login.toLowerCase());
}

/** The account that stands in where there must be one. */
export function ghost(world: World): Account {
  return account(world, 'ghost');
}

export function isDeleted(world: World, { login }: Account): boolean {
  return !world.accounts.has(login.toLowerCase());
}

export interface Registration {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly owner: string;
  readonly publicKey: string;
  readonly permissions: Permissions;
  readonly events: readonly string[];
}

export function registerApp(world: World, { id, owner, ...registration }: Registration): App {
  const bot = account(world, `${registration.slug}[bot]`, 'Bot');
  const createdAt = world.now();
  const organization = account(world, owner, 'Organization');
  const app = world.add<App>({
    kind: 'app',
    ...world.identity('app', id),
    ...registration,
    owner: organization,
    bot,
    createdAt,
  });
  world.app = app;
  return app;
}

export function team(world: World, organization: string, slug: string, members: readonly string[]): Team {
  const made = world.add<Team>({
    kind: 'team',
    ...world.identity('team'),
    organization: account(world, organization, 'Organization'),
    slug,
    name: slug,
    members: new Set(members.map((login) => account(world, login))),
  });
  world.teams.push(made);
  return made;
}

/** What a person may do in a repository. The owner administers it; strangers read what is public. */
export function roleOf(repository: Repository, person: Account): Role {
  const given = repository.collaborators.get(person.login.toLowerCase());
  if (given !== undefined) return given;
  if (person === repository.owner) return 'admin';
  return repository.private ? 'none' : 'read';
}

export function mayWrite(role: Role): boolean {
  return role === 'admin' || role === 'maintain' || role === 'write';
}
