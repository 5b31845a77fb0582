import { createHash } from 'node:crypto';
import type { AuditActor, AuditEntry } from '../domain/audit.ts';
import { formatSubject } from '../domain/subject.ts';
import type { MergeRequest } from '../domain/steering.ts';
import type { Forge } from '../forge/forge.ts';
import type { Mirrors } from '../git/git.ts';
import { MERGE_MARKER, mergeRefusedComment } from '../markdown/gate.ts';
import type { Audit, CommentMemory, Inbox, Steering } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import type { ChangeEffect } from './change-effect.ts';
import type { Gated } from './gate-change.ts';
import type { GatedLook } from './gather-snapshot.ts';

export interface MergeChangeDeps {
  readonly forge: Pick<Forge, 'merge' | 'updateBranch' | 'upsertComment'>;
  readonly mirrors: Pick<Mirrors, 'commits' | 'isAncestor'>;
  readonly store: {
    readonly steering: Pick<Steering, 'ofChange'>;
    readonly audit: Pick<Audit, 'append'>;
    readonly inbox: Pick<Inbox, 'wake' | 'wakeAt'>;
    readonly comments: CommentMemory;
  };
  readonly log: Log;
  readonly now: () => Date;
}

/** What was looked at, and what the gate says of it. */
interface Judged {
  readonly look: GatedLook;
  readonly gated: Gated;
  readonly effect: ChangeEffect;
}

/** On whose word the bot merges. */
interface Mandate {
  readonly actor: AuditActor;
  readonly event: string;
}

interface Mandated extends Judged {
  readonly mandate: Mandate;
}

/** How long after a refusal, or after the head has moved, the bot looks again by itself, once. */
const LOOK_AGAIN_MS = { refused: 10 * 60_000, moved: 10_000 };

/**
 * Merges a change that passes, where somebody asked for it or the configuration says so. A branch that lacks commits of its target is
 * built anew first: what is merged is what was rendered and passed.
 * @returns whether it is merged now
 */
export async function mergeChange(deps: MergeChangeDeps, judged: Judged): Promise<boolean> {
  if (judged.gated.verdict.outcome !== 'pass') return false;
  const mandate = await mandateFor(deps, judged);
  if (mandate === undefined) return false;
  const { ends, target } = judged.look.ground;
  if (ends.base === target) return merge(deps, { ...judged, mandate });
  await rebuild(deps, { ...judged, mandate });
  return false;
}

async function mandateFor(
  deps: MergeChangeDeps,
  { look, gated: { snapshot }, effect }: Judged,
): Promise<Mandate | undefined> {
  const { mergeRequest } = await deps.store.steering.ofChange(look.ref.repository, look.ref.number);
  if (mergeRequest !== undefined && (await isInForce(deps, look, mergeRequest, effect))) {
    return { actor: { kind: 'person', name: mergeRequest.by }, event: '/merge' };
  }
  const { config, bump } = snapshot;
  const isAuto =
    config.kind === 'valid' && config.policies.length > 0 && config.policies.every(({ merge }) => merge === 'auto');
  return isAuto && bump?.isUntouched === true
    ? { actor: { kind: 'bot', name: 'tagalong' }, event: 'policy merge: auto' }
    : undefined;
}

/** More merges of the target than this into one branch are not looked through; `/merge` is said again. */
const MAX_UPDATES = 50;

/** Only the bot's own rebuilding, or merges of the target, lie between the head that it was given for and the present one, and neither changed the effect. */
async function isInForce(
  { mirrors }: MergeChangeDeps,
  { ref, bump, ground }: GatedLook,
  { headCommit }: MergeRequest,
  effect: ChangeEffect,
): Promise<boolean> {
  const { head } = ground.ends;
  if (headCommit === head) return true;
  if ((await effect.isAlike(headCommit)) !== true) return false;
  if (bump?.headCommit === head) return true;
  const since = await mirrors.commits(ref.repository, { from: headCommit, to: head, limit: MAX_UPDATES });
  if (since.at(-1)?.parents[0] !== headCommit) return false;
  for (const { parents } of since) {
    const [, merged, ...others] = parents;
    if (merged === undefined || others.length > 0) return false;
    if (!(await mirrors.isAncestor(ref.repository, merged, ground.target))) return false;
  }
  return true;
}

