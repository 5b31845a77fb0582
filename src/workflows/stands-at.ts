import { LRUCache } from 'lru-cache';
import type { ProposedBump } from '../domain/bump.ts';
import { repositoryKey } from '../domain/repository.ts';
import type { MergedBump } from '../deploys/rollouts.ts';
import type { Mirrors } from '../git/git.ts';
import { findSites } from '../manifests/find-sites.ts';
import { readTexts } from './bump-situations.ts';

/** Whether a version stands at a commit never changes. */
const remembered = new LRUCache<string, boolean>({ max: 20_000 });

/**
 * At which of these later commits the version of a merged bump is still written where the bump wrote it. One that was taken back since,
 * by hand or by a bump whose merge was not heard of yet, is not what a report at such a commit is about.
 */
export async function revisionsWithout(
  mirrors: Pick<Mirrors, 'tree'>,
  { bump, places }: Pick<MergedBump, 'bump' | 'places'>,
  commits: readonly string[],
): Promise<ReadonlySet<string>> {
  const { mergeCommit } = bump;
  if (mergeCommit === undefined || !(await stands(mirrors, bump, places, mergeCommit))) return new Set();
  const gone = new Set<string>();
  for (const commit of commits) if (!(await stands(mirrors, bump, places, commit))) gone.add(commit);
  return gone;
}

async function stands(
  mirrors: Pick<Mirrors, 'tree'>,
  bump: ProposedBump,
  places: readonly string[],
  commit: string,
): Promise<boolean> {
  const key = `${repositoryKey(bump.repository)} ${bump.mergeCommit ?? ''} ${commit}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const texts = await readTexts(await mirrors.tree(bump.repository, commit), new Set(places));
  const sites = [...texts].flatMap(([path, text]) => findSites(path, text).sites);
  const found = sites.some(({ image, tag, digest }) => {
    const isDigest = digest === undefined || bump.to.digest === undefined || digest === bump.to.digest;
    return image === bump.image && tag === bump.to.tag && isDigest;
  });
  remembered.set(key, found);
  return found;
}
