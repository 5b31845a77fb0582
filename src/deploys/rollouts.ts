import type { ProposedBump } from '../domain/bump.ts';
import { bumpKey } from '../domain/bump.ts';
import type { DeployReport, RolloutState } from '../domain/deploy.ts';
import { environmentsOf, type Landscape } from './environment.ts';
import { deploysPlaces } from './places.ts';

/** A report with when it came, which bounds what the clock of its sender says. */
export interface HeardReport extends DeployReport {
  readonly receivedAt: Date;
}

/** A merged bump, and what is remembered about where it is on its way. */
export interface MergedBump {
  readonly bump: ProposedBump;
  /** Of its merge commit, on the scale of {@link RolloutFacts.heightOf}. */
  readonly height: number;
  /** When its merge was noticed: silence is counted from here. */
  readonly noticedAt: Date;
  /** Files that it wrote, and folders that are rendered from them. */
  readonly places: readonly string[];
  /** Reported revisions after its merge at which its version is not written any more. */
  readonly goneAt?: ReadonlySet<string>;
  /** Where it was when it was looked at last: reports are not kept for ever. */
  readonly prior?: { readonly state: RolloutState; readonly since: Date; readonly application?: string };
}

export interface RolloutFacts {
  readonly bumps: readonly MergedBump[];
  readonly reports: readonly HeardReport[];
  /** How far along the branch a commit is, greater is later; undefined where it is not on it. */
  readonly heightOf: (revision: string) => number | undefined;
  readonly landscape: Landscape;
  readonly now: Date;
  /** Milliseconds after which nothing heard is told as nothing heard. */
  readonly within: number;
}

export interface BumpRollout {
  readonly bump: ProposedBump;
  readonly state: RolloutState;
  /** When it came into this state. */
  readonly since: Date;
  /** The report that decides. */
  readonly report?: HeardReport;
  /** The later bump that took its place. */
  readonly replacedBy?: ProposedBump;
  /** Of one that was replaced: what had become of it before, and since when. */
  readonly ended?: { readonly state: 'live' | 'failed'; readonly since: Date };
  /** The next bump of its image in its environment. */
  readonly followedBy?: ProposedBump;
  /** When silence becomes `unknown`. */
  readonly dueAt?: Date;
}

/**
 * Where every bump is, from all that was reported: a function of the set of reports, so that neither order nor repetition changes
 * anything. The rules stand in docs/deploys.md, "What a report means".
 */
export function rolloutsOf(facts: RolloutFacts): readonly BumpRollout[] {
  const heard = concerning(facts);
  const own = new Map(facts.bumps.map((merged) => [merged, ownRollout(facts, merged, heard)]));
  return facts.bumps.map((merged) => {
    const rollout = own.get(merged) ?? waiting(facts, merged, 'queued', merged.noticedAt);
    const later = laterBumps(facts.bumps, merged);
    const next = later.at(-1)?.bump;
    const followed = { ...rollout, ...(next !== undefined && { followedBy: next }) };
    const replacement = replacementOf(
      rollout,
      later.flatMap((each) => own.get(each) ?? []),
    );
    return replacement === undefined ? followed : superseded(followed, replacement);
  });
}

/**
 * What is live gives way to what is live; what is not, also to what was tried. Of several, the first took its place.
 * @param later the latest first
 */
function replacementOf({ state }: BumpRollout, later: readonly BumpRollout[]): BumpRollout | undefined {
  return state === 'live' ? later.findLast((each) => each.state === 'live') : later.findLast(wasTried);
}

function superseded(
  { bump, state, since, report, followedBy }: BumpRollout,
  { bump: replacedBy, since: replacedAt }: BumpRollout,
): BumpRollout {
  return {
    bump,
    state: 'superseded',
    since: replacedAt,
    replacedBy,
    ...(followedBy !== undefined && { followedBy }),
    ...((state === 'live' || state === 'failed') && { ended: { state, since } }),
    ...(report !== undefined && { report }),
  };
}

