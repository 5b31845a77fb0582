import { nearestWord } from '../config/nearest.ts';
import type { Override } from '../domain/steering.ts';
import { wrongUsage } from '../markdown/replies-refusals.ts';
import { headMoved, notOverridable, unknownRule } from '../markdown/replies-review.ts';
import { overridden } from '../markdown/replies-steering.ts';
import { isRuleName, overridableRules } from '../review/rule.ts';
import { decision, firstWord, reasonIn } from './arguments.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command } from './command.ts';
import { headThatWasSeen } from './seen-head.ts';

export const override: Command = {
  name: 'override',
  usage: '/override <rule> <reason>',
  summary: 'Breaks the glass: lets this change pass one rule of the gate. Audited, and shown on the change.',
  needs: 'admin',
  ofGate: true,
  examples: ['/override approvals outage, nobody else is awake', '/override freeze security fix'],
  async run(context, { text }) {
    const { word, rest } = firstWord(text);
    const rule = word.toLowerCase();
    const reason = reasonIn(rest);
    const refusal = refusalOf(rule) ?? (reason === undefined ? withoutReason() : undefined);
    if (refusal !== undefined) return { kind: 'refused', markdown: refusal };
    const headCommit = await headThatWasSeen(context);
    if (headCommit === undefined) return { kind: 'refused', markdown: headMoved(`override ${rule}`) };
    const decided: Override = { ...decision(context, reason), rule, headCommit };
    const { repository, number } = context.change;
    await context.steering.apply(
      repository,
      { kind: 'override', number, override: decided },
      auditEntry(context, 'override', { details: { rule, reason, commit: headCommit } }),
      [],
    );
    return { kind: 'done', markdown: overridden(decided) };
  },
};

function refusalOf(rule: string): string | undefined {
  if (rule === '') return withoutReason();
  if (!isRuleName(rule)) {
    return unknownRule(rule, { rules: overridableRules, nearest: nearestWord(rule, overridableRules) });
  }
  return overridableRules.includes(rule) ? undefined : notOverridable(rule, overridableRules);
}

function withoutReason(): string {
  const problem = '`/override` wants a rule of the gate, and a reason for those who read the audit log.';
  return wrongUsage(problem, override.usage);
}
