import type { Repository, Ruleset } from '../world/model.ts';
import { notFound } from '../world/refusal.ts';
import { findCommit } from '../world/revisions.ts';
import { activeRulesets } from '../world/rules.ts';
import { requireAccess } from '../world/tokens.ts';
import { type Arguments, requiredText } from './arguments.ts';
import { connection } from './connection.ts';
import type { GraphQLContext } from './execute.ts';

/** How a branch stands to another revision, and what is asked of those who change it. */
export function branchFields(repository: Repository, branch: string, oid: string) {
  return {
    compare: (args: Arguments, { world, credentials }: GraphQLContext) => {
      requireAccess(world, credentials, repository, { contents: 'read' });
      const head = findCommit(repository, requiredText(args, 'headRef'));
      if (head === undefined) throw notFound('The head ref does not exist.');
      const { git } = repository;
      const aheadBy = [...git.history([head.oid], [oid])].length;
      const behindBy = [...git.history([oid], [head.oid])].length;
      return { __typename: 'Comparison', id: `CMP_${oid}_${head.oid}`, aheadBy, behindBy };
    },
    refUpdateRule: () => {
      const rules = repository.protections.get(branch);
      if (rules === undefined) return null;
      return {
        __typename: 'RefUpdateRule',
        pattern: branch,
        allowsDeletions: rules.allowsDeletions,
        allowsForcePushes: rules.allowsForcePushes,
        requiredApprovingReviewCount: rules.requiredApprovals,
        requiredStatusCheckContexts: [...rules.requiredChecks],
        requiresCodeOwnerReviews: rules.requiresCodeOwners,
        requiresLinearHistory: rules.requiresLinearHistory,
        requiresSignatures: rules.requiresSignatures,
      };
    },
    rules: (args: Arguments) => {
      const rules = activeRulesets(repository, branch).flatMap(rulesOf);
      return connection(rules, args, (rule) => rule);
    },
  };
}

function rulesOf(ruleset: Ruleset) {
  const { requiredChecks, pullRequest } = ruleset;
  const checks = requiredChecks.map(({ name, appId }) => ({ context: name, integrationId: appId ?? null }));
  return [
    ...(checks.length === 0
      ? []
      : [
          ruleNode(ruleset, 'REQUIRED_STATUS_CHECKS', {
            __typename: 'RequiredStatusChecksParameters',
            requiredStatusChecks: checks,
            strictRequiredStatusChecksPolicy: false,
          }),
        ]),
    ...(pullRequest === undefined
      ? []
      : [
          ruleNode(ruleset, 'PULL_REQUEST', {
            __typename: 'PullRequestParameters',
            requiredApprovingReviewCount: pullRequest.approvals,
            dismissStaleReviewsOnPush: pullRequest.dismissesStale,
          }),
        ]),
    ...(ruleset.requiresLinearHistory ? [ruleNode(ruleset, 'REQUIRED_LINEAR_HISTORY', null)] : []),
    ...(ruleset.requiresSignatures ? [ruleNode(ruleset, 'REQUIRED_SIGNATURES', null)] : []),
    ...(ruleset.blocksForcePushes ? [ruleNode(ruleset, 'NON_FAST_FORWARD', null)] : []),
    ...(ruleset.blocksDeletions ? [ruleNode(ruleset, 'DELETION', null)] : []),
  ];
}

function ruleNode({ id }: Ruleset, type: string, parameters: object | null) {
  return { __typename: 'RepositoryRule', id: `RR_${id}_${type}`, type, parameters };
}
