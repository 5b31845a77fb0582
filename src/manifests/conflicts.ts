import { familiarName } from '../domain/image.ts';
import { scalarsOf, spellingOf, type FoundSite } from './found-site.ts';
import type { Splice } from './scalar.ts';
import type { WantedMove } from './wanted-move.ts';

/** One text for one place, and the move that wants it. */
export interface OwnedSplice extends Splice {
  readonly move: WantedMove;
}

export interface Conflict {
  readonly move: WantedMove;
  readonly detail: string;
}

/** A scalar that is to change, and by an anchor or a merge is also the version of a site that is not to. */
export function sharedValue(standing: readonly FoundSite[], moves: readonly WantedMove[]): Conflict | undefined {
  const moving = new Set(moves.map(({ site }) => spellingOf(site)));
  const staying = standing.filter((site) => !moving.has(spellingOf(site)));
  const owners = new Map(staying.flatMap((site) => scalarsOf(site).map(({ range }) => [range[0], site])));
  for (const move of moves) {
    const other = scalarsOf(move.site)
      .map(({ range }) => owners.get(range[0]))
      .find((site) => site !== undefined);
    if (other === undefined) continue;
    const detail = `The version is shared with \`${familiarName(other.image)}\`, which is not to move with it.`;
    return { move, detail };
  }
  return undefined;
}

/** What several moves want in the same place with the same text is done once. */
export function withoutRepeats(splices: readonly OwnedSplice[]): OwnedSplice[] {
  return [...new Map(splices.map((splice) => [`${splice.range.join('-')} ${splice.text}`, splice])).values()];
}

/** Two splices that overlap. */
export function findConflict(splices: readonly OwnedSplice[]): Conflict | undefined {
  const sorted = splices.toSorted((a, b) => a.range[0] - b.range[0] || a.range[1] - b.range[1]);
  const clash = sorted.find((splice, index) => {
    const next = sorted[index + 1];
    return next !== undefined && (next.range[0] < splice.range[1] || next.range[0] === splice.range[0]);
  });
  return clash && { move: clash.move, detail: 'Two different texts are to be written in one place.' };
}
