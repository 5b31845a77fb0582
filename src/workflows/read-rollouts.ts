import { LRUCache } from 'lru-cache';
import { environmentOf, type Config } from '../config/config.ts';
import { matchesPath } from '../config/glob.ts';
import { bumpKey, type ProposedBump } from '../domain/bump.ts';
import { repositoryKey, type RepositoryRef } from '../domain/repository.ts';
import { isWithin } from '../deploys/places.ts';
import type { Landscape } from '../deploys/environment.ts';
import type { HeardReport, MergedBump } from '../deploys/rollouts.ts';
import type { Mirrors, Tree } from '../git/git.ts';
import type { Renderer } from '../render/render.ts';
import type { KnownRepository, Rollout, Wake } from '../store/store.ts';

/** As many commits of the branch are looked at; a bump that is older is told nothing more about. */
const LINE = 400;

/** A bump that was merged before rollouts were remembered is not gone back to beyond this. */
const FORGOTTEN_AFTER_MS = 7 * 24 * 60 * 60 * 1000;

export interface Line {
  /** The head of the default branch. */
  readonly head: string;
  /** How far along the branch a commit is, also by its first 7 or more digits; greater is later. */
  readonly heightOf: (revision: string) => number | undefined;
  readonly parentOf: (commit: string) => string | undefined;
}

/**
 * The default branch as a line of commits. What was pushed since the mirror last looked is fetched when one of the commits that
 * matter now is not there.
 */
export async function readLine(
  mirrors: Pick<Mirrors, 'fetch' | 'known' | 'commits'>,
  { repository, defaultBranch }: KnownRepository,
  wanted: readonly string[],
): Promise<Line | undefined> {
  const ref = `refs/heads/${defaultBranch}`;
  const mirrored = (await mirrors.known(repository, [ref])).get(ref);
  if (mirrored !== undefined) {
    const line = await lineUpTo(mirrors, repository, mirrored);
    if (wanted.every((commit) => line.heightOf(commit) !== undefined)) return line;
  }
  const fetched = (await mirrors.fetch(repository, [ref])).get(ref);
  return fetched === undefined ? undefined : lineUpTo(mirrors, repository, fetched);
}

async function lineUpTo(mirrors: Pick<Mirrors, 'commits'>, repository: RepositoryRef, head: string): Promise<Line> {
  const commits = await mirrors.commits(repository, { to: head, limit: LINE });
  const heights = new Map(commits.map(({ commit }, index) => [commit, commits.length - index]));
  const parents = new Map(commits.map(({ commit, parents: [first] }) => [commit, first]));
  const resolved = new Map<string, number | undefined>();
  const heightOf = (revision: string) => {
    const exact = heights.get(revision);
    if (exact !== undefined || revision.length >= 40) return exact;
    if (!resolved.has(revision)) {
      const [found, ...others] = commits.filter(({ commit }) => commit.startsWith(revision));
      resolved.set(revision, found === undefined || others.length > 0 ? undefined : heights.get(found.commit));
    }
    return resolved.get(revision);
  };
  return { head, heightOf, parentOf: (commit) => parents.get(commit) };
}

/** The environments of a tree, and the folders that they have there. */
export async function readLandscape(tree: Tree, config: Config, defaultBranch: string): Promise<Landscape> {
  const placed = (await tree.list()).flatMap(({ path }) => {
    const environment = environmentOf(config, path, defaultBranch)?.name;
    return environment === undefined ? [] : [{ path, environment }];
  });
  const folders = new Map<string, Set<string>>();
  for (const { path, environment } of placed) {
    const known = folders.get(environment) ?? new Set();
    folders.set(environment, known);
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) known.add(path.slice(0, end));
  }
  const foldersOf = new Map([...folders].map(([name, found]) => [name, [...found]]));
  const environments = config.environments.length === 0 ? [{ name: defaultBranch, deploys: [] }] : config.environments;
  return {
    environments: environments.map(({ name, deploys }) => ({
      name,
      deploys: (application) => deploys.length > 0 && matchesPath(deploys, application),
    })),
    environmentsBelow: (folder) => [
      ...new Set(placed.filter(({ path }) => isWithin(path, folder)).map(({ environment }) => environment)),
    ],
    foldersOf: (environment) => foldersOf.get(environment) ?? [],
  };
}

