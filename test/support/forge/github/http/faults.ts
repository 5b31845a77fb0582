import type { JournalEntry } from './exchange.ts';

/** Something that goes wrong on purpose. */
export interface Fault {
  readonly match: (request: JournalEntry) => boolean;
  /** Answered instead of what would have been; without it the request is served after the delay. */
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** How often; once unless told. */
  readonly times?: number;
  readonly delayMs?: number;
  /** The connection breaks instead of an answer. */
  readonly resetSocket?: boolean;
  /** With `resetSocket`: only after everything is done. */
  readonly afterwards?: boolean;
}

export class Faults {
  readonly #waiting: { fault: Fault; left: number }[] = [];

  push(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  /** The first fault that the request meets, used up by one. */
  take(request: JournalEntry): Fault | undefined {
    const found = this.#waiting.find(({ fault, left }) => left > 0 && fault.match(request));
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault;
  }
}
