import { setImmediate as nextTurn } from 'node:timers/promises';
import { diffRendered } from '../diff/rendered.ts';
import type { RenderedDiff, UnitDiff } from '../diff/result.ts';
import type { Tree } from '../git/git.ts';
import type { Renderer, RenderResult, RenderUnit } from '../render/render.ts';

export interface TreePair {
  readonly base: Tree;
  readonly head: Tree;
  /** Every path that differs between the two. */
  readonly changed: readonly string[];
}

/** A pair of trees with everything that a changed file takes part in, rendered from both. */
export interface RenderedPair extends TreePair {
  readonly units: readonly {
    readonly unit: RenderUnit;
    readonly before: RenderResult;
    readonly after: RenderResult;
  }[];
}

/**
 * What the difference between two trees does to everything that is rendered from them. A unit that fails is told of; the others are
 * compared all the same. No units: nothing that is rendered is touched.
 */
export async function renderDiff(renderer: Renderer, pair: TreePair): Promise<RenderedDiff> {
  return compareRendered(await renderPair(renderer, pair));
}

/** Renders both sides. What it holds is not masked. */
export async function renderPair(renderer: Renderer, { base, head, changed }: TreePair): Promise<RenderedPair> {
  const [ofHead, ofBase] = await Promise.all([
    renderer.affectedUnits(head, changed),
    renderer.affectedUnits(base, changed),
  ]);
  const units = inOrder([...ofHead, ...ofBase]);
  const [after, before] = await Promise.all([renderer.render(head, units), renderer.render(base, units)]);
  const rendered = units.flatMap((unit, index) => {
    const [old, now] = [before[index], after[index]];
    return old === undefined || now === undefined ? [] : [{ unit, before: old, after: now }];
  });
  return { base, head, changed, units: rendered };
}

/** The difference for people, every Secret value masked. */
export async function compareRendered({ base, head, units }: RenderedPair): Promise<RenderedDiff> {
  const compared: UnitDiff[] = [];
  for (const { unit, before, after } of units) {
    compared.push(compare(unit, before, after));
    await nextTurn();
  }
  return { base: base.revision, head: head.revision, units: withoutUnusedDefaults(compared) };
}

/** Each unit once: by path, and of one chart the default values first. */
function inOrder(units: readonly RenderUnit[]): RenderUnit[] {
  const key = ({ engine, path, valuesFiles = [] }: RenderUnit): string => JSON.stringify([path, valuesFiles, engine]);
  const byKey = new Map(units.map((unit) => [key(unit), unit]));
  return [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, unit]) => unit);
}

function compare(unit: RenderUnit, base: RenderResult, head: RenderResult): UnitDiff {
  if (!head.ok) return { ...failed(unit, head), side: base.ok ? 'head' : 'both' };
  if (!base.ok) return { ...failed(unit, base), side: 'base' };
  const compared = diffRendered(base.yaml, head.yaml);
  if (compared.ok) return { unit, ...compared };
  return { unit, ok: false, code: 'render-failed', side: compared.side, message: compared.message };
}

function failed(unit: RenderUnit, { code, message }: Extract<RenderResult, { ok: false }>) {
  return { unit, ok: false as const, code, message };
}

/**
 * Leaves out charts with their default values where those fail before and after alike while other values work: such a chart is never
 * deployed without them.
 */
function withoutUnusedDefaults(units: readonly UnitDiff[]): UnitDiff[] {
  const used = new Set(units.flatMap(({ ok, unit }) => (ok && unit.valuesFiles !== undefined ? [unit.path] : [])));
  return units.filter(
    (diff) =>
      diff.ok ||
      diff.side !== 'both' ||
      diff.code === 'tool-missing' ||
      diff.unit.engine !== 'helm' ||
      diff.unit.valuesFiles !== undefined ||
      !used.has(diff.unit.path),
  );
}
