import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { ImagePublished } from '../../domain/event.ts';
import { isDigest, isTag, parseImageReference, type ImageReference } from '../../domain/image.ts';
import type { Provenance } from '../../domain/version.ts';
import { parseJson } from '../json.ts';
import type { Authentication, Decoded, RawRequest, Receiver } from '../receiver.ts';

const PATH = '/webhooks/images/generic';
const TIMESTAMP_HEADER = 'x-tagalong-timestamp';
const SIGNATURE_HEADER = 'x-tagalong-signature';

/** How far the sender's clock may be from ours, and how long a request that was overheard can be repeated. */
const TOLERANCE_SECONDS = 300;

export interface GenericOptions {
  /** At least one; several while a secret is being changed. */
  readonly secrets: readonly [string, ...string[]];
}

/**
 * CI of any kind: `{image, tag?, digest?, commit?, repository?, branch?}`, signed with HMAC-SHA256 over the timestamp, a
 * dot, and the raw body, as docs/intake.md says. A request that is repeated byte for byte is the same delivery.
 */
export function createGenericReceiver({ secrets }: GenericOptions): Receiver {
  return {
    name: 'generic',
    path: PATH,
    authenticate: (request, now) => authenticate(secrets, request, now),
    decode(request) {
      const decoded = decodeGeneric(request);
      return decoded.ok ? { ...decoded, deliveryId: deliveryId(request) } : decoded;
    },
  };
}

/** Reads a body without checking who sent it. */
export function decodeGeneric({ body }: RawRequest): Decoded {
  const parsed = parseJson(body, bodySchema);
  if (!parsed.ok) return parsed;
  const { image, ...fields } = parsed.value;
  const reference = parseImageReference(image);
  if (reference === undefined) return { ok: false, reason: 'image: is no image reference' };
  const tag = agreed('tag', reference.tag, fields.tag);
  if (!tag.ok) return tag;
  const digest = agreed('digest', reference.digest, fields.digest);
  if (!digest.ok) return digest;
  if (tag.value === undefined) return { ok: false, reason: 'tag: is missing; give it here or in image, as name:tag' };
  return { ok: true, events: [published(reference, tag.value, digest.value, fields)] };
}

function authenticate(secrets: readonly string[], { body, headers }: RawRequest, now: Date): Authentication {
  const timestamp = headers[TIMESTAMP_HEADER] ?? '';
  if (!/^\d{1,12}$/.test(timestamp)) return { ok: false, reason: `${TIMESTAMP_HEADER} holds no Unix time in seconds` };
  const [, hex] = /^sha256=([0-9a-f]{64})$/i.exec(headers[SIGNATURE_HEADER] ?? '') ?? [];
  if (hex === undefined) return { ok: false, reason: `${SIGNATURE_HEADER} holds no sha256=<64 hex digits>` };
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) {
    return { ok: false, reason: `${TIMESTAMP_HEADER} is more than ${TOLERANCE_SECONDS} seconds away from now` };
  }
  const given = Buffer.from(hex, 'hex');
  // Every secret is tried, so that the time tells nothing about which one fits.
  const fits = secrets.map((secret) => timingSafeEqual(given, sign(secret, timestamp, body)));
  return fits.includes(true) ? { ok: true } : { ok: false, reason: 'the signature fits no secret' };
}

function sign(secret: string, timestamp: string, body: Buffer): Buffer {
  return createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
}

function deliveryId({ body, headers }: RawRequest): string {
  return createHash('sha256')
    .update(`${headers[TIMESTAMP_HEADER] ?? ''}.`)
    .update(body)
    .digest('hex');
}

/** A CI variable that is not set leaves an empty string. */
function optional(check: (text: string) => boolean, message: string) {
  return z
    .string()
    .max(500)
    .refine((text) => text === '' || check(text), message)
    .transform((text) => (text === '' ? undefined : text))
    .optional();
}

const bodySchema = z.strictObject({
  image: z.string().min(1).max(1000),
  tag: optional(isTag, 'is no tag'),
  digest: optional(isDigest, 'is no digest, such as sha256:<64 hex digits>'),
  commit: optional((text) => /^[0-9a-f]{7,64}$/i.test(text), 'is no commit hash of 7 or more hex digits'),
  repository: optional((text) => /^\S+$/.test(text), 'is no owner/name and no URL'),
  branch: optional((text) => /^\S+$/.test(text), 'is no branch name'),
});

type Fields = Omit<z.infer<typeof bodySchema>, 'image'>;

type Agreed =
  { readonly ok: true; readonly value: string | undefined } | { readonly ok: false; readonly reason: string };

/** The field and the reference may both say it, and then must say the same. */
function agreed(name: string, inReference: string | undefined, inField: string | undefined): Agreed {
  if (inReference !== undefined && inField !== undefined && inReference !== inField) {
    return { ok: false, reason: `${name}: is not the one that stands in image` };
  }
  return { ok: true, value: inField ?? inReference };
}

function published(
  { name: image }: ImageReference,
  tag: string,
  digest: string | undefined,
  fields: Fields,
): ImagePublished {
  const { commit, repository, branch } = fields;
  const provenance: Provenance | undefined =
    commit === undefined
      ? undefined
      : {
          commit: commit.toLowerCase(),
          ...(repository !== undefined && { repository }),
          ...(branch !== undefined && { branch }),
        };
  return {
    kind: 'image-published',
    image,
    tag,
    ...(digest !== undefined && { digest }),
    ...(provenance !== undefined && { provenance }),
  };
}
