import type { Config } from '../config/config.ts';
import type { ProposedBump } from '../domain/bump.ts';
import { sameVersion } from '../domain/version.ts';
import type { Forge } from '../forge/forge.ts';
import type { Authors } from '../review/snapshot.ts';
import type { ImageIndex } from '../store/store.ts';
import { applicationOf } from './application-of.ts';
import { commitInTag } from './write-bump.ts';

export interface ApplicationAuthorsDeps {
  readonly forge: Pick<Forge, 'commitAuthors' | 'commitUrl'>;
  readonly store: Pick<ImageIndex, 'published'>;
}

/**
 * Who wrote what a bump brings; undefined where nobody tells what it was built from. Where the bot may not see the application
 * repository, or should not, they are incomplete, which is another thing than none.
 */
export async function applicationAuthors(
  { forge, store }: ApplicationAuthorsDeps,
  config: Config,
  bump: ProposedBump,
): Promise<Authors | undefined> {
  const to = bump.to.provenance?.commit;
  const application = applicationOf(forge, config, bump);
  if (to === undefined || application.kind === 'untold') return undefined;
  if (application.kind === 'elsewhere') return UNREADABLE;
  const { repository } = application;
  const from = await commitBefore(store, bump, to);
  const between = from === undefined ? undefined : await forge.commitAuthors(repository, { from, to });
  // Built anew from the commit that stands there, or from an older one: whoever wrote that one is no other for it.
  const isEmpty = between?.isComplete === true && between.people.length + between.unknown.length === 0;
  const authors = from === undefined || isEmpty ? await forge.commitAuthors(repository, { to }) : between;
  return authors ?? UNREADABLE;
}

const UNREADABLE: Authors = { people: [], unknown: [], isComplete: false };

/** The application commit that stands there now. */
async function commitBefore(
  store: ApplicationAuthorsDeps['store'],
  { image, from, to }: ProposedBump,
  commit: string,
): Promise<string | undefined> {
  const [before] = from.length === 1 ? from : [];
  if (before === undefined) return undefined;
  const published = (await store.published([image])).get(image) ?? [];
  const known = published.find((version) => sameVersion(version, before))?.provenance?.commit;
  return known ?? commitInTag(before.tag, { tag: to.tag, commit });
}
