import type { components } from '@octokit/openapi-webhooks-types';
import type { WorldEvent } from '../world/events.ts';
import type { Account, Installation, Repository } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { userBody } from '../bodies/accounts.ts';
import { repositoryBody, repositoryUrl } from '../bodies/repository.ts';
import { checkRunPayload, deploymentPayload, deploymentStatusPayload, statusPayload } from './check-payloads.ts';
import { commentPayload } from './comment-payloads.ts';
import { mergeGroupPayload } from './merge-group-payload.ts';
import { installationPayload, installationRepositoriesPayload } from './installation-payloads.ts';
import { packagePayload, registryPackagePayload } from './package-payloads.ts';
import { pullRequestPayload, reviewPayload } from './pull-payloads.ts';
import { pushPayload } from './push-payload.ts';

type Schemas = components['schemas'];

/** What every event of a repository carries. */
export interface Common {
  readonly repository: ReturnType<typeof repositoryBody>;
  readonly sender: ReturnType<typeof userBody>;
  readonly installation: Schemas['simple-installation'];
  readonly organization?: Schemas['organization-simple-webhooks'];
}

export function actionOf(event: WorldEvent): string | undefined {
  return 'action' in event ? event.action : undefined;
}

/** The body of the webhook, typed by GitHub's own description of it. */
export function payloadOf(world: World, event: WorldEvent, installation: Installation): object {
  const of = (repository: Repository) => common(world, repository, event.sender, installation);
  switch (event.name) {
    case 'push':
      return pushPayload(world, event, of(event.repository));
    case 'create':
      return createPayload(event.repository, event.branch, of(event.repository));
    case 'delete':
      return deletePayload(event.branch, of(event.repository));
    case 'pull_request':
      return pullRequestPayload(world, event, of(event.pull.repository));
    case 'pull_request_review':
      return reviewPayload(world, event.action, event.review, of(event.review.pull.repository));
    case 'issue_comment':
      return commentPayload(world, event, of(event.comment.pull.repository));
    case 'label':
      return labelPayload(world, event.label, of(event.label.repository));
    case 'check_run':
      return checkRunPayload(world, event, of(event.run.repository));
    case 'merge_group':
      return mergeGroupPayload(event, of(event.group.pull.repository));
    case 'status':
      return statusPayload(world, event.status, of(event.status.repository));
    case 'deployment':
      return deploymentPayload(world, event.deployment, of(event.deployment.repository));
    case 'deployment_status':
      return deploymentStatusPayload(world, event.status, of(event.status.deployment.repository));
    case 'repository':
      return { action: event.action, ...of(event.repository) } satisfies Schemas['webhook-repository-created'];
    case 'installation':
      return installationPayload(world, event.action, event.installation, event.sender);
    case 'installation_repositories':
      return installationRepositoriesPayload(world, event, event.sender);
    case 'registry_package':
      return registryPackagePayload(world, event.package, { installation, sender: event.sender });
    case 'package':
      return packagePayload(world, event.package, { installation, sender: event.sender });
  }
}

function common(world: World, repository: Repository, sender: Account, installation: Installation): Common {
  const { owner } = repository;
  return {
    repository: repositoryBody(world, repository),
    ...(owner.type === 'Organization' ? { organization: organizationBody(world, owner) } : {}),
    sender: userBody(world, sender),
    installation: { id: installation.id, node_id: installation.nodeId },
  };
}

export function organizationBody(world: World, account: Account): Schemas['organization-simple-webhooks'] {
  const url = `${world.apiUrl}/orgs/${account.login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: account.nodeId,
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${world.origin}/avatars/${account.login}`,
    description: null,
  };
}

function createPayload(repository: Repository, branch: string, base: Common): Schemas['webhook-create'] {
  return {
    ref: branch,
    ref_type: 'branch',
    master_branch: repository.defaultBranch,
    description: repository.description ?? null,
    pusher_type: 'user',
    ...base,
  };
}

function deletePayload(branch: string, base: Common): Schemas['webhook-delete'] {
  return { ref: branch, ref_type: 'branch', pusher_type: 'user', ...base };
}

type Label = Extract<WorldEvent, { name: 'label' }>['label'];

function labelPayload(world: World, label: Label, base: Common): Schemas['webhook-label-created'] {
  return { action: 'created', label: webhookLabel(world, label), ...base };
}

export function webhookLabel(world: World, label: Label): Schemas['webhooks_label'] {
  return {
    id: label.id,
    node_id: label.nodeId,
    url: `${repositoryUrl(world, label.repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description ?? null,
    archived_at: null,
    archived_by: null,
  };
}
