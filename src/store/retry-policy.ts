import { errorCode, TagalongError } from '../domain/errors.ts';

export interface RetrySettings {
  /** The longest wait before the first repetition. */
  readonly baseMs: number;
  /** The longest wait before any repetition. */
  readonly capMs: number;
  /** How many runs may fail, for reasons that do not pass by themselves, before the wakes are dead letters. */
  readonly limit: number;
}

export const defaultRetrySettings: RetrySettings = { baseMs: 1_000, capMs: 5 * 60_000, limit: 10 };

/** How often a subject has failed in a row: in all, and for reasons that do not pass by themselves. */
export interface Failures {
  readonly attempts: number;
  readonly failures: number;
}

export type AfterFailure = Failures &
  (
    | { readonly state: 'dead' }
    | {
        readonly state: 'retrying';
        readonly nextAttemptAt: Date;
        /** Whether new wakes wait for that moment too: the other side is not well, and news does not change that. */
        readonly newsWaits: boolean;
      }
  );

/** What becomes of a subject after one more run has failed. `random` is in [0, 1). */
export function afterFailure(
  before: Failures,
  error: unknown,
  settings: RetrySettings,
  now: Date,
  random: number,
): AfterFailure {
  const transient = error instanceof TagalongError && error.transient;
  const attempts = before.attempts + 1;
  const failures = before.failures + (transient ? 0 : 1);
  if (!transient && failures >= settings.limit) return { state: 'dead', attempts, failures };
  const earliest = transient ? error.retryAt : undefined;
  const wait = earliest === undefined ? backoff(attempts, settings) * random : spread(settings) * random;
  const from = Math.max(now.getTime(), earliest?.getTime() ?? 0);
  return { state: 'retrying', attempts, failures, nextAttemptAt: new Date(from + wait), newsWaits: transient };
}

/** What may be stored and shown of an error. Messages that are not ours could quote a secret, so they are left out. */
export function describeError(error: unknown): string {
  if (error instanceof TagalongError) return `${error.code}: ${error.message}`.slice(0, LONGEST_DESCRIPTION);
  if (!(error instanceof Error)) return 'Something that is no error was thrown.';
  const code = errorCode(error) ?? ('code' in error && typeof error.code === 'string' ? error.code : undefined);
  const place = PLACE.exec(error.stack ?? '')?.[1];
  return `${error.name}${code === undefined ? '' : ` (${code})`}${place === undefined ? '' : ` at ${place}`}`;
}

const LONGEST_DESCRIPTION = 2_000;

/** The last part of the path, line and column of the first call of a stack. */
const PLACE = /\n\s+at .*?([^/\\\s()]+:\d+:\d+)\)?/;

/**
 * Exponential, and the whole of it random ("full jitter" of the AWS Architecture Blog, "Exponential Backoff And
 * Jitter"): many that failed together do not come back together.
 */
function backoff(attempts: number, { baseMs, capMs }: RetrySettings): number {
  return Math.min(capMs, baseMs * 2 ** Math.min(attempts - 1, 30));
}

/** Where the other side named a moment, all who wait for it are spread over a short time after it. */
function spread({ baseMs }: RetrySettings): number {
  return baseMs;
}
