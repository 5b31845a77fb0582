import type { AuditEntry } from '../domain/audit.ts';
import { formatSubject } from '../domain/subject.ts';
import type { Forge } from '../forge/forge.ts';
import { dismissalReason } from '../markdown/gate.ts';
import type { Verdict } from '../review/verdict.ts';
import type { Audit, Steering } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import type { ChangeEffect } from './change-effect.ts';
import type { GatedLook } from './gather-snapshot.ts';

export interface DismissStaleDeps {
  readonly forge: Pick<Forge, 'dismissReview'>;
  readonly store: {
    readonly audit: Pick<Audit, 'append'>;
    readonly steering: Pick<Steering, 'ofChange' | 'apply'>;
  };
  readonly log: Log;
  readonly now: () => Date;
}

/**
 * Takes back on the forge the approvals that do not count any more. The gate does not count them either way; so a refusal by the forge
 * is no reason to fail, unless the change had another target: then nothing else remembers that they were given for something else.
 */
export async function dismissStale(
  deps: DismissStaleDeps,
  look: GatedLook,
  { effect, verdict }: { readonly effect: ChangeEffect; readonly verdict: Verdict },
): Promise<void> {
  if (await effect.isRetargeted()) return startOver(deps, look, effect);
  for (const { id, by } of verdict.stale.filter(({ id }) => id !== BY_COMMAND)) {
    await dismiss(deps, look, { id, by, reason: dismissalReason(look.ground.ends.head, false) }).catch(
      (error: unknown) =>
        deps.log.warn({ subject: subjectOf(look), review: id, err: error }, 'stale approval could not be dismissed'),
    );
  }
}

/** What the snapshot names the approvals by that were given in a comment: the forge knows nothing of them. */
const BY_COMMAND = 'command';

/** Whatever people said of this head, they said of something else. */
async function startOver(deps: DismissStaleDeps, look: GatedLook, effect: ChangeEffect): Promise<void> {
  const { ref, state, ground } = look;
  const { head } = ground.ends;
  const reason = dismissalReason(head, true);
  const approved = state.reviews.filter((review) => review.state === 'approved' && review.commit === head);
  for (const { id, by } of approved) await dismiss(deps, look, { id, by: by.login, reason });
  const { approvals, mergeRequest } = await deps.store.steering.ofChange(ref.repository, ref.number);
  for (const { by } of approvals.filter(({ headCommit }) => headCommit === head)) {
    const unapprove = { kind: 'unapprove', number: ref.number, by } as const;
    await deps.store.steering.apply(
      ref.repository,
      unapprove,
      entry(deps, look, { id: `${by} ${head}`, by, reason }),
      [],
    );
  }
  if (mergeRequest?.headCommit === head) {
    const withdraw = { kind: 'withdraw-merge', number: ref.number } as const;
    const { by } = mergeRequest;
    await deps.store.steering.apply(
      ref.repository,
      withdraw,
      entry(deps, look, { id: `merge ${head}`, by, reason }),
      [],
    );
  }
  await effect.accept();
}

interface Dismissal {
  readonly id: string;
  readonly by: string;
  readonly reason: string;
}

/** The log first: it counts no more from here on, whatever the forge says, and one that is dismissed there is not found stale again. */
async function dismiss(deps: DismissStaleDeps, look: GatedLook, dismissal: Dismissal): Promise<void> {
  await deps.store.audit.append([entry(deps, look, dismissal)]);
  await deps.forge.dismissReview(look.ref, dismissal.id, dismissal.reason);
}

function entry(deps: DismissStaleDeps, look: GatedLook, { id, by, reason }: Dismissal): AuditEntry {
  const { ref, ground } = look;
  return {
    key: `${subjectOf(look)} dismiss ${id}`,
    at: deps.now(),
    actor: { kind: 'bot', name: 'tagalong' },
    action: 'dismiss',
    repository: ref.repository,
    change: ref.number,
    event: 'gate',
    details: { by, head: ground.ends.head, reason },
  };
}

function subjectOf({ ref }: GatedLook): string {
  return formatSubject({ kind: 'change', ...ref });
}
