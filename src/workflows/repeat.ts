import type { Log } from '../telemetry/telemetry.ts';

/** Runs a task at once and then `intervalMs` after it has ended, for ever. A failure is logged, and the next turn comes all the same. */
export function repeat(intervalMs: number, log: Log, task: () => Promise<void>): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const turn = async () => {
    try {
      await task();
    } catch (error) {
      if (!isStopped) log.warn({ err: error }, 'periodic task failed');
    }
    if (!isStopped) timer = setTimeout(() => void turn(), intervalMs).unref();
  };
  void turn();
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
