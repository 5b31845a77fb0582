import type { ChangeRef } from '../domain/change.ts';
import { TagalongError } from '../domain/errors.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { Forge } from '../forge/forge.ts';
import { notInGroupCheck, unknownGroupCheck, unreadableCheck } from '../markdown/gate.ts';
import { verdictCheck } from '../markdown/verdict.ts';
import { evaluate } from '../review/evaluate.ts';
import type { SnapshotTwin } from '../review/snapshot.ts';
import type { Outcome, Verdict } from '../review/verdict.ts';
import type { Bumps, Wake, WakeReason } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { changeEffect, fingerprintBetween, type ChangeEffectDeps, type Ends } from './change-effect.ts';
import { lookAt, type ChangeLookDeps, type Look } from './change-look.ts';
import { gatherSnapshot, type GatedLook, type GatherDeps } from './gather-snapshot.ts';
import { placeInQueue, type QueuedBefore, type QueuePlaceDeps } from './queue-place.ts';

export interface MergeGroupDeps extends Omit<GatherDeps, 'store' | 'mirrors' | 'forge'> {
  readonly forge: GatherDeps['forge'] & ChangeLookDeps['forge'] & QueuePlaceDeps['forge'] & Pick<Forge, 'upsertCheck'>;
  readonly mirrors: GatherDeps['mirrors'] &
    ChangeEffectDeps['mirrors'] &
    ChangeLookDeps['mirrors'] &
    QueuePlaceDeps['mirrors'];
  readonly renderer: ChangeEffectDeps['renderer'];
  readonly store: GatherDeps['store'] & ChangeEffectDeps['store'] & { readonly bumps: Pick<Bumps, 'ofChange'> };
  readonly log: Log;
}

type MergeGroup = Extract<WakeReason, { kind: 'merge-group' }>;

/** What is known of the change that a merge queue has taken; no look: the forge shows no such change. */
export interface Queued {
  readonly ref: ChangeRef;
  readonly look: Look | undefined;
}

/**
 * Answers a merge queue on the commit that it would merge: the worst verdict of the change and of all that the queue merges with it, each
 * as it is now, provided that the commit does for each of them what the change does by itself.
 */
export async function gateMergeGroup(deps: MergeGroupDeps, queued: Queued, wakes: readonly Wake[]): Promise<void> {
  const failures: unknown[] = [];
  for (const { reason } of wakes) {
    if (reason.kind !== 'merge-group') continue;
    await gate(deps, queued, reason).catch(async (error: unknown) => {
      await failClosed(deps, queued.ref.repository, reason, error);
      failures.push(error);
    });
  }
  if (failures.length > 0) throw failures[0];
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

async function gate(deps: MergeGroupDeps, { ref, look }: Queued, group: MergeGroup): Promise<void> {
  const { repository } = ref;
  const { headCommit, baseCommit } = group;
  if (!isOpen(look)) {
    const why = `#${ref.number} is not open, or is not for the branch that is deployed.`;
    return deps.forge.upsertCheck(repository, headCommit, notInGroupCheck(why));
  }
  const { target } = look.ground;
  const place = await placeInQueue(deps, { ref, ...group, target, targetBranch: look.state.change.targetBranch });
  if (place.kind === 'unsettled') throw new TagalongError('forge-conflict', place.why);
  if (place.kind === 'unknown') return deps.forge.upsertCheck(repository, headCommit, unknownGroupCheck(place.why));
  const before: SnapshotTwin[] = [];
  for (const each of place.before) before.push({ number: each.number, outcome: await outcomeOf(deps, look, each) });
  const verdict = await judge(deps, look, { base: baseCommit, head: headCommit }, before);
  await deps.forge.upsertCheck(repository, headCommit, verdictCheck(verdict));
  const log = {
    change: ref.number,
    head: headCommit,
    outcome: verdict.outcome,
    before: before.map(({ number }) => number),
  };
  deps.log.info(log, 'merge group gated');
}

/** What the gate says of a change before it in the queue, as it is now and as the queue would merge it. */
async function outcomeOf(
  deps: MergeGroupDeps,
  { ref: { repository }, known }: GatedLook,
  { number, ends }: QueuedBefore,
): Promise<Outcome> {
  const [bump] = await deps.store.bumps.ofChange(repository, number);
  const look = await lookAt(deps, { ref: { repository, number }, known, ...(bump !== undefined && { bump }) });
  if (look?.failure !== undefined) throw look.failure;
  return isOpen(look) ? (await judge(deps, look, ends)).outcome : 'block';
}

/** @param ends the commit of the queue with the change on top, and the commit below it */
async function judge(
  deps: MergeGroupDeps,
  look: GatedLook,
  ends: Ends,
  before: readonly SnapshotTwin[] = [],
): Promise<Verdict> {
  const effect = changeEffect(deps, look.ref, look.ground);
  const rendersAlike = (await fingerprintBetween(deps, look.ref, ends)) === (await effect.fingerprint());
  const group = { headCommit: ends.head, rendersAlike, ...(before.length > 0 && { before }) };
  return evaluate(await gatherSnapshot(deps, look, effect, group));
}

function isOpen(look: Look | undefined): look is GatedLook {
  return look?.ground !== undefined;
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
