import { REVIEW_CHECK, type ChangeRef } from '../domain/change.ts';
import type { Forge } from '../forge/forge.ts';
import type { SnapshotTwin } from '../review/snapshot.ts';
import type { Inbox, KnownRepository, RememberedVerdict, Verdicts } from '../store/store.ts';

export interface SharedHeadDeps {
  readonly forge: Pick<Forge, 'reviewState'>;
  readonly store: {
    readonly verdicts: Pick<Verdicts, 'ofHead'>;
    readonly inbox: Pick<Inbox, 'wake'>;
  };
}

/**
 * The other open changes with this head that a green check would free, and what the gate says of each by itself. A check belongs to a
 * commit, and so to every change that has it for its head. Asks the forge only where there ever was another.
 */
export async function twinsOf(
  { forge, store }: SharedHeadDeps,
  { repository, defaultBranch }: KnownRepository,
  { number, headCommit }: { readonly number: number; readonly headCommit: string },
): Promise<readonly SnapshotTwin[]> {
  const twins: SnapshotTwin[] = [];
  for (const { number: other, outcome } of await store.verdicts.ofHead(repository, headCommit)) {
    if (other === number) continue;
    const state = await forge.reviewState({ repository, number: other }, { teams: [], check: REVIEW_CHECK });
    if (state?.change.state !== 'open' || state.change.headCommit !== headCommit) continue;
    const isDemanded = state.requiredChecks.includes(REVIEW_CHECK);
    if (state.change.targetBranch === defaultBranch || isDemanded) twins.push({ number: other, outcome });
  }
  return twins;
}

type Said = Pick<RememberedVerdict, 'headCommit' | 'outcome'>;

/**
 * Has the others looked at again that share a head with a change of which the gate says something else than before. Every verdict is saved
 * before those of the others are read: so whichever looks last has seen all of them, in whatever order they are looked at.
 * @param present undefined: the change has ended
 */
export async function wakeTwins(
  { store }: { readonly store: Pick<SharedHeadDeps['store'], 'inbox' | 'verdicts'> },
  { repository, number }: ChangeRef,
  { before, present }: { readonly before: Said | undefined; readonly present?: Said },
): Promise<void> {
  if (before?.headCommit === present?.headCommit && before?.outcome === present?.outcome) return;
  const heads = new Set([before?.headCommit, present?.headCommit].filter((head) => head !== undefined));
  for (const head of heads) {
    for (const { number: other } of await store.verdicts.ofHead(repository, head)) {
      if (other === number) continue;
      const subject = { kind: 'change', repository, number: other } as const;
      await store.inbox.wake(subject, { kind: 'change-touched', what: 'attributes' });
    }
  }
}
