import type { ImageName } from '../domain/image.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import { configPaths } from '../config/config.ts';
import { readConfig, type ReadConfig } from '../config/read-config.ts';
import type { Forge, ForgeRepository } from '../forge/forge.ts';
import type { Mirrors } from '../git/git.ts';
import type { Deploys, ImageIndex, Inbox, KnownRepository, Wake } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { proposeBumps, type ProposeBumpsDeps } from './propose-bumps.ts';
import { refuseMergeGroup } from './merge-group.ts';
import { gatePaths, regateOpenChanges } from './regate.ts';
import { scanChanges, type IndexChanges } from './refresh-index.ts';
import { eventOf } from './wake-event.ts';
import { proposeRevert, type ProposeRevertDeps } from './propose-revert.ts';
import { watchArrivals, watchBypass, type WatchBypassDeps } from './watch-bypass.ts';
import { configCheck, manifestsCheck } from '../markdown/checks.ts';

export interface ReconcileRepositoryDeps extends ProposeBumpsDeps, WatchBypassDeps, ProposeRevertDeps {
  readonly forge: ProposeBumpsDeps['forge'] &
    WatchBypassDeps['forge'] &
    ProposeRevertDeps['forge'] &
    Pick<Forge, 'repository' | 'readFiles' | 'upsertCheck' | 'openChanges'>;
  readonly mirrors: ProposeBumpsDeps['mirrors'] &
    WatchBypassDeps['mirrors'] &
    ProposeRevertDeps['mirrors'] &
    Pick<Mirrors, 'fetch' | 'known' | 'remove' | 'changedPaths' | 'commits'>;
  readonly store: ProposeBumpsDeps['store'] &
    WatchBypassDeps['store'] &
    ProposeRevertDeps['store'] &
    Pick<ImageIndex, 'known' | 'update' | 'forget'> & {
      readonly deploys: Pick<Deploys, 'saveCommits'>;
      readonly inbox: Pick<Inbox, 'wake' | 'wakeAt'>;
    };
  readonly log: Log;
  /** Whether the last run for this repository was in this process and came to its end. */
  readonly isInStep: boolean;
}

/**
 * Brings one repository to where it should be: opted in or forgotten, its index at its head, its configuration judged, a living
 * change for every bump that is due.
 */
export async function reconcileRepository(
  deps: ReconcileRepositoryDeps,
  repository: RepositoryRef,
  wakes: readonly Wake[],
): Promise<void> {
  if (wakes.at(-1)?.reason.kind === 'removed') return forget(deps, repository, 'the bot was removed from it');
  const known = await present(deps, repository, wakes);
  if (known === undefined) return;
  const head = await currentHead(deps, known, wakes);
  if (head === undefined) return forget(deps, repository, 'its default branch is gone');
  const tree = await deps.mirrors.tree(repository, head);
  const files = [...(await tree.read(configPaths))].map(([path, bytes]) => [path, bytes.toString('utf8')] as const);
  const read = readConfig(new Map(files));
  if (wakes.some(({ reason }) => reason.kind === 'due' && reason.what === 'arrivals')) await watchArrivals(deps, known);
  const changes = await scanChanges(deps.mirrors, known, head);
  await followBranch(deps, known, head);
  if (read.kind === 'absent') return leave(deps, known, { head, changes });

  await tellChecks(deps, repository, head, read, changes);
  if (isToBeRegated(known, wakes, changes)) await regateOpenChanges(deps, known);
  if (known.indexedCommit !== head)
    await deps.store.update({ ...known, indexedCommit: head }, changes.mentions, changes);
  // Not before: the changes of a repository that is not known are passed over.
  if (known.indexedCommit === undefined) await regateOpenChanges(deps, known);
  await answerQueue(deps, known, wakes);
  await revert(deps, known, wakes);
  if (read.kind === 'invalid') return;
  await proposeBumps(deps, {
    known,
    head,
    config: read.config,
    ...(changes.mentions.size === 0 && onlyImages(wakes)),
    rebuild: new Set(wakes.flatMap(({ reason }) => (reason.kind === 'rebuild' ? [reason.number] : []))),
    wokenAt: oldest(wakes),
    event: eventOf(wakes),
  });
}

/** As many commits as are remembered of a branch that was never looked at, or that moved by more than that at once. */
const HISTORY = 500;

/** Remembers the commits that are new on the branch, for deploy reports, and looks how each came there. */
async function followBranch(deps: ReconcileRepositoryDeps, known: KnownRepository, head: string): Promise<void> {
  const { repository, indexedCommit: from } = known;
  if (from === head) return;
  const line = await deps.mirrors.commits(repository, {
    ...(from !== undefined && { from }),
    to: head,
    limit: HISTORY,
  });
  await deps.store.deploys.saveCommits(repository, line.map(({ commit }) => commit).reverse());
  if (from !== undefined) await watchBypass(deps, known, { from, to: head });
}

/**
 * What the gate reads of the base branch has changed, or may have while nobody listened; a freeze or pin has ended; or somebody
 * pressed "Re-run".
 */
function isToBeRegated(known: KnownRepository, wakes: readonly Wake[], changes: IndexChanges): boolean {
  const isTouched = gatePaths.some((path) => changes.mentions.has(path));
  const mayBeMissed = wakes.some(
    ({ reason }) =>
      reason.kind === 'installed' ||
      reason.kind === 'resync' ||
      (reason.kind === 'due' && reason.what === 'steering') ||
      (reason.kind === 'action' && reason.action === 'rerun'),
  );
  return known.indexedCommit !== undefined && (isTouched || mayBeMissed);
}

