import { Webhooks } from '@octokit/webhooks';
import { TagalongError } from '../../domain/errors.ts';
import type { Authentication, RawRequest, Receiver } from '../../intake/receiver.ts';
import { decodePayload, readBody, type GitHubSite } from './events.ts';

/** Where GitHub's webhooks arrive: the address that the app is registered with must end in it. */
export const GITHUB_WEBHOOK_PATH = '/webhooks/github';

export interface ReceiverOptions extends GitHubSite {
  /** The secret of the app, or several while it is being changed. */
  readonly webhookSecret: string | readonly string[];
  /** Told the payload of every delivery, once its signature is checked. */
  readonly learn: (payload: unknown) => void;
}

/** @throws TagalongError `settings-invalid` when there is no secret: every body would be believed. */
export function createReceiver({ webhookSecret, learn, ...site }: ReceiverOptions): Receiver {
  const secrets = [webhookSecret].flat();
  if (secrets.length === 0 || secrets.includes('')) {
    throw new TagalongError('settings-invalid', 'The webhook secret of the GitHub App is empty.');
  }
  const verifiers = secrets.map((secret) => new Webhooks({ secret }));
  return {
    name: 'github',
    path: GITHUB_WEBHOOK_PATH,
    authenticate: (request) => authenticate(verifiers, request),
    decode(request) {
      const body = readBody(request);
      if (!body.ok) return body;
      learn(body.payload);
      return decodePayload(request.headers, body.payload, site);
    },
  };
}

async function authenticate(verifiers: readonly Webhooks[], { body, headers }: RawRequest): Promise<Authentication> {
  const signature = headers['x-hub-signature-256'];
  if (signature === undefined || signature === '') return { ok: false, reason: 'no x-hub-signature-256 header' };
  if (body.length === 0) return { ok: false, reason: 'empty body' };
  const text = body.toString('utf8');
  const matches = await Promise.all(verifiers.map((verifier) => verifier.verify(text, signature)));
  return matches.includes(true) ? { ok: true } : { ok: false, reason: 'the signature does not match the body' };
}
