import type { RepositoryRef } from '../../domain/repository.ts';
import type { MergeMethod } from '../reviews.ts';
import type { Client, Octokit } from './client.ts';
import { isOutOfReach } from './errors.ts';
import type { AnsweredPull, AnsweredRepository, AnsweredRule } from './review-documents.ts';

/** What branch protection or a ruleset demands of whoever merges into a branch. */
export interface Demand {
  readonly checks: readonly string[];
  /** Those that it leaves. */
  readonly methods: readonly MergeMethod[];
}

/** In the order in which GitHub offers them. */
const METHODS: readonly MergeMethod[] = ['merge', 'squash', 'rebase'];

const nothing: Demand = { checks: [], methods: METHODS };

/**
 * What is demanded of the target of a change. GitHub does not say whether an app may read the rules for updating a ref by GraphQL, so what it does
 * not tell that way is asked of REST, which documents its permissions: contents for a branch, metadata for its rules.
 * @param failed whether this part of the answer could not be read
 * @returns `unknown` where REST does not tell it either
 */
export async function demandOn(
  client: Client,
  repository: RepositoryRef,
  pull: AnsweredPull,
  failed: { readonly protection: boolean; readonly rules: boolean },
): Promise<Demand | 'unknown'> {
  const { baseRefName: branch, baseRef } = pull;
  const rules = baseRef?.rules;
  const isRead = !failed.rules && rules?.pageInfo.hasNextPage !== true;
  const classic = failed.protection
    ? await protectionByRest(client, repository, branch)
    : demandOfProtection(baseRef?.refUpdateRule);
  const ruled = isRead
    ? together((rules?.nodes ?? []).flatMap((rule) => (rule === null ? [] : demandOfRule(rule))))
    : await rulesByRest(client, repository, branch);
  return classic === undefined || ruled === undefined ? 'unknown' : together([classic, ruled]);
}

/** Methods that both the repository and the demand leave. What is not known is left to GitHub to refuse. */
export function mergeMethodsFrom(repository: AnsweredRepository, demand: Demand | 'unknown'): readonly MergeMethod[] {
  const { mergeCommitAllowed: merge, squashMergeAllowed: squash, rebaseMergeAllowed: rebase } = repository;
  const allowed = { merge, squash, rebase };
  const { methods } = demand === 'unknown' ? nothing : demand;
  return methods.filter((method) => allowed[method]);
}

/** Rulesets that are enforced on a branch. @returns undefined where they may not be read */
export async function rulesByRest(
  client: Client,
  repository: RepositoryRef,
  branch: string,
): Promise<Demand | undefined> {
  try {
    const rules = await client.inRepository(repository, (octokit, at) =>
      octokit.paginate(octokit.rest.repos.getBranchRules, { ...at, branch, per_page: 100 }),
    );
    return together(rules.map(demandOfBranchRule));
  } catch (error) {
    if (isOutOfReach(error)) return undefined;
    throw error;
  }
}

/** The part of branch protection that every reader of the branch is told: its checks, and not its methods. */
async function protectionByRest(
  client: Client,
  repository: RepositoryRef,
  branch: string,
): Promise<Demand | undefined> {
  try {
    const { data } = await client.inRepository(repository, (octokit, at) =>
      octokit.rest.repos.getBranch({ ...at, branch }),
    );
    return { ...nothing, checks: data.protection.required_status_checks?.contexts ?? [] };
  } catch (error) {
    if (isOutOfReach(error)) return undefined;
    throw error;
  }
}

type RefUpdateRule = NonNullable<AnsweredPull['baseRef']>['refUpdateRule'];

function demandOfProtection(rule: RefUpdateRule): Demand {
  if (!rule) return nothing;
  const checks = (rule.requiredStatusCheckContexts ?? []).filter((name) => name !== null);
  const { requiresLinearHistory: isLinear, requiresSignatures: isSigned } = rule;
  return { checks, methods: [isLinear ? linear : METHODS, isSigned ? signed : METHODS].reduce(common) };
}

const linear = METHODS.filter((method) => method !== 'merge');

/** What GitHub rebases it does not sign. Source: "About commit signature verification" of its documentation. */
const signed = METHODS.filter((method) => method !== 'rebase');

/** GraphQL of an Enterprise Server has no field for the methods of a ruleset: 3.16, for one. {@link rulesByRest} tells them. */
function demandOfRule({ type, parameters }: AnsweredRule): Demand {
  const checks = (parameters?.requiredStatusChecks ?? []).map(({ context }) => context);
  return { checks, methods: methodsOfRule(type) };
}

type BranchRule = Awaited<ReturnType<Octokit['rest']['repos']['getBranchRules']>>['data'][number];

function demandOfBranchRule(rule: BranchRule): Demand {
  const checks = rule.type === 'required_status_checks' ? (rule.parameters?.required_status_checks ?? []) : [];
  const methods = rule.type === 'pull_request' ? rule.parameters?.allowed_merge_methods : undefined;
  return { checks: checks.map(({ context }) => context), methods: methods ?? methodsOfRule(rule.type) };
}

function methodsOfRule(type: string): readonly MergeMethod[] {
  switch (type.toLowerCase()) {
    case 'required_linear_history':
      return linear;
    case 'required_signatures':
      return signed;
    default:
      return METHODS;
  }
}

function together(demands: readonly Demand[]): Demand {
  return {
    checks: [...new Set(demands.flatMap(({ checks }) => checks))],
    methods: demands.map(({ methods }) => methods).reduce(common, METHODS),
  };
}

function common(some: readonly MergeMethod[], others: readonly MergeMethod[]): readonly MergeMethod[] {
  return some.filter((method) => others.includes(method));
}
