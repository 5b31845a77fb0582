import type { AuditEntry } from '../domain/audit.ts';
import { BRANCH_PREFIX } from '../domain/bump.ts';
import { formatSubject } from '../domain/subject.ts';
import type { Forge } from '../forge/forge.ts';
import type { Audit, Bumps, Inbox, Steering, Verdicts } from '../store/store.ts';
import { BOT_ACTOR } from './audit-bump.ts';
import type { Look } from './change-look.ts';
import { settleBump } from './settle-bump.ts';
import { wakeTwins } from './shared-head.ts';

export interface FollowChangeDeps {
  readonly forge: Pick<Forge, 'close'>;
  readonly store: {
    readonly bumps: Pick<Bumps, 'setState'>;
    readonly audit: Pick<Audit, 'append'>;
    readonly steering: Pick<Steering, 'ofChange'>;
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
  if (change.state === 'merged') await deps.store.audit.append([mergeEntry(deps, look, await mandateOf(deps, look))]);
  if (bump !== undefined) await settleBump(deps.store.bumps, bump, change);
}

/** On whose word it was merged. Where the bot merged it says so itself, unless it was interrupted before it could. */
async function mandateOf(
  { store }: FollowChangeDeps,
  { ref, state: { change }, bump }: Look,
): Promise<Pick<AuditEntry, 'actor' | 'event'>> {
  const { mergedBy, author } = change;
  const seen = { event: 'seen on the forge' };
  if (mergedBy?.isBot !== true) return { actor: { kind: 'person', name: mergedBy?.login ?? 'unknown' }, ...seen };
  const { mergeRequest } = await store.steering.ofChange(ref.repository, ref.number);
  if (mergeRequest !== undefined) return { actor: { kind: 'person', name: mergeRequest.by }, event: '/merge' };
  if (bump !== undefined && mergedBy.login === author.login) return { actor: BOT_ACTOR, event: 'policy merge: auto' };
  return { actor: { kind: 'bot', name: mergedBy.login }, ...seen };
}

/** Where the bot merged, its own line stands already under this key, but for an interruption. */
function mergeEntry(
  { now }: FollowChangeDeps,
  { ref, state, bump }: Look,
  mandate: Pick<AuditEntry, 'actor' | 'event'>,
): AuditEntry {
  const { headCommit, mergeCommit } = state.change;
  return {
    key: `${formatSubject({ kind: 'change', ...ref })} merge ${headCommit}`,
    at: now(),
    actor: mandate.actor,
    action: 'merge',
    repository: ref.repository,
    change: ref.number,
    ...(bump !== undefined && { environment: bump.environment, image: bump.image }),
    event: mandate.event,
    details: { head: headCommit, ...(mergeCommit !== undefined && { commit: mergeCommit }) },
  };
}
