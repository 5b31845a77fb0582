import { REVIEW_CHECK } from '../../domain/change.ts';
import type { RepositoryRef } from '../../domain/repository.ts';
import type { Merging } from '../reviews.ts';
import type { Client, Octokit } from './client.ts';
import { GitHubError, isNotFound, isRefused } from './errors.ts';
import { protectionOf, type Guard, type Seen } from './protection-rules.ts';

/**
 * Branch protection is read with the permission `administration: read`; without it, what every reader of the branch is told stands
 * in: which checks are required. Rulesets are open to everybody who sees the repository, but not who may bypass them.
 */
export function createProtection(client: Client, appId: number): Pick<Merging, 'protection'> {
  return {
    async protection(repository, branch) {
      const [classic, rulesets] = [
        await branchProtection(client, repository, branch),
        await activeRulesets(client, repository, branch, appId),
      ];
      const evaluated = await evaluatedRulesets(client, repository, branch);
      return protectionOf(
        {
          guards: [...classic.guards, ...rulesets.guards],
          evaluated,
          unseen: [...classic.unseen, ...rulesets.unseen],
        },
        appId,
      );
    },
  };
}

type Part = Pick<Seen, 'guards' | 'unseen'>;

type BranchProtection = Awaited<ReturnType<Octokit['rest']['repos']['getBranchProtection']>>['data'];

async function branchProtection(client: Client, repository: RepositoryRef, branch: string): Promise<Part> {
  try {
    const { data } = await client.inRepository(repository, (octokit, at) =>
      octokit.rest.repos.getBranchProtection({ ...at, branch }),
    );
    return { guards: [guardOfProtection(data)], unseen: [] };
  } catch (error) {
    if (isUnprotected(error) || isNotOffered(error)) return { guards: [], unseen: [] };
    if (!isRefused(error, 403) && !isNotFound(error)) throw error;
    return branchSummary(client, repository, branch);
  }
}

/** A 404 in any other words may hide what the app may not see. */
function isUnprotected(error: unknown): boolean {
  return isNotFound(error) && error instanceof GitHubError && /\bbranch not (?:protected|found)\b/i.test(error.message);
}

/** GitHub sells protection of private repositories with some of its plans only. */
function isNotOffered(error: unknown): boolean {
  return isRefused(error, 403) && error instanceof GitHubError && /\bupgrade to\b/i.test(error.message);
}

function guardOfProtection(rules: BranchProtection): Guard {
  const { required_status_checks: checks, required_pull_request_reviews: reviews } = rules;
  const allowed = reviews?.bypass_pull_request_allowances;
  return {
    name: 'branch protection',
    checks: (checks?.checks ?? []).map(({ context, app_id: id }) => checkOf(context, id)),
    ...(reviews !== undefined && {
      pullRequest: {
        approvals: reviews.required_approving_review_count ?? 0,
        dismissesStale: reviews.dismiss_stale_reviews,
        codeOwners: reviews.require_code_owner_reviews,
        bypass: [
          ...(allowed?.users ?? []).map(({ login }) => login),
          ...(allowed?.teams ?? []).map(({ slug }) => `the team ${slug}`),
          ...(allowed?.apps ?? []).map((app) => `the app ${app?.slug ?? ''}`),
        ],
      },
    }),
    blocksForcePush: rules.allow_force_pushes?.enabled !== true,
    blocksDeletion: rules.allow_deletions?.enabled !== true,
    bypass: rules.enforce_admins?.enabled === true ? [] : ['administrators'],
  };
}

/** An id of -1 is how GitHub writes that any source will do. */
function checkOf(name: string, appId: number | null | undefined): Guard['checks'][number] {
  return typeof appId === 'number' && appId > 0 ? { name, appId } : { name };
}

/** The part of branch protection that needs no permission of its own. Everything else counts as demanded, and is told as unseen. */
async function branchSummary(client: Client, repository: RepositoryRef, branch: string): Promise<Part> {
  const unseen = ['branch protection cannot be read in full: the app lacks the permission `administration: read`'];
  try {
    const { data } = await client.inRepository(repository, (octokit, at) =>
      octokit.rest.repos.getBranch({ ...at, branch }),
    );
    if (data.protection.enabled !== true) return { guards: [], unseen };
    const checks = data.protection.required_status_checks;
    const guard: Guard = {
      name: 'branch protection',
      checks: (checks?.checks ?? []).map(({ context, app_id: id }) => checkOf(context, id)),
      pullRequest: { approvals: 0, dismissesStale: false, codeOwners: false, bypass: [] },
      blocksForcePush: true,
      blocksDeletion: true,
      bypass: checks?.enforcement_level === 'everyone' ? [] : ['administrators'],
    };
    return { guards: [guard], unseen };
  } catch (error) {
    if (isNotFound(error)) return { guards: [], unseen };
    throw error;
  }
}

type Rule = Awaited<ReturnType<Octokit['rest']['repos']['getBranchRules']>>['data'][number];
type Ruleset = Awaited<ReturnType<Octokit['rest']['repos']['getRepoRuleset']>>['data'];

