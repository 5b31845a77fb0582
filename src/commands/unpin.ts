import { formatVersion } from '../domain/version.ts';
import { wrongUsage } from '../markdown/replies-refusals.ts';
import { unpinned } from '../markdown/replies-steering.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command } from './command.ts';
import { pinOf } from './keep-version.ts';
import { targetOf } from './target.ts';
import { repositorySteered } from './wakes.ts';

export const unpin: Command = {
  name: 'unpin',
  usage: '/unpin',
  summary: 'Ends `/pin` and `/rollback`: newer versions are proposed again.',
  needs: 'write',
  afterEnd: 'merged-or-closed',
  examples: ['/unpin'],
  async run(context, { text }) {
    // Elsewhere than it stands, `/unpin production` would end another pin than the one that is meant.
    if (text !== '') return { kind: 'refused', markdown: wrongUsage(PLACE, unpin.usage) };
    const found = await targetOf(context);
    if (!found.ok) return { kind: 'refused', markdown: found.markdown };
    const { target } = found;
    const { repository } = context.change;
    const before = await pinOf(context, target);
    const details = { version: before && formatVersion(before.version) };
    const entry = auditEntry(context, 'unpin', { ...target, details });
    await context.steering.apply(repository, { kind: 'unpin', ...target }, entry, [repositorySteered(repository)]);
    return { kind: 'done', markdown: unpinned(target, before) };
  },
};

const PLACE = '`/unpin` takes nothing: it ends the pin of the image and environment of the bump that it is written on.';
