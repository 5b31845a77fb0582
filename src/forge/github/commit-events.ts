import { z } from 'zod';
import type { DeployReport } from '../../domain/deploy.ts';
import type { Event } from '../../domain/event.ts';
import type { Decoded } from '../../intake/receiver.ts';
import { account, ignored, passOver, personOf, refOf, repository, type GitHubSite } from './decoding.ts';
import { deployReportOfCheckRun, deployReportOfDeploymentStatus, deployReportOfStatus } from './deploy-events.ts';

/** What is told of commits: checks and statuses, what deploy tools write there, and merge queues. */

export const checkRunEvent = z.object({
  action: z.string(),
  check_run: z.object({
    name: z.string(),
    head_sha: z.string(),
    app: z.object({ id: z.number() }).nullish(),
  }),
  requested_action: z.object({ identifier: z.string() }).nullish(),
  sender: account,
  repository,
});

type CheckRunEvent = z.infer<typeof checkRunEvent>;

/** GitHub tells an app of buttons on its own check runs alone, and of the end of everybody's. */
export function decodeCheckRun(event: CheckRunEvent, { appId }: GitHubSite, raw: unknown): readonly Event[] {
  const { action, check_run: run } = event;
  const isOwn = appId !== undefined && run.app?.id === appId;
  const isOthers = appId !== undefined && !isOwn;
  if (action === 'requested_action' || action === 'rerequested') {
    return isOthers ? [ignored('the button is on a check of another app')] : [pressed(event)];
  }
  if (isOwn) return [ignored('the bot wrote it itself')];
  const deployed = reported(deployReportOfCheckRun(raw));
  if (action !== 'completed') {
    return deployed.length > 0 ? deployed : [ignored(`nothing follows from a check run that is ${action}`)];
  }
  return [
    { kind: 'check-reported', repository: refOf(event.repository), commit: run.head_sha, name: run.name },
    ...deployed,
  ];
}

function pressed({ check_run: run, requested_action: requested, sender, repository: named }: CheckRunEvent): Event {
  const action = requested?.identifier ?? RERUN;
  return { kind: 'action-requested', repository: refOf(named), commit: run.head_sha, action, by: personOf(sender) };
}

/** The button that GitHub shows by itself on every check that has failed, and on all checks of a commit together. */
const RERUN = 'rerun';

export const checkSuiteEvent = z.object({
  action: z.string(),
  check_suite: z.object({ head_sha: z.string(), app: z.object({ id: z.number() }).nullish() }),
  sender: account,
  repository,
});

type CheckSuiteEvent = z.infer<typeof checkSuiteEvent>;

export function decodeCheckSuite(event: CheckSuiteEvent, { appId }: GitHubSite): readonly Event[] {
  const { action, check_suite: suite, sender } = event;
  if (action !== 'rerequested') return [ignored(`nothing follows from a check suite that is ${action}`)];
  if (appId !== undefined && suite.app?.id !== appId) return [ignored('the checks are those of another app')];
  const repositoryRef = refOf(event.repository);
  const by = personOf(sender);
  return [{ kind: 'action-requested', repository: repositoryRef, commit: suite.head_sha, action: RERUN, by }];
}

export const statusEvent = z.object({ sha: z.string(), context: z.string(), state: z.string(), repository });

export function decodeStatus(
  { sha, context, state, repository: named }: z.infer<typeof statusEvent>,
  _site: GitHubSite,
  raw: unknown,
): readonly Event[] {
  const deployed = reported(deployReportOfStatus(raw));
  if (state === 'pending') return deployed.length > 0 ? deployed : [ignored('the status is still pending')];
  return [{ kind: 'check-reported', repository: refOf(named), commit: sha, name: context }, ...deployed];
}

export function decodeDeploymentStatus(payload: unknown): Decoded {
  const events = reported(deployReportOfDeploymentStatus(payload));
  return events.length > 0 ? { ok: true, events } : passOver('deployment_status');
}

function reported(report: DeployReport | undefined): readonly Event[] {
  return report === undefined ? [] : [{ kind: 'deploy-reported', report }];
}

export const mergeGroupEvent = z.object({
  action: z.string(),
  merge_group: z.object({
    head_sha: z.string(),
    head_ref: z.string(),
    base_sha: z.string(),
    base_ref: z.string(),
  }),
  repository,
});

/** A queue branch names the pull request on top: `refs/heads/gh-readonly-queue/main/pr-12-<hash>`. */
export function decodeMergeGroup({ action, merge_group: group, repository: named }: z.infer<typeof mergeGroupEvent>) {
  if (action !== 'checks_requested') return [ignored(`nothing follows from a merge group that is ${action}`)];
  const [, number] = /\/pr-([1-9]\d*)-[0-9a-f]{7,64}$/.exec(group.head_ref) ?? [];
  const event: Event = {
    kind: 'merge-group-requested',
    repository: refOf(named),
    ...(number !== undefined && { number: Number(number) }),
    headCommit: group.head_sha,
    baseCommit: group.base_sha,
    targetBranch: group.base_ref.replace(/^refs\/heads\//, ''),
  };
  return [event];
}
