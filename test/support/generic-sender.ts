import { createHmac } from 'node:crypto';
import { DEPLOY_SECRET, GENERIC_SECRET } from './bot-process.ts';

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

/** What any deploy tool may report; `docs/deploys.md` has the same as one line of `curl`. */
export interface Reported {
  readonly application: string;
  readonly state: string;
  readonly revision: string;
  readonly environment?: string;
  readonly repository?: string;
  readonly path?: string;
  readonly message?: string;
  readonly url?: string;
  readonly environmentUrl?: string;
  readonly at?: string;
}

/** @param at what the sender's clock says */
export function signGeneric(published: Published, at: Date = new Date()): SignedRequest {
  return sign(published, GENERIC_SECRET, at);
}

/** As {@link signGeneric}, for the endpoint of deploy reports. */
export function signReport(reported: Reported, at: Date = new Date()): SignedRequest {
  return sign(reported, DEPLOY_SECRET, at);
}

/** Sends it once. */
export function sendGeneric(botUrl: string, request: SignedRequest): Promise<Response> {
  return fetch(`${botUrl}/webhooks/images/generic`, request);
}

/** As {@link sendGeneric}, for deploy reports. */
export function sendReport(botUrl: string, request: SignedRequest): Promise<Response> {
  return fetch(`${botUrl}/webhooks/deploys/generic`, request);
}

function sign(content: object, secret: string, at: Date): SignedRequest {
  const body = JSON.stringify(content);
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
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
