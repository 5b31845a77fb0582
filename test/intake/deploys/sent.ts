import { createHmac } from 'node:crypto';
import type { DeployReport } from '../../../src/domain/deploy.ts';
import type { Event } from '../../../src/domain/event.ts';
import type { Decoded, Decoder, RawRequest } from '../../../src/intake/receiver.ts';

export const secrets = ['new secret', 'old secret'] as const;
export const commit = '731f7eaddfb6af01cb2173e18f0f75b0ba780ef1';

export function request(value: unknown, headers: RawRequest['headers'] = {}): RawRequest {
  return { body: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), headers };
}

export function hmac(hash: string, secret: string, body: Buffer): string {
  return `${hash}=${createHmac(hash, secret).update(body).digest('hex')}`;
}

/** The one event of a body that must be understood. */
export function onlyEvent(decode: Decoder, value: unknown): Event {
  const [event, ...others] = eventsOf(decode(request(value)));
  if (event === undefined || others.length > 0) throw new Error('not one event');
  return event;
}

export function reportOf(decode: Decoder, value: unknown): DeployReport {
  const event = onlyEvent(decode, value);
  if (event.kind !== 'deploy-reported') throw new Error(`no report: ${JSON.stringify(event)}`);
  return event.report;
}

export function eventsOf(decoded: Decoded): readonly Event[] {
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.events;
}
