import { z } from 'zod';
import type { DeployReport, DeployState } from '../../domain/deploy.ts';
import type { RepositoryRef } from '../../domain/repository.ts';
import { REVIEW_CHECK } from '../../domain/change.ts';
import { webAddress } from './statuses.ts';

/**
 * What deploy tools write to a commit on GitHub by themselves, as reports. Everything else that is written to commits is CI's, and
 * no report: what the tools write is told by the form that their own notifiers give it, never by a guess at words.
 *
 * - Flux's provider of type `github` writes a commit status `<kind>/<name>/<part of the provider's id>`, in lower case, whose
 *   description is the reason of the event in words (notification-controller, `internal/notifier`).
 * - Argo CD's GitHub service writes what a template says (notifications-engine, `pkg/services/github.go`): a status that its
 *   documentation labels `continuous-delivery/<application>` and links to `/applications/<application>?operation=true`, a deployment
 *   with the same link, or a check run whose `external_id` is `argocd-notifications`.
 * - Any other deployment is one too, whoever made it: that is what deployments are for.
 *
 * What the bot wrote itself is never a report.
 */

/** A status on a commit, the event `status`. @returns undefined where it is no report of a deploy tool */
export function deployReportOfStatus(payload: unknown): DeployReport | undefined {
  const { data: event } = statusEvent.safeParse(payload);
  if (event === undefined || isOwn(event.context)) return undefined;
  return fluxReport(event) ?? argoReport(event);
}

/** The state of a deployment, the event `deployment_status`. @returns undefined where it tells nothing of a rollout, or is the bot's own */
export function deployReportOfDeploymentStatus(payload: unknown): DeployReport | undefined {
  const { data: event } = deploymentStatusEvent.safeParse(payload);
  if (event === undefined) return undefined;
  const { deployment, deployment_status: status, repository } = event;
  const state = deploymentStates[status.state];
  if (isOwnDeployment(deployment) || deployment.transient_environment === true || state === undefined) return undefined;
  const link = status.log_url || status.target_url;
  const argo = argoApplication(link);
  return reportOf({
    tool: argo === undefined ? 'generic' : 'argo-cd',
    application: argo ?? deployment.environment,
    state,
    revision: deployment.sha,
    repository: refOf(repository),
    // Argo CD's template has one fixed name for all applications, so that the name of the application says more.
    environment: argo === undefined ? deployment.environment : undefined,
    message: status.description,
    url: link,
    environmentUrl: status.environment_url,
    at: status.updated_at ?? status.created_at,
  });
}

/** A check run, the event `check_run`. @returns undefined where it is not Argo CD's */
export function deployReportOfCheckRun(payload: unknown): DeployReport | undefined {
  const { data: event } = checkRunEvent.safeParse(payload);
  if (event === undefined || event.check_run.external_id !== 'argocd-notifications') return undefined;
  const { check_run: run, repository } = event;
  const state = run.status === 'completed' ? conclusions[run.conclusion ?? ''] : 'in-progress';
  if (state === undefined) return undefined;
  return reportOf({
    tool: 'argo-cd',
    application: argoApplication(run.details_url) ?? labelled(run.name) ?? run.name,
    state,
    revision: run.head_sha,
    repository: refOf(repository),
    message: run.output?.title || run.output?.summary,
    url: run.details_url,
    at: run.completed_at ?? run.started_at,
  });
}

const text = z.string().nullish();
const repository = z.object({ full_name: z.string() });
const commit = z.string().regex(/^[0-9a-f]{40,64}$/);

const statusEvent = z.object({
  sha: commit,
  state: z.enum(['pending', 'success', 'failure', 'error']),
  context: z.string(),
  description: text,
  target_url: text,
  created_at: text,
  updated_at: text,
  repository,
});

type StatusEvent = z.infer<typeof statusEvent>;

const deploymentStatusEvent = z.object({
  deployment_status: z.object({
    state: z.string(),
    description: text,
    target_url: text,
    log_url: text,
    environment_url: text,
    created_at: text,
    updated_at: text,
  }),
  deployment: z.object({
    sha: commit,
    task: text,
    environment: z.string().min(1),
    transient_environment: z.boolean().nullish(),
    payload: z.unknown(),
  }),
  repository,
});

const checkRunEvent = z.object({
  check_run: z.object({
    head_sha: commit,
    name: z.string().min(1),
    external_id: text,
    details_url: text,
    status: z.string(),
    conclusion: text,
    started_at: text,
    completed_at: text,
    output: z.object({ title: text, summary: text }).nullish(),
  }),
  repository,
});

/** Where the contexts of the bot's own statuses, and the tasks of its deployments, begin. */
const [OWN = ''] = REVIEW_CHECK.split('/');

function isOwn(context: string): boolean {
  return context === OWN || context.startsWith(`${OWN}/`);
}

function isOwnDeployment({ task, payload }: z.infer<typeof deploymentStatusEvent>['deployment']): boolean {
  const isMarked = typeof payload === 'object' && payload !== null && OWN in payload;
  return isMarked || (task?.startsWith(`deploy:${OWN}/`) ?? false);
}

