import { nearestWord } from '../config/nearest.ts';
import type { Override } from '../domain/steering.ts';
import { wrongUsage } from '../markdown/replies-refusals.ts';
import { headMoved, notOverridable, unknownRule } from '../markdown/replies-review.ts';
import { overridden } from '../markdown/replies-steering.ts';
import { overridableRules } from '../review/rules.ts';
import { decision, firstWord, reasonIn } from './arguments.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command } from './command.ts';
import { headThatWasSeen } from './seen-head.ts';

/** Rules without which the others mean nothing. */
const FIRM_RULES: readonly string[] = ['config', 'mergeable'];

export const override: Command = {
  name: 'override',
  usage: '/override <rule> <reason>',
  summary: 'Breaks the glass: lets this change pass one rule of the gate. Audited, and shown on the change.',
  needs: 'admin',
  examples: ['/override approvals outage, nobody else is awake', '/override freeze security fix'],
  async run(context, { text }) {
    const { word, rest } = firstWord(text);
    const rule = word.toLowerCase();
    if (FIRM_RULES.includes(rule)) return { kind: 'refused', markdown: notOverridable(rule, overridableRules) };
    if (rule !== '' && !overridableRules.includes(rule)) {
      const nearest = nearestWord(rule, overridableRules);
      return { kind: 'refused', markdown: unknownRule(word, { rules: overridableRules, nearest }) };
    }
    const reason = reasonIn(rest);
    if (rule === '' || reason === undefined) {
      const problem = '`/override` wants a rule of the gate, and a reason for those who read the audit log.';
      return { kind: 'refused', markdown: wrongUsage(problem, override.usage) };
    }
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