function wasTried({ state, report }: BumpRollout): boolean {
  return report !== undefined || state === 'live' || state === 'failed';
}

/** Reports that tell nobody anything, with why: for the log. */
export function unattributed(
  reports: readonly HeardReport[],
  { heightOf, landscape }: Pick<RolloutFacts, 'heightOf' | 'landscape'>,
): readonly { readonly report: HeardReport; readonly reason: string }[] {
  return reports.flatMap((report) => {
    if (heightOf(report.revision) === undefined) return [{ report, reason: 'its revision is not on the branch' }];
    const attribution = environmentsOf(report, landscape);
    return attribution.ok ? [] : [{ report, reason: attribution.reason }];
  });
}

interface Concerned {
  readonly report: HeardReport;
  readonly height: number;
  /** Of the application: its reports are judged together. */
  readonly application: string;
  readonly environment: string;
  readonly deploys: (places: readonly string[]) => boolean;
}

function concerning({ reports, heightOf, landscape }: RolloutFacts): readonly Concerned[] {
  const byApplication = Map.groupBy(reports, ({ tool, application, environment, path }) =>
    JSON.stringify([tool, application, environment, path]),
  );
  return [...byApplication].flatMap(([application, [first, ...others]]) => {
    if (first === undefined) return [];
    const attribution = environmentsOf(first, landscape);
    const environments = attribution.ok ? attribution.environments : [];
    return environments.flatMap((environment) => {
      const deploys = deploysPlaces(first, environment, landscape.foldersOf(environment));
      return [first, ...others].flatMap((report) => {
        const height = heightOf(report.revision);
        return height === undefined ? [] : [{ report, height, application, environment, deploys }];
      });
    });
  });
}

/** Later bumps of the same image in the same environment, the latest first. */
function laterBumps(all: readonly MergedBump[], { bump, height }: MergedBump): readonly MergedBump[] {
  return all
    .filter((other) => bumpKey(other.bump) === bumpKey(bump) && isLater(other, { bump, height }))
    .toSorted((a, b) => b.height - a.height || b.bump.change - a.bump.change);
}

function isLater(other: Pick<MergedBump, 'bump' | 'height'>, than: Pick<MergedBump, 'bump' | 'height'>): boolean {
  return other.height > than.height || (other.height === than.height && other.bump.change > than.bump.change);
}

/** What is said of a bump itself: at revisions that contain it and no later bump of its image. */
function ownRollout(facts: RolloutFacts, merged: MergedBump, heard: readonly Concerned[]): BumpRollout {
  const end = Math.min(Infinity, ...laterBumps(facts.bumps, merged).map(({ height }) => height));
  const about = heard.filter(
    ({ height, environment, deploys, report }) =>
      environment === merged.bump.environment &&
      height >= merged.height &&
      height < end &&
      merged.goneAt?.has(report.revision) !== true &&
      deploys(merged.places),
  );
  const verdicts = [...Map.groupBy(about, ({ application }) => application).values()].flatMap(ofApplication);
  const [deciding] = verdicts.toSorted(bySeverity);
  const before = ended(merged, deciding?.report, about, facts.within);
  if (before !== undefined) return before;
  if (deciding === undefined) return waiting(facts, merged, 'queued', merged.noticedAt);
  const since = timeOf(deciding.report);
  const state = deciding.report.state;
  if (state === 'failed' || state === 'succeeded') {
    return { bump: merged.bump, state: state === 'failed' ? 'failed' : 'live', since, report: deciding.report };
  }
  return waiting(facts, merged, state === 'queued' ? 'queued' : 'in-progress', since, deciding.report);
}

/**
 * The end that was known before, where its report is not kept any more, where the same application merely looks at it once more, or where
 * another one begins with it long after: an application that is new to a version takes it back only when it fails.
 */