/** The queue did not say which change it asks about. */
async function answerQueue(
  deps: ReconcileRepositoryDeps,
  known: KnownRepository,
  wakes: readonly Wake[],
): Promise<void> {
  for (const { reason } of wakes) {
    if (reason.kind === 'merge-group') await refuseMergeGroup(deps, known.repository, reason);
  }
}

/** Somebody asked for the way back from what went around the gate. */
async function revert(deps: ReconcileRepositoryDeps, known: KnownRepository, wakes: readonly Wake[]): Promise<void> {
  for (const { reason } of wakes) {
    if (reason.kind === 'action' && reason.action === 'revert') await proposeRevert(deps, known, reason);
  }
}

/** The repository as remembered, or as the forge has it where it was never seen or may have changed. undefined: not ours. */
async function present(
  deps: ReconcileRepositoryDeps,
  repository: RepositoryRef,
  wakes: readonly Wake[],
): Promise<KnownRepository | undefined> {
  const known = await deps.store.known(repository);
  if (known === undefined) return optedIn(deps, repository);
  if (wakes.some(({ reason }) => reason.kind === 'installed' || reason.kind === 'resync')) {
    const found = await deps.forge.repository(repository);
    if (found === undefined) await forget(deps, repository, 'the forge does not show it any more');
    return found && withBranch(known, found.defaultBranch);
  }
  const pushed = wakes
    .map(({ reason }) => (reason.kind === 'branch-pushed' ? reason.branch : undefined))
    .findLast(Boolean);
  return withBranch(known, pushed ?? known.defaultBranch);
}

/** Another default branch than before: nothing that is indexed holds. */
function withBranch(known: KnownRepository, defaultBranch: string): KnownRepository {
  return known.defaultBranch === defaultBranch ? known : { repository: known.repository, defaultBranch };
}

/** Asks the forge whether a repository that is not known carries a configuration. */
async function optedIn(deps: ReconcileRepositoryDeps, repository: RepositoryRef): Promise<KnownRepository | undefined> {
  const found: ForgeRepository | undefined = await deps.forge.repository(repository);
  if (found === undefined) return undefined;
  const files = await deps.forge.readFiles(repository, configPaths);
  if (files.size === 0) return undefined;
  deps.log.info({ repository: repository.path }, 'repository opted in');
  return found;
}

/** Forgets a repository without a configuration, but not before it is known how that was taken away. */
async function leave(
  deps: ReconcileRepositoryDeps,
  known: KnownRepository,
  { head, changes }: { readonly head: string; readonly changes: IndexChanges },
): Promise<void> {
  const { repository, indexedCommit } = known;
  const waiting = indexedCommit === undefined ? [] : await deps.store.arrivals.unexplained(repository);
  if (waiting.length === 0) return forget(deps, repository, 'it has no configuration any more');
  if (indexedCommit !== head) await deps.store.update({ ...known, indexedCommit: head }, changes.mentions, changes);
}

async function forget(deps: ReconcileRepositoryDeps, repository: RepositoryRef, reason: string): Promise<void> {
  if ((await deps.store.known(repository)) === undefined) return;
  await deps.store.forget(repository);
  await deps.mirrors.remove(repository);
  deps.log.info({ repository: repository.path, reason }, 'repository forgotten');
}

/**
 * The commit to decide from. Only a published image takes the mirror as it is, where that is what the index describes, which pushes
 * keep current whichever process hears of them; a bump that was built on a commit behind the branch is put right when the push
 * arrives.
 */
async function currentHead(
  deps: ReconcileRepositoryDeps,
  known: KnownRepository,
  wakes: readonly Wake[],
): Promise<string | undefined> {
  const ref = `refs/heads/${known.defaultBranch}`;
  const mirrored = (await deps.mirrors.known(known.repository, [ref])).get(ref);
  const isCurrent = wakes.every(
    ({ reason }) =>
      (reason.kind === 'image-published' && deps.isInStep && known.indexedCommit === mirrored) ||
      (reason.kind === 'branch-pushed' && reason.commit !== undefined && reason.commit === mirrored),
  );
  if (mirrored !== undefined && isCurrent) return mirrored;
  return (await deps.mirrors.fetch(known.repository, [ref])).get(ref);
}

/** The images to look at: all of them (undefined) once anything but an image has moved. */
function onlyImages(wakes: readonly Wake[]): { images?: readonly ImageName[] } {
  const images = wakes.flatMap(({ reason }) => (reason.kind === 'image-published' ? [reason.image] : []));
  return images.length === wakes.length ? { images: [...new Set(images)] } : {};
}

function oldest(wakes: readonly Wake[]): Date {
  return new Date(Math.min(...wakes.map(({ wokenAt }) => wokenAt.getTime())));
}

/** Tells about files that the push touched, on the commit where their author will look. */
async function tellChecks(
  deps: ReconcileRepositoryDeps,
  repository: RepositoryRef,
  head: string,
  read: Exclude<ReadConfig, { kind: 'absent' }>,
  changes: IndexChanges,
): Promise<void> {
  if (configPaths.some((path) => changes.mentions.has(path))) {
    await deps.forge.upsertCheck(repository, head, configCheck(read));
  }
  if (changes.problems.length > 0) await deps.forge.upsertCheck(repository, head, manifestsCheck(changes.problems));
}
