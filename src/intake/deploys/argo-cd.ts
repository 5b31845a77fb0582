import { z } from 'zod';
import type { DeployState } from '../../domain/deploy.ts';
import type { Event } from '../../domain/event.ts';
import { parseJson } from '../json.ts';
import type { Decoded, RawRequest, Receiver } from '../receiver.ts';
import { authenticateBearer, type Secrets } from '../signature.ts';
import { commitOf, ignored, reported, repositoryOf, text } from './report.ts';

/** Argo CD notifications with the template of `deploy/argocd/notifications.yaml`; the secret is a static header. */
export function createArgoCdReceiver(secrets: Secrets): Receiver {
  return {
    name: 'argo-cd',
    path: '/webhooks/deploys/argo-cd',
    authenticate: (request) => authenticateBearer(secrets, request),
    decode: decodeArgoCd,
  };
}

/** Reads a body without checking who sent it. */
export function decodeArgoCd({ body }: RawRequest): Decoded {
  const parsed = parseJson(body, bodySchema);
  if (!parsed.ok) return parsed;
  return { ok: true, events: eventsOf(parsed.value) };
}

/** A source of an Application; the revision that was synchronised stands at the same place of `revisions`. */
const source = z.object({
  repoURL: text,
  path: text,
  chart: text,
});

const bodySchema = z.object({
  application: z.string().min(1).max(260),
  namespace: text,
  environment: text,
  source: source.nullish(),
  sources: z.array(source).max(100).nullish(),
  revision: text,
  revisions: z.array(z.string().max(300)).max(100).nullish(),
  sync: text,
  health: text,
  healthMessage: text,
  phase: text,
  message: text,
  at: text,
  url: text,
  environmentUrls: z.array(z.string().max(2000)).max(100).nullish(),
});

type ArgoCdReport = z.infer<typeof bodySchema>;

interface SyncedSource {
  readonly commit: string;
  readonly address?: string | undefined;
  readonly path?: string | undefined;
}

function eventsOf(report: ArgoCdReport): Event[] {
  const state = stateOf(report);
  if (state === undefined) return [ignored(`${report.application}: no synchronisation is told of`)];
  const commits = syncedSources(report);
  if (commits.length === 0) return [ignored(`${report.application}: no source at a git commit`)];
  const message = [report.message, report.healthMessage].filter((part) => part !== undefined && part !== '');
  return commits.map(({ commit, address, path }) =>
    reported({
      tool: 'argo-cd',
      application: report.application,
      state,
      revision: commit,
      repository: repositoryOf(address),
      path,
      environment: report.environment,
      message: [...new Set(message)].join('\n'),
      url: report.url,
      environmentUrl: report.environmentUrls?.[0],
      at: report.at,
    }),
  );
}

/**
 * Each repository at each commit once. Where several sources are of one repository, none of their folders alone is what is
 * deployed: one may hold the values of the other.
 */
function syncedSources({ source: only, sources, revision, revisions }: ArgoCdReport): SyncedSource[] {
  const isMulti = sources !== undefined && sources !== null && sources.length > 0;
  const pairs = isMulti
    ? sources.map((each, index) => ({ source: each, revision: revisions?.[index] }))
    : [{ source: only ?? undefined, revision: revision ?? revisions?.[0] }];
  const synced = pairs.flatMap(({ source: from, revision: at }) => {
    const commit = commitOf(at);
    const isChart = from?.chart !== undefined && from.chart !== '';
    return commit === undefined || isChart ? [] : [{ commit, address: from?.repoURL, path: from?.path }];
  });
  return [...Map.groupBy(synced, ({ commit, address }) => `${commit} ${address ?? ''}`).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [group.length === 1 ? first : { commit: first.commit, address: first.address }];
  });
}

/** `status.operationState.phase` first, then `status.health.status`: https://argo-cd.readthedocs.io/en/stable/operator-manual/health/ */
function stateOf({ phase, health }: ArgoCdReport): DeployState | undefined {
  switch (phase) {
    case 'Running':
    case 'Terminating':
      return 'in-progress';
    case 'Failed':
    case 'Error':
      return 'failed';
    case 'Succeeded':
      return afterSync(health);
    default:
      return health === 'Degraded' ? 'failed' : undefined;
  }
}

function afterSync(health: string | undefined): DeployState {
  switch (health) {
    case 'Healthy':
      return 'succeeded';
    case 'Degraded':
    case 'Missing':
      return 'failed';
    default:
      return 'in-progress';
  }
}
