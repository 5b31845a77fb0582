import { createHmac, randomUUID } from 'node:crypto';
import { accountOf, repositoryOf, type WorldEvent } from '../world/events.ts';
import { installationOf } from '../world/installations.ts';
import type { Installation } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { actionOf, payloadOf } from './payloads.ts';

/** Where webhooks go. */
export interface WebhookTarget {
  readonly url: string;
  readonly secret: string;
}

/** How often deliveries go wrong, each a share of 1; the same seed gives the same fate. */
export interface Chaos {
  readonly seed?: number;
  /** Sent twice with the same delivery id. */
  readonly duplicate?: number;
  /** Sent after the delivery that follows. */
  readonly reorder?: number;
  /** Never sent; stands among the deliveries and can be redelivered. */
  readonly drop?: number;
}

export interface Attempt {
  readonly id: number;
  readonly at: Date;
  readonly durationMs: number;
  /** 0 when nothing was sent or nothing answered. */
  readonly statusCode: number;
  readonly status: string;
  readonly response: string;
  readonly redelivery: boolean;
}

export interface Delivery {
  /** What `X-GitHub-Delivery` says, on every attempt. */
  readonly guid: string;
  readonly event: string;
  readonly action: string | undefined;
  readonly body: string;
  readonly installationId: number | undefined;
  readonly repositoryId: number | undefined;
  readonly attempts: Attempt[];
}

/** Events that every app gets without subscribing. */
const always: readonly string[] = ['installation', 'installation_repositories'];
const answerTimeoutMs = 10_000;

/** Turns events into signed deliveries and sends them one after another. As GitHub, it never redelivers by itself. */
export class Outbox {
  readonly deliveries: Delivery[] = [];
  target: WebhookTarget | undefined;
  readonly #world: World;
  readonly #chaos: Chaos;
  readonly #random: () => number;
  readonly #queue: { delivery: Delivery; redelivery: boolean }[] = [];
  #sending: Promise<void> | undefined;

  constructor(world: World, chaos: Chaos) {
    this.#world = world;
    this.#chaos = chaos;
    this.#random = seededRandom(chaos.seed ?? 1);
    world.onEvent((event) => this.#take(event));
  }

  /** Resolves when no delivery is under way or waiting. */
  async settled(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending;
  }

  redeliver(delivery: Delivery): void {
    this.#enqueue(delivery, true);
  }

  #take(event: WorldEvent): void {
    const installation = this.#installationFor(event);
    const { events } = this.#world.app;
    if (installation === undefined || !(always.includes(event.name) || events.includes(event.name))) return;
    const repository = repositoryOf(event);
    const delivery: Delivery = {
      guid: randomUUID(),
      event: event.name,
      action: actionOf(event),
      body: JSON.stringify(payloadOf(this.#world, event, installation)),
      installationId: installation.id,
      repositoryId: repository?.id,
      attempts: [],
    };
    this.deliveries.push(delivery);
    if (this.target === undefined) return;
    this.#enqueueByChance(delivery);
  }

  #installationFor(event: WorldEvent): Installation | undefined {
    if (event.name === 'installation' || event.name === 'installation_repositories') return event.installation;
    const repository = repositoryOf(event);
    if (repository !== undefined) return installationOf(this.#world, repository);
    return this.#world.installations.get(accountOf(event).login.toLowerCase());
  }

  #enqueueByChance(delivery: Delivery): void {
    const { drop = 0, duplicate = 0, reorder = 0 } = this.#chaos;
    if (this.#random() < drop) {
      delivery.attempts.push(
        this.#attempt({ startedAt: Date.now(), code: 0, status: 'dropped', text: '', redelivery: false }),
      );
      return;
    }
    const behind = this.#queue.pop();
    const swaps = behind !== undefined && this.#random() < reorder;
    if (behind !== undefined && !swaps) this.#queue.push(behind);
    this.#enqueue(delivery, false);
    if (swaps) this.#queue.push(behind);
    if (this.#random() < duplicate) this.#enqueue(delivery, false);
  }

  #enqueue(delivery: Delivery, redelivery: boolean): void {
    this.#queue.push({ delivery, redelivery });
    this.#sending ??= this.#drain();
  }

  async #drain(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      next.delivery.attempts.push(await this.#send(next.delivery, next.redelivery));
    }
    this.#sending = undefined;
  }

  async #send(delivery: Delivery, redelivery: boolean): Promise<Attempt> {
    const startedAt = Date.now();
    const { target } = this;
    if (target === undefined) return this.#attempt({ startedAt, code: 0, status: 'no address', text: '', redelivery });
    try {
      const response = await fetch(target.url, {
        method: 'POST',
        headers: this.#headers(delivery, target.secret),
        body: delivery.body,
        signal: AbortSignal.timeout(answerTimeoutMs),
      });
      const status = response.ok ? 'OK' : `Invalid HTTP Response: ${response.status}`;
      return this.#attempt({ startedAt, code: response.status, status, text: await response.text(), redelivery });
    } catch (error) {
      return this.#attempt({ startedAt, code: 0, status: `failed to connect: ${String(error)}`, text: '', redelivery });
    }
  }

  #headers(delivery: Delivery, secret: string): Record<string, string> {
    return {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/5d1a2b3',
      'x-github-event': delivery.event,
      'x-github-delivery': delivery.guid,
      'x-github-hook-id': '1',
      'x-github-hook-installation-target-id': String(this.#world.app.id),
      'x-github-hook-installation-target-type': 'integration',
      'x-hub-signature': `sha1=${createHmac('sha1', secret).update(delivery.body).digest('hex')}`,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(delivery.body).digest('hex')}`,
    };
  }

  #attempt(made: { startedAt: number; code: number; status: string; text: string; redelivery: boolean }): Attempt {
    return {
      id: this.#world.nextId(),
      at: new Date(made.startedAt),
      durationMs: Date.now() - made.startedAt,
      statusCode: made.code,
      status: made.status,
      response: made.text,
      redelivery: made.redelivery,
    };
  }
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
