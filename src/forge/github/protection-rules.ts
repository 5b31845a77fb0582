import { REVIEW_CHECK } from '../../domain/change.ts';
import type { Protection } from '../reviews.ts';

/** One set of rules that GitHub enforces on a branch: its branch protection, or one ruleset. */
export interface Guard {
  /** As in a sentence: `branch protection`, `the ruleset main`. */
  readonly name: string;
  readonly checks: readonly { readonly name: string; readonly appId?: number }[];
  /** Absent where it does not demand a pull request. */
  readonly pullRequest?: {
    readonly approvals: number;
    readonly dismissesStale: boolean;
    readonly codeOwners: boolean;
    /** Who needs none. */
    readonly bypass: readonly string[];
  };
  readonly blocksForcePush: boolean;
  readonly blocksDeletion: boolean;
  /** Who may go around all of it, as in a sentence: `administrators`. */
  readonly bypass: readonly string[];
}

export interface Seen {
  readonly guards: readonly Guard[];
  /** Rulesets that demand the check and are tried out only: their names. */
  readonly evaluated: readonly string[];
  readonly unseen: readonly string[];
}

/**
 * A rule that several guards have can be gone around by nobody but those who may go around every one of them, so a loophole is told
 * only where no guard closes it.
 */
export function protectionOf({ guards, evaluated, unseen }: Seen, ownAppId: number): Protection {
  const pulls = guards.flatMap(({ pullRequest }) => pullRequest ?? []);
  return {
    requiredChecks: requiredChecks(guards, ownAppId),
    requiredApprovals: Math.max(0, ...pulls.map(({ approvals }) => approvals)),
    dismissesStaleReviews: pulls.some(({ dismissesStale }) => dismissesStale),
    requiresCodeOwners: pulls.some(({ codeOwners }) => codeOwners),
    loopholes: [...aroundTheCheck(guards, evaluated, ownAppId), ...aroundTheChange(guards), ...aroundHistory(guards)],
    unseen,
  };
}

/** The strictest demand for each name: one that is bound to an app, this one before others. */
function requiredChecks(guards: readonly Guard[], ownAppId: number): Protection['requiredChecks'] {
  const all = guards.flatMap(({ checks }) => checks);
  const rank = ({ appId }: { appId?: number }) => (appId === ownAppId ? 0 : appId === undefined ? 2 : 1);
  const names = [...new Set(all.map(({ name }) => name))];
  return names.map((name) => {
    const [strictest] = all.filter((each) => each.name === name).sort((a, b) => rank(a) - rank(b));
    const app = strictest?.appId;
    return { name, ...(app !== undefined && { app: String(app) }), isOurs: app === ownAppId };
  });
}

function aroundTheCheck(guards: readonly Guard[], evaluated: readonly string[], ownAppId: number): readonly string[] {
  const demanding = guards.filter(({ checks }) => checks.some(({ name }) => name === REVIEW_CHECK));
  const bound = demanding.filter((guard) => appsOf(guard).includes(ownAppId));
  const tried = evaluated.map((name) => `${name} demands ${REVIEW_CHECK} but is only evaluated, not enforced`);
  if (demanding.length === 0) return [`${REVIEW_CHECK} is not required: a change can be merged without it`, ...tried];
  if (bound.length > 0) return withoutRules(bound, `merge without ${REVIEW_CHECK}`);
  const [{ name } = { name: '' }] = demanding;
  const isForeign = demanding.every((guard) => !appsOf(guard).includes(undefined));
  return isForeign
    ? [`${name} expects ${REVIEW_CHECK} from another app, so that what this one says does not count`]
    : [
        `${name} takes ${REVIEW_CHECK} from any source: whoever may write a commit status or a check can report it as passed`,
        ...withoutRules(demanding, `merge without ${REVIEW_CHECK}`),
      ];
}

function appsOf({ checks }: Guard): readonly (number | undefined)[] {
  return checks.filter(({ name }) => name === REVIEW_CHECK).map(({ appId }) => appId);
}

function aroundTheChange(guards: readonly Guard[]): readonly string[] {
  const demanding = guards.filter(({ pullRequest }) => pullRequest !== undefined);
  const isChecked = guards.some(({ checks }) => checks.some(({ name }) => name === REVIEW_CHECK));
  if (demanding.length === 0) {
    return [
      `no pull request is required: commits can be pushed directly${isChecked ? ' once the check passed on them' : ''}`,
    ];
  }
  const open = demanding.map((guard) => ({
    ...guard,
    bypass: [...guard.bypass, ...(guard.pullRequest?.bypass ?? [])],
  }));
  return withoutRules(open, 'push without a pull request');
}

function aroundHistory(guards: readonly Guard[]): readonly string[] {
  const force = guards.filter(({ blocksForcePush }) => blocksForcePush);
  const deletion = guards.filter(({ blocksDeletion }) => blocksDeletion);
  return [
    ...(force.length === 0 ? ['force pushes are allowed: the history of the branch can be replaced'] : []),
    ...(deletion.length === 0 ? ['the branch can be deleted'] : []),
  ];
}

/** Told only where every guard that has the rule can be gone around. */
function withoutRules(guards: readonly Pick<Guard, 'name' | 'bypass'>[], what: string): readonly string[] {
  if (guards.some(({ bypass }) => bypass.length === 0)) return [];
  return guards.map(({ name, bypass }) => `${listed([...new Set(bypass)])} may ${what}, because ${name} lets them`);
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
