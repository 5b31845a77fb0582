import { bumpBranch, type Bump, type ProposedBump } from '../domain/bump.ts';
import { errorCode, TagalongError } from '../domain/errors.ts';
import type { Version } from '../domain/version.ts';
import type { Forge } from '../forge/forge.ts';
import type { Mirrors } from '../git/git.ts';
import { forgeRefusal, refusedBumpCheck } from '../markdown/checks.ts';
import { CLOSED_MARKER, closedByBot } from '../markdown/pin-comment.ts';
import {
  proposalBody,
  proposalLabels,
  proposalMessage,
  proposalTitle,
  type ProposalText,
} from '../markdown/proposal.ts';
import type { Audit, Bumps, KnownRepository } from '../store/store.ts';
import type { Log, Metrics } from '../telemetry/telemetry.ts';
import { bumpEntry, type AuditedBump } from './audit-bump.ts';
import { causeOf } from './bump-steering.ts';
import { readTexts, type EditableSituation } from './bump-situations.ts';
import { branchHead, isToBeRebuilt, rememberEnd } from './change-branch.ts';
import type { BumpPlan } from './plan-bumps.ts';
import { editsFor, proposalText, type Edited } from './write-bump.ts';

export interface LivingChangeDeps {
  readonly forge: Pick<
    Forge,
    | 'propose'
    | 'revise'
    | 'isOwnBranch'
    | 'updateBranch'
    | 'close'
    | 'change'
    | 'compareUrl'
    | 'commitUrl'
    | 'upsertCheck'
    | 'upsertComment'
  >;
  readonly mirrors: Pick<Mirrors, 'tree' | 'fetch' | 'conflicts' | 'changedPaths'>;
  readonly store: {
    readonly bumps: Pick<Bumps, 'save' | 'setState'>;
    readonly audit: Pick<Audit, 'append'>;
  };
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'proposed'>;
  readonly now: () => Date;
}

/** One bump on its way to the forge. */
export interface Step {
  readonly known: KnownRepository;
  /** The commit of the default branch that the situation was read at. */
  readonly head: string;
  readonly situation: EditableSituation;
  /** When the oldest event that led here was accepted. */
  readonly wokenAt: Date;
  /** For the audit log. */
  readonly event: string;
}

/** Opens the change of a bump, or tells why it cannot be written. */
export async function openChange(deps: LivingChangeDeps, step: Step, bump: Bump): Promise<void> {
  const now = deps.now();
  const edited = editsFor(step.situation, bump, step.situation.files, now);
  if (!edited.ok) return refuse(deps, step, bump, edited.detail);
  const text = proposalText(deps.forge, step.situation, bump, { history: [], edited, now });
  const branch = bumpBranch(bump);
  const proposal = { branch, targetBranch: step.known.defaultBranch, baseCommit: step.head, files: contents(edited) };
  const written = await deps.forge
    .propose(bump.repository, { ...proposal, ...words(text) })
    .catch(async (error: unknown) => {
      await tellRefusal(deps, step, bump, error);
      throw error;
    });
  const { number: change, headCommit, created } = written;
  await audit(deps, step.event, { action: 'propose', bump, change, headCommit });
  const placed = { change, branch, headCommit, baseCommit: step.head };
  const proposedAt = proposedNow(deps, step, bump);
  await deps.store.bumps.save(
    { ...bump, ...placed, state: 'open', history: [], proposedAt },
    { kind: 'change-written', headCommit, created },
  );
  told(deps, step, 'opened', change, bump);
}

/**
 * Writes a version into an open change, and the text that belongs to it.
 * @param isRebuild build the branch anew wherever only the bot has written to it
 */
export async function reviseChange(
  deps: LivingChangeDeps,
  step: Step,
  { bump, open: living, isRebuild }: { bump: Bump; open: ProposedBump; isRebuild: boolean },
): Promise<void> {
  const head = await branchHead(deps, living);
  const isBehind = living.baseCommit !== step.head;
  const rebuild = isBehind && (await isToBeRebuilt(deps, step, { living, head, isAsked: isRebuild }));
  const files = rebuild ? step.situation.files : await filesOfBranch(deps, step, head);
  const edited = editsFor(step.situation, bump, files, deps.now());
  if (!edited.ok) return refuse(deps, step, bump, edited.detail);
  const proposedAt = proposedNow(deps, step, bump);
  const history = isSameText(living.to, bump.to) ? living.history : [...living.history, living.to];
  await writeRevision(deps, step, { bump: { ...bump, history, proposedAt }, living, head, edited, rebuild });
  told(deps, step, 'updated', living.change, bump);
}

export interface PlannedRevision {
  readonly bump: Bump & Pick<ProposedBump, 'history' | 'proposedAt'>;
  readonly living: ProposedBump;
  /** The head of the living change's branch that the edits were computed for. */
  readonly head: string;
  readonly edited: Edited;
  /** Build the branch anew on the present base, instead of adding a commit to it. */
  readonly rebuild: boolean;
}