/**
 * The bumps that something may still be told about: the present one of each image and environment, those on their way out, and those
 * whose merge was noticed just now.
 */
export function bumpsToFollow(
  merged: readonly ProposedBump[],
  rollouts: readonly Rollout[],
  { heightOf }: Line,
  { wakes, now }: { readonly wakes: readonly Wake[]; readonly now: Date },
): readonly ProposedBump[] {
  const followed = new Set([...rollouts.map(({ number }) => number), ...mergedNow(wakes)]);
  const height = (bump: ProposedBump) => (bump.mergeCommit === undefined ? undefined : heightOf(bump.mergeCommit));
  const onLine = merged.filter((bump) => height(bump) !== undefined);
  const byKey = Map.groupBy(onLine, bumpKey);
  return [...byKey.values()].flatMap((bumps) => {
    const latestFirst = bumps.toSorted((a, b) => (height(b) ?? 0) - (height(a) ?? 0) || b.change - a.change);
    return latestFirst.filter((bump, index) => {
      if (followed.has(bump.change) || index === 0) return true;
      const isForgotten = latestFirst.slice(0, index).some(({ change }) => followed.has(change));
      return !isForgotten && now.getTime() - bump.proposedAt.getTime() < FORGOTTEN_AFTER_MS;
    });
  });
}

/** Where a merge commit wrote, which never changes. */
const placesOfCommit = new LRUCache<string, readonly string[]>({ max: 1000 });

/** The bump with what its merge commit touched: files, and the folders of kustomizations and charts that take part. */
export async function readMergedBump(
  deps: {
    readonly mirrors: Pick<Mirrors, 'changedPaths' | 'tree'>;
    readonly renderer: Pick<Renderer, 'affectedUnits'>;
  },
  bump: ProposedBump,
  line: Line,
  { noticedAt, prior }: Pick<MergedBump, 'noticedAt'> & { readonly prior: Rollout | undefined },
): Promise<MergedBump | undefined> {
  const { repository, mergeCommit } = bump;
  const height = mergeCommit === undefined ? undefined : line.heightOf(mergeCommit);
  if (mergeCommit === undefined || height === undefined) return undefined;
  const key = `${repositoryKey(repository)} ${mergeCommit}`;
  const places = placesOfCommit.get(key) ?? (await touched(deps, repository, mergeCommit, line.parentOf(mergeCommit)));
  placesOfCommit.set(key, places);
  return { bump, height, noticedAt, places, ...(prior !== undefined && { prior }) };
}

async function touched(
  { mirrors, renderer }: Parameters<typeof readMergedBump>[0],
  repository: RepositoryRef,
  commit: string,
  parent: string | undefined,
): Promise<readonly string[]> {
  const tree = await mirrors.tree(repository, commit);
  const paths =
    parent === undefined
      ? (await tree.list()).map(({ path }) => path)
      : (await mirrors.changedPaths(repository, parent, commit)).map(({ path }) => path);
  const units = await renderer.affectedUnits(tree, paths);
  return [...new Set([...paths, ...units.map(({ path }) => path)])];
}

/** Commits that must be on the line before anything is told: those that the wakes brought. */
export function wantedCommits(
  wakes: readonly Wake[],
  reports: readonly HeardReport[],
  merged: readonly ProposedBump[],
): readonly string[] {
  const since = Math.min(...wakes.map(({ wokenAt }) => wokenAt.getTime()));
  const isHeard = wakes.some(({ reason }) => reason.kind === 'deploy-reported');
  const numbers = new Set(mergedNow(wakes));
  return [
    ...reports
      .filter(({ receivedAt }) => isHeard && receivedAt.getTime() >= since - MARGIN_MS)
      .map(({ revision }) => revision),
    ...merged.flatMap(({ change, mergeCommit }) =>
      numbers.has(change) && mergeCommit !== undefined ? [mergeCommit] : [],
    ),
  ];
}

function mergedNow(wakes: readonly Wake[]): readonly number[] {
  return wakes.flatMap(({ reason }) => (reason.kind === 'bump-merged' ? [reason.number] : []));
}

/** A report is kept a moment before its wake. */
const MARGIN_MS = 5_000;
