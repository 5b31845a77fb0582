import { configPaths, type Config } from '../config/config.ts';
import { readConfig } from '../config/read-config.ts';
import type { ProposedBump } from '../domain/bump.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import { rolloutsOf, unattributed, type BumpRollout, type HeardReport } from '../deploys/rollouts.ts';
import type { Forge } from '../forge/forge.ts';
import type { Mirrors } from '../git/git.ts';
import type { Notifier } from '../notify/notify.ts';
import type { Renderer } from '../render/render.ts';
import type { Bumps, Deploys, ImageIndex, Inbox, KnownRepository, Rollout, Wake } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { readTexts } from './bump-situations.ts';
import { bumpsToFollow, readLandscape, readLine, readMergedBump, wantedCommits, type Line } from './read-rollouts.ts';
import { notifyRollout } from './notify-rollout.ts';
import { recordRollout, rememberRollout } from './remember-rollout.ts';
import { NOTICED } from './rollout-outcome.ts';
import { applicationCommit, groupsOf } from './rollout-groups.ts';
import { revisionsWithout } from './stands-at.ts';
import { tellRollouts } from './tell-rollouts.ts';

export interface ReportDeployDeps {
  readonly forge: Pick<Forge, 'tellDeploys' | 'changesOfCommit' | 'commitUrl'>;
  readonly mirrors: Pick<Mirrors, 'fetch' | 'known' | 'tree' | 'changedPaths' | 'commits'>;
  readonly renderer: Pick<Renderer, 'affectedUnits'>;
  readonly store: Pick<ImageIndex, 'known'> & {
    readonly bumps: Pick<Bumps, 'merged' | 'ofRepository'>;
    readonly deploys: Pick<Deploys, 'reports' | 'rollouts' | 'saveRollout'>;
    readonly inbox: Pick<Inbox, 'wakeAt'>;
  };
  readonly notifier: Notifier;
  readonly log: Log;
  readonly now: () => Date;
}

/** As many merged bumps are looked at. */
const MERGED = 200;

/** How long until a configuration that cannot be read is looked at again. */
const RECONSIDER_MS = 10 * 60_000;

/**
 * Brings what is told about the deployments of a manifest repository to what its deploy tools have reported. What has not changed since
 * it was told costs no request. The forge comes first: a chat that fails is tried again later, and holds nothing back.
 */
export async function reconcileDeploys(
  deps: ReportDeployDeps,
  repository: RepositoryRef,
  wakes: readonly Wake[],
): Promise<void> {
  const known = await deps.store.known(repository);
  if (known === undefined) return;
  const situation = await readSituation(deps, known, wakes);
  if (situation === undefined) return;
  const outcomes = situation.outcomes.map((outcome) => rememberRollout(outcome, situation, deps.now()));
  for (const { rollout, prior } of outcomes) await recordRollout(deps, rollout, prior);

  const waits: (Date | undefined)[] = situation.outcomes.map(({ dueAt }) => dueAt);
  const groups = groupsOf(outcomes, situation.open, (bump) => applicationCommit(deps.forge, situation.config, bump));
  const told = await tellRollouts(deps, groups);
  for (const outcome of told.outcomes) waits.push(await notifyRollout(deps, outcome, situation.config));
  await deps.store.inbox.wakeAt({ kind: 'deploys', repository }, { kind: 'due', what: 'rollout' }, earliest(waits));
  if (told.failures.length > 0) throw told.failures[0];
}

/** All that one run knows. */
interface Situation {
  readonly known: KnownRepository;
  readonly config: Config;
  readonly outcomes: readonly BumpRollout[];
  readonly rollouts: readonly Rollout[];
  readonly noticedAt: ReadonlyMap<number, Date>;
  /** Bumps that are proposed and not merged. */
  readonly open: readonly ProposedBump[];
}

