import { environmentOf, type Config } from '../config/config.ts';
import type { ImageName } from '../domain/image.ts';
import type { Version } from '../domain/version.ts';
import type { Mirrors } from '../git/git.ts';
import { findSites, type FoundSite } from '../manifests/find-sites.ts';
import type { ImageIndex, KnownRepository } from '../store/store.ts';
import { readTexts } from './bump-situations.ts';
import { standingVersions } from './plan-bumps.ts';

export interface StandingDeps {
  readonly mirrors: Pick<Mirrors, 'fetch' | 'tree' | 'commits'>;
  readonly store: Pick<ImageIndex, 'files'>;
}

/** The default branch, with what the configuration there says of its files. */
export interface StandingPlace {
  readonly known: KnownRepository;
  readonly config: Config | undefined;
}

/**
 * The versions of each image that stand in an environment on the default branch, in the order of their sites. Nothing where the
 * configuration is not valid, since then nobody knows what belongs to the environment. The branch is fetched: who steps back from a version
 * that was merged a moment ago must not step back from the one before.
 */
export async function standingIn(
  deps: StandingDeps,
  at: StandingPlace,
  environment: string,
): Promise<ReadonlyMap<ImageName, readonly Version[]>> {
  const [head, paths] = await Promise.all([headOf(deps, at), pathsIn(deps, at, environment)]);
  if (head === undefined) return new Map();
  const sites = await sitesAt(deps, at, { commit: head, paths });
  const byImage = Map.groupBy(sites, ({ image }) => image);
  return new Map([...byImage].map(([image, found]) => [image, standingVersions(found)]));
}

/** As many commits of the branch are looked back at: what was written before that, by hand, has stood there for long. */
const LOOKED_BACK = 200;

/**
 * What stood at one place on the default branch after a commit (left out: as far as is looked back), oldest first: for each commit that
 * changed it, the versions of its sites. Only files that hold the image now are looked at.
 */
export async function stoodSince(
  deps: StandingDeps,
  at: StandingPlace,
  { environment, image, since }: { readonly environment: string; readonly image: ImageName; readonly since?: string },
): Promise<readonly (readonly Version[])[]> {
  const [head, paths] = await Promise.all([headOf(deps, at), pathsIn(deps, at, environment, image)]);
  if (head === undefined || paths.length === 0) return [];
  const range = { ...(since !== undefined && { from: since }), to: head, limit: LOOKED_BACK };
  const line = await deps.mirrors.commits(at.known.repository, range);
  const stood: (readonly Version[])[] = [];
  let before = '';
  for (const { commit } of line.toReversed()) {
    const sites = await sitesAt(deps, at, { commit, paths });
    const versions = standingVersions(sites.filter((site) => site.image === image));
    const now = JSON.stringify(versions);
    if (now !== before) stood.push(versions);
    before = now;
  }
  return stood;
}

async function headOf({ mirrors }: StandingDeps, { known }: StandingPlace): Promise<string | undefined> {
  const ref = `refs/heads/${known.defaultBranch}`;
  return (await mirrors.fetch(known.repository, [ref])).get(ref);
}

/** The files of an environment that hold the image, or any. */
async function pathsIn(
  { store }: StandingDeps,
  { known, config }: StandingPlace,
  environment: string,
  image?: ImageName,
): Promise<readonly string[]> {
  if (config === undefined) return [];
  const mentioned = [...(await store.files(known.repository, image && [image])).values()].flat();
  return mentioned.filter((path) => environmentOf(config, path, known.defaultBranch)?.name === environment);
}

async function sitesAt(
  { mirrors }: StandingDeps,
  { known }: StandingPlace,
  { commit, paths }: { readonly commit: string; readonly paths: readonly string[] },
): Promise<readonly FoundSite[]> {
  const texts = await readTexts(await mirrors.tree(known.repository, commit), new Set(paths));
  return [...texts].flatMap(([path, text]) => findSites(path, text).sites);
}
