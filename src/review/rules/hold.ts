import { HOLD_LABEL } from '../../domain/change.ts';
import { pass, wait, type Rule } from '../rule.ts';
import { because } from '../words.ts';

/** Nobody has put it on hold. The label is what counts, whoever set it. */
export const hold: Rule = {
  name: 'hold',
  triggers: ['attributes'],
  evaluate: ({ change: { labels, hold } }) => {
    if (!labels.some((label) => label.toLowerCase() === HOLD_LABEL)) return [pass('It is not on hold')];
    const by = hold === undefined ? '' : ` by @${hold.by}${because(hold.reason)}`;
    return [wait(`It is on hold${by}`, 'Take it off hold: /unhold')];
  },
};
