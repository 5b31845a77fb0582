import type { Log } from '../telemetry/telemetry.ts';
import { describeError } from './retry-policy.ts';

/** Something that is done again and again until stopped. */
export interface Chore {
  /** Resolves when a turn that is under way has ended. */
  stop(): Promise<void>;
}

/** Runs a chore again and again, never twice at a time; one that fails is told of and tried at its next turn. */
export function repeat(everyMs: number, log: Log, chore: () => Promise<unknown>): Chore {
  let current: Promise<void> | undefined;
  const turn = async (): Promise<void> => {
    try {
      await chore();
    } catch (error) {
      log.warn({ error: describeError(error) }, 'A chore of the store failed and will be tried again');
    }
    current = undefined;
  };
  const timer = setInterval(() => {
    current ??= turn();
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await current;
    },
  };
}
