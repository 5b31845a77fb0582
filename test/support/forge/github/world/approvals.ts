import { mayWrite, roleOf } from './accounts.ts';
import type { PullRequest, Review } from './model.ts';
import type { World } from './world.ts';

/** Reviews that stand: the last of each person that says yes or no. */
function standing(pull: PullRequest): readonly Review[] {
  const latest = new Map<string, Review>();
  for (const review of pull.reviews) {
    if (review.state !== 'COMMENTED' && review.state !== 'PENDING') latest.set(review.author.login, review);
  }
  return [...latest.values()];
}

/** How many people with write access have approved. */
export function approvals(pull: PullRequest): number {
  return standing(pull).filter(({ state, author }) => state === 'APPROVED' && mayWrite(roleOf(pull.repository, author)))
    .length;
}

/** With the rule for it, a push takes approvals of earlier heads back. */
export function dismissStale(world: World, pull: PullRequest): void {
  if (pull.repository.protections.get(pull.base.branch)?.dismissesStaleReviews !== true) return;
  for (const review of pull.reviews) {
    if (review.state !== 'APPROVED' || review.commit === pull.head.sha) continue;
    review.state = 'DISMISSED';
    world.emit({ name: 'pull_request_review', action: 'dismissed', review, sender: pull.author });
  }
}
