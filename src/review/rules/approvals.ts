import { approvalsOf, type RefusedApproval } from '../counted-approvals.ts';
import { policiesOf, requiredApprovals, type TouchedPolicy } from '../policies.ts';
import { block, pass, wait, type Rule, type RuleNode } from '../rule.ts';
import type { Snapshot } from '../snapshot.ts';
import { unreadableTeams, within } from '../teams.ts';
import type { VerdictNode } from '../verdict.ts';
import { atNames, counted, listed } from '../words.ts';

/** As many people have approved as each touched environment asks for, of those that it names. */
export const approvals: Rule = {
  name: 'approvals',
  triggers: ['head', 'base', 'reviews', 'attributes', 'steering'],
  evaluate: (snapshot) => policiesOf(snapshot).map((policy) => evaluatePolicy(snapshot, policy)),
};

function evaluatePolicy(snapshot: Snapshot, policy: TouchedPolicy): RuleNode {
  const { environment, review } = policy;
  const required = requiredApprovals(policy, snapshot);
  if (required === 0) return pass(noneAsked(policy), { environment });
  const approved = approvalsOf(snapshot);
  const approvers = review.from === undefined ? approved.counted : within(snapshot, review.from, approved.counted);
  const missing = required - approvers.length;
  if (missing <= 0) return pass(`Approved by ${listed(atNames(approvers), 'and')}`, { environment });
  const children = refusals(
    approved.refused,
    approved.counted.filter((login) => !approvers.includes(login)),
  );
  const unreadable = unreadableTeams(snapshot, review.from ?? []);
  if (unreadable.length > 0) return teamless(unreadable, { environment, children });
  if (review.from?.length === 0)
    return block('"review.from" names nobody who could approve', 'Name people or teams in .tagalong.yml', {
      environment,
      children,
    });
  const from = review.from === undefined ? 'somebody with write access' : listed(review.from, 'or');
  const more = counted(missing, approvers.length === 0 ? 'approval' : 'more approval');
  return wait(`Waiting for ${more} from ${from}`, 'Approve it in a review, or with a comment: /approve', {
    environment,
    children,
  });
}

function noneAsked({ review }: TouchedPolicy): string {
  return review.approvals === 0
    ? 'No approval is asked for'
    : 'No approval is asked for: it is a bump that nobody but the bot has touched, where such merge by themselves';
}

function teamless(
  teams: readonly string[],
  more: { environment: string | undefined; children: readonly VerdictNode[] },
) {
  const who = teams.length === 1 ? `The team ${listed(teams, 'and')}` : `The teams ${listed(teams, 'and')}`;
  return block(
    `${who} cannot be read, and an approval from there is asked for`,
    'Correct the name in .tagalong.yml, or let the app read the members of the organisation',
    more,
  );
}

/** Approvals that somebody has given and may wonder about. Of those by authors, `four-eyes` tells. */
function refusals(refused: readonly RefusedApproval[], notNamed: readonly string[]): VerdictNode[] {
  const others = refused.filter(({ cause }) => cause !== 'author');
  const reasons = [
    ...others.map(({ login, because }) => `The approval by @${login} does not count: ${because}`),
    ...notNamed.map((login) => `The approval by @${login} does not count: it is asked of others`),
  ];
  return reasons.map((reason) => ({ outcome: 'wait', reason, children: [] }));
}
