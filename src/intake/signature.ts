import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Authentication, RawRequest } from './receiver.ts';

const TIMESTAMP_HEADER = 'x-tagalong-timestamp';
const SIGNATURE_HEADER = 'x-tagalong-signature';

/** How far the sender's clock may be from ours, and how long a request that was overheard can be repeated. */
const TOLERANCE_SECONDS = 300;

/** At least one; several while a secret is being changed. */
export type Secrets = readonly [string, ...string[]];

/** HMAC-SHA256 over the timestamp, a dot, and the raw body, as docs/intake.md says. */
export function authenticateSigned(
  secrets: readonly string[],
  { body, headers }: RawRequest,
  now: Date,
): Authentication {
  const timestamp = headers[TIMESTAMP_HEADER] ?? '';
  if (!/^\d{1,12}$/.test(timestamp)) return { ok: false, reason: `${TIMESTAMP_HEADER} holds no Unix time in seconds` };
  const [, hex] = /^sha256=([0-9a-f]{64})$/i.exec(headers[SIGNATURE_HEADER] ?? '') ?? [];
  if (hex === undefined) return { ok: false, reason: `${SIGNATURE_HEADER} holds no sha256=<64 hex digits>` };
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) {
    return { ok: false, reason: `${TIMESTAMP_HEADER} is more than ${TOLERANCE_SECONDS} seconds away from now` };
  }
  return fitsAnySecret(secrets, Buffer.from(hex, 'hex'), (secret) =>
    createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest(),
  );
}

/** The id of a signed delivery: what is repeated byte for byte is the same delivery. */
export function signedDeliveryId({ body, headers }: RawRequest): string {
  return createHash('sha256')
    .update(`${headers[TIMESTAMP_HEADER] ?? ''}.`)
    .update(body)
    .digest('hex');
}

/** `Authorization: Bearer <secret>`, for senders that can do no better than a header that is always the same. */
export function authenticateBearer(secrets: readonly string[], { headers }: RawRequest): Authentication {
  const [, token] = /^Bearer +(\S+) *$/i.exec(headers['authorization'] ?? '') ?? [];
  if (token === undefined) return { ok: false, reason: 'authorization holds no Bearer <secret>' };
  // Hashed first, so that the comparison tells nothing about how long a secret is.
  return fitsAnySecret(secrets, sha256(token), sha256, 'the bearer token');
}

/** Every secret is tried, so that the time tells nothing about which one fits. */
export function fitsAnySecret(
  secrets: readonly string[],
  given: Buffer,
  expected: (secret: string) => Buffer,
  what = 'the signature',
): Authentication {
  const fits = secrets.map((secret) => {
    const wanted = expected(secret);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
  return fits.includes(true) ? { ok: true } : { ok: false, reason: `${what} fits no secret` };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
