import type { Snapshot } from './snapshot.ts';
import type { Trigger } from './trigger.ts';
import type { Outcome, VerdictNode } from './verdict.ts';

/** Every rule by the name that `/override` takes, in the order in which a verdict lists them, and whether an administrator can override it. */
const overridable = {
  config: false,
  mergeable: false,
  approvals: true,
  codeowners: true,
  'four-eyes': true,
  'changes-requested': true,
  hold: true,
  freeze: true,
  pin: true,
  checks: true,
  findings: true,
  render: true,
} as const satisfies Record<string, boolean>;

export type RuleName = keyof typeof overridable;

export const ruleNames: readonly RuleName[] = Object.keys(overridable).filter(isRuleName);

/** Those that an administrator can make pass with `/override`. */
export const overridableRules: readonly RuleName[] = ruleNames.filter((name) => overridable[name]);

export function isRuleName(name: string): name is RuleName {
  return Object.hasOwn(overridable, name);
}

/** One thing that the gate asks. Pure. An exception is as good as a block that says so. */
export interface Rule {
  readonly name: RuleName;
  /** What must have happened for the answer to be another one. */
  readonly triggers: readonly Trigger[];
  /** One node, or one for each environment that asks; none where the configuration does not let it ask. */
  evaluate(snapshot: Snapshot): readonly RuleNode[];
  /** Moments at which time alone can change the answer. */
  changesAt?(snapshot: Snapshot): readonly Date[];
}

/** A node as a rule says it; whose it is, and what is overridden, is added to it. */
export type RuleNode = Omit<VerdictNode, 'rule' | 'override'>;

interface More {
  readonly environment?: string | undefined;
  readonly children?: readonly VerdictNode[];
}

export function pass(reason: string, more: More = {}): RuleNode {
  return node('pass', reason, undefined, more);
}

export function wait(reason: string, remedy: string | undefined, more: More = {}): RuleNode {
  return node('wait', reason, remedy, more);
}

export function block(reason: string, remedy: string | undefined, more: More = {}): RuleNode {
  return node('block', reason, remedy, more);
}

/** The worst of several: block, then wait, then pass. Of none: block, because nothing said that it passes. */
export function worstOf(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.length === 0 || outcomes.includes('block')) return 'block';
  return outcomes.includes('wait') ? 'wait' : 'pass';
}

function node(outcome: Outcome, reason: string, remedy: string | undefined, more: More): RuleNode {
  const { environment, children = [] } = more;
  return {
    outcome,
    reason,
    ...(environment !== undefined && { environment }),
    ...(remedy !== undefined && { remedy }),
    children,
  };
}
