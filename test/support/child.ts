import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A process that runs a TypeScript file, and the lines that it has printed. */
export interface Child {
  readonly lines: readonly string[];
  /** Resolves when this many lines are printed. @throws Error with what the process complained of, when it ended before */
  untilLines(count: number): Promise<void>;
  /** Ends it as a power cut would, without any chance to tidy up, and reads what it had printed. */
  kill(): Promise<void>;
  /** Resolves when it ended by itself. */
  ended(): Promise<{ code: number | null; complaints: string }>;
}

export function startChild(file: string, parameters: readonly string[]): Child {
  const process_ = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let complaints = '';
  let changed = Promise.withResolvers<undefined>();
  const tell = (): void => {
    changed.resolve(undefined);
    changed = Promise.withResolvers();
  };
  createInterface({ input: process_.stdout }).on('line', (line) => {
    lines.push(line);
    tell();
  });
  process_.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const closed = closing(process_).finally(tell);
  let isClosed = false;
  void closed.then(() => (isClosed = true));
  return {
    lines,
    async untilLines(count) {
      while (lines.length < count) {
        if (isClosed) throw new Error(`The process ended early: ${complaints}`);
        await changed.promise;
      }
    },
    async kill() {
      process_.kill('SIGKILL');
      await closed;
    },
    async ended() {
      return { code: await closed, complaints };
    },
  };
}

async function closing(process_: ChildProcess): Promise<number | null> {
  const [code] = (await once(process_, 'close')) as [number | null];
  return code;
}
