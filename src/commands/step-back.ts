import type { ProposedBump } from '../domain/bump.ts';
import { sameVersion, type Version } from '../domain/version.ts';
import type { CommandContext } from './command.ts';
import { HISTORY_LIMIT } from './find-version.ts';
import type { Target } from './target.ts';
import { moveTo, standingHistory, versionsBefore } from './version-history.ts';

/** A version whose own rollout is known to have failed at that place, and never to have gone well. */
export interface FailedVersion {
  readonly version: Version;
  /** The change that brought it. */
  readonly number: number;
}

export interface StepBack {
  readonly version: Version;
  /** Versions in between that are not gone back to, newest first. */
  readonly passedOver: readonly FailedVersion[];
  /** Where there is no better one. */
  readonly failed?: FailedVersion;
}

/**
 * The version that stood before those that are given, as the merged bumps and the branch tell. One whose rollout failed is passed over: who
 * steps back wants something that runs.
 * @returns undefined when nothing is known to have stood there before
 */
export async function stepBackFrom(
  context: CommandContext,
  target: Target,
  standing: readonly Version[],
): Promise<StepBack | undefined> {
  const merged = await mergedAt(context, target);
  const candidates = versionsBefore(await historyOf(context, target, { merged, standing }), standing);
  const passedOver: FailedVersion[] = [];
  for (const version of candidates) {
    const failed = await failureOf(context, merged, version);
    if (failed === undefined) return { version, passedOver };
    passedOver.push(failed);
  }
  const [first] = passedOver;
  return first && { version: first.version, passedOver: [], failed: first };
}

/** Of a version that somebody names. */
export async function failureAt(
  context: CommandContext,
  target: Target,
  version: Version,
): Promise<FailedVersion | undefined> {
  return failureOf(context, await mergedAt(context, target), version);
}

/** Newest merge first. */
function mergedAt({ bumps, change }: CommandContext, target: Target): Promise<readonly ProposedBump[]> {
  return bumps.merged(change.repository, { ...target, limit: HISTORY_LIMIT });
}

/** What the bot did not bring is told by the branch alone. */
async function historyOf(
  { stoodSince }: CommandContext,
  target: Target,
  { merged, standing }: { readonly merged: readonly ProposedBump[]; readonly standing: readonly Version[] },
): Promise<readonly Version[]> {
  const history = standingHistory(merged);
  const last = history.at(-1);
  if (last !== undefined && standing.some((stands) => sameVersion(stands, last))) return history;
  const stood = await stoodSince(target, merged[0]?.mergeCommit);
  // Sites that disagreed had no version in common that one could go back to.
  return stood.flatMap(([only, ...others]) => (only && others.length === 0 ? [only] : [])).reduce(moveTo, history);
}

/** The audit log says it of versions however old; of a version that came several times, once is enough to have gone well. */
async function failureOf(
  { audit, change: { repository } }: CommandContext,
  merged: readonly ProposedBump[],
  version: Version,
): Promise<FailedVersion | undefined> {
  let failed: FailedVersion | undefined;
  for (const { change: number } of merged.filter(({ to }) => sameVersion(to, version))) {
    const entries = await audit.entries({ repository, change: number, limit: 100 });
    const states = entries.flatMap(({ action, details }) => (action === 'deploy' ? [details['state']] : []));
    if (states.includes('live')) return undefined;
    if (states.includes('failed')) failed ??= { version, number };
  }
  return failed;
}
