import type { Chaos, WebhookTarget } from './webhooks/outbox.ts';

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
  /** As in `default_events` of the app's manifest. */
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
  'package',
  'pull_request',
  'pull_request_review',
  'push',
  'registry_package',
  'repository',
  'status',
] as const;
