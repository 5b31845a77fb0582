import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { configPaths } from '../config/config.ts';
import { splitDocuments, withoutShared, type YamlDocument } from '../diff/documents.ts';
import { identity, readResources } from '../diff/resources.ts';
import type { RenderedDiff } from '../diff/result.ts';
import { canonical } from '../diff/value.ts';
import type { Renderer, RenderUnit } from '../render/render.ts';
import { contentDelta } from './content-delta.ts';
import { type RenderedPair } from './render-diff.ts';

/** What a fingerprint begins with. Whoever changes how one is made changes it, so that old ones are not compared with new ones. */
export const FINGERPRINT_PREFIX = 'v2:';

/** Of more changed paths than this, none is asked whether it is rendered: all count by their content. */
const MAX_TRACED = 200;

/**
 * What a change does to everything that is deployed, as one hash: equal for two heads whose effect is the same, whatever commits and
 * comments led there. It is made of every rendered resource that differs, before and after, nothing masked. Where rendering fails, and
 * for files whose effect is not all rendered here, the ids of the files' contents count too; prose that nothing renders counts for nothing.
 * @param diff the comparison of the same pair
 */
export async function fingerprintOf(renderer: Renderer, pair: RenderedPair, diff: RenderedDiff): Promise<string> {
  const failed = new Set(diff.units.flatMap(({ ok, unit }) => (ok ? [] : [unitKey(unit)])));
  const parts: string[] = [];
  for (const { unit, before, after } of pair.units) {
    if (before.ok && after.ok && !failed.has(unitKey(unit))) {
      parts.push(...effectOf(unitKey(unit), before.yaml, after.yaml));
    }
    await nextTurn();
  }
  parts.push(...(await contents(pair, await pathsThatCount(renderer, pair, failed.size > 0))));
  return `${FINGERPRINT_PREFIX}${hash(parts.toSorted())}`;
}

/** One hash for each resource on one side that does not stand on the other in the same way. */
function effectOf(unit: string, before: string, after: string): string[] {
  const documents = withoutShared(splitDocuments(before), splitDocuments(after));
  const [old, now] = [documents.base.flatMap(resourceTexts), documents.head.flatMap(resourceTexts)];
  return [
    ...without(old, now).map((text) => hash([unit, 'before', text])),
    ...without(now, old).map((text) => hash([unit, 'after', text])),
  ];
}

/** Its resources, each in the one way that equal ones are written; the text itself where it holds none. */
function resourceTexts(document: YamlDocument): string[] {
  const read = readResources([document]);
  if (!read.ok || read.resources.length === 0) return [document.text];
  return read.resources.map(({ id, object }) => `${identity(id)} ${canonical(object)}`);
}

/** What `texts` has more often than `others`. */
function without(texts: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of others) counts.set(text, (counts.get(text) ?? 0) + 1);
  return texts.filter((text) => {
    const count = counts.get(text) ?? 0;
    counts.set(text, count - 1);
    return count <= 0;
  });
}

/** The changed paths whose content is not told, or not told surely, by what is rendered. */
async function pathsThatCount(
  renderer: Renderer,
  { base, head, changed }: RenderedPair,
  someFailed: boolean,
): Promise<string[]> {
  if (changed.length > MAX_TRACED) return [...changed];
  const counting: string[] = [];
  for (const path of changed) {
    const units = [...(await renderer.affectedUnits(head, [path])), ...(await renderer.affectedUnits(base, [path]))];
    const isTold = units.length > 0 ? !someFailed && isWholeEffect(path, units) : isProse(path);
    const counts = steersTools(path) || !isTold;
    if (counts) counting.push(path);
  }
  return counting;
}

/**
 * Whether what is rendered here is all that a file does. Not so in charts, which deploy tools may give values that nobody here knows, nor in
 * bases, which may be deployed by themselves as well.
 */
function isWholeEffect(path: string, units: readonly RenderUnit[]): boolean {
  return (
    units.every(({ engine }) => engine !== 'helm') &&
    units.some((unit) => unit.path === '' || path === unit.path || path.startsWith(`${unit.path}/`))
  );
}

/** Files that steer this bot, the forge or a deploy tool, whatever is rendered from them: those whose name, or folder, begins with a dot. */
function steersTools(path: string): boolean {
  const segments = path.split('/');
  return (
    configPaths.includes(path) || segments.at(-1) === 'CODEOWNERS' || segments.some((part) => part.startsWith('.'))
  );
}

function isProse(path: string): boolean {
  return /\.(?:md|txt|adoc|rst)$|(?:^|\/)LICENSE$/i.test(path);
}

async function contents({ base, head }: RenderedPair, paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const [before, after] = await Promise.all(
    [base, head].map(async (tree) => new Map((await tree.list()).map(({ path, mode, oid }) => [path, { mode, oid }]))),
  );
  const isFile = (path: string) => [before, after].every((side) => side?.get(path)?.mode === '100644');
  const readable =
    paths.length > MAX_TRACED ? [] : paths.filter((path) => /\.(?:ya?ml|json)$/.test(path) && isFile(path));
  const [oldTexts, newTexts] = await Promise.all([base, head].map((tree) => tree.read(readable)));
  return paths.map((path) => {
    const [oldText, newText] = [oldTexts?.get(path), newTexts?.get(path)];
    const delta = oldText && newText ? contentDelta(oldText, newText) : undefined;
    if (delta !== undefined) return hash(['values', path, ...delta]);
    const [old, now] = [before?.get(path), after?.get(path)];
    // Neither side tells what it is (a submodule): nothing but this very head is known to be alike.
    const unseen = old === undefined && now === undefined ? head.revision : undefined;
    return hash(['content', path, old?.mode, old?.oid, now?.mode, now?.oid, unseen]);
  });
}

function unitKey({ engine, path, valuesFiles = [] }: RenderUnit): string {
  return JSON.stringify([engine, path, valuesFiles]);
}

function hash(value: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