async function rebuild(deps: MergeChangeDeps, mandated: Mandated): Promise<void> {
  const { look, gated } = mandated;
  const { ref, ground } = look;
  deps.log.info({ subject: subjectOf(look), target: ground.target }, 'branch brought up to date before the merge');
  if (gated.snapshot.bump?.isUntouched === true) {
    const subject = { kind: 'repository', repository: ref.repository } as const;
    return deps.store.inbox.wake(subject, { kind: 'rebuild', number: ref.number });
  }
  const updated = await deps.forge.updateBranch(ref, ground.ends.head);
  if (!updated.ok) return refused(deps, mandated, updated.message);
  await lookAgain(deps, mandated, LOOK_AGAIN_MS.moved);
}

async function merge(deps: MergeChangeDeps, mandated: Mandated): Promise<boolean> {
  const { look, mandate } = mandated;
  const { ref, state, ground } = look;
  const [method] = state.mergeMethods;
  if (method === undefined) {
    await refused(deps, mandated, 'The repository allows no method of merging.');
    return false;
  }
  const result = await deps.forge.merge(ref, { headCommit: ground.ends.head, method });
  switch (result.kind) {
    case 'merged':
      await deps.store.audit.append([mergeEntry(deps, mandated, result.commit)]);
      deps.log.info({ subject: subjectOf(look), head: ground.ends.head, on: mandate.event }, 'change merged');
      return true;
    case 'head-moved':
      await lookAgain(deps, mandated, LOOK_AGAIN_MS.moved);
      return false;
    case 'refused':
      await refused(deps, mandated, result.message);
      return false;
  }
}

/** Told once for each head and reason, and tried again by itself once: the forge may have been behind. After that, news decides. */
async function refused(deps: MergeChangeDeps, mandated: Mandated, message: string): Promise<void> {
  const { look, mandate } = mandated;
  const { repository, number } = look.ref;
  const askedBy = mandate.actor.kind === 'person' ? { askedBy: mandate.actor.name } : {};
  const body = mergeRefusedComment({ head: look.ground.ends.head, message, ...askedBy });
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const remembered = await deps.store.comments.comment(repository, number, MERGE_MARKER);
  const written = typeof remembered === 'object' ? remembered : undefined;
  if (written?.bodyHash === bodyHash) return;
  deps.log.warn({ subject: subjectOf(look), head: look.ground.ends.head }, 'merge refused by the forge');
  await lookAgain(deps, mandated, LOOK_AGAIN_MS.refused);
  await deps.store.comments.begin(repository, number, MERGE_MARKER);
  const { id } = await deps.forge.upsertComment(look.ref, {
    marker: MERGE_MARKER,
    body,
    ...(written !== undefined && { known: written.id }),
  });
  await deps.store.comments.finish(repository, number, MERGE_MARKER, { id, bodyHash });
}

/** At the latest when the verdict says so. */
function lookAgain({ store, now }: MergeChangeDeps, { look, gated }: Judged, afterMs: number): Promise<void> {
  const soon = now().getTime() + afterMs;
  const { recheckAt } = gated.verdict;
  const at = new Date(recheckAt === undefined ? soon : Math.min(soon, Date.parse(recheckAt)));
  return store.inbox.wakeAt({ kind: 'change', ...look.ref }, { kind: 'due', what: 'gate' }, at);
}

function mergeEntry({ now }: MergeChangeDeps, { look, mandate }: Mandated, commit: string | undefined): AuditEntry {
  const { ref, ground, bump } = look;
  return {
    key: `${subjectOf(look)} merge ${ground.ends.head}`,
    at: now(),
    actor: mandate.actor,
    action: 'merge',
    repository: ref.repository,
    change: ref.number,
    ...(bump !== undefined && { environment: bump.environment, image: bump.image }),
    event: mandate.event,
    details: { head: ground.ends.head, ...(commit !== undefined && { commit }) },
  };
}

function subjectOf({ ref }: GatedLook): string {
  return formatSubject({ kind: 'change', ...ref });
}
