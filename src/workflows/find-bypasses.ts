import type { RepositoryRef } from '../domain/repository.ts';
import type { Forge } from '../forge/forge.ts';
import type { LoggedCommit, Mirrors } from '../git/git.ts';
import type { Bypass, BypassKind } from '../markdown/bypass.ts';
import type { KnownRepository, Verdicts } from '../store/store.ts';
import { addedBeyond, type AddedBeyondDeps } from './added-beyond.ts';

export interface FindBypassesDeps {
  readonly forge: Pick<Forge, 'changesOfCommits' | 'commitUrl'>;
  readonly mirrors: AddedBeyondDeps['mirrors'] & Pick<Mirrors, 'commits' | 'isAncestor'>;
  readonly store: { readonly verdicts: Pick<Verdicts, 'passed' | 'verdict'> };
}

/** The default branch went from one commit to another. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** More commits than this at once are not looked at one by one. */
export const MAX_COMMITS = 500;

/** Something that reached the branch without a passing verdict. */
export interface Found {
  readonly bypass: Bypass;
  /** What to go back to. */
  readonly before: string;
}

/** What reached the branch by a move of it and was not passed by the gate, newest first. One request to the forge. */
export async function findBypasses(
  deps: FindBypassesDeps,
  known: KnownRepository,
  move: Move,
): Promise<readonly Found[]> {
  const { repository } = known;
  if (!(await deps.mirrors.isAncestor(repository, move.from, move.to)))
    return [await rewritten(deps, repository, move)];
  const line = await newCommits(deps, repository, move);
  if (line.length === 0) return [];
  const changes = await deps.forge.changesOfCommits(
    repository,
    line.map(({ commit }) => commit),
  );
  const found: Found[] = [];
  const cameBy = (number: number) =>
    line.filter(({ commit }) => changes.get(commit)?.some((change) => change.number === number));
  for (const logged of line) {
    const how = await judge(deps, repository, { logged, changes: changes.get(logged.commit) ?? [], cameBy });
    const [before = move.from] = logged.parents;
    if (how !== undefined) found.push({ bypass: describe(deps, repository, logged, how), before });
  }
  return found;
}

/** The commits that are new on the first-parent line, newest first, also where the branch was moved forward along another line. */
async function newCommits(
  { mirrors }: FindBypassesDeps,
  repository: RepositoryRef,
  move: Move,
): Promise<readonly LoggedCommit[]> {
  const line = await mirrors.commits(repository, { ...move, limit: MAX_COMMITS });
  if (line.at(-1)?.parents[0] === move.from) return line;
  const fresh: LoggedCommit[] = [];
  for (const logged of line) {
    if (await mirrors.isAncestor(repository, logged.commit, move.from)) break;
    fresh.push(logged);
  }
  return fresh;
}

/** The branch does not have any more what it had. */
async function rewritten(deps: FindBypassesDeps, repository: RepositoryRef, { from, to }: Move): Promise<Found> {
  const [logged] = await deps.mirrors.commits(repository, { to, limit: 1 });
  const commit = logged ?? { commit: to, parents: [], authorName: 'unknown', authorEmail: '', subject: '' };
  return { bypass: describe(deps, repository, commit, { kind: 'rewritten', before: from }), before: from };
}

interface Arrived {
  readonly logged: LoggedCommit;
  /** Those that brought it, with their heads when they were merged. */
  readonly changes: readonly { readonly number: number; readonly headCommit: string }[];
  /** The commits of this move that a change brought, newest first: several where it was rebased. */
  readonly cameBy: (number: number) => readonly LoggedCommit[];
}

/** undefined: it came as the gate let it. */
async function judge(
  deps: FindBypassesDeps,
  repository: RepositoryRef,
  { logged, changes, cameBy }: Arrived,
): Promise<BypassKind | undefined> {
  if (changes.length === 0) return { kind: 'pushed' };
  const numbers = changes.map(({ number }) => number);
  for (const { number, headCommit } of changes) {
    if (!(await isPassed(deps, repository, { number, headCommit }))) continue;
    const commits = cameBy(number);
    const from = commits.at(-1)?.parents[0];
    // What came in several commits is judged once, as a whole.
    if (from === undefined || commits[0]?.commit !== logged.commit) return undefined;
    const paths = await addedBeyond(deps, repository, { from, to: logged.commit, headCommit });
    return paths.length === 0 ? undefined : { kind: 'altered', changes: numbers, paths };
  }
  return { kind: 'merged', changes: numbers };
}

/** By what the gate said last of that head: one that was passed and then held back again was not to be merged. */
async function isPassed(
  { store: { verdicts } }: FindBypassesDeps,
  repository: RepositoryRef,
  { number, headCommit }: Arrived['changes'][number],
): Promise<boolean> {
  const last = await verdicts.verdict(repository, number);
  if (last?.headCommit === headCommit) return last.outcome === 'pass';
  return verdicts.passed(repository, number, headCommit);
}

function describe(
  { forge }: FindBypassesDeps,
  repository: RepositoryRef,
  { commit, subject, authorName }: LoggedCommit,
  how: BypassKind,
): Bypass {
  return { commit, url: forge.commitUrl(repository, commit), subject: cut(subject), author: cut(authorName), how };
}

function cut(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length > 100 ? `${flat.slice(0, 99)}…` : flat;
}
