import { bumpBranch, type Bump, type ProposedBump } from '../domain/bump.ts';
import { errorCode, TagalongError } from '../domain/errors.ts';
import type { ImageName } from '../domain/image.ts';
import type { Version } from '../domain/version.ts';
import type { Config } from '../config/config.ts';
import type { Forge, Revision } from '../forge/forge.ts';
import type { Mirrors, Tree } from '../git/git.ts';
import { refusedBumpCheck } from '../markdown/checks.ts';
import { proposalBody, proposalLabels, proposalMessage, proposalTitle } from '../markdown/proposal.ts';
import type { Bumps, ImageIndex, KnownRepository } from '../store/store.ts';
import type { Log, Metrics } from '../telemetry/telemetry.ts';
import { readSituations, readTexts, type EditableSituation } from './bump-situations.ts';
import { planBump, standingVersions, type BumpPlan } from './plan-bumps.ts';
import { editsFor, proposalText, type Edited } from './write-bump.ts';

export interface ProposeBumpsDeps {
  readonly forge: Pick<
    Forge,
    'propose' | 'revise' | 'isOwnBranch' | 'close' | 'change' | 'compareUrl' | 'commitUrl' | 'upsertCheck'
  >;
  readonly mirrors: Pick<Mirrors, 'tree' | 'fetch' | 'conflicts' | 'changedPaths'>;
  readonly store: Pick<ImageIndex, 'files' | 'published'> & {
    readonly bumps: Pick<Bumps, 'ofRepository' | 'save' | 'setState'>;
  };
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'proposed'>;
  readonly now: () => Date;
}

/** A manifest repository at one commit of its default branch, with its configuration there. */
export interface Proposing {
  readonly known: KnownRepository;
  readonly head: string;
  readonly config: Config;
  /** Only these are looked at; undefined: all. */
  readonly images?: readonly ImageName[];
  /** When the oldest event that led here was accepted. */
  readonly wokenAt: Date;
}

/** One bump on its way to the forge. */
interface Step {
  readonly at: Proposing;
  readonly tree: Tree;
  readonly situation: EditableSituation;
}

/**
 * Opens, updates or closes the one living change of every image in every environment, so that each proposes the version that is due.
 * A bump that fails does not keep the others from the forge; the first failure is thrown at the end, for the subject to be tried again.
 */
export async function proposeBumps(deps: ProposeBumpsDeps, at: Proposing): Promise<void> {
  const tree = await deps.mirrors.tree(at.known.repository, at.head);
  const { situations, orphans } = await readSituations(deps.store, { ...at, tree });
  const failures: unknown[] = [];
  const attempt = (run: () => Promise<void>) => run().catch((error: unknown) => failures.push(error));
  for (const situation of situations) {
    await attempt(() => carryOut(deps, { at, tree, situation }, planBump(situation)));
  }
  for (const open of orphans) {
    await attempt(() => close(deps, open, `\`${open.image}\` is not written in ${open.environment} any more.`));
  }
  if (failures.length > 0) throw failures[0];
}

async function carryOut(deps: ProposeBumpsDeps, step: Step, plan: BumpPlan): Promise<void> {
  switch (plan.kind) {
    case 'open':
      return open(deps, step, plan.bump);
    case 'revise':
      return revise(deps, step, plan);
    case 'close':
      return close(deps, plan.open, plan.reason);
    case 'none':
      deps.log.debug(
        { ...fields(step.situation), reason: plan.reason, detail: plan.detail, change: plan.open?.change },
        'nothing to propose',
      );
      if (plan.open !== undefined) await rebuildIfConflicting(deps, step, plan.open);
  }
}

