import { createHash } from 'node:crypto';
import type { RolloutState } from '../domain/deploy.ts';
import type { ChangeRef } from '../domain/change.ts';
import type { DeployAnnouncement, DeployMemory, ToldDeployment, ToldStatus } from '../forge/deployments.ts';
import type { Forge } from '../forge/forge.ts';
import {
  deployDescription,
  deploysComment,
  deploysMarker,
  ROLLOUT_MARKER,
  rolloutComment,
  type DeployText,
} from '../markdown/deploy.ts';
import type { Deploys } from '../store/store.ts';
import type { Group } from './rollout-groups.ts';
import { deployText, remembering, versionText, type Outcome } from './rollout-outcome.ts';

export interface TellRolloutsDeps {
  readonly forge: Pick<Forge, 'tellDeploy' | 'changesOfCommit'>;
  readonly store: { readonly deploys: Pick<Deploys, 'saveRollout'> };
  readonly now: () => Date;
}

/**
 * Tells what of a group is not told yet: a deployment and a status for each environment, a comment on each bump's change, and one on the
 * application's. Costs nothing where all is told.
 * @returns the outcomes with what they remember now
 */
export async function tellGroup(deps: TellRolloutsDeps, group: Group): Promise<readonly Outcome[]> {
  const said = digestOf(group);
  if (group.outcomes.every(({ rollout }) => rollout.told[SAID] === said)) return group.outcomes;
  const on = await applicationChange(deps, group);
  let memory = forgeMemory(group.outcomes);
  try {
    for (const announcement of announcements(group, on)) {
      memory = await deps.forge.tellDeploy(announcement, memory);
    }
  } catch (error) {
    await save(deps, group.outcomes, memory, {});
    throw error;
  }
  const number = on === undefined ? undefined : String(on.number);
  return save(deps, group.outcomes, memory, { [SAID]: said, [ON]: number });
}

/** A digest of all that was told of the group. */
const SAID = 'said';
/** The number of the application's change. */
const ON = 'on';
const TOLD_AT = 'toldAt';
/** Begins what the forge remembers. */
const FORGE = 'forge ';

function digestOf(group: Group): string {
  const on = group.application && { repository: group.application.repository, number: 0 };
  return createHash('sha256')
    .update(JSON.stringify(announcements(group, on)))
    .digest('base64url');
}

/** Every outcome of a group has a copy of its memory, because none is sure to outlive the others; the copy that was written last wins. */
function forgeMemory(outcomes: readonly Outcome[]): DeployMemory {
  const copies = outcomes.map(({ rollout: { told } }) => told);
  const oldestFirst = copies.toSorted((a, b) => ((a[TOLD_AT] ?? '') < (b[TOLD_AT] ?? '') ? -1 : 1));
  const entries = oldestFirst.flatMap((told) => Object.entries(told)).filter(([key]) => key.startsWith(FORGE));
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(FORGE.length), value]));
}

async function save(
  { store, now }: TellRolloutsDeps,
  outcomes: readonly Outcome[],
  memory: DeployMemory,
  more: Readonly<Record<string, string | undefined>>,
): Promise<readonly Outcome[]> {
  const forge = Object.fromEntries(Object.entries(memory).map(([key, value]) => [FORGE + key, value]));
  const told = outcomes.map((outcome) => remembering(outcome, { ...forge, ...more, [TOLD_AT]: now().toISOString() }));
  for (const { rollout } of told) await store.deploys.saveRollout(rollout);
  return told;
}

/** The newest change of the application that brought the commit; asked for until there is one. */
async function applicationChange(
  { forge }: TellRolloutsDeps,
  { application, outcomes }: Group,
): Promise<ChangeRef | undefined> {
  if (application === undefined) return undefined;
  const known = outcomes.map(({ rollout }) => rollout.told[ON]).find((number) => number !== undefined);
  if (known !== undefined) return { repository: application.repository, number: Number(known) };
  const [newest] = await forge.changesOfCommit(application.repository, application.commit);
  return newest;
}

