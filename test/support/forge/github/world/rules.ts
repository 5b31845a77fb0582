import type { Protection, Repository, Ruleset } from './model.ts';
import type { World } from './world.ts';

/** Branch protection as it is when a person sets these rules and leaves the rest as it comes. */
export function protectionWith(rules: Partial<Protection>): Protection {
  return {
    requiredChecks: [],
    checksApp: undefined,
    requiredApprovals: 0,
    requiresPullRequest: true,
    dismissesStaleReviews: true,
    requiresCodeOwners: false,
    enforcesAdmins: false,
    requiresLinearHistory: false,
    requiresSignatures: false,
    allowsForcePushes: false,
    allowsDeletions: false,
    ...rules,
  };
}

export function addRuleset(world: World, repository: Repository, wanted: Partial<Ruleset>): Ruleset {
  const ruleset: Ruleset = {
    id: world.nextId(),
    name: 'main',
    enforcement: 'active',
    source: 'Repository',
    branches: ['default'],
    requiredChecks: [],
    pullRequest: undefined,
    requiresLinearHistory: false,
    requiresSignatures: false,
    blocksForcePushes: false,
    blocksDeletions: false,
    bypass: [],
    ...wanted,
  };
  repository.rulesets.push(ruleset);
  return ruleset;
}

/** Those that are enforced on the branch. */
export function activeRulesets(repository: Repository, branch: string): readonly Ruleset[] {
  return repository.rulesets.filter(
    ({ enforcement, branches }) =>
      enforcement === 'active' &&
      (branches.includes(branch) || (branches.includes('default') && branch === repository.defaultBranch)),
  );
}

/** Names that branch protection and rulesets demand together. */
export function requiredChecks(repository: Repository, branch: string): readonly string[] {
  const classic = repository.protections.get(branch)?.requiredChecks ?? [];
  const rules = activeRulesets(repository, branch).flatMap(({ requiredChecks: checks }) => checks);
  return [...new Set([...classic, ...rules.map(({ name }) => name)])];
}
