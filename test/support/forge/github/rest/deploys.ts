import type { Deployment, Repository } from '../world/model.ts';
import { addDeployment, addDeploymentStatus, addStatus, combinedStatus, statusesFor } from '../world/deploys.ts';
import { notFound } from '../world/refusal.ts';
import { resolveCommit } from '../world/revisions.ts';
import { deploymentBody, deploymentStatusBody, statusBody } from '../bodies/checks.ts';
import { repositoryBody, repositoryUrl } from '../bodies/repository.ts';
import { type Call, operation } from './operation.ts';
import { paginate } from './pages.ts';

export const deployOperations = [
  operation('repos/create-commit-status', { statuses: 'write' }, ({ world, actor, repository, path, body }) => {
    const status = addStatus(world, actor, repository, {
      sha: path.sha,
      state: body.state,
      context: body.context ?? 'default',
      description: body.description ?? undefined,
      targetUrl: body.target_url ?? undefined,
    });
    return { status: 201, body: statusBody(world, status) };
  }),
  operation('repos/list-commit-statuses-for-ref', { statuses: 'read' }, ({ world, repository, path, query, url }) => {
    const all = statusesFor(repository, resolveCommit(repository, path.ref).oid);
    const { items, headers } = paginate(all, url, query);
    return { status: 200, body: items.map((status) => statusBody(world, status)), headers };
  }),
  operation('repos/get-combined-status-for-ref', { statuses: 'read' }, (call) => {
    const { world, repository, path, query, url } = call;
    const sha = resolveCommit(repository, path.ref).oid;
    const { state, statuses } = combinedStatus(repository, sha);
    const { items, headers } = paginate(statuses, url, query);
    const body = {
      state,
      sha,
      statuses: items.map((status) => statusBody(world, status)),
      total_count: statuses.length,
      repository: repositoryBody(world, repository),
      commit_url: `${repositoryUrl(world, repository)}/commits/${sha}`,
      url: `${repositoryUrl(world, repository)}/commits/${sha}/status`,
    };
    return { status: 200, body, headers };
  }),
  operation('repos/create-deployment', { deployments: 'write' }, createDeployment),
  operation('repos/list-deployments', { deployments: 'read' }, ({ world, repository, query, url }) => {
    const matching = [...repository.deployments.values()]
      .reverse()
      .filter(
        ({ sha, ref, task, environment }) =>
          isWanted(query.sha, sha) &&
          isWanted(query.ref, ref) &&
          isWanted(query.task, task) &&
          isWanted(query.environment, environment),
      );
    const { items, headers } = paginate(matching, url, query);
    return { status: 200, body: items.map((deployment) => deploymentBody(world, deployment)), headers };
  }),
  operation('repos/get-deployment', { deployments: 'read' }, ({ world, repository, path }) => ({
    status: 200,
    body: deploymentBody(world, deploymentIn(repository, path.deployment_id)),
  })),
  operation('repos/create-deployment-status', { deployments: 'write' }, createDeploymentStatus),
  operation('repos/list-deployment-statuses', { deployments: 'read' }, ({ world, repository, path, query, url }) => {
    const all = deploymentIn(repository, path.deployment_id).statuses.toReversed();
    const { items, headers } = paginate(all, url, query);
    return { status: 200, body: items.map((status) => deploymentStatusBody(world, status)), headers };
  }),
];

/** A filter that is absent, or says `none`, takes everything. */
function isWanted(filter: string | null | undefined, value: string): boolean {
  return filter === undefined || filter === null || filter === 'none' || filter === value;
}

function deploymentIn(repository: Repository, id: number): Deployment {
  const deployment = repository.deployments.get(id);
  if (deployment === undefined) throw notFound();
  return deployment;
}

function createDeployment({ world, actor, repository, body }: Call<'repos/create-deployment'>) {
  const environment = body.environment ?? 'production';
  const deployment = addDeployment(world, actor, repository, {
    ref: body.ref,
    sha: resolveCommit(repository, body.ref).oid,
    task: body.task ?? 'deploy',
    environment,
    description: body.description ?? undefined,
    payload: body.payload ?? {},
    transient: body.transient_environment ?? false,
    production: body.production_environment ?? environment === 'production',
    autoMerge: body.auto_merge ?? true,
    requiredContexts: body.required_contexts,
  });
  return { status: 201 as const, body: deploymentBody(world, deployment) };
}

function createDeploymentStatus({ world, actor, repository, path, body }: Call<'repos/create-deployment-status'>) {
  const deployment = deploymentIn(repository, path.deployment_id);
  const status = addDeploymentStatus(world, actor, deployment, {
    state: body.state,
    description: body.description ?? '',
    environment: body.environment ?? deployment.environment,
    environmentUrl: body.environment_url ?? '',
    logUrl: body.log_url ?? body.target_url ?? '',
    autoInactive: body.auto_inactive ?? true,
  });
  return { status: 201 as const, body: deploymentStatusBody(world, status) };
}
