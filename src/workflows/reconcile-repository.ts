import type { ImageName } from '../domain/image.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import { configPaths, readConfig, type ReadConfig } from '../config/config.ts';
import type { Forge, ForgeRepository } from '../forge/forge.ts';
import type { Mirrors } from '../git/git.ts';
import type { ImageIndex, KnownRepository, Wake } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { proposeBumps, type ProposeBumpsDeps } from './propose-bumps.ts';
import { scanChanges, type IndexChanges } from './refresh-index.ts';
import { configCheck, manifestsCheck } from '../markdown/checks.ts';

export interface ReconcileRepositoryDeps extends ProposeBumpsDeps {
  readonly forge: ProposeBumpsDeps['forge'] & Pick<Forge, 'repository' | 'readFiles' | 'upsertCheck'>;
  readonly mirrors: ProposeBumpsDeps['mirrors'] & Pick<Mirrors, 'fetch' | 'known' | 'remove' | 'changedPaths'>;
  readonly store: ProposeBumpsDeps['store'] & Pick<ImageIndex, 'known' | 'update' | 'forget'>;
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
  if (read.kind === 'absent') return forget(deps, repository, 'it has no configuration any more');

  const changes = await scanChanges(deps.mirrors, known, head);
  await tellChecks(deps, repository, head, read, changes);
  if (known.indexedCommit !== head)
    await deps.store.update({ ...known, indexedCommit: head }, changes.mentions, changes);
  if (read.kind === 'invalid') return;
  await proposeBumps(deps, {
    known,
    head,
    config: read.config,
    ...(changes.mentions.size === 0 && onlyImages(wakes)),
    wokenAt: oldest(wakes),
  });
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
