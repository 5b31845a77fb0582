import type { Change } from '../domain/change.ts';
import type { ProposedBump } from '../domain/bump.ts';
import type { Bumps } from '../store/store.ts';

/**
 * Remembers what became of the change of a bump, and wakes whoever waits for it: the repository, for the next bump, and where it was
 * merged the deployments. Does nothing where all of it is remembered.
 */
export async function settleBump(
  bumps: Pick<Bumps, 'setState'>,
  bump: ProposedBump,
  { state, mergeCommit }: Pick<Change, 'state' | 'mergeCommit'>,
): Promise<void> {
  // The forge knows no difference between what was declined and what was withdrawn.
  if (bump.state === 'withdrawn' && state === 'closed') return;
  if (bump.state === state && (mergeCommit === undefined || bump.mergeCommit === mergeCommit)) return;
  const { repository, change: number } = bump;
  const reason = { kind: 'bump-merged', number } as const;
  await bumps.setState(repository, number, state, mergeCommit, [
    ...(state === 'merged' ? [{ subject: { kind: 'deploys', repository } as const, reason }] : []),
    { subject: { kind: 'repository', repository }, reason },
  ]);
}
