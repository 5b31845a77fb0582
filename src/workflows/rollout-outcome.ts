import type { ProposedBump } from '../domain/bump.ts';
import { formatVersion } from '../domain/version.ts';
import type { DeployText } from '../markdown/deploy.ts';
import type { Rollout } from '../store/store.ts';

/** A bump with where it is, as it is to be remembered, and as it was. */
export interface Outcome {
  readonly bump: ProposedBump;
  readonly rollout: Rollout;
  readonly prior?: Rollout;
  readonly noticedAt: Date;
  /** The later bump that took its place. */
  readonly replacedBy?: ProposedBump;
}

/** What a rollout remembers of its own, beside what the forge and the chat hand over: when its merge was noticed. */
export const NOTICED = 'noticed';

/** … and that it was live once. */
export const WAS_LIVE = 'wasLive';

/** The same outcome, remembering more; a value that is undefined is forgotten. */
export function remembering(outcome: Outcome, more: Readonly<Record<string, string | undefined>>): Outcome {
  const told: Record<string, string> = {};
  for (const [key, value] of Object.entries({ ...outcome.rollout.told, ...more })) {
    if (value !== undefined) told[key] = value;
  }
  return { ...outcome, rollout: { ...outcome.rollout, told } };
}

/** What people read about it, in the words of `markdown/`. */
export function deployText({ bump, rollout, noticedAt, replacedBy }: Outcome): DeployText {
  const { state, since, tool, application, message, url, environmentUrl } = rollout;
  return {
    environment: bump.environment,
    image: bump.image,
    version: versionText(bump),
    change: { repository: bump.repository, number: bump.change },
    state,
    since,
    afterMerge: since.getTime() - noticedAt.getTime(),
    wasLive: rollout.told[WAS_LIVE] !== undefined,
    ...(tool !== undefined && { tool }),
    ...(application !== undefined && { application }),
    ...(message !== undefined && { message }),
    ...(url !== undefined && { url }),
    ...(environmentUrl !== undefined && { environmentUrl }),
    ...(replacedBy !== undefined && {
      replacedBy: { number: replacedBy.change, version: versionText(replacedBy) },
    }),
  };
}

/** The tag, with the digest where the tag alone does not tell the versions apart. */
export function versionText({ from, to }: ProposedBump): string {
  return from.some(({ tag }) => tag === to.tag) ? formatVersion(to) : to.tag;
}