/** `kustomization/apps/e3173055`; the last part may be any word where the provider has a `commitStatusExpr`. */
const FLUX_CONTEXT = /^(kustomization|helmrelease)\/([a-z0-9][a-z0-9.-]{0,252})\/([a-z0-9][a-z0-9._-]{0,100})$/i;
const fluxKinds: Readonly<Record<string, string>> = { kustomization: 'Kustomization', helmrelease: 'HelmRelease' };

/**
 * Flux tells news and errors apart, and the reason in words. News that is not known here says nothing. The last part of the context
 * tells the clusters apart that report on one commit; it stands where the namespace stands in the name that Flux's own webhook gives.
 */
function fluxReport(event: StatusEvent): DeployReport | undefined {
  const [, kind = '', name = '', provider = ''] = FLUX_CONTEXT.exec(event.context) ?? [];
  const words = event.description ?? '';
  const state = event.state === 'success' ? fluxNews(words) : event.state === 'pending' ? 'in-progress' : 'failed';
  if (name === '' || state === undefined) return undefined;
  return statusReport(event, {
    tool: 'flux',
    application: `${fluxKinds[kind.toLowerCase()] ?? kind}/${provider}/${name}`,
    state,
  });
}

function fluxNews(words: string): DeployState | undefined {
  // What ran before was put back: the severity is that of news all the same.
  if (/^(rollback|uninstall) succeeded$/.test(words)) return 'failed';
  if (/\bsucceeded$/.test(words)) return 'succeeded';
  if (words.startsWith('progressing')) return 'in-progress';
  return words === 'dependency not ready' ? 'queued' : undefined;
}

function argoReport(event: StatusEvent): DeployReport | undefined {
  const application = labelled(event.context) ?? argoApplication(event.target_url);
  if (application === undefined) return undefined;
  return statusReport(event, { tool: 'argo-cd', application, state: statusStates[event.state] });
}

/** `continuous-delivery/shop`, as in Argo CD's documentation; its own name is what people write else. */
function labelled(context: string): string | undefined {
  const [, application] = /^(?:continuous-delivery|argo-?cd)\/([a-z0-9][a-z0-9./-]{0,252})$/i.exec(context) ?? [];
  return application;
}

/** The application in a link to a page of Argo CD about an operation: `/applications/shop?operation=true`. */
function argoApplication(link: string | null | undefined): string | undefined {
  if (!link || !URL.canParse(link)) return undefined;
  const { pathname, searchParams } = new URL(link);
  if (!searchParams.has('operation')) return undefined;
  const [, application] = /\/applications\/(?:[a-z0-9-]+\/)?([a-z0-9][a-z0-9.-]{0,252})\/?$/.exec(pathname) ?? [];
  return application;
}

const statusStates: Readonly<Record<StatusEvent['state'], DeployState>> = {
  pending: 'in-progress',
  success: 'succeeded',
  failure: 'failed',
  error: 'failed',
};

/** `inactive` is about an older deployment, and says nothing of what became of it. */
const deploymentStates: Readonly<Record<string, DeployState>> = {
  pending: 'queued',
  queued: 'queued',
  waiting: 'queued',
  in_progress: 'in-progress',
  success: 'succeeded',
  failure: 'failed',
  error: 'failed',
};

/** `neutral`, `skipped` and `stale` say nothing of what became of it. */
const conclusions: Readonly<Record<string, DeployState>> = {
  success: 'succeeded',
  failure: 'failed',
  timed_out: 'failed',
  cancelled: 'failed',
  action_required: 'failed',
  startup_failure: 'failed',
};

function statusReport(
  event: StatusEvent,
  about: Pick<DeployReport, 'tool' | 'application' | 'state'>,
): DeployReport | undefined {
  return reportOf({
    ...about,
    revision: event.sha,
    repository: refOf(event.repository),
    message: event.description,
    url: event.target_url,
    at: event.updated_at ?? event.created_at,
  });
}

function refOf({ full_name: path }: z.infer<typeof repository>): RepositoryRef {
  return { forge: 'github', path };
}

type RawReport = Pick<DeployReport, 'tool' | 'application' | 'state' | 'revision'> & {
  readonly [Field in 'environment' | 'message' | 'url' | 'environmentUrl' | 'at']?: string | null | undefined;
} & { readonly repository: RepositoryRef };

const MESSAGE_LIMIT = 2_000;
const NAME_LIMIT = 253;

/** Without what is empty, no link but a link of the web, nothing longer than it has to be, and no control characters. */
function reportOf(raw: RawReport): DeployReport | undefined {
  const application = plain(raw.application, NAME_LIMIT);
  if (application === '') return undefined;
  const [environment, message] = [plain(raw.environment, NAME_LIMIT), plain(raw.message, MESSAGE_LIMIT)];
  const [url, environmentUrl] = [webAddress(raw.url ?? undefined), webAddress(raw.environmentUrl ?? undefined)];
  const at = new Date(raw.at ?? Number.NaN);
  return {
    tool: raw.tool,
    application,
    state: raw.state,
    revision: raw.revision,
    repository: raw.repository,
    ...(environment !== '' && { environment }),
    ...(message !== '' && { message }),
    ...(url !== undefined && { url }),
    ...(environmentUrl !== undefined && { environmentUrl }),
    ...(!Number.isNaN(at.getTime()) && { at: at.toISOString() }),
  };
}

function plain(value: string | null | undefined, limit: number): string {
  return (value ?? '')
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, limit);
}
