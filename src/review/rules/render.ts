import { block, pass, type Rule } from '../rule.ts';

const REMEDY = 'Mend the manifests; the comment with the diff quotes the renderer';

/** What the change makes of the manifests can be rendered. */
export const render: Rule = {
  name: 'render',
  triggers: ['head', 'base'],
  evaluate: ({ render }) => {
    if (render.kind === 'failed') return [block(`It could not be rendered: ${render.message}`, REMEDY)];
    const { failures } = render;
    const [first] = failures;
    if (first === undefined) return [pass('All of it can be rendered')];
    if (failures.length === 1) return [block(`${first.unit} could not be rendered: ${first.message}`, REMEDY)];
    return [
      block(`${failures.length} apps could not be rendered`, REMEDY, {
        children: failures.map(({ unit, message }) => ({
          outcome: 'block',
          reason: `${unit}: ${message}`,
          children: [],
        })),
      }),
    ];
  },
};
