import { configPaths, type Config } from '../config/config.ts';
import { readConfig } from '../config/read-config.ts';
import { policiesOf } from '../config/policies.ts';
import { BRANCH_PREFIX, REVERT_PREFIX } from '../domain/bump.ts';
import type { ChangeRef } from '../domain/change.ts';
import { TagalongError } from '../domain/errors.ts';
import type { Mirrors } from '../git/git.ts';
import type { Renderer } from '../render/render.ts';
import { affectedBy } from '../review/evaluate.ts';
import type { Trigger } from '../review/trigger.ts';
import type { Bumps, ImageIndex, Renders, Verdicts, Wake, WakeReason } from '../store/store.ts';
import { readTexts } from './bump-situations.ts';
import { changeEffect } from './change-effect.ts';
import { lookAt, type ChangeLookDeps, type Look, type LookedAt } from './change-look.ts';
import { commentDiff, type CommentDiffDeps } from './comment-diff.ts';
import { followChange, type FollowChangeDeps } from './follow-change.ts';
import { ANY_CHECK, failClosed, gateChange, type Gated, type GateChangeDeps } from './gate-change.ts';
import type { GatedLook } from './gather-snapshot.ts';
import { mergeChange, type MergeChangeDeps } from './merge-change.ts';
import { gateMergeGroup, type MergeGroupDeps } from './merge-group.ts';
import { passOverUngated } from './ungated-change.ts';
import { runCommands, type RunCommandsDeps } from './run-commands.ts';

export interface ReconcileChangeDeps
  extends ChangeLookDeps, CommentDiffDeps, FollowChangeDeps, GateChangeDeps, MergeChangeDeps, RunCommandsDeps {
  readonly forge: ChangeLookDeps['forge'] &
    CommentDiffDeps['forge'] &
    FollowChangeDeps['forge'] &
    GateChangeDeps['forge'] &
    MergeChangeDeps['forge'] &
    MergeGroupDeps['forge'] &
    RunCommandsDeps['forge'];
  readonly mirrors: ChangeLookDeps['mirrors'] & Pick<Mirrors, 'commits' | 'isAncestor'>;
  readonly renderer: Renderer;
  readonly store: Pick<ImageIndex, 'known'> &
    CommentDiffDeps['store'] &
    FollowChangeDeps['store'] &
    GateChangeDeps['store'] &
    MergeChangeDeps['store'] &
    RunCommandsDeps['store'] & {
      readonly bumps: Pick<Bumps, 'ofChange'>;
      readonly renders: Renders;
      readonly verdicts: Verdicts;
    };
}

/**
 * Brings one change to where it should be: what became of it remembered, commands carried out, its rendered diff told, its check equal
 * to the verdict, and merged where it passes and somebody or the configuration asks for it.
 */
export async function reconcileChange(
  deps: ReconcileChangeDeps,
  ref: ChangeRef,
  wakes: readonly Wake[],
): Promise<void> {
  const known = await deps.store.known(ref.repository);
  if (known === undefined || (await isOfNoConsequence(deps, ref, wakes))) return;

  let look: Look | undefined;
  const see = async () => {
    look = await present(deps, { ref, known });
    if (look?.failure !== undefined) throw look.failure;
    return look;
  };
  let isTooEarly = false;
  try {
    const first = await see();
    isTooEarly = isCommandedTooEarly(first, wakes, deps.now());
    if (!isTooEarly && (await command(deps, first, wakes))) await see();
  } catch (error) {
    await failClosed(deps, ref, look, error);
    throw error;
  }
  // Nothing else either: a hold that waits keeps from merging what it holds.
  if (isTooEarly) throw new TagalongError('forge-conflict', `#${ref.number} is not remembered as a bump yet.`);
  // A queue that cannot be answered yet keeps the change itself from nothing.
  const [queue] = await Promise.allSettled([gateMergeGroup(deps, { ref, look }, wakes)]);
  if (isGated(look)) await review(deps, look, wakes);
  else if (look?.state.change.state === 'open') await passOverUngated(deps, look);
  if (queue.status === 'rejected') throw queue.reason;
}

/** Whether nothing that these wakes tell of can change anything, so that nobody need be asked. */
async function isOfNoConsequence(
  { store }: ReconcileChangeDeps,
  { repository, number }: ChangeRef,
  wakes: readonly Wake[],
): Promise<boolean> {
  const reasons = wakes.map(({ reason }) => reason);
  if (reasons.some(({ kind }) => kind === 'commanded' || kind === 'merge-group')) return false;
  const triggers = reasons.flatMap(triggersOf);
  if (!triggers.every((trigger) => trigger === 'checks')) return !affectedBy(triggers);
  const ended = reasons.flatMap((reason) => (reason.kind === 'check-reported' ? [reason] : []));
  const last = await store.verdicts.verdict(repository, number);
  const isJudged = last !== undefined && ended.every(({ commit }) => commit === last.headCommit);
  if (!isJudged || last.requiredChecks.includes(ANY_CHECK)) return triggers.length === 0;
  return !affectedBy(triggers, { ended: ended.map(({ name }) => name), required: last.requiredChecks });
}

