import { z } from 'zod';
import type { DeployState } from '../../domain/deploy.ts';
import { parseJson } from '../json.ts';
import type { Decoded, RawRequest, Receiver } from '../receiver.ts';
import { authenticateBearer, type Secrets } from '../signature.ts';
import { commitOf, ignored, reported, repositoryOf, text } from './report.ts';

/** Argo Rollouts with the template of `deploy/argocd/rollouts-notifications.yaml`; the secret is a static header. */
export function createArgoRolloutsReceiver(secrets: Secrets): Receiver {
  return {
    name: 'argo-rollouts',
    path: '/webhooks/deploys/argo-rollouts',
    authenticate: (request) => authenticateBearer(secrets, request),
    decode: decodeArgoRollouts,
  };
}

/** Reads a body without checking who sent it. */
export function decodeArgoRollouts({ body }: RawRequest): Decoded {
  const parsed = parseJson(body, bodySchema);
  if (!parsed.ok) return parsed;
  return { ok: true, events: [eventOf(parsed.value)] };
}

const bodySchema = z.object({
  rollout: z.string().min(1).max(260),
  namespace: text,
  /** The trigger says what happened: the object that the template sees may be older than the event. */
  event: z.string().min(1).max(100),
  revision: text,
  repository: text,
  path: text,
  environment: text,
  message: text,
  at: text,
  environmentUrl: text,
});

const STATES: Readonly<Record<string, DeployState>> = {
  updated: 'in-progress',
  'step-completed': 'in-progress',
  paused: 'in-progress',
  completed: 'succeeded',
  aborted: 'failed',
  degraded: 'failed',
  'analysis-run-failed': 'failed',
  'analysis-run-error': 'failed',
};

function eventOf(body: z.infer<typeof bodySchema>) {
  const application = ['Rollout', body.namespace, body.rollout].filter((part) => part !== undefined).join('/');
  const state = Object.hasOwn(STATES, body.event) ? STATES[body.event] : undefined;
  if (state === undefined) return ignored(`${application}: ${body.event} says nothing about a deployment`);
  const revision = commitOf(body.revision);
  if (revision === undefined) {
    return ignored(`${application}: its annotation tagalong/revision holds no commit of the manifest repository`);
  }
  return reported({
    ...body,
    tool: 'argo-rollouts',
    application,
    state,
    revision,
    repository: repositoryOf(body.repository),
  });
}
