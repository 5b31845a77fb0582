import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { TagalongError } from '../domain/errors.ts';

export interface GitPlace {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface GitRun {
  readonly input?: string;
  /** Exit codes that are answers and not failures, besides 0. */
  readonly answers?: readonly number[];
  /** Two minutes unless told. */
  readonly timeoutMs?: number;
  /** Ends git early. */
  readonly signal?: AbortSignal;
}

export interface GitOutput {
  readonly code: number;
  readonly stdout: Buffer;
}

/** Git ran and refused, or died: where a mirror is concerned, a sign that it may be damaged. */
export class GitFailure extends TagalongError {
  constructor(message: string, cause?: unknown) {
    super('git-failed', message, { cause });
    this.name = 'GitFailure';
  }
}

/**
 * A mirror. Git then reads no configuration but the mirror's own, runs no hook, asks nobody, traces nothing and, unless it is told
 * to fetch, talks to no network.
 */
export function bareRepository(directory: string): GitPlace {
  return { cwd: directory, environment: { ...inheritedFromNobody, ...secluded, GIT_DIR: directory } };
}

/** A repository of the person who runs the command, with that person's own git configuration. */
export function workingCopy(directory: string): GitPlace {
  return { cwd: directory, environment: { ...inheritedFromNobody, ...predictable } };
}

/** Runs git to its end. @throws GitFailure on any other exit code, on a signal, and when it takes too long or is ended early. */
export async function runGit(place: GitPlace, args: readonly string[], run: GitRun = {}): Promise<GitOutput> {
  const end = AbortSignal.any([AbortSignal.timeout(run.timeoutMs ?? 120_000), ...(run.signal ? [run.signal] : [])]);
  const child = execa('git', args, {
    cwd: place.cwd,
    env: place.environment,
    encoding: 'buffer',
    stripFinalNewline: false,
    reject: false,
    maxBuffer: 1_000_000_000,
    input: run.input ?? '',
    // A group of its own: the helpers that git starts would outlive it, and hold our end of their pipes open.
    detached: true,
  });
  const endGroup = (): void => void endProcessGroup(child.pid);
  end.addEventListener('abort', endGroup, { once: true });
  if (end.aborted) endGroup();
  const { exitCode, stdout, stderr, originalMessage } = await child;
  end.removeEventListener('abort', endGroup);
  const isAnswer = exitCode !== undefined && (exitCode === 0 || run.answers?.includes(exitCode) === true);
  if (isAnswer) return { code: exitCode, stdout: Buffer.from(stdout) };
  const said = end.aborted ? 'timed out' : lastLines(Buffer.from(stderr).toString('utf8'));
  throw new GitFailure(`git ${args[0] ?? ''}: ${said || (originalMessage ?? 'failed')}`);
}

/** What git wrote last to its standard error, cut to a size that a log line can hold. */
export function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join('; ').slice(-1_000);
}

/** Git removes its locks when it is asked to end; what does not end within two seconds is killed. */
async function endProcessGroup(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  await setTimeout(2_000, undefined, { ref: false });
  signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
}

/** The variables that point git at a repository, as `git rev-parse --local-env-vars` lists them: a hook sets them. */
const inheritedFromNobody = Object.fromEntries(
  [
    'GIT_ALTERNATE_OBJECT_DIRECTORIES',
    'GIT_CONFIG',
    'GIT_CONFIG_PARAMETERS',
    'GIT_CONFIG_COUNT',
    'GIT_OBJECT_DIRECTORY',
    'GIT_DIR',
    'GIT_WORK_TREE',
    'GIT_IMPLICIT_WORK_TREE',
    'GIT_GRAFT_FILE',
    'GIT_INDEX_FILE',
    'GIT_NO_REPLACE_OBJECTS',
    'GIT_REPLACE_REF_BASE',
    'GIT_PREFIX',
    'GIT_SHALLOW_FILE',
    'GIT_COMMON_DIR',
    'GIT_NAMESPACE',
    'GIT_CEILING_DIRECTORIES',
  ].map((name) => [name, undefined] as const),
);

const predictable = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
};

/** Traces show headers. */
const untraced = Object.fromEntries(
  ['GIT_TRACE', 'GIT_TRACE_CURL', 'GIT_TRACE_PACKET', 'GIT_TRACE2', 'GIT_TRACE2_EVENT', 'GIT_CURL_VERBOSE'].map(
    (name) => [name, undefined] as const,
  ),
);

const secluded = {
  ...predictable,
  ...untraced,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_DEFAULT_REF_FORMAT: 'files',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'core.hooksPath',
  GIT_CONFIG_VALUE_0: '/dev/null',
  GIT_CONFIG_KEY_1: 'gc.auto',
  GIT_CONFIG_VALUE_1: '0',
};
