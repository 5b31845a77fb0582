import { styleText } from 'node:util';

/** Where a command writes text for people and programs. */
export interface Output {
  write(text: string): void;
  /** True only on a terminal, and when neither `NO_COLOR` nor `TERM=dumb` says otherwise. */
  readonly color: boolean;
}

/**
 * All that a command may know of the process that runs it. A command answers with its exit code: 0 for done (also when
 * there was nothing to do), 1 for a refusal or a finding, 2 for wrong usage. Answers go to `stdout`, complaints to `stderr`.
 */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Raw bytes; read at most once. */
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Absolute; what relative paths of arguments are relative to. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type ExitCode = 0 | 1 | 2;

/** The run function of one command: `src/cli/<name>.ts` exports it as `run<Name>`, for instance `runScan`. */
export type CommandRun<Options> = (io: Io, options: Options) => Promise<ExitCode>;

/** Options as the command line hands them over: defaults filled in, paths as typed. */
export interface ScanOptions {
  readonly directory: string;
  readonly json: boolean;
}

export interface BumpOptions {
  /** As typed: `ghcr.io/acme/shop:1.4.3`, with a digest or without. */
  readonly image: string;
  readonly directory: string;
  readonly commit?: string;
  /** `YYYY-MM-DD`; undefined means today. */
  readonly date?: string;
  readonly write: boolean;
  readonly json: boolean;
}

export interface DiffOptions {
  readonly directory: string;
  /** undefined: the commit that `head` is compared with by default. */
  readonly base?: string;
  /** A revision, or `worktree`. */
  readonly head: string;
  readonly format: 'text' | 'markdown' | 'json';
}

export interface EventOptions {
  readonly sender: string;
  /** A path, or `-` for standard input. */
  readonly file: string;
  readonly json: boolean;
}

export interface SimulateOptions {
  /** A path, or `-` for standard input. */
  readonly file: string;
  readonly json: boolean;
}

export interface CheckOptions {
  readonly directory: string;
  readonly json: boolean;
}

export interface DoctorOptions {
  /** `owner/name`; undefined means every manifest repository. */
  readonly repository?: string;
  readonly json: boolean;
}

export interface InboxListOptions {
  readonly json: boolean;
}

export interface InboxRetryOptions {
  /** `github:acme/deploy` or `github:acme/deploy#12`; undefined means every dead one. */
  readonly subject?: string;
}

export interface AuditOptions {
  /** `acme/deploy`, or `gitlab:acme/deploy`. */
  readonly repository?: string;
  readonly change?: number;
  /** An age (`7d`) or a date. */
  readonly since?: string;
  readonly limit: number;
  readonly json: boolean;
}

export type Style = Parameters<typeof styleText>[0];

/** The text in a style (`'red'`, `['bold', 'green']`) where the output shows color, else as it is. */
export function paint(output: Output, style: Style, text: string): string {
  return output.color ? styleText(style, text, { validateStream: false }) : text;
}

/** Everything that stands on standard input, at most `limit` bytes. @returns undefined when there is more. */
export async function readStdin(io: Pick<Io, 'stdin'>, limit: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of io.stdin) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The input and output of a real process. */
export function processIo(process: NodeJS.Process): Io {
  const { env } = process;
  return {
    stdout: terminal(process.stdout, env),
    stderr: terminal(process.stderr, env),
    stdin: process.stdin,
    cwd: process.cwd(),
    env,
  };
}

function terminal(stream: NodeJS.WritableStream & { isTTY?: boolean }, env: Io['env']): Output {
  return {
    write: (text) => void stream.write(text),
    color: stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
  };
}
