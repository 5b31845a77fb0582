import { REVIEW_CHECK } from '../../domain/change.ts';
import { block, pass, wait, type Rule, type RuleNode } from '../rule.ts';
import type { Snapshot } from '../snapshot.ts';
import { listed } from '../words.ts';

/** Every check that the branch demands has ended well, the gate's own left out, which would wait for itself. */
export const checks: Rule = {
  name: 'checks',
  triggers: ['head', 'base', 'checks', 'attributes'],
  evaluate: (snapshot) => {
    const { required } = snapshot.checks;
    if (required === 'unknown')
      return [
        block(
          'Which checks the branch demands could not be read',
          'Let the app read the rules of the branch; tagalong doctor tells which permission is missing',
        ),
      ];
    const names = [...new Set(required)].filter((name) => name !== REVIEW_CHECK);
    if (names.length === 0) return [pass('The branch demands no other check')];
    const found = [...named(snapshot, names, 'failure'), ...named(snapshot, names, 'pending')];
    return found.length === 0 ? [pass('All demanded checks are green')] : found;
  },
};

function named(snapshot: Snapshot, names: readonly string[], wanted: 'failure' | 'pending'): RuleNode[] {
  const found = names.filter((name) => stateOf(snapshot, name) === wanted);
  if (found.length === 0) return [];
  const list = listed(found, 'and');
  const isOne = found.length === 1;
  return wanted === 'failure'
    ? [
        block(
          `${isOne ? 'The demanded check' : 'Demanded checks'} failed: ${list}`,
          'Mend what it tells, or run it again',
        ),
      ]
    : [
        wait(
          `Waiting for ${isOne ? 'a demanded check' : 'demanded checks'}: ${list}`,
          'It comes by itself when the check ends',
        ),
      ];
}

/** The worst of what goes by the name; a check that nobody has reported is yet to come. */
function stateOf({ checks }: Snapshot, name: string): 'success' | 'failure' | 'pending' {
  const states = checks.reported.filter((check) => check.name === name).map(({ state }) => state);
  if (states.includes('failure')) return 'failure';
  return states.length === 0 || states.some((state) => state !== 'success') ? 'pending' : 'success';
}
