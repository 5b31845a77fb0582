import type { Config } from '../config/config.ts';
import type { BumpRollout } from '../deploys/rollouts.ts';
import type { AuditEntry } from '../domain/audit.ts';
import { repositoryKey } from '../domain/repository.ts';
import type { Deploys, Rollout } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { endToRemember, NOTICED, rememberedEnd, type Ended, type Outcome } from './rollout-outcome.ts';

export interface RecordRolloutDeps {
  readonly store: { readonly deploys: Pick<Deploys, 'saveRollout'> };
  readonly log: Log;
}

export interface WhatIsRemembered {
  readonly config: Config;
  readonly rollouts: readonly Rollout[];
  /** When the merge of a change was noticed. */
  readonly noticedAt: ReadonlyMap<number, Date>;
}

/** What is new is taken over; what is only told again keeps its moment and its words. */
export function rememberRollout(
  moved: BumpRollout,
  { config, rollouts, noticedAt }: WhatIsRemembered,
  now: Date,
): Outcome {
  const { bump, state, report, replacedBy, followedBy } = moved;
  const prior = rollouts.find(({ number }) => number === bump.change);
  const isSame = prior?.state === state;
  const first = noticedAt.get(bump.change) ?? now;
  const since = isSame ? prior.since : moved.since;
  const end = endOf({ ...moved, since }, prior);
  const message = messageOf(moved, end, prior);
  const environment = config.environments.find(({ name }) => name === bump.environment);
  // One that was replaced is told with what was known of it before.
  const standing = isSame || state === 'superseded' ? prior : undefined;
  const environmentUrl = report?.environmentUrl ?? environment?.url ?? standing?.environmentUrl;
  const rollout: Rollout = {
    repository: bump.repository,
    number: bump.change,
    environment: bump.environment,
    image: bump.image,
    state,
    since,
    ...pick(report ?? standing),
    ...(message !== undefined && { message }),
    ...(environmentUrl !== undefined && { environmentUrl }),
    told: { ...prior?.told, [NOTICED]: first.toISOString(), ...(end !== undefined && endToRemember(end)) },
  };
  return {
    bump,
    rollout,
    noticedAt: first,
    ...(prior !== undefined && { prior }),
    ...(replacedBy !== undefined && { replacedBy }),
    ...(followedBy !== undefined && { followedBy }),
  };
}

/** The end that it came to last: a later one, or one that is told again, keeps its moment. */
function endOf({ state, since, ended }: BumpRollout, prior: Rollout | undefined): Ended | undefined {
  if (state === 'live' || state === 'failed') return { state, since };
  const remembered = prior && rememberedEnd(prior);
  return ended === undefined || ended.state === remembered?.state ? remembered : ended;
}

/** The tool's words about a failure, also of one that was replaced since. */
function messageOf(
  { state, report }: BumpRollout,
  end: Ended | undefined,
  prior: Rollout | undefined,
): string | undefined {
  const heard = report?.state === 'failed' ? report.message : undefined;
  if (state === 'superseded') return end?.state === 'failed' ? (prior?.message ?? heard) : undefined;
  if (state !== 'failed') return undefined;
  const isToldAgain = prior?.state === 'failed' && (report === undefined || sameButNumbers(prior.message, heard));
  return isToldAgain ? prior.message : heard;
}

function pick(
  from: Pick<Rollout, 'application' | 'tool' | 'url'> | undefined,
): Pick<Rollout, 'application' | 'tool' | 'url'> {
  const { application, tool, url } = from ?? {};
  return {
    ...(application !== undefined && { application }),
    ...(tool !== undefined && { tool }),
    ...(url !== undefined && { url }),
  };
}

/** Tools that try again and again say each time how long it took. */
function sameButNumbers(before: string | undefined, now: string | undefined): boolean {
  const words = (text = '') => text.replace(/\d+/g, '0');
  return words(before) === words(now);
}

/** Remembers the state before anything is told, so that the log of what happened has no gaps. */
export async function recordRollout(
  deps: RecordRolloutDeps,
  rollout: Rollout,
  prior: Rollout | undefined,
): Promise<void> {
  if (prior?.state === rollout.state && prior.message === rollout.message) return;
  if (prior?.state === rollout.state) return deps.store.deploys.saveRollout(rollout);
  await deps.store.deploys.saveRollout(rollout, auditEntry(rollout));
  const { repository, number, environment, state, application } = rollout;
  deps.log.info({ repository: repository.path, change: number, environment, state, application }, 'rollout moved on');
}

function auditEntry({ repository, number, environment, image, state, since, tool, application }: Rollout): AuditEntry {
  const isSilent = application === undefined || state === 'unknown';
  return {
    key: `${repositoryKey(repository)}#${number} deploy ${state} ${since.toISOString()}`,
    at: since,
    actor: isSilent ? { kind: 'bot', name: 'tagalong' } : { kind: 'tool', name: tool ?? 'generic' },
    action: 'deploy',
    repository,
    change: number,
    environment,
    image,
    event: isSilent ? 'schedule' : `report of ${application}`,
    details: { state, ...(application !== undefined && { application }) },
  };
}
