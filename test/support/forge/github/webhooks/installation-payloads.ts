import type { components } from '@octokit/openapi-webhooks-types';
import type { WorldEvent } from '../world/events.ts';
import type { Account, Installation, Repository } from '../world/model.ts';
import { fullName } from '../world/repositories.ts';
import { repositoriesOf } from '../world/installations.ts';
import type { World } from '../world/world.ts';
import { installationBody, userBody } from '../bodies/accounts.ts';

type Schemas = components['schemas'];
type InstallationAction = Extract<WorldEvent, { name: 'installation' }>['action'];

export function installationPayload(
  world: World,
  action: InstallationAction,
  installation: Installation,
  sender: Account,
): object {
  const shared = {
    installation: installationBody(world, installation),
    repositories: repositoriesOf(world, installation).map(briefRepository),
    sender: userBody(world, sender),
  };
  switch (action) {
    case 'created':
      return { action, requester: null, ...shared } satisfies Schemas['webhook-installation-created'];
    case 'deleted':
      return { action, requester: null, ...shared } satisfies Schemas['webhook-installation-deleted'];
    case 'suspend':
      return { action, requester: null, ...shared } satisfies Schemas['webhook-installation-suspend'];
    case 'unsuspend':
      return { action, requester: null, ...shared } satisfies Schemas['webhook-installation-unsuspend'];
  }
}

export function installationRepositoriesPayload(
  world: World,
  event: Extract<WorldEvent, { name: 'installation_repositories' }>,
  sender: Account,
): object {
  const { installation, repositories } = event;
  const shared = {
    installation: installationBody(world, installation),
    repository_selection: installation.selection,
    requester: null,
    sender: userBody(world, sender),
  };
  const named = repositories.map(briefRepository);
  if (event.action === 'added') {
    return {
      action: event.action,
      repositories_added: named,
      repositories_removed: [],
      ...shared,
    } satisfies Schemas['webhook-installation-repositories-added'];
  }
  return {
    action: event.action,
    repositories_added: [],
    repositories_removed: named,
    ...shared,
  } satisfies Schemas['webhook-installation-repositories-removed'];
}

function briefRepository(repository: Repository) {
  return {
    id: repository.id,
    node_id: repository.nodeId,
    name: repository.name,
    full_name: fullName(repository),
    private: repository.private,
  };
}
