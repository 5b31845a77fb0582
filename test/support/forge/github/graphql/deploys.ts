import { addDeploymentStatus, statusesFor } from '../world/deploys.ts';
import type { Deployment, DeploymentState, DeploymentStatus, Repository, Status } from '../world/model.ts';
import { notFound, unprocessable } from '../world/refusal.ts';
import { actorOf, requireAccess } from '../world/tokens.ts';
import type { World } from '../world/world.ts';
import { type Arguments, flag, nodeById, requiredText, text, texts } from './arguments.ts';
import { connection } from './connection.ts';
import type { Mutation } from './mutations.ts';
import { accountNode, commitNode } from './nodes.ts';

/** Deployments and commit statuses in GraphQL. GitHub has no mutation that writes a commit status. */
export const deployMutations: Readonly<Record<string, Mutation>> = {
  createDeploymentStatus(context, given) {
    const id = requiredText(given, 'deploymentId');
    const deployment = nodeById(context, id);
    if (deployment.kind !== 'deployment') {
      throw notFound(`Could not resolve to Deployment node with the global id of '${id}'`);
    }
    requireAccess(context.world, context.credentials, deployment.repository, { deployments: 'write' });
    const status = addDeploymentStatus(context.world, actorOf(context.world, context.credentials), deployment, {
      state: stateOf(requiredText(given, 'state')),
      environment: text(given, 'environment') ?? deployment.environment,
      autoInactive: flag(given, 'autoInactive') ?? true,
      description: text(given, 'description') ?? '',
      logUrl: text(given, 'logUrl') ?? '',
      environmentUrl: text(given, 'environmentUrl') ?? '',
    });
    return { deploymentStatus: deploymentStatusNode(context.world, status) };
  },
};

const states: Readonly<Record<string, DeploymentState>> = {
  ERROR: 'error',
  FAILURE: 'failure',
  INACTIVE: 'inactive',
  IN_PROGRESS: 'in_progress',
  PENDING: 'pending',
  QUEUED: 'queued',
  SUCCESS: 'success',
};

function stateOf(name: string): DeploymentState {
  const state = states[name];
  if (state === undefined) throw unprocessable(`the simulator has no deployment state ${name}`);
  return state;
}

/** What a commit shows of them. */
export function deployFields(world: World, repository: Repository, oid: string) {
  return {
    deployments: (args: Arguments) => {
      const environments = texts(args, 'environments');
      const all = [...repository.deployments.values()].filter(
        ({ sha, environment }) => sha === oid && (environments.length === 0 || environments.includes(environment)),
      );
      return connection(all, args, (deployment) => deploymentNode(world, deployment));
    },
    status: () => {
      const statuses = statusesFor(repository, oid);
      if (statuses.length === 0) return null;
      const context = (args: Arguments) => {
        const found = statuses.find((status) => status.context === requiredText(args, 'name'));
        return found === undefined ? null : statusNode(world, found);
      };
      return { __typename: 'Status', id: `S_${oid}`, context };
    },
  };
}

export function statusNode(world: World, status: Status) {
  return {
    __typename: 'StatusContext',
    id: status.nodeId,
    context: status.context,
    state: status.state.toUpperCase(),
    description: status.description ?? null,
    targetUrl: status.targetUrl ?? null,
    creator: () => accountNode(world, status.creator),
    createdAt: status.createdAt.toISOString(),
  };
}

export function deploymentNode(world: World, deployment: Deployment): object {
  const latest = deployment.statuses.at(-1);
  return {
    __typename: 'Deployment',
    id: deployment.nodeId,
    databaseId: deployment.id,
    task: deployment.task,
    environment: deployment.environment,
    description: deployment.description ?? null,
    payload: JSON.stringify(deployment.payload),
    commitOid: deployment.sha,
    commit: () => commitNode(world, deployment.repository, deployment.repository.git.existingCommit(deployment.sha)),
    creator: () => accountNode(world, deployment.creator),
    createdAt: deployment.createdAt.toISOString(),
    latestStatus: latest === undefined ? null : deploymentStatusNode(world, latest),
  };
}

export function deploymentStatusNode(world: World, status: DeploymentStatus) {
  return {
    __typename: 'DeploymentStatus',
    id: status.nodeId,
    state: status.state.toUpperCase(),
    description: status.description,
    environment: status.environment,
    environmentUrl: status.environmentUrl === '' ? null : status.environmentUrl,
    logUrl: status.logUrl === '' ? null : status.logUrl,
    creator: () => accountNode(world, status.creator),
    createdAt: status.createdAt.toISOString(),
  };
}
