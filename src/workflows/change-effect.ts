import { posix } from 'node:path';
import type { ChangeRef } from '../domain/change.ts';
import { errorCode } from '../domain/errors.ts';
import type { ForbiddenFinding } from '../domain/policy.ts';
import type { DiffUnit, RenderedDiff } from '../diff/result.ts';
import type { Mirrors } from '../git/git.ts';
import { resourceTitle, unitTitle } from '../markdown/diff-notes.ts';
import type { Renderer } from '../render/render.ts';
import type { RememberedRender, Renders } from '../store/store.ts';
import { FINGERPRINT_PREFIX, fingerprintOf } from './fingerprint.ts';
import { compareRendered, renderPair } from './render-diff.ts';

export interface ChangeEffectDeps {
  readonly mirrors: Pick<Mirrors, 'tree' | 'changedPaths' | 'mergeBase'>;
  readonly renderer: Renderer;
  readonly store: { readonly renders: Renders };
}

/** The two ends of a change: the commit that it left its target at, and its head. */
export interface Ends {
  readonly base: string;
  readonly head: string;
}

/** What the gate wants to know of a rendering; kept with its fingerprint, so that nothing is rendered only to look again. */
export interface RenderSummary {
  /** How many units the change takes part in. */
  readonly units: number;
  readonly findings: readonly { readonly rule: ForbiddenFinding; readonly resource: string }[];
  /** Units that could not be rendered at the head. */
  readonly failures: readonly { readonly unit: string; readonly message: string }[];
  /** A file of each unit that renders to something else, or that could not be compared: what the change does is done there. */
  readonly reached: readonly string[];
}

/** What one head of a change does to everything that is rendered, and what its other heads did; rendered at most once, when asked. */
export interface ChangeEffect {
  /** Whether an earlier look has rendered this head, and came to the end of that. */
  isKnown(): Promise<boolean>;
  summary(): Promise<RenderSummary>;
  fingerprint(): Promise<string>;
  diff(): Promise<RenderedDiff>;
  /** Whether an earlier or later head of the change does the same. `unknown`: it is gone, or cannot be compared. */
  isAlike(commit: string): Promise<boolean | 'unknown'>;
  /**
   * Whether this very head did something else when it was looked at last, because the change had another target: then nothing
   * that people said of it counts. So until {@link accept}.
   */
  isRetargeted(): Promise<boolean>;
  /** What people said of this head under another target is taken back; from now on the head stands for what it does now. */
  accept(): Promise<void>;
}

interface Rendered {
  readonly remembered: RememberedRender;
  readonly diff: RenderedDiff;
}

/** @param target the head of the branch that the change is to be merged into */
export function changeEffect(
  deps: ChangeEffectDeps,
  ref: ChangeRef,
  { ends, target }: { readonly ends: Ends; readonly target: string },
): ChangeEffect {
  const renders = once(() => deps.store.renders.renders(ref.repository, ref.number));
  const before = once(async () => (await renders()).find(({ headCommit }) => headCommit === ends.head));
  const rendered = once(() => renderEnds(deps, ref, ends));
  const good = once(async () => {
    const known = await before();
    return known !== undefined && isStillGood(known, ends) ? known : undefined;
  });
  const present = once(async () => {
    const [known, still] = [await before(), await good()];
    if (still !== undefined) return still;
    const { remembered } = await rendered();
    if (!isRetargetedFrom(known, remembered))
      await deps.store.renders.saveRender(ref.repository, ref.number, remembered);
    return remembered;
  });
  const isRetargeted = async () => isRetargetedFrom(await before(), await present());
  return {
    isKnown: async () => (await good()) !== undefined,
    summary: async () => summaryIn(await present()),
    fingerprint: async () => (await present()).fingerprint,
    diff: async () => {
      await present();
      return (await rendered()).diff;
    },
    isAlike: async (commit) => {
      if (commit === ends.head) return !(await isRetargeted());
      const known = (await renders()).find(({ headCommit }) => headCommit === commit);
      if (known?.fingerprint === ELSEWHERE) return false;
      const other = known?.fingerprint.startsWith(FINGERPRINT_PREFIX)
        ? known.fingerprint
        : await fingerprintAt(deps, ref, { commit, target });
      return other === undefined ? 'unknown' : other === (await present()).fingerprint;
    },
    isRetargeted,
    accept: async () => deps.store.renders.saveRender(ref.repository, ref.number, await present()),
  };
}

