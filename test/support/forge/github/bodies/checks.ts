import type { components } from '@octokit/openapi-types';
import type { Annotation, CheckRun, Deployment, DeploymentStatus, Status } from '../world/model.ts';
import { pullsOf } from '../world/pulls.ts';
import type { World } from '../world/world.ts';
import { appBody, userBody } from './accounts.ts';
import { minimalPullBody } from './pull.ts';
import { repositoryPage, repositoryUrl } from './repository.ts';

type Schemas = components['schemas'];

export function checkRunBody(world: World, run: CheckRun) {
  const url = `${repositoryUrl(world, run.repository)}/check-runs/${run.id}`;
  const page = `${repositoryPage(world, run.repository)}/runs/${run.id}`;
  const pulls = pullsOf(run.repository, 'open').filter(({ head }) => head.sha === run.sha);
  return {
    id: run.id,
    head_sha: run.sha,
    node_id: run.nodeId,
    external_id: run.externalId ?? '',
    url,
    html_url: page,
    details_url: run.detailsUrl ?? page,
    status: run.status,
    conclusion: run.conclusion === 'stale' ? null : (run.conclusion ?? null),
    started_at: run.startedAt?.toISOString() ?? null,
    completed_at: run.completedAt?.toISOString() ?? null,
    output: {
      title: run.title ?? null,
      summary: run.summary ?? null,
      text: run.text ?? null,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    name: run.name,
    check_suite: { id: run.suite.id },
    app: appBody(world, run.app),
    pull_requests: pulls.map((pull) => minimalPullBody(world, pull)),
  } satisfies Schemas['check-run'];
}

export function annotationBody(world: World, run: CheckRun, annotation: Annotation): Schemas['check-annotation'] {
  return {
    path: annotation.path,
    start_line: annotation.startLine,
    end_line: annotation.endLine,
    start_column: annotation.startColumn ?? null,
    end_column: annotation.endColumn ?? null,
    annotation_level: annotation.level,
    title: annotation.title ?? null,
    message: annotation.message,
    raw_details: annotation.rawDetails ?? null,
    blob_href: `${repositoryPage(world, run.repository)}/blob/${run.sha}/${encodeURI(annotation.path)}`,
  };
}

export function statusBody(world: World, status: Status) {
  return {
    url: `${repositoryUrl(world, status.repository)}/statuses/${status.sha}`,
    avatar_url: `${world.origin}/avatars/${status.creator.login}`,
    id: status.id,
    node_id: status.nodeId,
    state: status.state,
    description: status.description ?? null,
    target_url: status.targetUrl ?? null,
    context: status.context,
    created_at: status.createdAt.toISOString(),
    updated_at: status.createdAt.toISOString(),
    creator: userBody(world, status.creator),
  } satisfies Schemas['status'];
}

export function deploymentUrl(world: World, deployment: Deployment): string {
  return `${repositoryUrl(world, deployment.repository)}/deployments/${deployment.id}`;
}

export function deploymentBody(world: World, deployment: Deployment) {
  const updated = deployment.statuses.at(-1)?.createdAt ?? deployment.createdAt;
  return {
    url: deploymentUrl(world, deployment),
    id: deployment.id,
    node_id: deployment.nodeId,
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload,
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description ?? null,
    creator: userBody(world, deployment.creator),
    created_at: deployment.createdAt.toISOString(),
    updated_at: updated.toISOString(),
    statuses_url: `${deploymentUrl(world, deployment)}/statuses`,
    repository_url: repositoryUrl(world, deployment.repository),
    transient_environment: deployment.transient,
    production_environment: deployment.production,
    performed_via_github_app: deployment.app === undefined ? null : appBody(world, deployment.app),
  } satisfies Schemas['deployment'];
}

export function deploymentStatusBody(world: World, status: DeploymentStatus) {
  return {
    url: `${deploymentUrl(world, status.deployment)}/statuses/${status.id}`,
    id: status.id,
    node_id: status.nodeId,
    state: status.state,
    creator: userBody(world, status.creator),
    description: status.description,
    environment: status.environment,
    target_url: status.logUrl,
    created_at: status.createdAt.toISOString(),
    updated_at: status.createdAt.toISOString(),
    deployment_url: deploymentUrl(world, status.deployment),
    repository_url: repositoryUrl(world, status.deployment.repository),
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
  } satisfies Schemas['deployment-status'];
}
