import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { environmentOf } from '../../src/config/config.ts';
import { policiesOf } from '../../src/config/policies.ts';
import { valid } from './read.ts';

const { config } = valid(`version: 1
environments:
  staging: { paths: ["staging/**"], merge: auto }
  production:
    paths: ["production/**"]
    review: { approvals: 2, from: ["@acme/sre"], codeowners: true, forbid: [] }
    freeze: [{ from: "Fri 17:00", to: "Mon 08:00" }]
`);
const empty = valid('').config;

const staging = { environment: 'staging', merge: 'auto', review: { forbid: ['plain-secret'] }, freeze: [] };
const production = {
  environment: 'production',
  merge: 'manual',
  review: { approvals: 2, from: ['@acme/sre'], codeowners: true, forbid: [] },
  freeze: [{ from: 4 * 1440 + 17 * 60, to: 8 * 60, zone: 'UTC' }],
};
const nowhere = { merge: 'manual', review: { forbid: ['plain-secret'] }, freeze: [] };

describe('the policies of paths', () => {
  test('are those of their environments, in the order of the file, and the default for the rest', () => {
    const paths = ['README.md', 'production/a.yaml', 'staging/a.yaml', '.tagalong.yml', 'staging/b.yaml'];
    expect(policiesOf(config, paths, 'main')).toEqual([
      { ...staging, paths: ['staging/a.yaml', 'staging/b.yaml'] },
      { ...production, paths: ['production/a.yaml'] },
      { ...nowhere, paths: ['README.md', '.tagalong.yml'] },
    ]);
  });

  test('are that of the default branch where no environments are named', () => {
    expect(policiesOf(empty, ['x.yaml', '.tagalong.yml'], 'trunk')).toEqual([
      { ...nowhere, environment: 'trunk', paths: ['x.yaml', '.tagalong.yml'] },
    ]);
  });

  test('are none for no paths', () => {
    expect(policiesOf(config, [], 'main')).toEqual([]);
  });

  test('are also those of environments that the paths reach, for what is in none', () => {
    const reached = ['production/kustomization.yaml', 'staging/a.yaml', 'elsewhere.yaml'];
    expect(policiesOf(config, ['base/a.yaml', 'staging/b.yaml'], 'main', reached)).toEqual([
      { ...staging, paths: ['staging/b.yaml'] },
      { ...production, paths: ['base/a.yaml'] },
      { ...nowhere, paths: ['base/a.yaml'] },
    ]);
    expect(policiesOf(config, ['staging/b.yaml'], 'main', reached)).toEqual([
      { ...staging, paths: ['staging/b.yaml'] },
      { ...production, paths: ['production/kustomization.yaml'] },
    ]);
  });

  test('hold every path exactly once, in its environment', () => {
    const path = fc.constantFrom('staging/a', 'production/b', 'c', 'staging/d/e', 'productions/f');
    fc.assert(
      fc.property(fc.uniqueArray(path), (paths) => {
        const policies = policiesOf(config, paths, 'main');
        expect(policies.flatMap((policy) => policy.paths).toSorted()).toEqual(paths.toSorted());
        for (const policy of policies)
          for (const each of policy.paths) expect(environmentOf(config, each, 'main')?.name).toBe(policy.environment);
      }),
    );
  });
});
