import type { components } from '@octokit/openapi-webhooks-types';
import type { WorldEvent } from '../world/events.ts';
import type { CheckRun, Deployment, DeploymentStatus, Status } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { appBody, userBody } from '../bodies/accounts.ts';
import { checkRunBody, deploymentBody, deploymentStatusBody } from '../bodies/checks.ts';
import { accountOfEmail, commitBody, gitUser } from '../bodies/commits.ts';
import { repositoryUrl } from '../bodies/repository.ts';
import type { Common } from './payloads.ts';

type Schemas = components['schemas'];

type CheckRunEvent = Extract<WorldEvent, { name: 'check_run' }>;

export function checkRunPayload(world: World, event: CheckRunEvent, base: Common): object {
  const { run } = event;
  const body = {
    ...checkRunBody(world, run),
    conclusion: run.conclusion ?? null,
    started_at: (run.startedAt ?? run.suite.createdAt).toISOString(),
    check_suite: suiteBody(world, run),
  };
  switch (event.action) {
    case 'created':
      return { action: event.action, check_run: body, ...base } satisfies Schemas['webhook-check-run-created'];
    case 'completed':
      return { action: event.action, check_run: body, ...base } satisfies Schemas['webhook-check-run-completed'];
    case 'rerequested':
      return { action: event.action, check_run: body, ...base } satisfies Schemas['webhook-check-run-rerequested'];
    case 'requested_action': {
      const requested = { requested_action: { identifier: event.identifier } };
      return {
        action: event.action,
        check_run: body,
        ...requested,
        ...base,
      } satisfies Schemas['webhook-check-run-requested-action'];
    }
  }
}

function suiteBody(world: World, { suite, app, repository, sha }: CheckRun): Schemas['simple-check-suite'] {
  const branch = repository.git.refs.list('refs/heads/').find(([, oid]) => oid === sha)?.[0];
  return {
    id: suite.id,
    node_id: suite.nodeId,
    head_branch: branch?.slice('refs/heads/'.length) ?? null,
    head_sha: sha,
    app: appBody(world, app),
    pull_requests: [],
    created_at: suite.createdAt.toISOString(),
    url: `${repositoryUrl(world, repository)}/check-suites/${suite.id}`,
  };
}

export function statusPayload(world: World, status: Status, base: Common): Schemas['webhook-status'] {
  const { repository, sha } = status;
  const url = repositoryUrl(world, repository);
  const branches = repository.git.refs.list('refs/heads/').filter(([, oid]) => oid === sha);
  return {
    id: status.id,
    sha,
    name: `${repository.owner.login}/${repository.name}`,
    avatar_url: `${world.origin}/avatars/${status.creator.login}`,
    target_url: status.targetUrl ?? null,
    context: status.context,
    description: status.description ?? null,
    state: status.state,
    commit: statusCommit(world, status),
    branches: branches.map(([ref]) => ({
      name: ref.slice('refs/heads/'.length),
      commit: { sha, url: `${url}/commits/${sha}` },
      protected: false,
    })),
    created_at: status.createdAt.toISOString(),
    updated_at: status.createdAt.toISOString(),
    ...base,
  };
}

function statusCommit(world: World, { repository, sha }: Status): Schemas['webhook-status']['commit'] {
  const commit = repository.git.existingCommit(sha);
  const { node_id, url, html_url, comments_url } = commitBody(world, repository, commit);
  const author = accountOfEmail(world, commit.author.email);
  const committer = accountOfEmail(world, commit.committer.email);
  const parents = commit.parents.map((parent) => {
    const parentUrl = `${repositoryUrl(world, repository)}/commits/${parent}`;
    return { sha: parent, url: parentUrl, html_url: parentUrl };
  });
  const verification = {
    verified: commit.signed,
    reason: commit.signed ? ('valid' as const) : ('unsigned' as const),
    signature: null,
    payload: null,
    verified_at: null,
  };
  return {
    sha,
    node_id,
    url,
    html_url,
    comments_url,
    commit: {
      author: gitUser(commit.author),
      committer: gitUser(commit.committer),
      message: commit.message,
      tree: { sha: commit.tree, url: `${repositoryUrl(world, repository)}/git/trees/${commit.tree}` },
      url: `${repositoryUrl(world, repository)}/git/commits/${sha}`,
      comment_count: 0,
      verification,
    },
    author: author === undefined ? null : userBody(world, author),
    committer: committer === undefined ? null : userBody(world, committer),
    parents,
  };
}

export function deploymentPayload(world: World, deployment: Deployment, base: Common): object {
  const described = {
    action: 'created',
    deployment: webhookDeployment(world, deployment),
    workflow: null,
    workflow_run: null,
    ...base,
  } satisfies Schemas['webhook-deployment-created'];
  return { ...described, deployment: { ...described.deployment, payload: deployment.payload } };
}

export function deploymentStatusPayload(world: World, status: DeploymentStatus, base: Common): object {
  const described = {
    action: 'created',
    deployment: webhookDeployment(world, status.deployment),
    deployment_status: deploymentStatusBody(world, status),
    ...base,
  } satisfies Schemas['webhook-deployment-status-created'];
  return { ...described, deployment: { ...described.deployment, payload: status.deployment.payload } };
}

/** Without the payload, which the description types as an object without any field. */
function webhookDeployment(world: World, deployment: Deployment) {
  return { ...deploymentBody(world, deployment), payload: '', performed_via_github_app: null };
}
