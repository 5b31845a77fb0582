import { isPermissions } from './rest/description.ts';
import type { Chaos, WebhookTarget } from './webhooks/outbox.ts';
import type { Permissions } from './world/model.ts';

export interface GitHubOptions {
  readonly app?: AppOptions;
  /** Where deliveries go from the start; `deliverTo` says it later. */
  readonly webhook?: WebhookTarget;
  readonly chaos?: Chaos;
  /** Added to every request. */
  readonly latencyMs?: number;
  /** The simulator's clock. */
  readonly now?: () => Date;
  /** Holds every answer of the REST API against the official description. */
  readonly checkAnswers?: boolean;
  /** 0, any free one, unless told. */
  readonly port?: number;
}

/** The registration of the app under test. */
export interface AppOptions {
  readonly id?: number;
  readonly slug?: string;
  readonly name?: string;
  /** The account that the app belongs to. */
  readonly owner?: string;
  /** PEM. A pair is made when it is absent. */
  readonly privateKey?: string;
  /** As in `default_permissions` of the app's manifest. @throws on a name or level that GitHub does not know */
  readonly permissions?: Readonly<Record<string, string>>;
  /** As in `default_events` of the app's manifest. @throws on one that the permissions do not reach */
  readonly events?: readonly string[];
}

export const defaultPermissions = {
  metadata: 'read',
  administration: 'read',
  checks: 'write',
  contents: 'write',
  deployments: 'write',
  issues: 'write',
  members: 'read',
  merge_queues: 'read',
  packages: 'read',
  pull_requests: 'write',
  statuses: 'write',
} as const;

export const defaultEvents = [
  'check_run',
  'create',
  'delete',
  'deployment',
  'deployment_status',
  'issue_comment',
  'label',
  'merge_group',
  'package',
  'pull_request',
  'pull_request_review',
  'push',
  'registry_package',
  'repository',
  'status',
] as const;

/** Which permissions let an app subscribe to an event, each enough: https://docs.github.com/webhooks/webhook-events-and-payloads */
const eventPermissions: Readonly<Record<string, readonly (keyof Permissions)[]>> = {
  check_run: ['checks'],
  check_suite: ['checks'],
  merge_group: ['merge_queues'],
  create: ['contents'],
  delete: ['contents'],
  deployment: ['deployments'],
  deployment_status: ['deployments'],
  issue_comment: ['issues', 'pull_requests'],
  label: ['issues', 'pull_requests'],
  package: ['packages'],
  pull_request: ['pull_requests'],
  pull_request_review: ['pull_requests'],
  push: ['contents'],
  registry_package: ['packages'],
  repository: ['metadata'],
  status: ['statuses'],
};

export function checkedPermissions(permissions: Readonly<Record<string, string>>): Permissions {
  if (isPermissions(permissions)) return permissions;
  throw new Error(`not permissions of a GitHub App: ${JSON.stringify(permissions)}`);
}

/** GitHub takes no app that subscribes to what it may not read. */
export function checkedEvents(events: readonly string[], permissions: Permissions): readonly string[] {
  for (const event of events) {
    const enough = eventPermissions[event];
    if (enough === undefined) throw new Error(`an app cannot subscribe to ${event} here`);
    if (!enough.some((name) => name === 'metadata' || permissions[name] !== undefined)) {
      throw new Error(`to subscribe to ${event}, the app needs the permission ${enough.join(' or ')}`);
    }
  }
  return events;
}
