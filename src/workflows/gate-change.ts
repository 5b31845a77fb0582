import type { ChangeRef } from '../domain/change.ts';
import { TagalongError } from '../domain/errors.ts';
import { formatSubject } from '../domain/subject.ts';
import type { Forge } from '../forge/forge.ts';
import type { ReviewState } from '../forge/reviews.ts';
import { unreadableCheck } from '../markdown/gate.ts';
import { verdictCheck, verdictLog } from '../markdown/verdict.ts';
import { evaluate } from '../review/evaluate.ts';
import type { Snapshot } from '../review/snapshot.ts';
import type { Verdict } from '../review/verdict.ts';
import type { Inbox, RememberedVerdict, Steering, Verdicts } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import type { ChangeEffect } from './change-effect.ts';
import type { Look } from './change-look.ts';
import { gatherSnapshot, type GatedLook, type GatherDeps } from './gather-snapshot.ts';
import { twinsOf, wakeTwins, type SharedHeadDeps } from './shared-head.ts';
import { dismissStale, type DismissStaleDeps } from './dismiss-stale.ts';

export interface GateChangeDeps extends GatherDeps, DismissStaleDeps, SharedHeadDeps {
  readonly forge: GatherDeps['forge'] &
    DismissStaleDeps['forge'] &
    SharedHeadDeps['forge'] &
    Pick<Forge, 'upsertCheck'>;
  readonly store: GatherDeps['store'] &
    DismissStaleDeps['store'] & {
      readonly steering: Pick<Steering, 'ofRepository' | 'ofChange' | 'apply'>;
      readonly verdicts: Verdicts;
      readonly inbox: Pick<Inbox, 'wake' | 'wakeAt'>;
    };
  readonly log: Log;
}

/** What the gate saw, and what it says. */
export interface Gated {
  readonly snapshot: Snapshot;
  readonly verdict: Verdict;
}

/** The name under which a verdict remembers that any check may matter, because nobody could tell which are required. */
export const ANY_CHECK = '*';

/** Evaluates a change and brings its check to what the verdict says; writes nothing where all of it stands already. */
export async function gateChange(deps: GateChangeDeps, look: GatedLook, effect: ChangeEffect): Promise<Gated> {
  const { ref, state } = look;
  const snapshot = await gatherSnapshot(deps, look, effect);
  const { headCommit } = state.change;
  const alone = evaluate(snapshot);
  const { outcome } = alone;
  const before = await deps.store.verdicts.verdict(ref.repository, ref.number);
  // Before the check is green: whoever merges at once has merged what is remembered as passed.
  const decidedAt = firstLook(before, headCommit, deps.now());
  await save(deps, look, { outcome, verdict: alone, decidedAt });
  const twins = await twinsOf(deps, look.known, { ...ref, headCommit });
  const verdict = twins.length === 0 ? alone : evaluate({ ...snapshot, twins });
  if (twins.length > 0) await save(deps, look, { outcome, verdict, decidedAt });
  await wakeTwins(deps, ref, { before, present: { headCommit, outcome } });
  await deps.forge.upsertCheck(ref.repository, headCommit, verdictCheck(verdict), state.ownCheck ?? 'none');
  const recheck = verdict.recheckAt === undefined ? undefined : new Date(verdict.recheckAt);
  await deps.store.inbox.wakeAt({ kind: 'change', ...ref }, { kind: 'due', what: 'gate' }, recheck);
  await dismissStale(deps, look, { effect, verdict });
  deps.log.info({ ...fields(ref), head: headCommit, ...verdictLog(verdict) }, 'change gated');
  return { snapshot, verdict };
}

/** @param said.outcome what counts for other changes with the same head: that of the change by itself */
function save(
  { store }: GateChangeDeps,
  { ref, state }: GatedLook,
  said: Pick<RememberedVerdict, 'outcome' | 'decidedAt'> & { readonly verdict: Verdict },
): Promise<void> {
  const [{ headCommit }, { baseCommit }] = [state.change, state];
  return store.verdicts.saveVerdict({
    ...{ ...ref, ...said, headCommit, baseCommit },
    requiredChecks: requiredChecks(state),
  });
}

/**
 * Takes a pass back when a change could not be looked at: what is not known to pass does not pass. Where nothing is green, nothing
 * is written. Never throws, because the reason for calling it is told by an error already.
 * @param look as far as it came
 */
export async function failClosed(
  deps: Pick<GateChangeDeps, 'forge' | 'store' | 'log' | 'now'>,
  ref: ChangeRef,
  look: Look | undefined,
  error: unknown,
): Promise<void> {
  const why = error instanceof TagalongError ? error.message : 'An unexpected error.';
  try {
    const last = await deps.store.verdicts.verdict(ref.repository, ref.number);
    const isGated = look?.ground !== undefined || look?.failure !== undefined;
    const headCommit = look?.state.change.headCommit ?? last?.headCommit;
    if (headCommit === undefined || (!isGated && last?.outcome !== 'pass')) return;
    const check = unreadableCheck(why, error instanceof TagalongError && error.transient);
    const known = isGated ? (look.state.ownCheck ?? 'none') : undefined;
    await deps.forge.upsertCheck(ref.repository, headCommit, check, known);
    const node = { outcome: 'block', reason: `The gate could not look at this change: ${why}`, children: [] } as const;
    await deps.store.verdicts.saveVerdict({
      ...ref,
      headCommit,
      baseCommit: look?.state.baseCommit ?? last?.baseCommit ?? headCommit,
      outcome: 'block',
      verdict: { outcome: 'block', nodes: [node], stale: [] } satisfies Verdict,
      requiredChecks: [ANY_CHECK],
      decidedAt: firstLook(last, headCommit, deps.now()),
    });
  } catch (second) {
    deps.log.warn({ ...fields(ref), err: second }, 'gate could not be closed');
  }
}

/** What is remembered for longer is forgotten, so it is said anew before that. */
const LONGEST_LOOK_MS = 90 * 24 * 60 * 60_000;

/** When the gate looked at this head first: whoever wrote a comment after that can have seen it, however often it was looked at since. */
function firstLook(before: RememberedVerdict | undefined, headCommit: string, now: Date): Date {
  const isSame = before?.headCommit === headCommit && now.getTime() - before.decidedAt.getTime() < LONGEST_LOOK_MS;
  return isSame ? before.decidedAt : now;
}

function requiredChecks({ requiredChecks: required }: ReviewState): readonly string[] {
  return required === 'unknown' ? [ANY_CHECK] : required;
}

function fields(ref: ChangeRef): object {
  return { subject: formatSubject({ kind: 'change', ...ref }) };
}
