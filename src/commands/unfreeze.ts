import { unfrozen } from '../markdown/replies-steering.ts';
import { wrongUsage } from '../markdown/replies-refusals.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command } from './command.ts';
import { findEnvironment } from './environments.ts';
import { otherChangesSteered } from './wakes.ts';

export const unfreeze: Command = {
  name: 'unfreeze',
  usage: '/unfreeze [env]',
  summary: 'Ends `/freeze`: of one environment, or every freeze that people made.',
  needs: 'write',
  afterEnd: 'merged-or-closed',
  examples: ['/unfreeze', '/unfreeze production'],
  async run(context, { text }) {
    if (/\s/.test(text)) {
      return { kind: 'refused', markdown: wrongUsage('`/unfreeze` takes one environment.', unfreeze.usage) };
    }
    const found = text === '' ? undefined : findEnvironment(context, text);
    if (found?.ok === false) return { kind: 'refused', markdown: found.markdown };
    const environment = found?.name;
    const { change, steering, config, now } = context;
    const { repository } = change;
    const wakes = await otherChangesSteered(context);
    await steering.apply(
      repository,
      { kind: 'unfreeze', ...(environment !== undefined && { environment }) },
      auditEntry(context, 'unfreeze', { environment }),
      wakes,
    );
    const { freezes } = await steering.ofRepository(repository, now);
    const weekly = (config?.environments ?? []).filter(
      (each) => each.freeze.length > 0 && (environment === undefined || each.name === environment),
    );
    const remaining = freezes.filter((each) => each.environment === undefined);
    return { kind: 'done', markdown: unfrozen({ environment, remaining, weekly: weekly.map(({ name }) => name) }) };
  },
};
