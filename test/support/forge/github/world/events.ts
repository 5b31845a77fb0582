import type * as model from './model.ts';

/** What happened, in the terms of the model; `webhooks/` turns it into the payloads that GitHub sends. */
export type WorldEvent = { readonly sender: model.Account } & (
  | { name: 'push'; repository: model.Repository; ref: string; before: string; after: string; forced: boolean }
  | { name: 'create' | 'delete'; repository: model.Repository; branch: string }
  | PullRequestEvent
  | { name: 'pull_request_review'; action: 'submitted' | 'dismissed'; review: model.Review }
  | { name: 'issue_comment'; action: 'created' | 'edited' | 'deleted'; comment: model.Comment; previousBody?: string }
  | { name: 'label'; action: 'created'; label: model.Label }
  | { name: 'check_run'; action: 'created' | 'completed' | 'rerequested'; run: model.CheckRun }
  | { name: 'check_run'; action: 'requested_action'; run: model.CheckRun; identifier: string }
  | { name: 'merge_group'; action: 'checks_requested'; group: MergeGroup }
  | { name: 'merge_group'; action: 'destroyed'; group: MergeGroup; reason: 'merged' | 'dequeued' | 'invalidated' }
  | { name: 'status'; status: model.Status }
  | { name: 'deployment'; action: 'created'; deployment: model.Deployment }
  | { name: 'deployment_status'; action: 'created'; status: model.DeploymentStatus }
  | { name: 'repository'; action: 'created'; repository: model.Repository }
  | { name: 'installation'; action: 'created' | 'deleted' | 'suspend' | 'unsuspend'; installation: model.Installation }
  | InstallationRepositoriesEvent
  | { name: 'registry_package' | 'package'; action: 'published' | 'updated'; package: PublishedPackage }
);

type PullRequestEvent = { name: 'pull_request'; pull: model.PullRequest } & (
  | { action: 'opened' | 'closed' | 'reopened' }
  | { action: 'synchronize'; before: string; after: string }
  | { action: 'edited'; changes: { title?: string; body?: string; base?: { branch: string; sha: string } } }
  | { action: 'labeled' | 'unlabeled'; label: model.Label }
  | { action: 'review_requested'; reviewer: model.Account }
  | { action: 'ready_for_review' | 'converted_to_draft' }
);

interface InstallationRepositoriesEvent {
  name: 'installation_repositories';
  action: 'added' | 'removed';
  installation: model.Installation;
  repositories: readonly model.Repository[];
}

/** What a merge queue would make of its base branch. */
export interface MergeGroup {
  readonly pull: model.PullRequest;
  /** The branch that the queue made for it. */
  readonly branch: string;
  readonly commit: string;
  readonly base: string;
}

/** A version of a container image as the container registry tells of it. */
export interface PublishedPackage {
  readonly id: number;
  readonly versionId: number;
  readonly owner: model.Account;
  readonly name: string;
  /** Absent when only a digest was pushed. */
  readonly tag: string | undefined;
  readonly digest: string;
  readonly repository: model.Repository | undefined;
  /** The commit that the image says it was built from. */
  readonly commit: string | undefined;
  readonly publishedAt: Date;
}

/** The installation whose account the event belongs to is the one that is told. */
export function accountOf(event: WorldEvent): model.Account {
  return repositoryOf(event)?.owner ?? ownerOf(event);
}

export function repositoryOf(event: WorldEvent): model.Repository | undefined {
  switch (event.name) {
    case 'push':
    case 'create':
    case 'delete':
    case 'repository':
      return event.repository;
    case 'pull_request':
      return event.pull.repository;
    case 'pull_request_review':
      return event.review.pull.repository;
    case 'issue_comment':
      return event.comment.pull.repository;
    case 'merge_group':
      return event.group.pull.repository;
    case 'label':
      return event.label.repository;
    case 'check_run':
      return event.run.repository;
    case 'status':
      return event.status.repository;
    case 'deployment':
      return event.deployment.repository;
    case 'deployment_status':
      return event.status.deployment.repository;
    case 'registry_package':
    case 'package':
      return event.package.repository;
    case 'installation':
    case 'installation_repositories':
      return undefined;
  }
}

function ownerOf(event: WorldEvent): model.Account {
  if (event.name === 'installation' || event.name === 'installation_repositories') return event.installation.account;
  if (event.name === 'registry_package' || event.name === 'package') return event.package.owner;
  return event.sender;
}
