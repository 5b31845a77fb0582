import type { Event } from '../domain/event.ts';

/** One webhook request as it came: the raw bytes, and the headers with lower-case names. */
export interface RawRequest {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export type Authentication =
  | { readonly ok: true }
  /** The reason is logged and never told to the sender. */
  | { readonly ok: false; readonly reason: string };

export type Decoded =
  | {
      readonly ok: true;
      /** The sender's own id of this delivery, where it has one that is the same on redelivery. */
      readonly deliveryId?: string;
      readonly events: readonly Event[];
    }
  /** The body is not what this sender sends: told to the sender with 400. */
  | { readonly ok: false; readonly reason: string };

/** One sender of webhooks: how it proves who it is, and how its bodies read. */
export interface Receiver {
  /** For logs, metrics and `tagalong event <name>`. */
  readonly name: string;
  /** The URL path below the server's root. */
  readonly path: string;
  /** Checks the raw bytes in constant time, before anything is decoded. */
  authenticate(request: RawRequest, now: Date): Promise<Authentication> | Authentication;
  decode(request: RawRequest): Decoded;
}

/** Reads a body without checking who sent it: what `tagalong event` uses. */
export type Decoder = Receiver['decode'];
