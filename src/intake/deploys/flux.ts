import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { DeployState } from '../../domain/deploy.ts';
import { parseJson } from '../json.ts';
import type { Authentication, Decoded, RawRequest, Receiver } from '../receiver.ts';
import { authenticateBearer, fitsAnySecret, type Secrets } from '../signature.ts';
import { commitOf, ignored, reported, repositoryOf, text } from './report.ts';

const HASHES: ReadonlySet<string> = new Set(['sha256', 'sha384', 'sha512']);

/**
 * Flux's notification-controller: the provider `generic-hmac`, which signs the raw body, and `generic` with an `Authorization`
 * header from its secret. Bodies and headers as its reference says, https://fluxcd.io/flux/components/notification/providers/.
 */
export function createFluxReceiver(secrets: Secrets): Receiver {
  return {
    name: 'flux',
    path: '/webhooks/deploys/flux',
    authenticate: (request) => authenticate(secrets, request),
    decode: decodeFlux,
  };
}

/** Reads a body without checking who sent it. */
export function decodeFlux({ body }: RawRequest): Decoded {
  const parsed = parseJson(body, bodySchema);
  if (!parsed.ok) return parsed;
  return { ok: true, events: [eventOf(parsed.value)] };
}

function authenticate(secrets: Secrets, request: RawRequest): Authentication {
  const signature = request.headers['x-signature'];
  if (signature === undefined) {
    if (request.headers['authorization'] !== undefined) return authenticateBearer(secrets, request);
    return { ok: false, reason: 'neither x-signature (provider generic-hmac) nor an authorization header is there' };
  }
  const [, hash = '', hex = ''] = /^([a-z0-9]{1,10})=([0-9a-f]{2,128})$/i.exec(signature) ?? [];
  if (!HASHES.has(hash)) {
    return { ok: false, reason: `x-signature is made with ${hash || 'no hash'}; accepted: ${[...HASHES].join(', ')}` };
  }
  return fitsAnySecret(secrets, Buffer.from(hex, 'hex'), (secret) =>
    createHmac(hash, secret).update(request.body).digest(),
  );
}

const bodySchema = z.object({
  involvedObject: z.object({
    kind: z.string().min(1).max(100),
    name: z.string().min(1).max(260),
    namespace: z.string().max(260).optional(),
  }),
  severity: z.string().max(20),
  reason: z.string().max(200),
  message: text,
  timestamp: text,
  metadata: z.record(z.string(), z.string()).nullish(),
});

type FluxEvent = z.infer<typeof bodySchema>;

/** Objects that deploy something. Sources, image policies and receivers report too, and nothing runs because of them. */
const DEPLOYING: ReadonlySet<string> = new Set(['Kustomization', 'HelmRelease']);

function eventOf(event: FluxEvent) {
  const { kind, namespace, name } = event.involvedObject;
  const application = [kind, namespace, name].filter((part) => part !== undefined).join('/');
  if (!DEPLOYING.has(kind)) return ignored(`a ${kind} deploys nothing itself`);
  const state = stateOf(event);
  if (state === undefined) return ignored(`${application}: ${event.reason} says nothing about a deployment`);
  const revision = metadataOf(event, 'originRevision') ?? metadataOf(event, 'revision');
  const commit = commitInRevision(revision);
  if (commit === undefined) {
    return ignored(`${application}: ${revision === undefined ? 'no revision' : 'a revision that names no git commit'}`);
  }
  return reported({
    tool: 'flux',
    application,
    state,
    revision: commit,
    repository: repositoryOf(metadataOf(event, 'repository')),
    path: metadataOf(event, 'path'),
    environment: metadataOf(event, 'environment'),
    message: event.message,
    url: metadataOf(event, 'url'),
    environmentUrl: metadataOf(event, 'environmentUrl'),
    at: event.timestamp,
  });
}

/**
 * Without a prefix where the controller has taken it off, else with that of the object's API group. Keys of one's own come from
 * `eventMetadata` of an Alert, or from annotations `event.toolkit.fluxcd.io/<key>` of the object.
 */
function metadataOf({ metadata }: FluxEvent, key: string): string | undefined {
  const prefixes = ['', 'kustomize.toolkit.fluxcd.io/', 'helm.toolkit.fluxcd.io/', 'event.toolkit.fluxcd.io/'];
  return prefixes.map((prefix) => metadata?.[prefix + key]).find((value) => value !== undefined && value !== '');
}

/**
 * Reasons of kustomize-controller and helm-controller (their condition_types.go). An error of any reason is a failure; what is
 * informational and not known here says nothing.
 */
const STATES: Readonly<Record<string, DeployState>> = {
  Progressing: 'in-progress',
  ProgressingWithRetry: 'in-progress',
  DependencyNotReady: 'queued',
  ReconciliationSucceeded: 'succeeded',
  InstallSucceeded: 'succeeded',
  UpgradeSucceeded: 'succeeded',
  TestSucceeded: 'succeeded',
};

/** Failures that are told with the severity of news: what ran before was put back. */
const UNDONE: ReadonlySet<string> = new Set(['RollbackSucceeded', 'UninstallSucceeded']);

function stateOf({ severity, reason, message }: FluxEvent): DeployState | undefined {
  if (severity === 'error' || /Failed$/.test(reason) || UNDONE.has(reason)) return 'failed';
  // kustomize-controller tells of passed health checks while its Ready condition still says Progressing.
  if (reason === 'Progressing' && message?.startsWith('Health check passed') === true) return 'succeeded';
  const state = STATES[reason] ?? (/Succeeded$/.test(reason) ? 'succeeded' : undefined);
  return severity === 'info' || severity === 'trace' ? state : undefined;
}

/**
 * `main@sha1:<hex>`, `main/<hex>`, `sha1:<hex>` and `<hex>`; and of a chart that Flux versions by its commit, `1.2.3+<12 hex>`.
 * Other chart versions and `latest@sha256:…` of OCI artifacts name no commit.
 */
function commitInRevision(revision: string | undefined): string | undefined {
  const [, commit] =
    /(?:^|@)sha1:([0-9a-f]{40})$/i.exec(revision ?? '') ??
    /(?:^|\/)([0-9a-f]{7,40})$/i.exec(revision ?? '') ??
    /^v?\d+\.\d+\.\d+(?:-[\w.-]+)?\+([0-9a-f]{12})(?:\.\d+)?$/i.exec(revision ?? '') ??
    [];
  return commitOf(commit);
}