/** One for each environment; the comment on the application's change goes with the first. */
function announcements(
  { application, outcomes, open }: Group,
  on: ChangeRef | undefined,
): readonly DeployAnnouncement[] {
  const texts = outcomes.map(deployText).toSorted(byPlace);
  const waiting = open.map((bump) => ({
    environment: bump.environment,
    image: bump.image,
    version: versionText(bump),
    change: { repository: bump.repository, number: bump.change },
  }));
  return [...Map.groupBy(texts, ({ environment }) => environment).values()].map((ofEnvironment, index) => {
    const own = ofEnvironment.map((text) => ({ on: text.change, marker: ROLLOUT_MARKER, body: rolloutComment(text) }));
    const manifests = ofEnvironment[0]?.change.repository;
    if (application === undefined || manifests === undefined) return { comments: own };
    const { commit } = application;
    const shared =
      on === undefined || index > 0
        ? []
        : [
            {
              on,
              marker: deploysMarker(manifests),
              body: deploysComment(manifests, on, { commit, rollouts: presentOf(texts), waiting }),
            },
          ];
    return { application: { ...application, ...told(presentOf(ofEnvironment)) }, comments: [...shared, ...own] };
  });
}

function byPlace(a: DeployText, b: DeployText): number {
  return a.environment < b.environment ? -1 : a.environment > b.environment ? 1 : a.change.number - b.change.number;
}

/** Of each image in each environment the latest: what it replaced was built from the same commit. */
function presentOf(texts: readonly DeployText[]): readonly DeployText[] {
  const byImage = Map.groupBy(texts, ({ environment, image }) => `${environment} ${image}`);
  return [...byImage.values()].flatMap((group) => {
    const present = group.filter(({ state }) => state !== 'superseded');
    return (present.length > 0 ? present : group).slice(-1);
  });
}

type Told = Pick<NonNullable<DeployAnnouncement['application']>, 'deployment' | 'status'>;

/** What one environment shows on the application's commit, of all images that were built from it. */
function told(texts: readonly DeployText[]): Told {
  const deciding = texts.toSorted((a, b) => SEVERITY.indexOf(a.state) - SEVERITY.indexOf(b.state))[0];
  const environment = deciding?.environment ?? '';
  const state = deciding?.state ?? 'queued';
  const description = deployDescription(texts);
  const wasLive = texts.every((text) => text.state === 'live' || text.wasLive === true);
  return {
    deployment: {
      environment,
      isProduction: /(?:^|[-_.])(?:prod|production|live)(?:$|[-_.])/i.test(environment),
      state: DEPLOYMENT[state],
      description,
      ...(deciding?.url !== undefined && { logUrl: deciding.url }),
      ...(deciding?.environmentUrl !== undefined && { environmentUrl: deciding.environmentUrl }),
    },
    status: {
      context: `tagalong/${environment}`,
      state: state === 'superseded' && !wasLive ? 'pending' : STATUS[state],
      description,
      ...(deciding?.url !== undefined && { url: deciding.url }),
    },
  };
}

/** The state that is shown where several images are in different ones: the first of these. */
const SEVERITY: readonly RolloutState[] = ['failed', 'in-progress', 'queued', 'unknown', 'live', 'superseded'];

/** `unknown` is neither good nor bad: it is not known. */
const DEPLOYMENT: Readonly<Record<RolloutState, ToldDeployment['state']>> = {
  queued: 'queued',
  'in-progress': 'in-progress',
  live: 'success',
  failed: 'failure',
  superseded: 'inactive',
  unknown: 'pending',
};

const STATUS: Readonly<Record<RolloutState, ToldStatus['state']>> = {
  queued: 'pending',
  'in-progress': 'pending',
  live: 'success',
  failed: 'failure',
  superseded: 'success',
  unknown: 'pending',
};
