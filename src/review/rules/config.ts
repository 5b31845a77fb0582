import { block, pass, type Rule } from '../rule.ts';

/** The configuration of the target branch can be obeyed. What the change itself makes of it counts once it is merged. */
export const config: Rule = {
  name: 'config',
  triggers: ['base', 'attributes'],
  evaluate: ({ config, change }) => {
    switch (config.kind) {
      case 'valid':
        return [pass('The configuration of the target branch is valid')];
      case 'absent':
        return [
          block(
            `${change.targetBranch} has no .tagalong.yml, so there is no policy to go by`,
            `Add one to ${change.targetBranch}; an empty one is enough`,
          ),
        ];
      case 'invalid':
        return [
          block(
            `${config.file} on ${change.targetBranch} cannot be obeyed`,
            `Correct it on ${change.targetBranch}; what this change makes of it does not count before it is merged`,
            {
              children: config.problems.map((problem) => ({ outcome: 'block', reason: problem, children: [] })),
            },
          ),
        ];
    }
  },
};
