import type { Event } from '../domain/event.ts';
import type { Receiver } from '../intake/receiver.ts';
import type { Log, Metrics } from '../telemetry/telemetry.ts';

/**
 * What becomes of an authentic delivery. When it resolves, nothing of the delivery can be lost.
 * @throws TagalongError `store-unavailable`: the sender must deliver again.
 */
export type Accept = (
  sender: string,
  deliveryId: string,
  events: readonly Event[],
) => Promise<{ readonly status: 'accepted' | 'duplicate' | 'ignored'; readonly reason?: string }>;

export interface ServerOptions {
  readonly receivers: readonly Receiver[];
  readonly accept: Accept;
  /** Resolves when deliveries can be stored. */
  readonly ping: () => Promise<void>;
  readonly metrics: Pick<Metrics, 'webhook'>;
  /** What `/metrics` answers. */
  readonly exposition: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly log: Log;
  readonly now: () => Date;
  /** Bytes of a body, as sent and also after decompression. GitHub sends at most 25 MiB. */
  readonly bodyLimit: number;
  /** How long a request may take to arrive whole; default 30 s. Headers get a third of it. */
  readonly requestTimeoutMs?: number;
}
