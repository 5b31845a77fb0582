import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/** A pull request in policy-bot's words. */
export interface PolicyBotSituation {
  readonly name: string;
  readonly author: string;
  readonly head: string;
  readonly paths: readonly string[];
  readonly checks: Readonly<Record<string, string>>;
  readonly teams: Readonly<Record<string, readonly string[]>>;
  readonly reviews: readonly { readonly by: string; readonly at: string; readonly state: string }[];
}

const foundSchema = z.array(z.object({ name: z.string(), answer: z.string(), ns: z.number() }));

export type PolicyBot = AsyncDisposable &
  (
    | {
        readonly ok: true;
        /** The answer to each situation, and the nanoseconds of one evaluation. */
        measure(situations: readonly PolicyBotSituation[], measuredMs: number): Promise<z.infer<typeof foundSchema>>;
      }
    | { readonly ok: false; readonly reason: string }
  );

/** Builds the program beside this file, which takes Go and, the first time, the network. Without them there is no peer, and a reason. */
export async function openPolicyBot(policy: string): Promise<PolicyBot> {
  const directory = await mkdtemp(join(tmpdir(), 'tagalong-policy-bot-'));
  const dispose = { [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
  const program = join(directory, 'policy-bot');
  try {
    await run('go', ['build', '-o', program, '.'], '');
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { ok: false, reason, ...dispose };
  }
  return {
    ok: true,
    measure: async (situations, measuredMs) =>
      foundSchema.parse(JSON.parse(await run(program, [], JSON.stringify({ policy, measuredMs, situations })))),
    ...dispose,
  };
}

/** @returns what it printed. @throws with what it complained of */
async function run(program: string, args: readonly string[], input: string): Promise<string> {
  const child = spawn(program, args, { cwd: join(import.meta.dirname, 'policy-bot'), stdio: 'pipe' });
  const failed = once(child, 'error').then(([error]: unknown[]) => {
    throw error;
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const read = Promise.all([text(child.stdout), text(child.stderr), closed]);
  child.stdin.end(input);
  const [printed, complaints, [code]] = await Promise.race([read, failed]);
  if (code !== 0) throw new Error(complaints === '' ? `${program} ended with ${code}` : complaints);
  return printed;
}
