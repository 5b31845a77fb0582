import type { RolloutState } from '../domain/deploy.ts';
import type { DeployAnnouncement, ToldDeployment, ToldStatus } from '../forge/deployments.ts';
import {
  deployDescription,
  lastingState,
  statusDescription,
  type LastingState,
} from '../markdown/deploy-description.ts';
import { deploysComment, deploysMarker, ROLLOUT_MARKER, rolloutComment, type CommitText } from '../markdown/deploy.ts';
import type { DeployText } from '../markdown/deploy-words.ts';
import type { Family, Group } from './rollout-groups.ts';
import { deployText, versionText } from './rollout-outcome.ts';

/**
 * What the forge is told of a family: for each commit and environment a deployment and a status, and comments, of which the one on the
 * application's change goes with the first and tells of all commits.
 */
export function announcements({ groups, on }: Family): readonly DeployAnnouncement[] {
  const [first, ...others] = groups.flatMap(ofGroup);
  const manifests = groups[0]?.outcomes[0]?.bump.repository;
  if (first === undefined) return [];
  if (on === undefined || manifests === undefined) return [first, ...others];
  const commits = newestFirst(groups).flatMap(commitText);
  const shared = { on, marker: deploysMarker(manifests), body: deploysComment(manifests, on, commits) };
  return [{ ...first, comments: [shared, ...first.comments] }, ...others];
}

function ofGroup({ application, outcomes }: Group): readonly DeployAnnouncement[] {
  const texts = outcomes.map(deployText).toSorted(byPlace);
  return [...Map.groupBy(texts, ({ environment }) => environment).values()].map((ofEnvironment) => {
    const own = ofEnvironment.map((text) => ({ on: text.change, marker: ROLLOUT_MARKER, body: rolloutComment(text) }));
    if (application === undefined) return { comments: own };
    return { application: { ...application, ...told(presentOf(ofEnvironment)) }, comments: own };
  });
}

/** The commit whose bump was proposed last is the newest: commits themselves tell no order, and their clocks a wrong one. */
function newestFirst(groups: readonly Group[]): readonly Group[] {
  const latest = ({ outcomes, open }: Group) =>
    Math.max(...outcomes.map(({ bump }) => bump.change), ...open.map(({ change }) => change));
  return groups.toSorted((a, b) => latest(b) - latest(a));
}

function commitText({ application, outcomes, open }: Group): readonly CommitText[] {
  if (application === undefined) return [];
  const waiting = open.map((bump) => ({
    environment: bump.environment,
    image: bump.image,
    version: versionText(bump),
    change: { repository: bump.repository, number: bump.change },
  }));
  return [{ commit: application.commit, rollouts: presentOf(outcomes.map(deployText).toSorted(byPlace)), waiting }];
}

function byPlace(a: DeployText, b: DeployText): number {
  return a.environment < b.environment ? -1 : a.environment > b.environment ? 1 : a.change.number - b.change.number;
}

/**
 * Of each image in each environment the latest: what it replaced was built from the same commit. While a version that is live is put there
 * once more, as by a rollback from one that failed, it is live all the same.
 */
function presentOf(texts: readonly DeployText[]): readonly DeployText[] {
  const byImage = Map.groupBy(texts, ({ environment, image }) => `${environment} ${image}`);
  return [...byImage.values()].flatMap((group) => {
    const latest = group.findLast(({ state }) => state !== 'superseded') ?? group.at(-1);
    const live = latest?.state === 'failed' ? undefined : group.findLast(({ state }) => state === 'live');
    return live ?? latest ?? [];
  });
}

type Told = Pick<NonNullable<DeployAnnouncement['application']>, 'deployment' | 'status'>;

/** What one environment shows on the application's commit, of all images that were built from it. */
function told(texts: readonly DeployText[]): Told {
  const deciding = texts.toSorted((a, b) => SEVERITY.indexOf(a.state) - SEVERITY.indexOf(b.state))[0];
  const environment = deciding?.environment ?? '';
  const lasting = texts.map(lastingState).toSorted((a, b) => LASTING.indexOf(a) - LASTING.indexOf(b))[0] ?? 'queued';
  return {
    deployment: {
      environment,
      isProduction: /(?:^|[-_.])(?:prod|production|live)(?:$|[-_.])/i.test(environment),
      state: DEPLOYMENT[deciding?.state ?? 'queued'],
      description: deployDescription(texts),
      ...(deciding?.url !== undefined && { logUrl: deciding.url }),
      ...(deciding?.environmentUrl !== undefined && { environmentUrl: deciding.environmentUrl }),
    },
    status: {
      context: `tagalong/${environment}`,
      state: STATUS[lasting],
      description: statusDescription(texts),
      ...(deciding?.url !== undefined && { url: deciding.url }),
    },
  };
}

/** The state that is shown where several images are in different ones: the first of these. */
const SEVERITY: readonly RolloutState[] = ['failed', 'in-progress', 'queued', 'unknown', 'live', 'superseded'];
const LASTING: readonly LastingState[] = ['failed', 'in-progress', 'queued', 'unknown', 'overtaken', 'live'];

/** `unknown` is neither good nor bad: it is not known. */
const DEPLOYMENT: Readonly<Record<RolloutState, ToldDeployment['state']>> = {
  queued: 'queued',
  'in-progress': 'in-progress',
  live: 'success',
  failed: 'failure',
  superseded: 'inactive',
  unknown: 'pending',
};

const STATUS: Readonly<Record<LastingState, ToldStatus['state']>> = {
  queued: 'pending',
  'in-progress': 'pending',
  live: 'success',
  failed: 'failure',
  overtaken: 'pending',
  unknown: 'pending',
};
