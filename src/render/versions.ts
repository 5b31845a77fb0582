import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './tools.ts';

/** A renderer as it is found on this machine. */
export type FoundRenderer =
  | { readonly name: 'helm' | 'kustomize'; readonly ok: true; readonly version: string }
  | { readonly name: 'helm' | 'kustomize'; readonly ok: false; readonly message: string };

const TIMEOUT_MS = 10_000;
const versionArguments = { helm: ['version', '--short'], kustomize: ['version'] } as const;

/** Asks each renderer for its version, in the same seclusion as it renders in. */
export async function findRenderers(tools: {
  readonly helm: string;
  readonly kustomize: string;
  /** Folders to look in, written as in `PATH`. */
  readonly searchPath: string;
}): Promise<readonly FoundRenderer[]> {
  const home = await mkdtemp(join(tmpdir(), 'tagalong-versions-'));
  try {
    return await Promise.all(
      (['helm', 'kustomize'] as const).map(async (name): Promise<FoundRenderer> => {
        const tool = { command: tools[name], searchPath: tools.searchPath };
        const run = { args: [...versionArguments[name]], cwd: home, home, timeoutMs: TIMEOUT_MS };
        const outcome = await runTool(tool, run);
        return outcome.ok
          ? { name, ok: true, version: outcome.stdout.trim().split('\n')[0] ?? '' }
          : { name, ok: false, message: outcome.message };
      }),
    );
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
