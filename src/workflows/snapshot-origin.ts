import { bumpKey, REVERT_PREFIX, type ProposedBump } from '../domain/bump.ts';
import type { RepositorySteering } from '../domain/steering.ts';
import { formatVersion, sameVersion } from '../domain/version.ts';
import type { Mirrors } from '../git/git.ts';
import type { Snapshot, SnapshotBump } from '../review/snapshot.ts';
import type { Audit } from '../store/store.ts';
import { applicationAuthors, type ApplicationAuthorsDeps } from './application-authors.ts';
import type { Ground, Look } from './change-look.ts';

/** Whose work a change is, as the gate's snapshot tells it: what the bot wrote, who asked it to, and who wrote the rest. */

export interface SnapshotOriginDeps extends ApplicationAuthorsDeps {
  readonly mirrors: Pick<Mirrors, 'commits'>;
  readonly store: ApplicationAuthorsDeps['store'] & { readonly audit: Pick<Audit, 'entries'> };
}

type Gated = Look & { readonly ground: Ground };

export async function describeBump(deps: SnapshotOriginDeps, look: Gated): Promise<{ readonly bump?: SnapshotBump }> {
  const { bump } = look;
  if (bump?.state !== 'open') return {};
  return {
    bump: {
      environment: bump.environment,
      image: bump.image,
      from: bump.from.map(formatVersion),
      to: formatVersion(bump.to),
      isUntouched: await isUntouched(deps, look, bump),
    },
  };
}

/** No commit is longer on its way to a version than this, and what is gets an approval by hand. */
const MAX_BUMP_COMMITS = 50;

/**
 * Whether the bot wrote every commit of the branch. Told by what the bot remembers to have written: an author is what anybody
 * who may push says it is.
 */
async function isUntouched(
  { mirrors, store }: SnapshotOriginDeps,
  { ref, state, ground }: Gated,
  bump: ProposedBump,
): Promise<boolean> {
  const { base, head } = ground.ends;
  const { authors } = state;
  if (bump.headCommit !== head || !authors.isComplete || authors.unknown.length > 0) return false;
  const range = { from: base, to: head, limit: MAX_BUMP_COMMITS };
  const [, ...earlier] = await mirrors.commits(ref.repository, range);
  if (earlier.length === 0) return true;
  const entries = await store.audit.entries({ repository: ref.repository, change: ref.number, limit: 1_000 });
  const written = new Set(
    entries.flatMap(({ action, details }) => (action === 'propose' || action === 'revise' ? [details['commit']] : [])),
  );
  return earlier.length + 1 < MAX_BUMP_COMMITS && earlier.every(({ commit }) => written.has(commit));
}

/** The bot approves nothing, and so its own commits are nobody's. */
export function withoutBot({ state, bump }: Look): Snapshot['authors'] {
  const { authors, change } = state;
  if (bump === undefined) return authors;
  return { ...authors, people: authors.people.filter((person) => person.login !== change.author.login) };
}

/** Who wrote what the bump brings. */
export async function authorsOfBump(
  deps: ApplicationAuthorsDeps,
  { bump, ground: { config } }: Gated,
): Promise<Pick<Snapshot, 'applicationAuthors'>> {
  if (bump?.state !== 'open' || config.kind !== 'valid') return {};
  const authors = await applicationAuthors(deps, config.config, bump);
  return authors === undefined ? {} : { applicationAuthors: authors };
}

/** Who asked the bot for the very version that it proposes, by whatever command, or for the way back from what went around the gate. */
export async function requestedBy(
  deps: SnapshotOriginDeps,
  look: Look,
  steering: RepositorySteering,
): Promise<Pick<Snapshot, 'requestedBy'>> {
  const asked = look.bump === undefined ? await revertRequesters(deps, look) : versionRequesters(look.bump, steering);
  return asked.length === 0 ? {} : { requestedBy: [...new Set(asked)] };
}

function versionRequesters(bump: ProposedBump, { pins, requests }: RepositorySteering): readonly string[] {
  return [...pins, ...requests]
    .filter((each) => bumpKey(each) === bumpKey(bump) && sameVersion(each.version, bump.to))
    .map(({ by }) => by);
}

async function revertRequesters(
  { store }: SnapshotOriginDeps,
  { ref: { repository, number }, state }: Look,
): Promise<readonly string[]> {
  const { author, sourceBranch } = state.change;
  if (!author.isBot || !sourceBranch.startsWith(REVERT_PREFIX)) return [];
  const entries = await store.audit.entries({ repository, change: number, limit: 100 });
  return entries.flatMap(({ action, actor }) => (action === 'revert' ? [actor.name] : []));
}
