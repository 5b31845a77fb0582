import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { execa } from 'execa';

export interface ToolSettings {
  /** A path, or a name to look for. */
  readonly command: string;
  /** Folders to look in, written as in `PATH`. */
  readonly searchPath: string;
}

export interface ToolRun {
  readonly args: readonly string[];
  readonly cwd: string;
  /** An empty folder that the tool may fill. */
  readonly home: string;
  readonly timeoutMs: number;
}

export type ToolOutcome =
  | { readonly ok: true; readonly stdout: string }
  | { readonly ok: false; readonly reason: 'missing' | 'failed'; readonly message: string };

/** More than any cluster would take; an endless output ends here. */
const MAX_OUTPUT_BYTES = 50 * 1024 * 1024;
const MAX_COMPLAINT_BYTES = 1024 * 1024;

/**
 * Runs a renderer on files that strangers may have written: no shell, none of our environment, no other program on its path (so
 * that it cannot run git), no way to the network (a proxy that does not exist), killed with its children when it takes too long.
 */
export async function runTool(tool: ToolSettings, run: ToolRun): Promise<ToolOutcome> {
  const file = await findTool(tool);
  if (file === undefined) return { ok: false, reason: 'missing', message: `${tool.command} is not installed.` };
  const result = await execa(file, run.args, {
    cwd: run.cwd,
    env: environment(run.home),
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    stripFinalNewline: false,
    timeout: run.timeoutMs,
    killSignal: 'SIGKILL',
    killDescendants: true,
    maxBuffer: { stdout: MAX_OUTPUT_BYTES, stderr: MAX_COMPLAINT_BYTES },
  });
  if (!result.failed) return { ok: true, stdout: result.stdout };
  return { ok: false, reason: result.code === 'ENOENT' ? 'missing' : 'failed', message: complaint(result, run) };
}

interface Failure {
  readonly timedOut: boolean;
  readonly isMaxBuffer: boolean;
  readonly stderr: string;
  readonly exitCode?: number;
  readonly signal?: string;
}

function complaint({ timedOut, isMaxBuffer, stderr, exitCode, signal }: Failure, run: ToolRun): string {
  if (timedOut) return `It did not finish within ${run.timeoutMs / 1000} seconds.`;
  if (isMaxBuffer) return `Its output is longer than ${MAX_OUTPUT_BYTES / 1024 / 1024} MiB.`;
  return stderr.trim() || `It ended with ${signal ?? `exit code ${exitCode ?? 'unknown'}`} and said nothing.`;
}

async function findTool({ command, searchPath }: ToolSettings): Promise<string | undefined> {
  const candidates = command.includes('/')
    ? [command]
    : searchPath
        .split(delimiter)
        .filter(isAbsolute)
        .map((folder) => join(folder, command));
  for (const candidate of candidates) {
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Go programs talk to no host but this one without asking the proxy, and nothing listens on port 9 (discard). */
function environment(home: string): Record<string, string> {
  const nowhere = 'http://127.0.0.1:9';
  return {
    PATH: home,
    HOME: home,
    TMPDIR: home,
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    HELM_CACHE_HOME: join(home, 'helm-cache'),
    HELM_CONFIG_HOME: join(home, 'helm-config'),
    HELM_DATA_HOME: join(home, 'helm-data'),
    HELM_PLUGINS: join(home, 'helm-plugins'),
    KUBECONFIG: join(home, 'no-kubeconfig'),
    KUSTOMIZE_PLUGIN_HOME: join(home, 'kustomize-plugins'),
  };
}