async function open(deps: ProposeBumpsDeps, step: Step, bump: Bump): Promise<void> {
  const edited = editsFor(step.situation, bump, step.situation.files, deps.now());
  if (!edited.ok) return refuse(deps, step, bump, edited.detail);
  const text = proposalText(deps.forge, step.situation, bump, { history: [], edited });
  const branch = bumpBranch(bump);
  const written = await deps.forge.propose(bump.repository, {
    branch,
    targetBranch: step.at.known.defaultBranch,
    baseCommit: step.at.head,
    files: contents(edited),
    message: proposalMessage(text),
    title: proposalTitle(text),
    body: proposalBody(text),
    labels: proposalLabels(bump.environment),
  });
  const { number: change, headCommit, created } = written;
  await deps.store.bumps.save(
    {
      ...bump,
      change,
      branch,
      headCommit,
      baseCommit: step.at.head,
      state: 'open',
      history: [],
      proposedAt: deps.now(),
    },
    { kind: 'change-written', headCommit, created },
  );
  told(deps, step, 'opened', change, bump);
}

async function revise(
  deps: ProposeBumpsDeps,
  step: Step,
  { bump, open: living }: { bump: Bump; open: ProposedBump },
): Promise<void> {
  const head = await branchHead(deps, living);
  const isBehind = living.baseCommit !== step.at.head;
  const rebuild = isBehind && (await isToBeRebuilt(deps, step, living, head));
  const files = rebuild ? step.situation.files : await filesOfBranch(deps, step, head);
  const edited = editsFor(step.situation, bump, files, deps.now());
  if (!edited.ok) return refuse(deps, step, bump, edited.detail);
  await writeRevision(deps, step, { bump, living, head, edited, rebuild, history: [...living.history, living.to] });
  told(deps, step, 'updated', living.change, bump);
}

/** An open change that git cannot merge any more is built anew. */
async function rebuildIfConflicting(deps: ProposeBumpsDeps, step: Step, living: ProposedBump): Promise<void> {
  const { repository } = living;
  if (living.baseCommit === step.at.head) return;
  const moved = await deps.mirrors.changedPaths(repository, living.baseCommit, step.at.head).catch(() => undefined);
  const paths = new Set(step.situation.sites.map(({ path }) => path));
  if (moved !== undefined && !moved.some(({ path }) => paths.has(path))) return;
  const head = await branchHead(deps, living);
  if (!(await isToBeRebuilt(deps, step, living, head))) return reviewIfUnknown(deps, living, head);
  const bump: Bump = { ...living, from: standingVersions(step.situation.current) };
  const edited = editsFor(step.situation, bump, step.situation.files, deps.now());
  if (!edited.ok) return refuse(deps, step, bump, edited.detail);
  await writeRevision(deps, step, { bump, living, head, edited, rebuild: true, history: living.history });
  deps.log.info({ ...fields(step.situation), change: living.change }, 'change rebuilt on a newer base');
}

/**
 * Whether git cannot merge the branch and only the bot has written to it. Who wrote is not told by the remembered head: the bot may have
 * been interrupted before it remembered its own commit, and may have added one to those of a person.
 */
async function isToBeRebuilt(
  deps: ProposeBumpsDeps,
  { at }: Step,
  { repository, branch }: ProposedBump,
  head: string,
): Promise<boolean> {
  if (!(await deps.mirrors.conflicts(repository, at.head, head))) return false;
  return deps.forge.isOwnBranch(repository, { branch, target: at.known.defaultBranch });
}

/** A branch that is not as remembered was written to by a person, or by the bot before an interruption: its diff may not be told yet. */
async function reviewIfUnknown(deps: ProposeBumpsDeps, living: ProposedBump, head: string): Promise<void> {
  if (head === living.headCommit) return;
  await deps.store.bumps.save(living, { kind: 'change-updated', state: 'open', headCommit: head });
}

interface PlannedRevision {
  readonly bump: Bump;
  readonly living: ProposedBump;
  /** The head of the living change's branch that the edits were computed for. */
  readonly head: string;
  readonly edited: Edited;
  /** Build the branch anew on the present base, instead of adding a commit to it. */
  readonly rebuild: boolean;
  readonly history: readonly Version[];
}

