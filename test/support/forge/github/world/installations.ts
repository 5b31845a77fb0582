import type { Account, Installation, Permissions, Repository } from './model.ts';
import type { World } from './world.ts';

/** Installs the app on an account, or gives it further repositories there. */
export function install(
  world: World,
  owner: Account,
  options: { repositories: 'all' | readonly Repository[]; permissions?: Permissions },
): Installation {
  const { repositories } = options;
  const known = world.installations.get(owner.login.toLowerCase());
  if (known !== undefined) {
    if (repositories === 'all') known.selection = 'all';
    else addRepositories(world, known, repositories);
    return known;
  }
  const installation = world.add<Installation>({
    kind: 'installation',
    ...world.identity('installation'),
    account: owner,
    selection: repositories === 'all' ? 'all' : 'selected',
    repositories: new Set(repositories === 'all' ? [] : repositories),
    permissions: options.permissions ?? world.app.permissions,
    suspendedAt: undefined,
    createdAt: world.now(),
  });
  world.installations.set(owner.login.toLowerCase(), installation);
  world.emit({ name: 'installation', action: 'created', installation, sender: owner });
  return installation;
}

/** Removes the app from an account; its tokens stop working. */
export function uninstall(world: World, installation: Installation): void {
  world.emit({ name: 'installation', action: 'deleted', installation, sender: installation.account });
  world.installations.delete(installation.account.login.toLowerCase());
  world.nodes.delete(installation.nodeId);
}

export function suspend(world: World, installation: Installation, suspended: boolean): void {
  installation.suspendedAt = suspended ? world.now() : undefined;
  const action = suspended ? 'suspend' : 'unsuspend';
  world.emit({ name: 'installation', action, installation, sender: installation.account });
}

export function addRepositories(world: World, installation: Installation, repositories: readonly Repository[]): void {
  const added = repositories.filter((repository) => !installation.repositories.has(repository));
  if (added.length === 0) return;
  for (const repository of added) installation.repositories.add(repository);
  world.emit({
    name: 'installation_repositories',
    action: 'added',
    installation,
    repositories: added,
    sender: installation.account,
  });
}

export function removeRepositories(
  world: World,
  installation: Installation,
  repositories: readonly Repository[],
): void {
  world.emit({
    name: 'installation_repositories',
    action: 'removed',
    installation,
    repositories,
    sender: installation.account,
  });
  installation.selection = 'selected';
  for (const repository of repositories) installation.repositories.delete(repository);
}

/** The repositories that the app may work on, oldest first. */
export function repositoriesOf(world: World, installation: Installation): Repository[] {
  if (installation.selection === 'selected') return [...installation.repositories];
  return [...world.repositories.values()].filter(({ owner }) => owner === installation.account);
}

export function installationOf(world: World, repository: Repository): Installation | undefined {
  const installation = world.installations.get(repository.owner.login.toLowerCase());
  if (installation === undefined) return undefined;
  const covers = installation.selection === 'all' || installation.repositories.has(repository);
  return covers ? installation : undefined;
}
