import type { AuditEntry } from '../domain/audit.ts';
import { BRANCH_PREFIX } from '../domain/bump.ts';
import { formatSubject } from '../domain/subject.ts';
import type { Forge } from '../forge/forge.ts';
import type { Audit, Bumps, Inbox, Verdicts } from '../store/store.ts';
import type { Look } from './change-look.ts';
import { wakeTwins } from './shared-head.ts';

export interface FollowChangeDeps {
  readonly forge: Pick<Forge, 'close'>;
  readonly store: {
    readonly bumps: Pick<Bumps, 'setState'>;
    readonly audit: Pick<Audit, 'append'>;
    readonly verdicts: Pick<Verdicts, 'verdict' | 'ofHead'>;
    readonly inbox: Pick<Inbox, 'wake' | 'wakeAt'>;
  };
  readonly now: () => Date;
}

/**
 * Remembers what became of a change. Of one by the bot that has ended, the branch goes, so that the next bump can make it anew, also
 * when the bot was interrupted before it could remember the change; and whoever waits for its end is woken.
 */
export async function followChange(deps: FollowChangeDeps, look: Look): Promise<void> {
  const { bump, ref, state } = look;
  const { change } = state;
  const isOurs = bump !== undefined || (change.author.isBot && change.sourceBranch.startsWith(BRANCH_PREFIX));
  if (change.state !== 'open') {
    if (isOurs) await deps.forge.close(ref, { deleteBranch: change.sourceBranch });
    await deps.store.inbox.wakeAt({ kind: 'change', ...ref }, { kind: 'due', what: 'gate' }, undefined);
    await wakeTwins(deps, ref, { before: await deps.store.verdicts.verdict(ref.repository, ref.number) });
  }
  if (change.state === 'merged') await deps.store.audit.append([mergeEntry(deps, look)]);
  if (bump === undefined || bump.state === change.state) return;
  const { repository, number } = ref;
  if (change.state === 'merged') {
    await deps.store.inbox.wake({ kind: 'deploys', repository }, { kind: 'bump-merged', number });
  }
  await deps.store.inbox.wake({ kind: 'repository', repository }, { kind: 'bump-merged', number });
  await deps.store.bumps.setState(repository, number, change.state, change.mergeCommit);
}

/** Who merged is not told by the forge; where the bot did, its own line stands already under this key. */
function mergeEntry({ now }: FollowChangeDeps, { ref, state, bump }: Look): AuditEntry {
  const { headCommit, mergeCommit, mergedBy } = state.change;
  return {
    key: `${formatSubject({ kind: 'change', ...ref })} merge ${headCommit}`,
    at: now(),
    actor: { kind: mergedBy?.isBot === true ? 'bot' : 'person', name: mergedBy?.login ?? 'unknown' },
    action: 'merge',
    repository: ref.repository,
    change: ref.number,
    ...(bump !== undefined && { environment: bump.environment, image: bump.image }),
    event: 'seen on the forge',
    details: { head: headCommit, ...(mergeCommit !== undefined && { commit: mergeCommit }) },
  };
}