async function writeRevision(deps: ProposeBumpsDeps, step: Step, planned: PlannedRevision): Promise<void> {
  const { bump, living, head, edited, rebuild, history } = planned;
  // People read what differs from the base branch, and not what this one commit adds.
  const whole = editsFor(step.situation, bump, step.situation.files, deps.now());
  const text = proposalText(deps.forge, step.situation, bump, { history, edited: whole.ok ? whole : edited });
  const revision: Revision = {
    branch: living.branch,
    expectedHead: head,
    files: contents(edited),
    message: proposalMessage(text),
    ...(rebuild && { rebuildOn: step.at.head }),
    title: proposalTitle(text),
    body: proposalBody(text),
    labels: proposalLabels(bump.environment),
  };
  const { headCommit } = await deps.forge
    .revise({ repository: bump.repository, number: living.change }, revision)
    .catch(async (error: unknown) => {
      if (errorCode(error) === 'forge-conflict') await rememberEnd(deps, living);
      throw error;
    });
  await deps.store.bumps.save(
    { ...living, ...bump, headCommit, history, ...(rebuild && { baseCommit: step.at.head }) },
    { kind: 'change-written', headCommit, created: false },
  );
}

async function close(deps: ProposeBumpsDeps, living: ProposedBump, reason: string): Promise<void> {
  const { repository, change, branch } = living;
  const state = await deps.forge.close({ repository, number: change }, { deleteBranch: branch });
  await deps.store.bumps.setState(repository, change, state);
  deps.log.info({ repository: repository.path, change, state, reason }, 'change closed');
}

/** A version that is due and cannot be written is told on the commit that it would be built on. */
async function refuse(deps: ProposeBumpsDeps, { at, situation }: Step, bump: Bump, detail: string): Promise<void> {
  const check = refusedBumpCheck({ environment: bump.environment, image: bump.image, tag: bump.to.tag, detail });
  await deps.forge.upsertCheck(bump.repository, at.head, check);
  deps.log.warn({ ...fields(situation), tag: bump.to.tag }, 'bump cannot be written');
}

/**
 * The present head of a living change's branch.
 * @throws TagalongError `forge-conflict` when the branch is gone: the next attempt decides from what became of the change.
 */
async function branchHead(deps: ProposeBumpsDeps, living: ProposedBump): Promise<string> {
  const ref = `refs/heads/${living.branch}`;
  const head = (await deps.mirrors.fetch(living.repository, [ref])).get(ref);
  if (head !== undefined) return head;
  const state = await rememberEnd(deps, living);
  const end = state === 'open' ? 'lost its branch' : `was ${state} in the meantime`;
  throw new TagalongError('forge-conflict', `#${living.change} ${end}.`);
}

/** Remembers what became of a change while it was about to be written, so that the next attempt decides from it. */
async function rememberEnd(deps: ProposeBumpsDeps, { repository, change: number }: ProposedBump): Promise<string> {
  const state = (await deps.forge.change({ repository, number }))?.state ?? 'closed';
  if (state !== 'open') await deps.store.bumps.setState(repository, number, state);
  return state;
}

/** The files of the situation as they stand on the branch of an open change, with what people may have added. */
async function filesOfBranch(
  deps: ProposeBumpsDeps,
  { situation }: Step,
  head: string,
): Promise<ReadonlyMap<string, string>> {
  const tree = await deps.mirrors.tree(situation.repository, head);
  return readTexts(tree, new Set(situation.sites.map(({ path }) => path)));
}

function contents({ edits }: Edited): { path: string; content: string }[] {
  return edits.map(({ path, after }) => ({ path, content: after }));
}

function told(
  deps: ProposeBumpsDeps,
  { at, situation }: Step,
  kind: 'opened' | 'updated',
  change: number,
  bump: Bump,
): void {
  deps.metrics.proposed(kind, (deps.now().getTime() - at.wokenAt.getTime()) / 1000);
  deps.log.info({ ...fields(situation), tag: bump.to.tag, change, kind }, 'bump proposed');
}

function fields({ repository, environment, image }: EditableSituation): object {
  return { repository: repository.path, environment, image };
}
