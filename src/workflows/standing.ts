import { environmentOf, type Config } from '../config/config.ts';
import type { ImageName } from '../domain/image.ts';
import type { Version } from '../domain/version.ts';
import type { Mirrors } from '../git/git.ts';
import { findSites, type FoundSite } from '../manifests/find-sites.ts';
import type { ImageIndex, KnownRepository } from '../store/store.ts';
import { readTexts } from './bump-situations.ts';
import { standingVersions } from './plan-bumps.ts';

export interface StandingDeps {
  readonly mirrors: Pick<Mirrors, 'fetch' | 'known' | 'tree'>;
  readonly store: Pick<ImageIndex, 'files'>;
}

/**
 * The versions of each image that stand in an environment on the default branch, in the order of their sites. Nothing where the
 * configuration is not valid, since then nobody knows what belongs to the environment.
 */
export async function standingIn(
  { mirrors, store }: StandingDeps,
  { known, config }: { readonly known: KnownRepository; readonly config: Config | undefined },
  environment: string,
): Promise<ReadonlyMap<ImageName, readonly Version[]>> {
  const { repository, defaultBranch } = known;
  const ref = `refs/heads/${defaultBranch}`;
  const head = (await mirrors.known(repository, [ref])).get(ref) ?? (await mirrors.fetch(repository, [ref])).get(ref);
  if (config === undefined || head === undefined) return new Map();
  const mentioned = [...(await store.files(repository)).values()].flat();
  const paths = mentioned.filter((path) => environmentOf(config, path, defaultBranch)?.name === environment);
  const texts = await readTexts(await mirrors.tree(repository, head), new Set(paths));
  const sites: FoundSite[] = [...texts].flatMap(([path, text]) => findSites(path, text).sites);
  const byImage = Map.groupBy(sites, ({ image }) => image);
  return new Map([...byImage].map(([image, found]) => [image, standingVersions(found)]));
}
