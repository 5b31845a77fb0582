import type { Credentials } from '../world/tokens.ts';

export type Resource = 'core' | 'graphql';

export interface LimitStatus {
  readonly limit: number;
  readonly remaining: number;
  readonly used: number;
  /** Seconds since 1970. */
  readonly reset: number;
}

const limitPerHour = 5_000;
const hourMs = 60 * 60 * 1000;

interface Window {
  used: number;
  resetAt: number;
}

/** Counts requests for each who asks, and refuses them when told to. */
export class RateLimits {
  readonly #now: () => Date;
  readonly #windows = new Map<string, Window>();
  #exhaustedUntil = 0;
  #secondary: { status: 403 | 429; retryAfterSeconds: number; left: number } | undefined;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** The primary limit is reached, for everyone, for this long. */
  exhaust(seconds: number): void {
    this.#exhaustedUntil = this.#now().getTime() + seconds * 1000;
  }

  /** The next requests run into the secondary limit. */
  limitSecondary(options: { retryAfterSeconds: number; times?: number; status?: 403 | 429 }): void {
    const { retryAfterSeconds, times = 1, status = 403 } = options;
    this.#secondary = { status, retryAfterSeconds, left: times };
  }

  /** Counts one request, and tells whether it is refused. */
  take(
    credentials: Credentials,
    resource: Resource,
  ): 'allowed' | 'primary' | { status: 403 | 429; retryAfter: number } {
    const secondary = this.#secondary;
    if (secondary !== undefined && secondary.left > 0) {
      secondary.left -= 1;
      return { status: secondary.status, retryAfter: secondary.retryAfterSeconds };
    }
    if (this.#exhaustedUntil > this.#now().getTime()) return 'primary';
    this.#window(credentials, resource).used += 1;
    return 'allowed';
  }

  status(credentials: Credentials, resource: Resource = 'core'): LimitStatus {
    if (this.#exhaustedUntil > this.#now().getTime()) {
      const reset = Math.ceil(this.#exhaustedUntil / 1000);
      return { limit: limitPerHour, remaining: 0, used: limitPerHour, reset };
    }
    const { used, resetAt } = this.#window(credentials, resource);
    return { limit: limitPerHour, remaining: Math.max(limitPerHour - used, 0), used, reset: Math.ceil(resetAt / 1000) };
  }

  headers(credentials: Credentials, resource: Resource): Record<string, string> {
    const { limit, remaining, used, reset } = this.status(credentials, resource);
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-used': String(used),
      'x-ratelimit-reset': String(reset),
      'x-ratelimit-resource': resource,
    };
  }

  /** The count is shown and never refuses by itself: a benchmark asks more than an hour's worth in a minute. */
  #window(credentials: Credentials, resource: Resource): Window {
    const key = `${resource} ${ownerOf(credentials)}`;
    const now = this.#now().getTime();
    const known = this.#windows.get(key);
    if (known !== undefined && known.resetAt > now) return known;
    const fresh = { used: 0, resetAt: now + hourMs };
    this.#windows.set(key, fresh);
    return fresh;
  }
}

function ownerOf(credentials: Credentials): string {
  if (credentials.kind === 'installation') return `installation ${credentials.installation.id}`;
  return credentials.kind === 'person' ? credentials.account.login : credentials.kind;
}
