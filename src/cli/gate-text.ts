import type { Environment } from '../config/config.ts';
import { formatWeekMoment } from '../config/week.ts';

/** What the gate asks of a change of an environment, in one line: `2 approvals from @acme/sre; frozen Fri 17:00 to Mon 08:00 UTC`. */
export function describeGate({ merge, review, freeze }: Pick<Environment, 'merge' | 'review' | 'freeze'>): string {
  const { approvals, from = [], codeowners = false, forbid } = review;
  const isAutomatic = merge === 'auto';
  return [
    `${counted(approvals ?? 1)}${from.length === 0 ? '' : ` from ${from.join(', ')}`}`,
    ...(isAutomatic && approvals === undefined ? ["none for the bot's own bumps"] : []),
    ...(codeowners ? ['code owners'] : []),
    ...(forbid.includes('plain-secret') ? [] : ['plain Secrets allowed']),
    ...freeze.map(({ from, to, zone }) => `frozen ${formatWeekMoment(from)} to ${formatWeekMoment(to)} ${zone}`),
    isAutomatic ? 'the bot merges its own bumps' : 'merged by people or /merge',
  ].join('; ');
}

function counted(approvals: number): string {
  if (approvals === 0) return 'no approvals';
  return approvals === 1 ? '1 approval' : `${approvals} approvals`;
}
