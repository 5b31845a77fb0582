import type { ProposedBump } from '../domain/bump.ts';
import { branchHead, isToBeRebuilt } from './change-branch.ts';
import { fields, refuse, writeRevision, type LivingChangeDeps, type Step } from './living-change.ts';
import { standingVersions } from './plan-bumps.ts';
import { editsFor } from './write-bump.ts';

/** Builds an open change anew where git cannot merge it any more. What people have added to it is never lost. */
export async function rebuildIfConflicting(deps: LivingChangeDeps, step: Step, living: ProposedBump): Promise<void> {
  const { repository } = living;
  if (living.baseCommit === step.head) return;
  const moved = await deps.mirrors.changedPaths(repository, living.baseCommit, step.head).catch(() => undefined);
  const paths = new Set(step.situation.sites.map(({ path }) => path));
  if (moved !== undefined && !moved.some(({ path }) => paths.has(path))) return;
  const head = await branchHead(deps, living);
  if (await isToBeRebuilt(deps, step, { living, head, isAsked: false })) return rebuild(deps, step, living, head);
  await reviewIfUnknown(deps, living, head);
}

/** Brings an open change onto the newest base because it was asked for: built anew, or updated where people have added to it. */
export async function rebuildAsAsked(deps: LivingChangeDeps, step: Step, living: ProposedBump): Promise<void> {
  if (living.baseCommit === step.head) return;
  const head = await branchHead(deps, living);
  if (await isToBeRebuilt(deps, step, { living, head, isAsked: true })) return rebuild(deps, step, living, head);
  const { repository, change: number } = living;
  const updated = await deps.forge.updateBranch({ repository, number }, head);
  const about = { ...fields(step.situation), change: number };
  if (updated.ok) deps.log.info(about, 'base merged into the branch of a change');
  else deps.log.warn({ ...about, detail: updated.message }, 'base could not be merged into the branch of a change');
}

async function rebuild(deps: LivingChangeDeps, step: Step, living: ProposedBump, head: string): Promise<void> {
  const { repository, environment, image, to, history, proposedAt } = living;
  const from = standingVersions(step.situation.current);
  const bump = { repository, environment, image, from, to, history, proposedAt };
  const edited = editsFor(step.situation, bump, step.situation.files, deps.now());
  if (!edited.ok) return refuse(deps, step, bump, edited.detail);
  await writeRevision(deps, step, { bump, living, head, edited, rebuild: true });
  deps.log.info({ ...fields(step.situation), change: living.change }, 'change rebuilt on a newer base');
}

/** A branch that is not as remembered was written to by a person, or by the bot before an interruption: its diff may not be told yet. */
async function reviewIfUnknown(deps: LivingChangeDeps, living: ProposedBump, head: string): Promise<void> {
  if (head === living.headCommit) return;
  await deps.store.bumps.save(living, { kind: 'change-updated', state: 'open', headCommit: head });
}
