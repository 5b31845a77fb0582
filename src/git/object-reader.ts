import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { execa } from 'execa';
import { BatchParser, type GitObject } from './batch-output.ts';
import { GitFailure, lastLines, type GitPlace } from './process.ts';

export interface ObjectReaderOptions {
  readonly place: GitPlace;
  /** How long a process without work is kept. */
  readonly idleMs: number;
  readonly onStart?: (reader: ObjectReader) => void;
  readonly onStop?: (reader: ObjectReader) => void;
}

/** How many bytes of one object, and of all objects of one question together, are taken. Of what is beyond, the size alone is told. */
export interface ReadLimits {
  readonly object: number;
  readonly total: number;
}

/** Objects above this size are never read: no manifest is, and one file must not fill the memory. */
export const MAX_OBJECT_BYTES = 32 * 1024 * 1024;

const anything: ReadLimits = { object: MAX_OBJECT_BYTES, total: Number.POSITIVE_INFINITY };

/**
 * Reads objects of one repository through one `git cat-file --batch` process, which is started when needed, serves all callers at
 * once, is started again when it dies, and is stopped when it has had no work for a while. While idle it does not
 * keep this process alive.
 */
export class ObjectReader {
  readonly #options: ObjectReaderOptions;
  #process: BatchProcess | undefined;
  /** What was asked and not answered, in the order of asking, which is the order of answering. */
  #asked: Question[] = [];
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: ObjectReaderOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#asked.length === 0;
  }

  /** The objects in the order of `oids`, undefined for each that the repository does not have. @throws GitFailure */
  async read(oids: readonly string[], limits = anything): Promise<readonly (GitObject | undefined)[]> {
    if (oids.length === 0) return [];
    const { promise, resolve, reject } = Promise.withResolvers<readonly (GitObject | undefined)[]>();
    this.#ask({ oids, limits, answers: [], taken: 0, attempts: 0, resolve, reject });
    return await promise;
  }

  /** Stops the process unless it is at work. The next read starts another. */
  stop(): void {
    clearTimeout(this.#idleTimer);
    const stopping = this.#process;
    if (stopping === undefined || !this.isIdle) return;
    this.#process = undefined;
    this.#options.onStop?.(this);
    stopping.stdin.end();
  }

  #ask(question: Question): void {
    clearTimeout(this.#idleTimer);
    question.attempts += 1;
    question.answers.length = 0;
    question.taken = 0;
    this.#asked.push(question);
    this.#process ??= this.#start();
    this.#process.keepAlive(true);
    this.#process.stdin.write(question.oids.join('\n') + '\n');
  }

  #start(): BatchProcess {
    const batch = startBatch(this.#options.place, {
      takes: (size) => this.#takes(size),
      onObject: (object) => {
        this.#answer(object);
      },
      onEnd: (complaint) => {
        this.#ended(batch, complaint);
      },
    });
    this.#options.onStart?.(this);
    return batch;
  }

  /** The first object is taken even if it alone is more than the total: else it never could be. */
  #takes(size: number): boolean {
    const [question] = this.#asked;
    if (question === undefined || size > question.limits.object) return false;
    if (question.taken > 0 && question.taken + size > question.limits.total) return false;
    question.taken += size;
    return true;
  }

  #answer(object: GitObject | undefined): void {
    const [question] = this.#asked;
    if (question === undefined) return;
    question.answers.push(object);
    if (question.answers.length < question.oids.length) return;
    this.#asked.shift();
    question.resolve(question.answers);
    if (this.isIdle) this.#rest();
  }

  #rest(): void {
    this.#process?.keepAlive(false);
    this.#idleTimer = setTimeout(() => {
      this.stop();
    }, this.#options.idleMs).unref();
  }

  /** What was asked of a process that died is asked once more of another; a question that kills two is answered by an error. */
  #ended(batch: BatchProcess, complaint: string): void {
    if (this.#process !== batch) return;
    this.#process = undefined;
    this.#options.onStop?.(this);
    const unanswered = this.#asked;
    this.#asked = [];
    for (const question of unanswered) {
      if (question.attempts < 2) this.#ask(question);
      else question.reject(new GitFailure(`git cat-file: ${complaint || 'died'}`));
    }
  }
}

interface Question {
  readonly oids: readonly string[];
  readonly limits: ReadLimits;
  readonly answers: (GitObject | undefined)[];
  /** Bytes, of the answers. */
  taken: number;
  readonly resolve: (objects: readonly (GitObject | undefined)[]) => void;
  readonly reject: (error: GitFailure) => void;
  attempts: number;
}

interface BatchProcess {
  readonly stdin: Writable;
  /** Whether this process may not end before that one. */
  keepAlive(yes: boolean): void;
}

interface BatchHandlers {
  readonly takes: (size: number) => boolean;
  readonly onObject: (object: GitObject | undefined) => void;
  readonly onEnd: (complaint: string) => void;
}

function startBatch(place: GitPlace, { takes, onObject, onEnd }: BatchHandlers): BatchProcess {
  const run = execa('git', ['cat-file', '--batch'], {
    cwd: place.cwd,
    env: place.environment,
    stdin: 'pipe',
    buffer: false,
    reject: false,
  });
  const { stdin, stdout, stderr, nodeChildProcess: child } = run;
  const parser = new BatchParser(takes, onObject);
  let complaint = '';
  stdout.on('data', (chunk: Buffer) => parser.push(chunk));
  stderr.on('data', (chunk: Buffer) => (complaint = lastLines(complaint + chunk.toString('utf8'))));
  stdin.on('error', () => undefined);
  void run.then(({ originalMessage }) => onEnd(complaint || (originalMessage ?? '')));
  const handles = [child, ...[stdin, stdout, stderr].filter((stream) => stream instanceof Socket)];
  return {
    stdin,
    keepAlive: (yes) => {
      for (const handle of handles) {
        if (yes) handle.ref();
        else handle.unref();
      }
    },
  };
}
