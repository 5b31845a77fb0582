import type { Actor, Deployment, DeploymentState, DeploymentStatus, Repository, Status, StatusState } from './model.ts';
import { Refusal, unprocessable } from './refusal.ts';
import type { World } from './world.ts';

/** How many statuses a commit takes for one context. */
export const statusLimit = 1_000;

export interface NewStatus {
  readonly sha: string;
  readonly state: StatusState;
  readonly context: string;
  readonly description: string | undefined;
  readonly targetUrl: string | undefined;
}

export function addStatus(world: World, actor: Actor, repository: Repository, wanted: NewStatus): Status {
  const { sha, context } = wanted;
  refuseUnshowable(wanted.description, wanted.targetUrl);
  if (/[\u{10000}-\u{10ffff}]/u.test(wanted.description ?? '')) {
    throw unprocessable("description doesn't accept 4-byte Unicode");
  }
  if (repository.git.commit(sha) === undefined) throw unprocessable(`No commit found for SHA: ${sha}`);
  if (repository.statuses.filter((status) => status.sha === sha && status.context === context).length >= statusLimit) {
    const errors = [
      {
        resource: 'Status',
        code: 'custom',
        message: 'This SHA and context has reached the maximum number of statuses.',
      },
    ];
    throw new Refusal(422, 'Validation Failed', { errors });
  }
  const status = world.add<Status>({
    kind: 'status',
    ...world.identity('status'),
    repository,
    ...wanted,
    creator: actor.account,
    createdAt: world.now(),
  });
  repository.statuses.push(status);
  world.emit({ name: 'status', status, sender: actor.account });
  return status;
}

/** Descriptions and links that GitHub takes from nobody. */
function refuseUnshowable(description = '', ...links: readonly (string | undefined)[]): void {
  if (description.length > 140) throw unprocessable('description is too long (maximum is 140 characters)');
  if (links.some((link) => link !== undefined && link !== '' && !/^https?:\/\//.test(link))) {
    throw unprocessable('the target URL must use http(s) scheme');
  }
}

/** Newest first. */
export function statusesFor(repository: Repository, sha: string): Status[] {
  return repository.statuses.filter((status) => status.sha === sha).reverse();
}

/** The newest status of each context, and what they come to together. */
export function combinedStatus(repository: Repository, sha: string): { state: string; statuses: Status[] } {
  const all = statusesFor(repository, sha);
  const statuses = all.filter((one, index) => all.findIndex(({ context }) => context === one.context) === index);
  const states = new Set(statuses.map(({ state }) => state));
  if (states.has('failure') || states.has('error')) return { state: 'failure', statuses };
  return { state: states.has('pending') || states.size === 0 ? 'pending' : 'success', statuses };
}

export interface NewDeployment {
  readonly ref: string;
  readonly sha: string;
  readonly task: string;
  readonly environment: string;
  readonly description: string | undefined;
  readonly payload: Record<string, unknown> | string;
  readonly transient: boolean;
  readonly production: boolean;
  /** Merge the default branch into the ref first. */
  readonly autoMerge: boolean;
  /** Contexts that must have passed; undefined means every one. */
  readonly requiredContexts: readonly string[] | undefined;
}

/** @throws Refusal 409 when commit statuses are not green or the default branch would have to be merged first */
export function addDeployment(world: World, actor: Actor, repository: Repository, wanted: NewDeployment): Deployment {
  refuseUnready(repository, wanted);
  const { ref, sha, task, environment, description, payload, transient, production } = wanted;
  const deployment = world.add<Deployment>({
    kind: 'deployment',
    ...world.identity('deployment'),
    repository,
    ...{ ref, sha, task, environment, description, payload, transient, production },
    creator: actor.account,
    app: actor.app,
    statuses: [],
    createdAt: world.now(),
  });
  repository.deployments.set(deployment.id, deployment);
  world.emit({ name: 'deployment', action: 'created', deployment, sender: actor.account });
  return deployment;
}

function refuseUnready(repository: Repository, { ref, sha, autoMerge, requiredContexts }: NewDeployment): void {
  const base = repository.git.refs.get(`refs/heads/${repository.defaultBranch}`);
  if (autoMerge && ref !== repository.defaultBranch && base !== undefined && !repository.git.isAncestor(base, sha)) {
    throw new Refusal(409, `Conflict merging ${repository.defaultBranch} into ${ref}`);
  }
  const { statuses } = combinedStatus(repository, sha);
  const contexts = requiredContexts ?? statuses.map(({ context }) => context);
  const unmet = contexts.filter((name) => statuses.find(({ context }) => context === name)?.state !== 'success');
  if (unmet.length > 0) throw new Refusal(409, `Conflict: Commit status checks failed for ${ref}.`);
}

export interface NewDeploymentStatus {
  readonly state: DeploymentState;
  readonly description: string;
  readonly environment: string;
  readonly environmentUrl: string;
  readonly logUrl: string;
  /** Mark earlier deployments to the same environment inactive. */
  readonly autoInactive: boolean;
}

export function addDeploymentStatus(
  world: World,
  actor: Actor,
  deployment: Deployment,
  { autoInactive, ...wanted }: NewDeploymentStatus,
): DeploymentStatus {
  refuseUnshowable(wanted.description, wanted.logUrl, wanted.environmentUrl);
  const status = world.add<DeploymentStatus>({
    kind: 'deployment-status',
    ...world.identity('deployment-status'),
    deployment,
    ...wanted,
    creator: actor.account,
    createdAt: world.now(),
  });
  deployment.statuses.push(status);
  world.emit({ name: 'deployment_status', action: 'created', status, sender: actor.account });
  if (wanted.state === 'success' && autoInactive) retireOthers(world, actor, deployment);
  return status;
}

function retireOthers(world: World, actor: Actor, current: Deployment): void {
  for (const other of current.repository.deployments.values()) {
    const isRetired =
      other === current || other.transient || other.production || other.environment !== current.environment;
    if (isRetired || other.statuses.at(-1)?.state !== 'success') continue;
    const inactive = { state: 'inactive', description: '', environmentUrl: '', logUrl: '' } as const;
    addDeploymentStatus(world, actor, other, { ...inactive, environment: other.environment, autoInactive: false });
  }
}
