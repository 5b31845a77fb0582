import type { Change } from '../domain/change.ts';
import type { Forge } from '../forge/forge.ts';
import type { Mirrors } from '../git/git.ts';
import { DIFF_MARKER, diffComment } from '../markdown/diff-comment.ts';
import type { Renderer } from '../render/render.ts';
import { renderDiff } from './render-diff.ts';

export interface DiffForReplyDeps {
  readonly forge: Pick<Forge, 'headRef'>;
  readonly mirrors: Pick<Mirrors, 'fetch' | 'mergeBase' | 'changedPaths' | 'tree'>;
  readonly renderer: Renderer;
  readonly commentLimit: number;
}

/** Of a reply that is not to push everything else off the page. */
const SHORT = 8_000;
/** What a reply has beside the diff. */
const ROOM_FOR_OTHERS = 4_000;

/** What a change does to everything that is rendered, as it is now, to be quoted in a reply; `full` shows as much as one comment can. */
export async function diffForReply(
  { forge, mirrors, renderer, commentLimit }: DiffForReplyDeps,
  { change }: { readonly change: Change },
  full: boolean,
): Promise<string> {
  const { repository, number, targetBranch } = change;
  const [headRef, targetRef] = [forge.headRef(number), `refs/heads/${targetBranch}`];
  const commits = await mirrors.fetch(repository, [headRef, targetRef]);
  const [head, target] = [commits.get(headRef), commits.get(targetRef)];
  const base = head && target && (await mirrors.mergeBase(repository, target, head));
  if (head === undefined || base === undefined) return 'The branch of this change is not there to be rendered.';
  const changed = (await mirrors.changedPaths(repository, base, head)).map(({ path }) => path);
  const trees = { base: await mirrors.tree(repository, base), head: await mirrors.tree(repository, head) };
  const diff = await renderDiff(renderer, { ...trees, changed });
  if (diff.units.length === 0) return 'This change touches nothing that is rendered.';
  const limit = Math.min(full ? Infinity : SHORT, commentLimit - ROOM_FOR_OTHERS);
  return diffComment(diff, { limit }).replace(DIFF_MARKER, '').trim();
}
