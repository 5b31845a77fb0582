import { account } from './accounts.ts';
import { createCheckRun } from './checks.ts';
import { addDeployment, addDeploymentStatus, addStatus } from './deploys.ts';
import type {
  Account,
  App,
  CheckConclusion,
  CheckRun,
  Deployment,
  DeploymentState,
  Repository,
  Status,
  StatusState,
} from './model.ts';
import type { World } from './world.ts';

/** What CI and deploy tools write to a commit with tokens of their own. */
export interface ReportedStatus {
  readonly context: string;
  readonly state: StatusState;
  readonly description?: string;
  readonly targetUrl?: string;
  readonly by?: string;
}

export function reportStatus(
  world: World,
  by: Account,
  repository: Repository,
  { sha, state, context, description, targetUrl }: ReportedStatus & { readonly sha: string },
): Status {
  return addStatus(world, { account: by }, repository, { sha, state, context, description, targetUrl });
}

export interface ReportedDeployment {
  readonly environment: string;
  readonly state: DeploymentState;
  readonly description?: string;
  readonly environmentUrl?: string;
  readonly logUrl?: string;
  readonly transient?: boolean;
  readonly by?: string;
}

export function reportDeployment(
  world: World,
  by: Account,
  repository: Repository,
  wanted: ReportedDeployment & { readonly sha: string },
): Deployment {
  const { sha, environment, state, description = '', environmentUrl = '', logUrl = '', transient = false } = wanted;
  const standing = [...repository.deployments.values()].find(
    (each) => each.sha === sha && each.environment === environment && each.creator === by,
  );
  const deployment =
    standing ??
    addDeployment(world, { account: by }, repository, {
      ...{ ref: sha, sha, environment, transient, task: 'deploy', description: undefined, payload: {} },
      ...{ production: environment === 'production', autoMerge: false, requiredContexts: [] },
    });
  const status = { state, description, environment, environmentUrl, logUrl, autoInactive: false };
  addDeploymentStatus(world, { account: by }, deployment, status);
  return deployment;
}

export interface ReportedCheckRun {
  readonly name: string;
  /** The slug of the app that reports it. */
  readonly app: string;
  /** Absent while it runs. */
  readonly conclusion?: CheckConclusion;
  readonly title?: string;
  readonly externalId?: string;
  readonly detailsUrl?: string;
}

export function reportCheckRun(
  world: World,
  repository: Repository,
  { app: slug, title, conclusion, ...wanted }: ReportedCheckRun & { readonly sha: string },
): CheckRun {
  const app = otherApp(world, slug);
  return createCheckRun(world, { account: app.bot, app }, repository, {
    ...wanted,
    status: conclusion === undefined ? 'in_progress' : 'completed',
    ...(conclusion === undefined ? {} : { conclusion }),
    ...(title === undefined ? {} : { title, summary: title }),
  });
}

/** An app beside the one under test; the same one for the same slug. */
function otherApp(world: World, slug: string): App {
  const bot = account(world, `${slug}[bot]`, 'Bot');
  for (const node of world.nodes.values()) if (node.kind === 'app' && node.bot === bot) return node;
  return world.add<App>({
    kind: 'app',
    ...world.identity('app'),
    slug,
    name: slug,
    owner: account(world, slug, 'Organization'),
    bot,
    publicKey: '',
    permissions: { metadata: 'read', checks: 'write' },
    events: [],
    createdAt: world.now(),
  });
}