async function activeRulesets(client: Client, repository: RepositoryRef, branch: string, appId: number): Promise<Part> {
  const rules = await branchRules(client, repository, branch);
  const ids = [...new Set(rules.flatMap(({ ruleset_id: id }) => id ?? []))];
  const guards: Guard[] = [];
  const unseen: string[] = [];
  for (const id of ids) {
    const ruleset = await rulesetOf(client, repository, id);
    const name = `the ruleset ${ruleset?.name ?? id}`;
    if (ruleset?.bypass_actors === undefined) {
      unseen.push(`who may bypass ${name} is told to nobody but those who may change it`);
    }
    const bypass = (ruleset?.bypass_actors ?? []).map((actor) => bypassName(actor, appId));
    guards.push(
      guardOfRules(
        { name, bypass },
        rules.filter(({ ruleset_id: of }) => of === id),
      ),
    );
  }
  return { guards, unseen };
}

async function branchRules(client: Client, repository: RepositoryRef, branch: string): Promise<readonly Rule[]> {
  try {
    return await client.inRepository(repository, (octokit, at) =>
      octokit.paginate(octokit.rest.repos.getBranchRules, { ...at, branch, per_page: 100 }),
    );
  } catch (error) {
    // An Enterprise Server of before rulesets has none.
    if (isNotFound(error) || isNotOffered(error)) return [];
    throw error;
  }
}

async function rulesetOf(client: Client, repository: RepositoryRef, id: number): Promise<Ruleset | undefined> {
  try {
    const { data } = await client.inRepository(repository, (octokit, at) =>
      octokit.rest.repos.getRepoRuleset({ ...at, ruleset_id: id, includes_parents: true }),
    );
    return data;
  } catch (error) {
    if (isNotFound(error) || isRefused(error, 403)) return undefined;
    throw error;
  }
}

function guardOfRules(about: Pick<Guard, 'name' | 'bypass'>, rules: readonly (Rule | RulesetRule)[]): Guard {
  const checks = rules.flatMap((rule) =>
    rule.type === 'required_status_checks' ? (rule.parameters?.required_status_checks ?? []) : [],
  );
  const pulls = rules.flatMap((rule) => (rule.type === 'pull_request' ? [rule.parameters] : []));
  const [pull] = pulls;
  return {
    ...about,
    checks: checks.map(({ context, integration_id: id }) => checkOf(context, id)),
    ...(pulls.length > 0 && {
      pullRequest: {
        approvals: pull?.required_approving_review_count ?? 0,
        dismissesStale: pull?.dismiss_stale_reviews_on_push ?? false,
        codeOwners: pull?.require_code_owner_review ?? false,
        bypass: [],
      },
    }),
    blocksForcePush: rules.some(({ type }) => type === 'non_fast_forward'),
    blocksDeletion: rules.some(({ type }) => type === 'deletion'),
  };
}

type RulesetRule = NonNullable<Ruleset['rules']>[number];
type BypassActor = NonNullable<Ruleset['bypass_actors']>[number];

/** Ids of GitHub's own roles, as its description of rulesets lists them. */
const roles: Readonly<Record<number, string>> = { 2: 'maintainers', 4: 'everybody who may write', 5: 'administrators' };

function bypassName({ actor_type: type, actor_id: id, bypass_mode: mode }: BypassActor, appId: number): string {
  const suffix = mode === 'pull_request' ? ' (on pull requests)' : '';
  switch (type) {
    case 'OrganizationAdmin':
      return `owners of the organization${suffix}`;
    case 'RepositoryRole':
      return `${roles[id ?? 0] ?? 'people with a role of their own'}${suffix}`;
    case 'Team':
      return `a team${suffix}`;
    case 'Integration':
      return `${id === appId ? 'this app' : 'another app'}${suffix}`;
    case 'DeployKey':
      return 'deploy keys';
    default:
      // Of people GitHub tells too, in newer versions than the one that its types describe.
      return `a person${suffix}`;
  }
}

/** Rulesets that would demand the check and are only tried out. GitHub does not count them among the rules of the branch. */
async function evaluatedRulesets(
  client: Client,
  repository: RepositoryRef,
  branch: string,
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { id, enforcement, target } of await rulesets(client, repository)) {
    if (enforcement !== 'evaluate' || (target ?? 'branch') !== 'branch') continue;
    const ruleset = await rulesetOf(client, repository, id);
    const { checks } = guardOfRules({ name: '', bypass: [] }, ruleset?.rules ?? []);
    if (checks.some(({ name }) => name === REVIEW_CHECK)) names.push(`the ruleset ${ruleset?.name ?? branch}`);
  }
  return names;
}

async function rulesets(client: Client, repository: RepositoryRef): Promise<readonly Ruleset[]> {
  try {
    return await client.inRepository(repository, (octokit, at) =>
      octokit.paginate(octokit.rest.repos.getRepoRulesets, { ...at, includes_parents: true, per_page: 100 }),
    );
  } catch (error) {
    if (isNotFound(error) || isRefused(error, 403)) return [];
    throw error;
  }
}