function ended(
  { bump, prior }: MergedBump,
  report: HeardReport | undefined,
  about: readonly Concerned[],
  within: number,
): BumpRollout | undefined {
  if (prior?.state !== 'live' && prior?.state !== 'failed') return undefined;
  const { state, since } = prior;
  if (report === undefined) return { bump, state, since };
  if (state === 'failed' || report.state === 'succeeded' || report.state === 'failed') return undefined;
  const isLong = timeOf(report).getTime() - since.getTime() > within;
  const isKnown = isLong || report.application === prior.application;
  return isKnown && !about.some((each) => each.report.state === 'failed') ? { bump, state, since, report } : undefined;
}

/** Silence begins when something was heard last, whatever the clock of the tool says. */
function waiting(
  { now, within }: RolloutFacts,
  { bump, noticedAt }: MergedBump,
  state: 'queued' | 'in-progress',
  since: Date,
  report?: HeardReport,
): BumpRollout {
  const heardAt = Math.max(noticedAt.getTime(), report?.receivedAt.getTime() ?? 0);
  const dueAt = new Date(heardAt + within);
  const told = report === undefined ? {} : { report };
  return dueAt > now ? { bump, state, since, dueAt, ...told } : { bump, state: 'unknown', since: dueAt, ...told };
}

/**
 * Which application decides for a bump that several deploy: one that failed, else one that has not ended, else the one that ended last. Of those
 * that failed always the same: they are tried again and again, and would take turns.
 */
function bySeverity(a: Concerned, b: Concerned): number {
  const rank = { failed: 0, 'in-progress': 1, queued: 2, succeeded: 3 };
  const areFailed = a.report.state === 'failed' && b.report.state === 'failed';
  return (
    rank[a.report.state] - rank[b.report.state] ||
    (areFailed ? 0 : timeOf(b.report).getTime() - timeOf(a.report).getTime()) ||
    compareText(a.application, b.application)
  );
}

/**
 * What one application says of one bump: one report, or none. It is live once any revision with it succeeded: what goes wrong at a later
 * revision came with that one. Else the latest revision counts.
 */
function ofApplication(reports: readonly Concerned[]): readonly Concerned[] {
  const atRevisions = [...Map.groupBy(reports, ({ height }) => height).values()].flatMap(atRevision);
  const latestFirst = atRevisions.toSorted((a, b) => b.height - a.height);
  const good = latestFirst.findLast(({ report }) => report.state === 'succeeded');
  return (good === undefined ? latestFirst : [good]).slice(0, 1);
}

/**
 * What one application says of one revision: the end that came last, and news of a new attempt only after a failure. Something that
 * runs is not on its way again because the tool looked at it once more. Of successes without a failure between, the first counts.
 */
function atRevision(reports: readonly Concerned[]): readonly Concerned[] {
  const inOrder = reports.toSorted(byTime);
  const failedAt = inOrder.findLastIndex(({ report }) => report.state === 'failed');
  const sinceFailure = inOrder.slice(failedAt + 1);
  const good = sinceFailure.find(({ report }) => report.state === 'succeeded');
  return [good ?? sinceFailure.at(-1) ?? inOrder[failedAt]].filter((each) => each !== undefined);
}

/** Of what happened at one moment, an end is later than what leads to it, and a failure later than a success. */
function byTime(a: Concerned, b: Concerned): number {
  const rank = { queued: 0, 'in-progress': 1, succeeded: 2, failed: 3 };
  return (
    timeOf(a.report).getTime() - timeOf(b.report).getTime() ||
    rank[a.report.state] - rank[b.report.state] ||
    compareText(JSON.stringify(a.report), JSON.stringify(b.report))
  );
}

/** When it happened as the tool says; a clock that is fast is held back to when we heard of it. */
export function timeOf({ at, receivedAt }: HeardReport): Date {
  const said = at === undefined ? NaN : Date.parse(at);
  return Number.isNaN(said) || said > receivedAt.getTime() ? receivedAt : new Date(said);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
