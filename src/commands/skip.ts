import type { ProposedBump } from '../domain/bump.ts';
import type { Skip } from '../domain/steering.ts';
import { formatVersion, type Version } from '../domain/version.ts';
import { versionMoved } from '../markdown/replies-refusals.ts';
import { skipped } from '../markdown/replies-steering.ts';
import { decision, reasonIn } from './arguments.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command } from './command.ts';
import { pinOf } from './keep-version.ts';
import { versionThatWasSeen } from './seen-version.ts';
import { repositorySteered } from './wakes.ts';

export const skip: Command = {
  name: 'skip',
  usage: '/skip [reason]',
  summary: 'Closes this bump and never proposes its version here again.',
  needs: 'write',
  // A repeated run finds the change closed by itself.
  afterEnd: 'closed',
  examples: ['/skip', '/skip leaks memory'],
  async run(context, { text }) {
    const { bump, change, forge, steering, bumps } = context;
    if (bump === undefined) {
      return { kind: 'refused', markdown: '`/skip` is for bumps of the bot. Close this change by its button.' };
    }
    const { repository, number } = change;
    const { environment, image } = bump;
    const version = change.state === 'open' ? versionThatWasSeen(bump, context.at) : versionOf(bump);
    if (version === undefined) return { kind: 'refused', markdown: versionMoved('skip', bump.to) };
    const state = await forge.close(change, { deleteBranch: bump.branch });
    if (state === 'merged') {
      return { kind: 'refused', markdown: 'This is merged already. `/rollback` goes back to the version before.' };
    }
    const decided: Skip = { ...decision(context, reasonIn(text)), repository, environment, image, version };
    const entry = auditEntry(context, 'skip', {
      environment,
      image,
      details: { version: formatVersion(version), reason: decided.reason },
    });
    // First, because whoever is woken by the decision would find a change to be closed.
    await bumps.setState(repository, number, 'closed');
    await steering.apply(repository, { kind: 'skip', skip: decided }, entry, [repositorySteered(repository)]);
    return { kind: 'done', markdown: skipped(decided, await pinOf(context, bump)) };
  },
};

function versionOf({ to: { tag, digest } }: ProposedBump): Version {
  return { tag, ...(digest !== undefined && { digest }) };
}
