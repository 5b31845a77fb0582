import { configPaths } from '../config/config.ts';
import { readConfig, type ReadConfig } from '../config/read-config.ts';
import { policiesOf, possiblePolicies } from '../config/policies.ts';
import type { ProposedBump } from '../domain/bump.ts';
import { REVIEW_CHECK, type ChangeRef } from '../domain/change.ts';
import { TagalongError } from '../domain/errors.ts';
import type { Forge } from '../forge/forge.ts';
import type { ReviewState } from '../forge/reviews.ts';
import type { Mirrors } from '../git/git.ts';
import { neededTeams } from '../review/teams.ts';
import type { KnownRepository } from '../store/store.ts';
import type { Ends } from './change-effect.ts';

export interface ChangeLookDeps {
  readonly forge: Pick<Forge, 'reviewState' | 'headRef'>;
  readonly mirrors: Pick<Mirrors, 'fetch' | 'known' | 'mergeBase' | 'changedPaths' | 'tree'>;
}

/** Whose change it is about. */
export interface LookedAt {
  readonly ref: ChangeRef;
  readonly known: KnownRepository;
  readonly bump?: ProposedBump;
}

/** A change as the forge has it, and, where it is open and the gate is about it, what git says of it. */
export interface Look extends LookedAt {
  readonly state: ReviewState;
  readonly ground?: Ground;
  /** In the place of the ground, where git could not tell it: to be thrown by whoever needs it. */
  readonly failure?: Error;
}

/** What git says of the two ends of a change. */
export interface Ground {
  readonly ends: Ends;
  /** The head of the target branch. */
  readonly target: string;
  /** Every path that the change touches. */
  readonly paths: readonly string[];
  /** Of the target branch, never of the change. */
  readonly config: ReadConfig;
  readonly codeowners?: { readonly path: string; readonly text: string };
}

/** Where GitHub looks for code owners; the first that is there counts. */
export const CODEOWNERS_PATHS: readonly string[] = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];

/**
 * Reads a change: one request to the forge where the mirror tells already which teams to ask for, two otherwise.
 * @returns undefined when the forge does not show the change
 */
export async function lookAt(deps: ChangeLookDeps, about: LookedAt): Promise<Look | undefined> {
  const expected = await expectedTeams(deps, about);
  const state = await ask(deps, about, expected);
  if (state === undefined || !isGated(about, state)) return state && { ...about, state };
  const grounded = await onGround(deps, about, state);
  const teams = grounded.ground === undefined ? [] : teamsToAsk(about, grounded.ground);
  if (teams.every((team) => expected.includes(team))) return grounded;
  const complete = await ask(deps, about, teams);
  if (complete === undefined || !isGated(about, complete)) return complete && { ...about, state: complete };
  return onGround(deps, about, complete);
}

async function onGround(deps: ChangeLookDeps, about: LookedAt, state: ReviewState): Promise<Look> {
  try {
    return { ...about, state, ground: await groundOf(deps, about, state) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ...about, state, failure: error };
  }
}

/** Open, and to be merged into the branch that is deployed. */
function isGated({ known }: LookedAt, { change }: ReviewState): boolean {
  return change.state === 'open' && change.targetBranch === known.defaultBranch;
}

function ask({ forge }: ChangeLookDeps, { ref }: LookedAt, teams: readonly string[]): Promise<ReviewState | undefined> {
  return forge.reviewState(ref, { teams, check: REVIEW_CHECK });
}

/** The teams that the gate will want to know, as far as the mirror tells without asking anybody. */
async function expectedTeams({ forge, mirrors }: ChangeLookDeps, about: LookedAt): Promise<readonly string[]> {
  const [headRef, targetRef] = [forge.headRef(about.ref.number), `refs/heads/${about.known.defaultBranch}`];
  const commits = await mirrors.known(about.ref.repository, [headRef, targetRef]);
  const [head, target] = [commits.get(headRef) ?? about.bump?.headCommit, commits.get(targetRef)];
  if (head === undefined || target === undefined) return [];
  // What the mirror remembers may be gone or half there; then the forge is asked twice.
  const ground = await readGround({ mirrors }, about.ref, { head, target }).catch(() => undefined);
  return ground === undefined ? [] : teamsToAsk(about, ground);
}

/** Fetches only what the mirror does not have. */
async function groundOf(
  { forge, mirrors }: ChangeLookDeps,
  { ref, bump }: LookedAt,
  state: ReviewState,
): Promise<Ground> {
  const { headCommit: head, targetBranch } = state.change;
  const wanted = new Map([
    [forge.headRef(ref.number), head],
    [`refs/heads/${targetBranch}`, state.baseCommit],
  ]);
  const mirrored = await mirrors.known(ref.repository, [...wanted.keys()]);
  // What the bot wrote itself is found by its hash.
  const missing = [...wanted]
    .filter(([name, commit]) => mirrored.get(name) !== commit && commit !== bump?.headCommit)
    .map(([name]) => name);
  if (missing.length > 0) await mirrors.fetch(ref.repository, missing);
  return readGround({ mirrors }, ref, { head, target: state.baseCommit });
}

async function readGround(
  { mirrors }: Pick<ChangeLookDeps, 'mirrors'>,
  { repository, number }: ChangeRef,
  { head, target }: { readonly head: string; readonly target: string },
): Promise<Ground> {
  const base = await mirrors.mergeBase(repository, target, head);
  if (base === undefined) throw new TagalongError('git-failed', `#${number} shares no history with its target.`);
  const [changed, tree] = [await mirrors.changedPaths(repository, base, head), await mirrors.tree(repository, target)];
  const files = await tree.read([...configPaths, ...CODEOWNERS_PATHS]);
  const texts = new Map([...files].map(([path, bytes]) => [path, bytes.toString('utf8')]));
  const [codeowners] = CODEOWNERS_PATHS.flatMap((path) => {
    const text = texts.get(path);
    return text === undefined ? [] : [{ path, text }];
  });
  return {
    ends: { base, head },
    target,
    paths: changed.map(({ path }) => path),
    config: readConfig(texts),
    ...(codeowners !== undefined && { codeowners }),
  };
}

function teamsToAsk({ known }: LookedAt, { config, paths, codeowners }: Ground): readonly string[] {
  if (config.kind !== 'valid') return [];
  const touched = policiesOf(config.config, paths, known.defaultBranch);
  // Which other environments are rendered from these paths is not known yet.
  return neededTeams([...touched, ...possiblePolicies(config.config, paths)], codeowners);
}
