import { z } from 'zod';
import type { ImagePublished } from '../../domain/event.ts';
import { isDigest, isTag, parseImageReference, type ImageReference } from '../../domain/image.ts';
import type { Provenance } from '../../domain/version.ts';
import { parseJson } from '../json.ts';
import type { Decoded, RawRequest, Receiver } from '../receiver.ts';
import { authenticateSigned, signedDeliveryId, type Secrets } from '../signature.ts';

const PATH = '/webhooks/images/generic';
export interface GenericOptions {
  readonly secrets: Secrets;
}

/**
 * CI of any kind: `{image, tag?, digest?, commit?, repository?, branch?}`, signed with HMAC-SHA256 over the timestamp, a
 * dot, and the raw body, as docs/intake.md says. A request that is repeated byte for byte is the same delivery.
 */
export function createGenericReceiver({ secrets }: GenericOptions): Receiver {
  return {
    name: 'generic',
    path: PATH,
    authenticate: (request, now) => authenticateSigned(secrets, request, now),
    decode(request) {
      const decoded = decodeGeneric(request);
      return decoded.ok ? { ...decoded, deliveryId: signedDeliveryId(request) } : decoded;
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