export async function writeRevision(deps: LivingChangeDeps, step: Step, planned: PlannedRevision): Promise<void> {
  const { bump, living, head, edited, rebuild } = planned;
  const now = deps.now();
  const { repository, history } = bump;
  // People read what differs from the base branch, and not what this one commit adds.
  const whole = editsFor(step.situation, bump, step.situation.files, now);
  const text = proposalText(deps.forge, step.situation, bump, { history, edited: whole.ok ? whole : edited, now });
  const base = rebuild ? { rebuildOn: step.head } : {};
  const revision = { branch: living.branch, expectedHead: head, files: contents(edited), ...base, ...words(text) };
  const { headCommit } = await deps.forge
    .revise({ repository, number: living.change }, revision)
    .catch(async (error: unknown) => {
      if (errorCode(error) === 'forge-conflict') await rememberEnd(deps, living);
      throw error;
    });
  await audit(deps, step.event, { action: 'revise', bump, change: living.change, headCommit });
  await deps.store.bumps.save(
    { ...living, ...bump, headCommit, ...(rebuild && { baseCommit: step.head }) },
    { kind: 'change-written', headCommit, created: false },
  );
}

/** Closes an open change of the bot, and says there why. */
export async function closeChange(
  deps: LivingChangeDeps,
  event: string,
  living: ProposedBump,
  {
    reason,
    became = living.to,
    isWithdrawn,
  }: Pick<Extract<BumpPlan, { kind: 'close' }>, 'reason' | 'became' | 'isWithdrawn'>,
): Promise<void> {
  const { repository, change, branch, headCommit } = living;
  const ref = { repository, number: change };
  const state = await deps.forge.close(ref, { deleteBranch: branch });
  if (state === 'merged') {
    await rememberEnd(deps, living);
    return;
  }
  await deps.forge.upsertComment(ref, { marker: CLOSED_MARKER, body: closedByBot(reason) });
  await audit(deps, event, { action: 'close', bump: living, change, headCommit, reason });
  const history = isSameText(living.to, became) ? living.history : [...living.history, living.to];
  await deps.store.bumps.save({ ...living, to: became, history, state: isWithdrawn === true ? 'withdrawn' : state });
  deps.log.info({ repository: repository.path, change, state, reason }, 'change closed');
}

/** A version that is due and cannot be written is told on the commit that it would be built on. */
export async function refuse(
  deps: LivingChangeDeps,
  { head, situation }: Step,
  bump: Bump,
  detail: string,
): Promise<void> {
  const check = refusedBumpCheck({ environment: bump.environment, image: bump.image, tag: bump.to.tag, detail });
  await deps.forge.upsertCheck(bump.repository, head, check);
  deps.log.warn({ ...fields(situation), tag: bump.to.tag }, 'bump cannot be written');
}

/**
 * What the forge does not let happen, such as a branch of the bot that somebody else has taken, lasts until a person mends it. The
 * error itself is what is tried again, whatever becomes of telling it.
 */
async function tellRefusal(deps: LivingChangeDeps, step: Step, bump: Bump, error: unknown): Promise<void> {
  if (!(error instanceof TagalongError) || error.code !== 'forge-refused') return;
  await refuse(deps, step, bump, forgeRefusal(error.message)).catch((second: unknown) => {
    deps.log.warn({ ...fields(step.situation), err: second }, 'refusal could not be told');
  });
}

export function fields({ repository, environment, image }: EditableSituation): object {
  return { repository: repository.path, environment, image };
}

/** The files of the situation as they stand on the branch of an open change, with what people may have added. */
async function filesOfBranch(
  deps: LivingChangeDeps,
  { situation }: Step,
  head: string,
): Promise<ReadonlyMap<string, string>> {
  const tree = await deps.mirrors.tree(situation.repository, head);
  return readTexts(tree, new Set(situation.sites.map(({ path }) => path)));
}

function contents({ edits }: Edited): { path: string; content: string }[] {
  return edits.map(({ path, after }) => ({ path, content: after }));
}

function words(text: ProposalText) {
  return {
    message: proposalMessage(text),
    title: proposalTitle(text),
    body: proposalBody(text),
    labels: proposalLabels(text.environment),
  };
}

/** Never before it was asked for, whoever's clock is ahead: that is how what became of a wish is told from what came before it. */
function proposedNow(deps: LivingChangeDeps, { situation }: Step, { to }: Bump): Date {
  const asked = causeOf(situation, to)?.at;
  const now = deps.now();
  return asked !== undefined && asked > now ? asked : now;
}

function isSameText(a: Version, b: Version): boolean {
  return a.tag === b.tag && a.digest === b.digest;
}

async function audit(deps: LivingChangeDeps, event: string, entry: Omit<AuditedBump, 'event' | 'at'>): Promise<void> {
  await deps.store.audit.append([bumpEntry({ ...entry, event, at: deps.now() })]);
}

function told(
  deps: LivingChangeDeps,
  { situation, wokenAt }: Step,
  kind: 'opened' | 'updated',
  change: number,
  bump: Bump,
): void {
  deps.metrics.proposed(kind, (deps.now().getTime() - wokenAt.getTime()) / 1000);
  deps.log.info({ ...fields(situation), tag: bump.to.tag, change, kind }, 'bump proposed');
}