async function readSituation(
  deps: ReportDeployDeps,
  known: KnownRepository,
  wakes: readonly Wake[],
): Promise<Situation | undefined> {
  const { repository } = known;
  const { bumps, deploys } = deps.store;
  const merged = await bumps.merged(repository, { limit: MERGED });
  if (merged.length === 0) return undefined;
  const reports = await deploys.reports(repository);
  const line = await readLine(deps.mirrors, known, wantedCommits(wakes, reports, merged));
  if (line === undefined) return undefined;
  const tree = await deps.mirrors.tree(repository, line.head);
  const read = readConfig(await readTexts(tree, new Set(configPaths)));
  if (read.kind !== 'valid') return reconsider(deps, repository, read.kind);

  const now = deps.now();
  const rollouts = await deploys.rollouts(repository);
  const followed = bumpsToFollow(merged, rollouts, line, { wakes, now });
  const noticedAt = new Map(followed.map((bump) => [bump.change, noticed(bump, rollouts, wakes, now)]));
  const facts = {
    bumps: await readBumps(deps, followed, line, { rollouts, noticedAt, reports }),
    reports,
    heightOf: line.heightOf,
    landscape: await readLandscape(tree, read.config, known.defaultBranch),
    now,
    within: read.config.deploys.within,
  };
  logUnattributed(deps.log, repository, facts, wakes);
  const open = (await bumps.ofRepository(repository)).filter(({ state }) => state === 'open');
  return { known, config: read.config, outcomes: rolloutsOf(facts), rollouts, noticedAt, open };
}

async function readBumps(
  deps: ReportDeployDeps,
  followed: readonly ProposedBump[],
  line: Line,
  {
    rollouts,
    noticedAt,
    reports,
  }: Pick<Situation, 'rollouts' | 'noticedAt'> & { readonly reports: readonly HeardReport[] },
) {
  const read = [];
  for (const bump of followed) {
    const prior = rollouts.find(({ number }) => number === bump.change);
    const merged = await readMergedBump(deps, bump, line, {
      noticedAt: noticedAt.get(bump.change) ?? deps.now(),
      prior,
    });
    if (merged === undefined) continue;
    const later = reports.filter(({ revision }) => (line.heightOf(revision) ?? 0) > merged.height);
    const commits = [...new Set(later.map(({ revision }) => revision))].filter((revision) => revision.length >= 40);
    read.push({ ...merged, goneAt: await revisionsWithout(deps.mirrors, merged, commits) });
  }
  return read;
}

/** A configuration that cannot be read says nothing of what is deployed where, so that nothing is told before it is mended. */
async function reconsider(
  deps: ReportDeployDeps,
  repository: RepositoryRef,
  kind: 'absent' | 'invalid',
): Promise<undefined> {
  deps.log.warn({ repository: repository.path, configuration: kind }, 'deploys are not told without a configuration');
  const at = kind === 'invalid' ? new Date(deps.now().getTime() + RECONSIDER_MS) : undefined;
  await deps.store.inbox.wakeAt({ kind: 'deploys', repository }, { kind: 'due', what: 'rollout' }, at);
}

function noticed(bump: ProposedBump, rollouts: readonly Rollout[], wakes: readonly Wake[], now: Date): Date {
  const remembered = rollouts.find(({ number }) => number === bump.change)?.told[NOTICED];
  if (remembered !== undefined) return new Date(remembered);
  const wake = wakes.find(({ reason }) => reason.kind === 'bump-merged' && reason.number === bump.change);
  return wake?.wokenAt ?? now;
}

function logUnattributed(
  log: Log,
  repository: RepositoryRef,
  facts: Parameters<typeof unattributed>[1] & { readonly reports: readonly HeardReport[] },
  wakes: readonly Wake[],
): void {
  const fresh = new Set(wantedCommits(wakes, facts.reports, []));
  const news = facts.reports.filter(({ revision }) => fresh.has(revision));
  for (const { report, reason } of unattributed(news, facts)) {
    const { tool, application, revision } = report;
    log.info({ repository: repository.path, tool, application, revision, reason }, 'deploy report is told to nobody');
  }
}

function earliest(moments: readonly (Date | undefined)[]): Date | undefined {
  const times = moments.flatMap((moment) => (moment === undefined ? [] : [moment.getTime()]));
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}
