import { expect, test } from 'vitest';
import { evaluate } from '../../src/review/evaluate.ts';
import type { VerdictNode } from '../../src/review/verdict.ts';
import { approvals } from './table/approvals.ts';
import { fourEyes } from './table/authors.ts';
import { change } from './table/change.ts';
import { owners } from './table/owners.ts';
import { steering } from './table/steering.ts';

const table = [...approvals, ...fourEyes, ...owners, ...change, ...steering];

test.each(table)('$name', ({ snapshot, outcome, rules, says }) => {
  const verdict = evaluate(snapshot);
  const failing = verdict.nodes.filter((node) => node.outcome !== 'pass');
  expect({ outcome: verdict.outcome, rules: failing.map(({ rule }) => rule ?? '-') }).toEqual({ outcome, rules });
  const told = rules.length === 0 ? verdict.nodes : failing;
  expect(told.flatMap(reasonsOf).join('\n')).toContain(says);
});

test('every node that does not pass says what would help', () => {
  const silent = table.flatMap(({ name, snapshot }) =>
    evaluate(snapshot)
      .nodes.filter(({ outcome, remedy }) => outcome !== 'pass' && remedy === undefined)
      .map(({ rule }) => `${name}: ${rule ?? '-'}`),
  );
  expect(silent).toEqual([]);
});

test('no two cases have the same name', () => {
  const names = table.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

function reasonsOf({ reason, children }: VerdictNode): string[] {
  return [reason, ...children.flatMap(reasonsOf)];
}
