import { isRuleName, overridableRules, type RuleName } from './rule.ts';
import type { Snapshot, SnapshotOverride } from './snapshot.ts';

export interface OverrideOfRule {
  /** The one in force. */
  readonly counts?: SnapshotOverride;
  /** Why others are not, a sentence each. */
  readonly refused: readonly string[];
}

/** What people have said about one rule with `/override`. Of several that count, the last. */
export function overrideOf({ overrides }: Snapshot, rule: RuleName): OverrideOfRule {
  const own = overrides.filter((override) => override.rule === rule);
  const counts = own.findLast((override) => refusal(override, rule) === undefined);
  const refused = own.flatMap((override) => {
    const because = refusal(override, rule);
    return because === undefined ? [] : [`The override by @${override.by} does not count: ${because}`];
  });
  return { ...(counts !== undefined && { counts }), refused };
}

/** Names that overrides give and no rule has. One whose rendered result is gone is of the past. */
export function unknownOverrides({ overrides }: Snapshot): readonly SnapshotOverride[] {
  return overrides.filter(({ rule, rendersAlike }) => !isRuleName(rule) && rendersAlike !== false);
}

function refusal(override: SnapshotOverride, rule: RuleName): string | undefined {
  if (!overridableRules.includes(rule)) return 'nobody can override this';
  if (!override.isAdmin) return 'only an administrator can override';
  if (override.rendersAlike === false) return 'it was given for another rendered result';
  if (override.rendersAlike === 'unknown')
    return 'what it was given for could not be rendered, so it cannot be compared';
  return undefined;
}