/** What is remembered of a head that was seen under another target than the one that is gated, so that what is said of it then counts for nothing here. */
export function elsewhere(headCommit: string): RememberedRender {
  return { headCommit, baseCommit: headCommit, fingerprint: ELSEWHERE, summary: NOTHING };
}

const ELSEWHERE = 'elsewhere';
const NOTHING: RenderSummary = { units: 0, findings: [], failures: [], reached: [] };

/** A rendering that failed is tried again: a tool that was missing may be there now. */
function isStillGood(known: RememberedRender, { base }: Ends): boolean {
  if (known.baseCommit !== base || !known.fingerprint.startsWith(FINGERPRINT_PREFIX)) return false;
  return summaryIn(known).failures.length === 0;
}

function isRetargetedFrom(before: RememberedRender | undefined, present: RememberedRender): boolean {
  if (before === undefined) return false;
  if (before.fingerprint === ELSEWHERE) return true;
  return before.baseCommit !== present.baseCommit && before.fingerprint !== present.fingerprint;
}

async function renderEnds(deps: ChangeEffectDeps, { repository }: ChangeRef, { base, head }: Ends): Promise<Rendered> {
  const [before, after, paths] = await Promise.all([
    deps.mirrors.tree(repository, base),
    deps.mirrors.tree(repository, head),
    deps.mirrors.changedPaths(repository, base, head),
  ]);
  const pair = await renderPair(deps.renderer, { base: before, head: after, changed: paths.map(({ path }) => path) });
  const diff = await compareRendered(pair);
  const fingerprint = await fingerprintOf(deps.renderer, pair, diff);
  return { remembered: { headCommit: head, baseCommit: base, fingerprint, summary: summaryOf(diff) }, diff };
}

/** What lies between any two commits, compared with nothing and not kept. */
export async function fingerprintBetween(deps: ChangeEffectDeps, ref: ChangeRef, ends: Ends): Promise<string> {
  return (await renderEnds(deps, ref, ends)).remembered.fingerprint;
}

/** undefined when the commit was pushed away and no fetch brings it back. */
async function fingerprintAt(
  deps: ChangeEffectDeps,
  ref: ChangeRef,
  { commit, target }: { readonly commit: string; readonly target: string },
): Promise<string | undefined> {
  try {
    const base = await deps.mirrors.mergeBase(ref.repository, target, commit);
    if (base === undefined) return undefined;
    const { remembered } = await renderEnds(deps, ref, { base, head: commit });
    await deps.store.renders.saveRender(ref.repository, ref.number, remembered);
    return remembered.fingerprint;
  } catch (error) {
    if (errorCode(error) === 'git-failed') return undefined;
    throw error;
  }
}

function summaryOf({ units }: RenderedDiff): RenderSummary {
  return {
    units: units.length,
    findings: units.flatMap((unit) =>
      unit.ok ? unit.findings.map(({ rule, resource }) => ({ rule, resource: resourceTitle(resource) })) : [],
    ),
    failures: units.flatMap((unit) =>
      unit.ok || unit.side === 'base' ? [] : [{ unit: unitTitle(unit.unit), message: unit.message }],
    ),
    reached: units.flatMap((unit) => (unit.ok && unit.resources.length === 0 ? [] : fileOf(unit.unit))),
  };
}

/** By which it is told to which environment a unit belongs. */
function fileOf({ engine, path, valuesFiles = [] }: DiffUnit): string {
  if (engine === 'plain') return path;
  const [variant] = valuesFiles;
  return variant ?? posix.join(path, engine === 'helm' ? 'values.yaml' : 'kustomization.yaml');
}

function summaryIn({ summary }: RememberedRender): RenderSummary {
  return isSummary(summary)
    ? summary
    : { ...NOTHING, failures: [{ unit: '.', message: 'What it renders to is not remembered.' }] };
}

function isSummary(value: unknown): value is RenderSummary {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'units' in value &&
    'findings' in value &&
    Array.isArray(value.findings) &&
    'failures' in value &&
    Array.isArray(value.failures) &&
    'reached' in value &&
    Array.isArray(value.reached)
  );
}

function once<T>(run: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= run());
}
