import type { ForbiddenFinding } from '../../domain/policy.ts';
import { policiesOf } from '../policies.ts';
import { block, pass, type Rule, type RuleNode } from '../rule.ts';
import type { SnapshotRender } from '../snapshot.ts';
import { listed } from '../words.ts';

/** Nothing stands in the rendered result that a touched environment forbids. What could not be rendered was not looked through. */
export const findings: Rule = {
  name: 'findings',
  triggers: ['head', 'base', 'attributes'],
  evaluate: (snapshot) => {
    const forbidden = new Set(policiesOf(snapshot).flatMap(({ review }) => review.forbid));
    if (forbidden.size === 0) return snapshot.config.kind === 'valid' ? [pass('Nothing is forbidden')] : [];
    const found = [...seen(snapshot.render, forbidden), ...unseen(snapshot.render)];
    return found.length === 0 ? [pass('Nothing that is forbidden is in it')] : found;
  },
};

const NAMES: Readonly<Record<ForbiddenFinding, string>> = { 'plain-secret': 'A Secret stands there for all to read' };

const REMEDIES: Readonly<Record<ForbiddenFinding, string>> = {
  'plain-secret':
    'Take it out, change the secret itself since others can have read it, and write it sealed or encrypted',
};

function seen(render: SnapshotRender, forbidden: ReadonlySet<ForbiddenFinding>): RuleNode[] {
  const found = render.kind === 'failed' ? [] : render.findings.filter(({ rule }) => forbidden.has(rule));
  return [...Map.groupBy(found, ({ rule }) => rule)].map(([rule, group]) =>
    block(
      `${NAMES[rule]}: ${listed(
        group.map(({ resource }) => resource),
        'and',
      )}`,
      REMEDIES[rule],
    ),
  );
}

function unseen(render: SnapshotRender): RuleNode[] {
  const remedy = 'Mend what keeps it from being rendered';
  if (render.kind === 'failed') return [block('What does not render could not be looked through', remedy)];
  if (render.failures.length === 0) return [];
  const units = render.failures.map(({ unit }) => unit);
  return [block(`Not looked through, because it does not render: ${listed(units, 'and')}`, remedy)];
}