/** What a reason to look says that may have changed. */
function triggersOf(reason: WakeReason): readonly Trigger[] {
  switch (reason.kind) {
    case 'change-updated':
      return ['head', 'attributes'];
    case 'change-written':
      return ['head'];
    case 'change-touched':
      return [reason.what];
    case 'check-reported':
      return ['checks'];
    case 'due':
      return ['time', 'steering'];
    case 'steered':
      return ['steering'];
    case 'branch-pushed':
    case 'installed':
    case 'resync':
    case 'rebuild':
      return ['head', 'base', 'reviews', 'attributes', 'checks', 'steering', 'time'];
    case 'commanded':
    case 'merge-group':
    case 'image-published':
    case 'action':
    case 'deploy-reported':
    case 'bump-merged':
    case 'removed':
      return [];
  }
}

/** The change as it is now, and what became of it remembered. */
async function present(deps: ReconcileChangeDeps, about: Pick<LookedAt, 'ref' | 'known'>): Promise<Look | undefined> {
  const [bump] = await deps.store.bumps.ofChange(about.ref.repository, about.ref.number);
  const look = await lookAt(deps, { ...about, ...(bump !== undefined && { bump }) });
  if (look !== undefined) await followChange(deps, look);
  return look;
}

/** As long a command waits for its bump to be remembered; one that is remembered no more is a change like that of anybody. */
const REMEMBERED_WITHIN_MS = 2 * 60_000;

/**
 * Whether somebody commands a change that the bot has opened, and was interrupted before it could remember for which bump: it is about to
 * be remembered by the run that is repeated.
 */
function isCommandedTooEarly(look: Look | undefined, wakes: readonly Wake[], now: Date): boolean {
  if (look === undefined || look.bump !== undefined) return false;
  const { state, author, sourceBranch } = look.state.change;
  const isBump = author.isBot && sourceBranch.startsWith(BRANCH_PREFIX) && !sourceBranch.startsWith(REVERT_PREFIX);
  if (state !== 'open' || !isBump) return false;
  const commanded = wakes.filter(({ reason }) => reason.kind === 'commanded');
  return commanded.some(({ wokenAt }) => now.getTime() - wokenAt.getTime() < REMEMBERED_WITHIN_MS);
}

/** @returns whether the change has to be looked at again */
async function command(deps: ReconcileChangeDeps, look: Look | undefined, wakes: readonly Wake[]): Promise<boolean> {
  if (look === undefined || !wakes.some(({ reason }) => reason.kind === 'commanded')) return false;
  const { known, bump, state } = look;
  const config = await validConfig(deps, look);
  const touched = config && look.ground ? policiesOf(config, look.ground.paths, known.defaultBranch) : [];
  const named = touched.flatMap(({ environment }) => environment ?? []);
  const environments = named.length === 0 && bump !== undefined ? [bump.environment] : named;
  const commanded = { change: state.change, ...(bump !== undefined && { bump }), environments, known, config };
  return (await runCommands(deps, commanded, wakes)).isTouched;
}

/** That of the target branch, also where the change has ended. */
async function validConfig(
  { mirrors }: ReconcileChangeDeps,
  { ref, state, ground }: Look,
): Promise<Config | undefined> {
  const read =
    ground?.config ??
    readConfig(await readTexts(await mirrors.tree(ref.repository, state.baseCommit), new Set(configPaths)));
  return read.kind === 'valid' ? read.config : undefined;
}

function isGated(look: Look | undefined): look is GatedLook {
  return look?.ground !== undefined;
}

/** Applications that run somewhere already are told what waits for them elsewhere. */
async function tellWaiting({ store }: ReconcileChangeDeps, { repository }: ChangeRef): Promise<void> {
  const rollouts = await store.deploys.rollouts(repository);
  if (rollouts.length > 0) await store.inbox.wake({ kind: 'deploys', repository }, { kind: 'deploy-reported' });
}

/** A comment that cannot be written keeps nothing from being gated; it is told of at the end, for the change to be tried again. */
async function review(deps: ReconcileChangeDeps, look: GatedLook, wakes: readonly Wake[]): Promise<void> {
  const { ref, ground } = look;
  const effect = changeEffect(deps, ref, ground);
  const isFresh = wakes.some(({ reason }) => reason.kind === 'change-written' && reason.created);
  const failures: unknown[] = [];
  await commentDiff(deps, { ref, ...ground, effect, isFresh }).catch((error: unknown) => failures.push(error));
  const gated = await gate();
  if (await mergeChange(deps, { look, gated, effect })) await present(deps, look);
  else if (wakes.some(({ reason }) => reason.kind === 'change-written')) await tellWaiting(deps, ref);
  if (failures.length > 0) throw failures[0];

  function gate(): Promise<Gated> {
    return gateChange(deps, look, effect).catch(async (error: unknown) => {
      await failClosed(deps, ref, look, error);
      throw error;
    });
  }
}
