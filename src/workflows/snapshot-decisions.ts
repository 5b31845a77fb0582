import type { ProposedBump } from '../domain/bump.ts';
import type { Person } from '../domain/change.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { CommandApproval, Override, RepositorySteering } from '../domain/steering.ts';
import { formatVersion } from '../domain/version.ts';
import type { Forge } from '../forge/forge.ts';
import type { ForgeReview, Permission } from '../forge/reviews.ts';
import type { Snapshot, SnapshotReview } from '../review/snapshot.ts';
import type { ChangeEffect } from './change-effect.ts';

/** What people have said about a change and its environments, as the gate's snapshot tells it. */

export type AskPermission = (login: string) => Promise<Permission>;

/** Each person is asked about once. */
export function permissions(forge: Pick<Forge, 'permission'>, repository: RepositoryRef): AskPermission {
  const known = new Map<string, Promise<Permission>>();
  return (login) => {
    const answer = known.get(login) ?? forge.permission(repository, login);
    known.set(login, answer);
    return answer;
  };
}

/** Only what can count is compared, because each comparison may need a rendering. */
export async function forgeReviews(reviews: readonly ForgeReview[], effect: ChangeEffect): Promise<SnapshotReview[]> {
  const described: SnapshotReview[] = [];
  for (const [index, review] of reviews.entries()) {
    const mayCount = review.state === 'approved' && review.mayWrite && !review.by.isBot;
    const isLast = !reviews
      .slice(index + 1)
      .some((later) => later.state !== 'commented' && isSame(later.by, review.by));
    const { commit } = review;
    const rendersAlike = commit !== undefined && mayCount && isLast ? await effect.isAlike(commit) : 'unknown';
    described.push({ ...review, rendersAlike });
  }
  return described;
}

function isSame(a: Person, b: Person): boolean {
  return a.login.toLowerCase() === b.login.toLowerCase();
}

export async function commandApprovals(
  approvals: readonly CommandApproval[],
  effect: ChangeEffect,
  permission: AskPermission,
): Promise<SnapshotReview[]> {
  const described: SnapshotReview[] = [];
  for (const { by, at, headCommit } of approvals) {
    described.push({
      id: 'command',
      by: { login: by, isBot: false },
      state: 'approved',
      at: at.toISOString(),
      commit: headCommit,
      rendersAlike: await effect.isAlike(headCommit),
      mayWrite: ['write', 'admin'].includes(await permission(by)),
    });
  }
  return described;
}

export async function overridesOf(
  overrides: readonly Override[],
  effect: ChangeEffect,
  permission: AskPermission,
): Promise<Snapshot['overrides']> {
  const described: Snapshot['overrides'][number][] = [];
  for (const { rule, by, reason = '', headCommit } of overrides) {
    const rendersAlike = await effect.isAlike(headCommit);
    described.push({ rule, by, reason, rendersAlike, isAdmin: (await permission(by)) === 'admin' });
  }
  return described;
}

export function freezesOf({ freezes }: RepositorySteering): Snapshot['freezes'] {
  return freezes.map(({ environment, by, reason, until }) => ({
    ...(environment !== undefined && { environment }),
    by,
    ...(reason !== undefined && { reason }),
    ...(until !== undefined && { until: until.toISOString() }),
  }));
}

export function pinOf({ pins }: RepositorySteering, bump: ProposedBump | undefined): Pick<Snapshot, 'pin'> {
  const pin = pins.find(({ environment, image }) => environment === bump?.environment && image === bump.image);
  if (pin === undefined) return {};
  const { version, by, reason, until } = pin;
  return {
    pin: {
      version: formatVersion(version),
      by,
      ...(reason !== undefined && { reason }),
      ...(until !== undefined && { until: until.toISOString() }),
    },
  };
}
