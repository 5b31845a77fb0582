import { standingOpinions } from '../counted-approvals.ts';
import { block, pass, type Rule } from '../rule.ts';
import { atNames, listed } from '../words.ts';

/** Nobody with write access asks for changes. Pushing does not answer a request: its author does, or a dismissal. */
export const changesRequested: Rule = {
  name: 'changes-requested',
  triggers: ['reviews'],
  evaluate: ({ reviews }) => {
    const asking = standingOpinions(reviews).filter(({ state, mayWrite }) => state === 'changes-requested' && mayWrite);
    if (asking.length === 0) return [pass('Nobody asks for changes')];
    const names = atNames(asking.map(({ by }) => by.login));
    return [
      block(
        `${listed(names, 'and')} ${asking.length === 1 ? 'asks' : 'ask'} for changes`,
        `${listed(names, 'and')} ${asking.length === 1 ? 'approves' : 'approve'}, or the review is dismissed`,
      ),
    ];
  },
};
