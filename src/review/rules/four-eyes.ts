import { approvalsOf, unknownAuthors } from '../counted-approvals.ts';
import { overrideOf } from '../overrides.ts';
import { policiesOf, requiredApprovals } from '../policies.ts';
import { block, pass, wait, type Rule, type RuleNode } from '../rule.ts';
import type { Snapshot } from '../snapshot.ts';
import { within } from '../teams.ts';
import { atNames, counted, listed } from '../words.ts';

/**
 * Enough of the people who approved have written none of it: neither the change, nor its commits, nor the commits of the application
 * that a bump brings; nor have they asked the bot for it, since who asked has chosen. GitHub says the same of what its own bots are
 * asked for (docs.github.com, "Review Copilot PRs").
 *
 * An author whom the forge does not know could be any approver, but no two of them. So each asks for one approval more than the
 * policy does, and with those it is proven that enough are by others. Where there are authors that could not even be counted,
 * nothing is proven. Where no approval is asked for, nobody needs to be somebody else.
 */
export const fourEyes: Rule = {
  name: 'four-eyes',
  triggers: ['head', 'base', 'reviews', 'attributes', 'steering'],
  evaluate: (snapshot) => {
    const asked = asking(snapshot);
    if (asked === undefined) return [];
    if (asked.every(({ required }) => required === 0))
      return [pass('No approval is asked for, so that nobody has to be somebody else')];
    const found = [...uncounted(snapshot), ...selfApproved(snapshot, asked), ...unproven(snapshot, asked)];
    return found.length === 0
      ? [pass(`Nobody who approved has written it or asked for it${unheard(snapshot)}`)]
      : found;
  },
};

interface Asked {
  readonly required: number;
  /** How many of those that the policy names have approved and are not known to be authors. */
  readonly approved: number;
}

function asking(snapshot: Snapshot): readonly Asked[] | undefined {
  if (snapshot.config.kind !== 'valid') return undefined;
  if (overrideOf(snapshot, 'approvals').counts !== undefined) return [{ required: 0, approved: 0 }];
  const { counted: approvers } = approvalsOf(snapshot);
  return policiesOf(snapshot).map((policy) => ({
    required: requiredApprovals(policy, snapshot),
    approved: (policy.review.from === undefined ? approvers : within(snapshot, policy.review.from, approvers)).length,
  }));
}

function uncounted({ authors, applicationAuthors, bump }: Snapshot): RuleNode[] {
  const change = authors.isComplete
    ? []
    : [block('Not all authors of the commits in the change could be read', 'Make it of fewer commits')];
  const application =
    applicationAuthors?.isComplete === false
      ? [
          block(
            `Not all authors of the application commits${bump === undefined ? '' : ` in ${bump.image}`} could be read`,
            'Install the app on the application repository; one of another owner has to be named as "source" in .tagalong.yml',
          ),
        ]
      : [];
  return [...change, ...application];
}

/** Somebody has approved who may not, and is counted on. */
function selfApproved(snapshot: Snapshot, asked: readonly Asked[]): RuleNode[] {
  const own = approvalsOf(snapshot).refused.filter(({ cause }) => cause === 'author');
  if (own.length === 0 || asked.every(({ required, approved }) => approved >= required)) return [];
  const reasons = own.map(({ login, because }) => `The approval by @${login} does not count: ${because}`);
  const remedy = 'Ask somebody who has no part in it';
  const [only, ...others] = reasons;
  if (only !== undefined && others.length === 0) return [wait(only, remedy)];
  const names = listed(atNames(own.map(({ login }) => login)), 'and');
  const children = reasons.map((reason) => ({ outcome: 'wait', reason, children: [] }) as const);
  return [wait(`The approvals by ${names} do not count: they have a part in it`, remedy, { children })];
}

function unproven({ authors, applicationAuthors, bump }: Snapshot, asked: readonly Asked[]): RuleNode[] {
  const unknown = [
    ...new Set([
      ...unknownAuthors(authors, bump?.isUntouched),
      ...(applicationAuthors ? unknownAuthors(applicationAuthors) : []),
    ]),
  ];
  const missing = Math.max(
    ...asked.map(({ required, approved }) => (required === 0 ? 0 : required + unknown.length - approved)),
  );
  if (unknown.length === 0 || missing <= 0) return [];
  return [
    wait(
      `No account is known for ${listed(unknown, 'and', 3)}, who ${unknown.length === 1 ? 'has' : 'have'} written commits in it and could be among those who approve`,
      `${counted(missing, 'more approval')} ${missing === 1 ? 'proves' : 'prove'} that enough others have looked; or commit again under an address that an account has`,
    ),
  ];
}

function unheard({ bump, applicationAuthors }: Snapshot): string {
  return bump !== undefined && applicationAuthors === undefined
    ? '; who wrote what the image was built from is not known'
    : '';
}
