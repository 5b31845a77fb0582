import { policiesOf } from '../policies.ts';
import { pass, wait, type Rule, type RuleNode } from '../rule.ts';
import type { Snapshot, SnapshotFreeze } from '../snapshot.ts';
import { nextChangeOf, presentWindow } from '../weekly.ts';
import { because } from '../words.ts';

/** No touched environment is frozen, by the week of the configuration or by a person. */
export const freeze: Rule = {
  name: 'freeze',
  triggers: ['base', 'head', 'attributes', 'steering', 'time'],
  evaluate: (snapshot) => {
    const found = [...byWeek(snapshot), ...byPeople(snapshot)];
    return found.length === 0 ? [pass('Nothing that it touches is frozen')] : found;
  },
  /** Also when a freeze begins: a verdict that passes today must not pass through the weekend. */
  changesAt: (snapshot) => [
    ...policiesOf(snapshot).flatMap(({ freeze }) => freeze.map((each) => nextChangeOf(each, snapshot.at))),
    ...peopleFreezes(snapshot).flatMap(({ until }) => (until === undefined ? [] : [new Date(until)])),
  ],
};

function byWeek(snapshot: Snapshot): RuleNode[] {
  return policiesOf(snapshot).flatMap(({ environment, freeze }) =>
    freeze.flatMap((each) => {
      const window = presentWindow(each, snapshot.at);
      if (window === undefined) return [];
      const reason = `Frozen every week until ${window.localEnd}${because(each.reason)}`;
      return [wait(reason, 'It ends by itself', { environment })];
    }),
  );
}

function byPeople(snapshot: Snapshot): RuleNode[] {
  return peopleFreezes(snapshot).map(({ environment, by, until, reason }) => {
    const end = until === undefined ? '' : ` until ${utc(until)}`;
    const command = `/unfreeze${environment === undefined ? '' : ` ${environment}`}`;
    const remedy = until === undefined ? `End it: ${command}` : `It ends by itself, or: ${command}`;
    return wait(`Frozen by @${by}${end}${because(reason)}`, remedy, { environment });
  });
}

/** In force, and about what the change touches. Without a policy nobody can tell what it touches, and every one is. */
function peopleFreezes(snapshot: Snapshot): readonly SnapshotFreeze[] {
  const touched = new Set(policiesOf(snapshot).map(({ environment }) => environment));
  const now = Date.parse(snapshot.at);
  return snapshot.freezes.filter(
    ({ environment, until }) =>
      (environment === undefined || touched.has(environment) || touched.size === 0) &&
      !(until !== undefined && Date.parse(until) <= now),
  );
}

/** `2024-11-04 08:00 UTC` */
function utc(moment: string): string {
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? moment : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
