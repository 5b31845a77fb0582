import { z } from 'zod';
import { parseJson } from '../json.ts';
import type { Decoded, RawRequest, Receiver } from '../receiver.ts';
import { authenticateSigned, signedDeliveryId, type Secrets } from '../signature.ts';
import { reported, repositoryOf } from './report.ts';

/** Any deploy tool or script: the body of `docs/deploys.md`, signed like that of `POST /webhooks/images/generic`. */
export function createGenericDeployReceiver(secrets: Secrets): Receiver {
  return {
    name: 'generic-deploy',
    path: '/webhooks/deploys/generic',
    authenticate: (request, now) => authenticateSigned(secrets, request, now),
    decode(request) {
      const decoded = decodeGenericDeploy(request);
      return decoded.ok ? { ...decoded, deliveryId: signedDeliveryId(request) } : decoded;
    },
  };
}

/** Reads a body without checking who sent it. */
export function decodeGenericDeploy({ body }: RawRequest): Decoded {
  const parsed = parseJson(body, bodySchema);
  if (!parsed.ok) return parsed;
  const { repository, revision, ...fields } = parsed.value;
  const named = repository === undefined ? undefined : repositoryNamed(repository);
  const event = reported({ ...fields, tool: 'generic', revision: revision.toLowerCase(), repository: named });
  return { ok: true, events: [event] };
}

/** `owner/name` is on GitHub, as nobody would write an address for. */
function repositoryNamed(repository: string) {
  if (/^[\w.-]+\/[\w.-]+$/.test(repository)) return { forge: 'github' as const, path: repository };
  return repositoryOf(repository);
}

/** A variable that is not set leaves an empty string. */
function optional(check: (value: string) => boolean, message: string, max = 500) {
  return z
    .string()
    .max(max)
    .refine((value) => value === '' || check(value), message)
    .transform((value) => (value === '' ? undefined : value))
    .optional();
}

const isAddress = (value: string) => /^https?:\/\//.test(value) && URL.canParse(value);

const bodySchema = z.strictObject({
  application: z.string().trim().min(1, 'is missing').max(300),
  state: z.enum(['queued', 'in-progress', 'succeeded', 'failed']),
  revision: z.string().regex(/^[0-9a-f]{7,40}$/i, 'is no commit hash of 7 to 40 hex digits'),
  environment: optional((value) => /^\S+$/.test(value), 'is no name of an environment'),
  repository: optional((value) => /^\S+$/.test(value), 'is no owner/name and no address'),
  path: optional((value) => !/[\r\n]/.test(value), 'is no folder'),
  message: optional(() => true, '', 40_000),
  url: optional(isAddress, 'is no address', 2000),
  environmentUrl: optional(isAddress, 'is no address', 2000),
  at: optional(
    (value) => /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)),
    'is no time as in ISO 8601',
  ),
});
