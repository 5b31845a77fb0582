import { block, pass, wait, type Rule, type RuleNode } from '../rule.ts';
import type { Snapshot } from '../snapshot.ts';

/** How soon the forge is asked again that did not know whether there are conflicts. It begins to find out when it is asked. */
const ASK_AGAIN_MS = 20_000;

/**
 * It is open, no draft, free of conflicts; no other change that a green check would free waits, be it one with the same head or one
 * before it in a merge queue; and what the queue would merge renders as the change does.
 */
export const mergeable: Rule = {
  name: 'mergeable',
  triggers: ['head', 'base', 'attributes', 'time'],
  evaluate: (snapshot) => {
    const found = [...ofChange(snapshot), ...ofTwins(snapshot), ...ofMergeGroup(snapshot), ...ofQueue(snapshot)];
    return found.length === 0 ? [pass('It can be merged')] : found;
  },
  changesAt: ({ at, change, mergeGroup }) =>
    change.state === 'open' && change.mergeable === 'unknown' && mergeGroup === undefined
      ? [new Date(Date.parse(at) + ASK_AGAIN_MS)]
      : [],
};

function ofChange({ change, mergeGroup, bump }: Snapshot): RuleNode[] {
  if (change.state !== 'open') return [block(`It is ${change.state} already`, 'Only an open change can be merged')];
  const draft = change.isDraft ? [wait('It is a draft', 'Mark it as ready for review')] : [];
  switch (change.mergeable) {
    case 'yes':
      return draft;
    case 'conflicting': {
      const byHand = `Resolve the conflicts with ${change.targetBranch}`;
      const remedy = bump === undefined ? byHand : `${byHand}, or let it be built anew: /rebase`;
      return [...draft, block(`It conflicts with ${change.targetBranch}`, remedy)];
    }
    case 'unknown':
      return mergeGroup === undefined
        ? [...draft, wait('The forge does not know yet whether there are conflicts', 'It is asked again shortly')]
        : draft;
  }
}

/** A check belongs to a commit: it is green for all changes that have it for their head, or for none. */
function ofTwins({ change, twins = [] }: Snapshot): RuleNode[] {
  return twins
    .filter(({ outcome }) => outcome !== 'pass')
    .map(({ number, outcome }) => {
      const make = outcome === 'block' ? block : wait;
      return make(
        `#${change.number} and #${number} have the same head commit, so one check stands for both, and #${number} does not pass`,
        `Close #${number}, or see what it is missing there: /why`,
      );
    });
}

function ofMergeGroup({ mergeGroup }: Snapshot): RuleNode[] {
  switch (mergeGroup?.rendersAlike) {
    case undefined:
    case true:
      return [];
    case false:
      return [
        block(
          'What the merge queue would merge renders to something else than the change that was approved',
          'Bring the change up to date with its target branch and have it approved as it is then',
        ),
      ];
    case 'unknown':
      return [
        block(
          'What the merge queue would merge could not be rendered, so it cannot be compared with what was approved',
          'Bring the change up to date with its target branch, and put it into the queue again',
        ),
      ];
  }
}

/** A queue merges everything before a commit with it. */
function ofQueue({ mergeGroup }: Snapshot): RuleNode[] {
  return (mergeGroup?.before ?? [])
    .filter(({ outcome }) => outcome !== 'pass')
    .map(({ number, outcome }) => {
      const make = outcome === 'block' ? block : wait;
      return make(
        `#${number} is before it in the merge queue, so it would be merged with it, and #${number} does not pass`,
        `Take #${number} out of the queue, or see what it is missing there: /why`,
      );
    });
}
