import type { components } from '@octokit/openapi-types';
import { repositoryUrl } from '../bodies/repository.ts';
import type { Protection, Repository, Ruleset } from '../world/model.ts';
import { notFound, Refusal } from '../world/refusal.ts';
import { fullName } from '../world/repositories.ts';
import { activeRulesets } from '../world/rules.ts';
import type { World } from '../world/world.ts';
import { operation } from './operation.ts';
import { paginate } from './pages.ts';

type Schemas = components['schemas'];

/** What guards a branch. Who may bypass a ruleset is told to those alone who may change it, so to no app that only reads. */
export const ruleOperations = [
  operation('repos/get-branch-protection', { administration: 'read' }, ({ world, repository, path }) => {
    const rules = repository.protections.get(path.branch);
    if (rules === undefined) throw new Refusal(404, 'Branch not protected', { type: 'NOT_FOUND' });
    const url = `${repositoryUrl(world, repository)}/branches/${path.branch}/protection`;
    return { status: 200, body: protectionBody(rules, url) };
  }),
  operation('repos/get-branch-rules', { metadata: 'read' }, ({ repository, path, query, url }) => {
    const rules = activeRulesets(repository, path.branch).flatMap((ruleset) =>
      rulesOf(ruleset).map((rule) => ({
        ...rule,
        ruleset_source_type: ruleset.source,
        ruleset_source: sourceOf(repository, ruleset),
        ruleset_id: ruleset.id,
      })),
    );
    const { items, headers } = paginate(rules, url, query);
    return { status: 200, body: items, headers };
  }),
  operation('repos/get-repo-rulesets', { metadata: 'read' }, ({ world, repository, query, url }) => {
    const { items, headers } = paginate(repository.rulesets, url, query);
    return { status: 200, body: items.map((ruleset) => rulesetBody(world, repository, ruleset)), headers };
  }),
  operation('repos/get-repo-ruleset', { metadata: 'read' }, ({ world, repository, path, credentials }) => {
    const ruleset = repository.rulesets.find(({ id }) => id === path.ruleset_id);
    if (ruleset === undefined) throw notFound();
    const mayChange = credentials.kind === 'installation' && credentials.permissions.administration === 'write';
    const bypass = ruleset.bypass.map(({ type, id, mode }) => ({
      actor_type: type,
      actor_id: id ?? null,
      bypass_mode: mode ?? ('always' as const),
    }));
    return {
      status: 200,
      body: {
        ...rulesetBody(world, repository, ruleset),
        ...(mayChange ? { bypass_actors: bypass } : {}),
        current_user_can_bypass: 'never' as const,
        conditions: { ref_name: { include: ruleset.branches.map(refPattern), exclude: [] } },
        rules: rulesOf(ruleset),
      },
    };
  }),
];

function protectionBody(rules: Protection, url: string): Schemas['branch-protection'] {
  return {
    url,
    ...(rules.requiredChecks.length > 0 && {
      required_status_checks: {
        url: `${url}/required_status_checks`,
        strict: false,
        contexts: [...rules.requiredChecks],
        contexts_url: `${url}/required_status_checks/contexts`,
        checks: rules.requiredChecks.map((context) => ({ context, app_id: rules.checksApp ?? null })),
      },
    }),
    ...(rules.requiresPullRequest && {
      required_pull_request_reviews: {
        url: `${url}/required_pull_request_reviews`,
        dismiss_stale_reviews: rules.dismissesStaleReviews,
        require_code_owner_reviews: rules.requiresCodeOwners,
        required_approving_review_count: rules.requiredApprovals,
      },
    }),
    required_linear_history: { enabled: rules.requiresLinearHistory },
    required_signatures: { url: `${url}/required_signatures`, enabled: rules.requiresSignatures },
    enforce_admins: { url: `${url}/enforce_admins`, enabled: rules.enforcesAdmins },
    allow_force_pushes: { enabled: rules.allowsForcePushes },
    allow_deletions: { enabled: rules.allowsDeletions },
  };
}

function rulesetBody(world: World, repository: Repository, ruleset: Ruleset): Schemas['repository-ruleset'] {
  return {
    id: ruleset.id,
    name: ruleset.name,
    target: 'branch',
    source_type: ruleset.source,
    source: sourceOf(repository, ruleset),
    enforcement: ruleset.enforcement,
    node_id: `RRS_${ruleset.id}`,
    _links: { self: { href: `${repositoryUrl(world, repository)}/rulesets/${ruleset.id}` } },
  };
}

function sourceOf(repository: Repository, { source }: Ruleset): string {
  return source === 'Organization' ? repository.owner.login : fullName(repository);
}

function refPattern(branch: string): string {
  return branch === 'default' ? '~DEFAULT_BRANCH' : `refs/heads/${branch}`;
}

function rulesOf(ruleset: Ruleset) {
  const checks = ruleset.requiredChecks.map(({ name, appId }) => ({
    context: name,
    ...(appId === undefined ? {} : { integration_id: appId }),
  }));
  return [
    ...(checks.length === 0
      ? []
      : [
          {
            type: 'required_status_checks' as const,
            parameters: { required_status_checks: checks, strict_required_status_checks_policy: false },
          },
        ]),
    ...(ruleset.pullRequest === undefined
      ? []
      : [
          {
            type: 'pull_request' as const,
            parameters: {
              dismiss_stale_reviews_on_push: ruleset.pullRequest.dismissesStale,
              require_code_owner_review: false,
              require_last_push_approval: false,
              required_approving_review_count: ruleset.pullRequest.approvals,
              required_review_thread_resolution: false,
              ...(ruleset.pullRequest.methods && { allowed_merge_methods: [...ruleset.pullRequest.methods] }),
            },
          },
        ]),
    ...(ruleset.mergeQueue === undefined
      ? []
      : [
          {
            type: 'merge_queue' as const,
            parameters: {
              check_response_timeout_minutes: 60,
              grouping_strategy: ruleset.mergeQueue,
              max_entries_to_build: 5,
              max_entries_to_merge: 5,
              merge_method: 'MERGE' as const,
              min_entries_to_merge: 1,
              min_entries_to_merge_wait_minutes: 5,
            },
          },
        ]),
    ...(ruleset.requiresLinearHistory ? [{ type: 'required_linear_history' as const }] : []),
    ...(ruleset.requiresSignatures ? [{ type: 'required_signatures' as const }] : []),
    ...(ruleset.blocksForcePushes ? [{ type: 'non_fast_forward' as const }] : []),
    ...(ruleset.blocksDeletions ? [{ type: 'deletion' as const }] : []),
  ];
}
