import Bottleneck from 'bottleneck';
import { GitHubError } from './errors.ts';

/**
 * How fast an installation may write. GitHub documents about 80 content-creating requests a minute; this bucket lets 20
 * through at once and one more each second, so that no minute sees more than 80 and a single bump never waits. GitHub Enterprise
 * Server has no rate limits unless its administrator sets some, and then answers with them. See `docs/adr/0003-github-write-pace.md`.
 */
export function writePace(apiUrl: string): Bottleneck.Group {
  const host = new URL(apiUrl).hostname;
  const isHosted = host === 'api.github.com' || host.endsWith('.ghe.com');
  return new Bottleneck.Group(isHosted ? HOSTED_PACE : {});
}

/** Lets everything through: what stands beside {@link writePace}, so that one request is not paced twice. */
export function noPace(): Bottleneck.Group {
  return new Bottleneck.Group({});
}

const HOSTED_PACE: Bottleneck.ConstructorOptions = {
  reservoir: 20,
  reservoirIncreaseAmount: 1,
  reservoirIncreaseInterval: 1000,
  reservoirIncreaseMaximum: 20,
};

/** Keeps us silent towards GitHub for as long as it asked: requests made while limited prolong the limit, or get the app banned. */
export interface Gate {
  /** @throws TagalongError `forge-rate-limited` without a request, while `key` is asked to wait. */
  check(key: string): void;
  /** Remembers what a rate-limited answer said. */
  shut(key: string, error: unknown): void;
}

export function createGate(now: () => Date): Gate {
  const shutUntil = new Map<string, Date>();
  return {
    check(key) {
      const retryAt = shutUntil.get(key);
      if (retryAt === undefined) return;
      if (retryAt > now()) throw new GitHubError('forge-rate-limited', 'GitHub asked us to wait.', { retryAt });
      shutUntil.delete(key);
    },
    shut(key, error) {
      if (error instanceof GitHubError && error.code === 'forge-rate-limited' && error.retryAt !== undefined) {
        shutUntil.set(key, error.retryAt);
      }
    },
  };
}
