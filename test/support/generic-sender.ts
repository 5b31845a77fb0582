import { createHmac } from 'node:crypto';
import { GENERIC_SECRET } from './bot-process.ts';

/** What any CI sends at the end of its build; `docs/intake.md` has the same as one line of `curl`. */
export interface Published {
  /** `name:tag`, or the name with `tag` beside it. */
  readonly image: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly commit?: string;
  readonly repository?: string;
  readonly branch?: string;
}

/** A signed request. Sent again as it is, it is the same delivery. */
export interface SignedRequest {
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** @param at what the sender's clock says */
export function signGeneric(published: Published, at: Date = new Date()): SignedRequest {
  const body = JSON.stringify(published);
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', GENERIC_SECRET).update(`${timestamp}.${body}`).digest('hex');
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-tagalong-timestamp': timestamp,
      'x-tagalong-signature': `sha256=${signature}`,
    },
    body,
  };
}

/** Sends it once. */
export function sendGeneric(botUrl: string, request: SignedRequest): Promise<Response> {
  return fetch(`${botUrl}/webhooks/images/generic`, request);
}
