import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/domain/event.ts';
import type { Delivery } from '../../src/store/store.ts';
import { accept } from '../../src/workflows/accept.ts';
import { silentLog as log } from '../support/silent.ts';

const repository = { forge: 'github', path: 'acme/deploy' } as const;
const sue = { login: 'sue', isBot: false };
const bot = { login: 'renovate[bot]', isBot: true };
const commit = 'c'.repeat(40);
const now = new Date('2026-11-20T12:00:00Z');

async function accepted(events: readonly Event[]): Promise<{ delivery: Delivery | undefined; status: string }> {
  let delivery: Delivery | undefined;
  const inbox = {
    accept(given: Delivery) {
      delivery = given;
      return Promise.resolve({ status: 'accepted', woken: 1, unmentioned: [] } as const);
    },
  };
  const deps = { inbox, log, metrics: { imageUnmentioned: () => undefined }, now: () => now, configPaths: [] };
  const { status } = await accept(deps, 'github', 'one', events);
  return { delivery, status };
}

function comment(body: string, by = sue): Event {
  const at = now.toISOString();
  return { kind: 'comment-written', repository, number: 12, comment: { kind: 'comment', id: '7' }, by, body, at };
}

describe('what a delivery wakes', () => {
  it.each<[string, Event, unknown]>([
    [
      'a review wakes the change',
      { kind: 'change-reviewed', repository, number: 12, by: sue },
      { kind: 'change-touched', what: 'reviews' },
    ],
    [
      'a comment wakes the change with its commands, and not with its text',
      comment('Thank you!\n/hold until Monday'),
      {
        kind: 'commanded',
        comment: {
          comment: { kind: 'comment', id: '7' },
          by: sue,
          at: now.toISOString(),
          commands: [expect.objectContaining({ name: 'hold', text: 'until Monday', line: 2 })],
        },
      },
    ],
    [
      'a merge queue wakes the change',
      {
        kind: 'merge-group-requested',
        repository,
        number: 12,
        headCommit: commit,
        baseCommit: commit,
        targetBranch: 'main',
      },
      { kind: 'merge-group', headCommit: commit, baseCommit: commit },
    ],
  ])('%s', async (_, event, reason) => {
    const { delivery } = await accepted([event]);
    expect(delivery?.wakes).toEqual([
      { subject: { kind: 'change', repository, number: 12 }, reason, onlyIfKnown: true },
    ]);
  });

  it('a button wakes the repository', async () => {
    const { delivery } = await accepted([{ kind: 'action-requested', repository, commit, action: 'revert', by: sue }]);
    const reason = { kind: 'action', action: 'revert', commit, by: 'sue' };
    expect(delivery?.wakes).toEqual([{ subject: { kind: 'repository', repository }, reason, onlyIfKnown: true }]);
  });

  it('a check of somebody wakes the changes that have the commit for a head', async () => {
    const { delivery } = await accepted([{ kind: 'check-reported', repository, commit, name: 'ci' }]);
    expect(delivery).toMatchObject({ wakes: [], heads: [{ repository, commit, reason: { kind: 'check-reported' } }] });
  });

  it('a deploy report is kept', async () => {
    const report = { tool: 'flux', application: 'apps', state: 'succeeded', revision: commit } as const;
    const { delivery } = await accepted([{ kind: 'deploy-reported', report }]);
    expect(delivery).toMatchObject({ wakes: [], reports: [report] });
  });

  it.each([
    ['without a command', comment('/usr/bin/env is where it is')],
    ['by a bot', comment('/merge', bot)],
  ])('a comment %s is stored nowhere', async (_, event) => {
    expect(await accepted([event])).toEqual({ delivery: undefined, status: 'ignored' });
  });
});
