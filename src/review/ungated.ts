import type { Verdict } from './verdict.ts';

/** What the gate says of a change for a branch that it is not about. */
export function ungatedVerdict(targetBranch: string, gatedBranch: string): Verdict {
  const node = {
    rule: 'config',
    outcome: 'block',
    reason: `It is for ${targetBranch}, and the gate is about ${gatedBranch} alone`,
    remedy: `Merge it into ${gatedBranch} instead, or let ${targetBranch} not demand this check`,
    children: [],
  } as const;
  return { outcome: node.outcome, nodes: [node], stale: [] };
}
