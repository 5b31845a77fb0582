import type { ProposedBump } from '../domain/bump.ts';
import { TagalongError } from '../domain/errors.ts';
import type { Forge } from '../forge/forge.ts';
import type { Mirrors } from '../git/git.ts';
import type { Bumps, KnownRepository } from '../store/store.ts';
import { settleBump } from './settle-bump.ts';

export interface ChangeBranchDeps {
  readonly forge: Pick<Forge, 'change'>;
  readonly mirrors: Pick<Mirrors, 'fetch'>;
  readonly store: { readonly bumps: Pick<Bumps, 'setState'> };
}

/**
 * The present head of a living change's branch.
 * @throws TagalongError `forge-conflict` when the branch is gone: the next attempt decides from what became of the change.
 */
export async function branchHead(deps: ChangeBranchDeps, living: ProposedBump): Promise<string> {
  const ref = `refs/heads/${living.branch}`;
  const head = (await deps.mirrors.fetch(living.repository, [ref])).get(ref);
  if (head !== undefined) return head;
  const state = await rememberEnd(deps, living);
  const end = state === 'open' ? 'lost its branch' : `was ${state} in the meantime`;
  throw new TagalongError('forge-conflict', `#${living.change} ${end}.`);
}

/** Remembers what became of a change while it was about to be written, so that the next attempt decides from it. */
export async function rememberEnd(
  deps: Pick<ChangeBranchDeps, 'forge' | 'store'>,
  living: ProposedBump,
): Promise<string> {
  const { repository, change: number } = living;
  const change = await deps.forge.change({ repository, number });
  const became = change ?? { state: 'closed' as const };
  if (became.state !== 'open') await settleBump(deps.store.bumps, living, became);
  return became.state;
}

export interface RebuildQuestion {
  readonly living: ProposedBump;
  readonly head: string;
  /** Also where git could merge it. */
  readonly isAsked: boolean;
}

/**
 * Whether the branch is to be built anew, and only the bot has written to it. Who wrote is not told by the remembered head: the bot may
 * have been interrupted before it remembered its own commit, and may have added one to those of a person.
 */
export async function isToBeRebuilt(
  deps: { readonly forge: Pick<Forge, 'isOwnBranch'>; readonly mirrors: Pick<Mirrors, 'conflicts'> },
  { known, head: base }: { readonly known: KnownRepository; readonly head: string },
  { living: { repository, branch }, head, isAsked }: RebuildQuestion,
): Promise<boolean> {
  if (!isAsked && !(await deps.mirrors.conflicts(repository, base, head))) return false;
  return deps.forge.isOwnBranch(repository, { branch, target: known.defaultBranch });
}
