import type { ForbiddenFinding } from '../../domain/policy.ts';
import { policiesOf } from '../policies.ts';
import { block, pass, type Rule } from '../rule.ts';
import { listed } from '../words.ts';

/** Nothing stands in the rendered result that a touched environment forbids. What could not be rendered was not looked through. */
export const findings: Rule = {
  name: 'findings',
  triggers: ['head', 'base', 'attributes'],
  evaluate: (snapshot) => {
    const { render } = snapshot;
    const forbidden = new Set(policiesOf(snapshot).flatMap(({ review }) => review.forbid));
    if (forbidden.size === 0) return snapshot.config.kind === 'valid' ? [pass('Nothing is forbidden')] : [];
    const remedy = 'Mend what is told about rendering';
    if (render.kind === 'failed') return [block('What does not render could not be looked through', remedy)];
    const found = [...forbidden].flatMap((rule) => {
      const resources = render.findings.filter((finding) => finding.rule === rule).map(({ resource }) => resource);
      return resources.length === 0 ? [] : [block(`${NAMES[rule]}: ${listed(resources, 'and')}`, REMEDIES[rule])];
    });
    const unseen =
      render.failures.length === 0
        ? []
        : [
            block(
              `Not looked through, because it does not render: ${listed(
                render.failures.map(({ unit }) => unit),
                'and',
              )}`,
              remedy,
            ),
          ];
    return found.length + unseen.length === 0 ? [pass('Nothing that is forbidden is in it')] : [...found, ...unseen];
  },
};

const NAMES: Readonly<Record<ForbiddenFinding, string>> = { 'plain-secret': 'A Secret stands there for all to read' };

const REMEDIES: Readonly<Record<ForbiddenFinding, string>> = {
  'plain-secret':
    'Take it out, change the secret itself since others can have read it, and write it sealed or encrypted',
};
