import { approvalsOf } from './counted-approvals.ts';
import { overrideOf, unknownOverrides } from './overrides.ts';
import { overridableRules, worstOf, type Rule, type RuleNode } from './rule.ts';
import { rules } from './rules.ts';
import type { Snapshot } from './snapshot.ts';
import type { Trigger } from './trigger.ts';
import type { Verdict, VerdictNode } from './verdict.ts';

/**
 * The gate's answer to one snapshot. Pure, and never throws: what cannot be judged blocks, and says so.
 */
export function evaluate(snapshot: Snapshot): Verdict {
  const nodes = [...rules.flatMap((rule) => judge(rule, snapshot)), ...straying(snapshot)];
  const recheckAt = earliestChange(snapshot);
  return {
    outcome: worstOf(nodes.map(({ outcome }) => outcome)),
    nodes,
    ...(recheckAt !== undefined && { recheckAt }),
    stale: attempt(
      () => approvalsOf(snapshot).stale,
      () => [],
    ),
  };
}

/**
 * Whether what has happened can change any rule's answer. A check that ended can do so only where the branch demands it.
 * @param checks the names of those that ended, and of those that were demanded when the gate looked last
 */
export function affectedBy(
  triggers: readonly Trigger[],
  checks?: { readonly ended: readonly string[]; readonly required: readonly string[] },
): boolean {
  return rules.some((rule: Rule) =>
    rule.triggers.some(
      (trigger) =>
        triggers.includes(trigger) &&
        (trigger !== 'checks' || checks === undefined || checks.ended.some((name) => checks.required.includes(name))),
    ),
  );
}

function judge(rule: Rule, snapshot: Snapshot): readonly VerdictNode[] {
  return attempt(
    () => {
      const { counts, refused } = overrideOf(snapshot, rule.name);
      return attempt(
        () => rule.evaluate(snapshot),
        (error) => [failed(rule, error)],
      ).map((node) => {
        const named = { rule: rule.name, ...node };
        if (node.outcome === 'pass') return named;
        if (counts !== undefined) return { ...passing(named), override: { by: counts.by, reason: counts.reason } };
        return withWayOut(rule, named, refused);
      });
    },
    (error) => [{ rule: rule.name, ...failed(rule, error) }],
  );
}

/** What was found stays to be read, and has no weight any more. */
function passing({ rule, environment, reason, children }: VerdictNode): VerdictNode {
  return {
    ...(rule !== undefined && { rule }),
    ...(environment !== undefined && { environment }),
    outcome: 'pass',
    reason,
    children: children.map(passing),
  };
}

function withWayOut(rule: Rule, node: VerdictNode, refused: readonly string[]): VerdictNode {
  const breakGlass = overridableRules.includes(rule.name)
    ? [`Or, by an administrator: /override ${rule.name} <reason>`]
    : [];
  const remedy = [...(node.remedy === undefined ? [] : [node.remedy]), ...breakGlass].join('\n');
  const notes = refused.map((reason) => ({ outcome: node.outcome, reason, children: [] }));
  return { ...node, ...(remedy !== '' && { remedy }), children: [...node.children, ...notes] };
}

function failed(rule: Rule, error: unknown): RuleNode {
  const message = error instanceof Error ? error.message : 'unknown error';
  return { outcome: 'block', reason: `The rule ${rule.name} could not be judged: ${message}`, children: [] };
}

function straying(snapshot: Snapshot): readonly VerdictNode[] {
  return attempt<readonly VerdictNode[]>(
    () =>
      unknownOverrides(snapshot).map(({ rule, by }) => ({
        outcome: 'block',
        reason: `@${by} has overridden "${rule}", which is no rule of the gate`,
        remedy: 'It ends with the next push that changes what is rendered',
        children: [],
      })),
    () => [{ outcome: 'block', reason: 'Overrides could not be read', children: [] }],
  );
}

function earliestChange(snapshot: Snapshot): string | undefined {
  const now = Date.parse(
    attempt(
      () => snapshot.at,
      () => '',
    ),
  );
  const moments = rules
    .flatMap((rule: Rule) =>
      attempt(
        () => rule.changesAt?.(snapshot) ?? [],
        () => [],
      ),
    )
    .map((moment) => moment.getTime())
    .filter((moment) => moment > now);
  return moments.length === 0 ? undefined : new Date(Math.min(...moments)).toISOString();
}

function attempt<T>(action: () => T, otherwise: (error: unknown) => T): T {
  try {
    return action();
  } catch (error) {
    return otherwise(error);
  }
}
