import type { ChangeRef } from '../domain/change.ts';
import { TagalongError } from '../domain/errors.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { Forge } from '../forge/forge.ts';
import { notInGroupCheck, unreadableCheck } from '../markdown/gate.ts';
import { verdictCheck } from '../markdown/verdict.ts';
import { evaluate } from '../review/evaluate.ts';
import type { Wake, WakeReason } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { changeEffect, fingerprintBetween, type ChangeEffectDeps } from './change-effect.ts';
import type { Look } from './change-look.ts';
import { gatherSnapshot, type GatherDeps } from './gather-snapshot.ts';

export interface MergeGroupDeps extends Omit<GatherDeps, 'store' | 'mirrors' | 'forge'> {
  readonly forge: GatherDeps['forge'] & Pick<Forge, 'upsertCheck'>;
  readonly mirrors: GatherDeps['mirrors'] & ChangeEffectDeps['mirrors'];
  readonly renderer: ChangeEffectDeps['renderer'];
  readonly store: GatherDeps['store'] & ChangeEffectDeps['store'];
  readonly log: Log;
}

type MergeGroup = Extract<WakeReason, { kind: 'merge-group' }>;

/** What is known of the change that a merge queue has taken; no look: the forge shows no such change. */
export interface Queued {
  readonly ref: ChangeRef;
  readonly look: Look | undefined;
}

/**
 * Answers a merge queue on the commit that it would merge: the verdict of the change as it is now, provided that the commit does to the
 * queue before it what the change does by itself.
 */
export async function gateMergeGroup(deps: MergeGroupDeps, queued: Queued, wakes: readonly Wake[]): Promise<void> {
  for (const { reason } of wakes) {
    if (reason.kind !== 'merge-group') continue;
    try {
      await gate(deps, queued, reason);
    } catch (error) {
      await failClosed(deps, queued.ref.repository, reason, error);
      throw error;
    }
  }
}

/** Answers a merge queue whose commit tells no change: nothing can be found in its favour. */
export function refuseMergeGroup(
  { forge }: { readonly forge: Pick<Forge, 'upsertCheck'> },
  repository: RepositoryRef,
  { headCommit }: Pick<MergeGroup, 'headCommit'>,
): Promise<void> {
  const why = 'The name of the branch of the queue does not say which change it is for.';
  return forge.upsertCheck(repository, headCommit, notInGroupCheck(why));
}

async function gate(
  deps: MergeGroupDeps,
  { ref, look }: Queued,
  { headCommit, baseCommit }: MergeGroup,
): Promise<void> {
  if (look?.ground === undefined) {
    const why = `#${ref.number} is not open, or is not for the branch that is deployed.`;
    return deps.forge.upsertCheck(ref.repository, headCommit, notInGroupCheck(why));
  }
  const effect = changeEffect(deps, ref, look.ground);
  const inQueue = await fingerprintBetween(deps, ref, { base: baseCommit, head: headCommit });
  const rendersAlike = inQueue === (await effect.fingerprint());
  const gated = { ...look, ground: look.ground };
  const verdict = evaluate(await gatherSnapshot(deps, gated, effect, { headCommit, rendersAlike }));
  await deps.forge.upsertCheck(ref.repository, headCommit, verdictCheck(verdict));
  deps.log.info({ change: ref.number, head: headCommit, outcome: verdict.outcome }, 'merge group gated');
}

async function failClosed(
  { forge, log }: MergeGroupDeps,
  repository: RepositoryRef,
  { headCommit }: MergeGroup,
  error: unknown,
): Promise<void> {
  const [why, isTransient] =
    error instanceof TagalongError ? [error.message, error.transient] : ['An unexpected error.', false];
  await forge
    .upsertCheck(repository, headCommit, unreadableCheck(why, isTransient))
    .catch((second: unknown) => log.warn({ head: headCommit, err: second }, 'gate could not be closed'));
}
