import type { ChangeRef } from '../domain/change.ts';
import type { Forge } from '../forge/forge.ts';
import type { Mirrors } from '../git/git.ts';
import type { Ends } from './change-effect.ts';

export interface QueuePlaceDeps {
  readonly forge: Pick<Forge, 'mergeQueue'>;
  readonly mirrors: Pick<Mirrors, 'isAncestor' | 'mergeBase'>;
}

/** What a merge queue asks about: the commit with the change on top, and the commit below it. */
export interface Asked {
  readonly ref: ChangeRef;
  readonly targetBranch: string;
  /** The head of the target branch. */
  readonly target: string;
  readonly headCommit: string;
  readonly baseCommit: string;
}

/** One change in the commit of a queue, and what it does there. */
export interface QueuedBefore {
  readonly number: number;
  readonly ends: Ends;
}

export type QueuePlace =
  /** Everything that the commit adds to the branch below the change itself, the first to be merged first. */
  | { readonly kind: 'known'; readonly before: readonly QueuedBefore[] }
  /** The queue and git do not tell the same yet: the next look may. */
  | { readonly kind: 'unsettled'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * Finds what else would be merged with a change: a commit of a queue holds everything before it, and where the queue merges in groups
 * the check of the last one frees them all. Known only where git confirms that nothing lies between the branch, each entry and the next.
 */
export async function placeInQueue(deps: QueuePlaceDeps, asked: Asked): Promise<QueuePlace> {
  const { ref, targetBranch, headCommit, baseCommit, target } = asked;
  const queue = await deps.forge.mergeQueue(ref.repository, targetBranch);
  if (queue === undefined) return unknown(`The bot may not read the merge queue of ${targetBranch}.`);
  const own = queue.find(({ number }) => number === ref.number);
  if (own === undefined) return unknown(`#${ref.number} is not in the merge queue any more.`);
  if (own.headCommit !== headCommit) return unsettled(`The merge queue does not show this commit for #${ref.number}.`);
  const isIn = (ancestor: string, commit: string) => deps.mirrors.isAncestor(ref.repository, ancestor, commit);

  const before: QueuedBefore[] = [];
  for (const entry of queue) {
    const { number, headCommit: head } = entry;
    if (entry === own || head === undefined || !(await isIn(head, headCommit)) || (await isIn(head, target))) continue;
    if (number === undefined) return unknown('A change before it in the merge queue may not be read by the bot.');
    const below = before.at(-1)?.ends.head ?? (await deps.mirrors.mergeBase(ref.repository, target, head));
    if (head === headCommit || head === below)
      return unknown(`#${number} has no commit of its own in the merge queue, so what it brings cannot be told apart.`);
    if (below === undefined || !(await isIn(below, head)))
      return unsettled(`The merge queue tells of #${number} something else than git.`);
    before.push({ number, ends: { base: below, head } });
  }
  const below = before.at(-1)?.ends.head;
  const isWhole = below === undefined ? await isIn(baseCommit, target) : below === baseCommit;
  return isWhole
    ? { kind: 'known', before }
    : unsettled('The merge queue does not show everything that this commit would merge.');
}

function unknown(why: string): QueuePlace {
  return { kind: 'unknown', why };
}

function unsettled(why: string): QueuePlace {
  return { kind: 'unsettled', why };
}
