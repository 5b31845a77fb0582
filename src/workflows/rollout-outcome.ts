import type { ProposedBump } from '../domain/bump.ts';
import { formatVersion } from '../domain/version.ts';
import type { DeployText, OtherBump } from '../markdown/deploy-words.ts';
import type { Rollout } from '../store/store.ts';

/** A bump with where it is, as it is to be remembered, and as it was. */
export interface Outcome {
  readonly bump: ProposedBump;
  readonly rollout: Rollout;
  readonly prior?: Rollout;
  readonly noticedAt: Date;
  /** The later bump that took its place. */
  readonly replacedBy?: ProposedBump;
  /** The next bump of its image in its environment. */
  readonly followedBy?: ProposedBump;
}

/** What a rollout remembers of its own, beside what the forge and the chat hand over: when its merge was noticed. */
export const NOTICED = 'noticed';

/** … and whether it was live or had failed last, and since when. */
const ENDED = 'ended';

export interface Ended {
  readonly state: 'live' | 'failed';
  readonly since: Date;
}

export function rememberedEnd({ told }: Pick<Rollout, 'told'>): Ended | undefined {
  const [state, since = ''] = told[ENDED]?.split(' ') ?? [];
  return state === 'live' || state === 'failed' ? { state, since: new Date(since) } : undefined;
}

export function endToRemember({ state, since }: Ended): Readonly<Record<string, string>> {
  return { [ENDED]: `${state} ${since.toISOString()}` };
}

/** The same outcome, remembering more; a value that is undefined is forgotten. */
export function remembering(outcome: Outcome, more: Readonly<Record<string, string | undefined>>): Outcome {
  const told: Record<string, string> = {};
  for (const [key, value] of Object.entries({ ...outcome.rollout.told, ...more })) {
    if (value !== undefined) told[key] = value;
  }
  return { ...outcome, rollout: { ...outcome.rollout, told } };
}

/** What people read about it, in the words of `markdown/`. */
export function deployText({ bump, rollout, noticedAt, replacedBy, followedBy }: Outcome): DeployText {
  const { state, since, tool, application, message, url, environmentUrl } = rollout;
  const afterMerge = since.getTime() - noticedAt.getTime();
  const ended = state === 'superseded' ? rememberedEnd(rollout) : undefined;
  return {
    environment: bump.environment,
    image: bump.image,
    version: versionText(bump),
    change: { repository: bump.repository, number: bump.change },
    state,
    since,
    // A tool whose clock is slow, or that was quicker than the news of the merge, says nothing of how long it took.
    ...(afterMerge >= 1000 && { afterMerge }),
    ...(ended !== undefined && { ended }),
    ...(tool !== undefined && { tool }),
    ...(application !== undefined && { application }),
    ...(message !== undefined && { message }),
    ...(url !== undefined && { url }),
    ...(environmentUrl !== undefined && { environmentUrl }),
    ...(replacedBy !== undefined && { replacedBy: otherBump(replacedBy) }),
    ...(followedBy !== undefined && { followedBy: otherBump(followedBy) }),
  };
}

function otherBump(bump: ProposedBump): OtherBump {
  return { number: bump.change, version: versionText(bump) };
}

/** The tag, with the digest where the tag alone does not tell the versions apart. */
export function versionText({ from, to }: ProposedBump): string {
  return from.some(({ tag }) => tag === to.tag) ? formatVersion(to) : to.tag;
}
