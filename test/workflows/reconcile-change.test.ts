import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeRef } from '../../src/domain/change.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store, WakeReason } from '../../src/store/store.ts';
import { silentLog as log } from '../support/silent.ts';
import { temporaryDirectory } from '../support/database.ts';
import { dyingAtLine, openRoom, type GateRoom } from './gate-room.ts';

let store: Store;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let room: GateRoom;

beforeAll(async () => {
  directory = await temporaryDirectory();
  store = await openStore({ dataDirectory: directory.path, now: () => new Date('2026-11-18T12:00:00Z'), log });
});

afterAll(async () => {
  await store.close();
  await directory.remove();
});

const deployment = (tag: string, comment = '') => `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec:
  template:
    spec:
      containers:
        - name: shop
          image: ghcr.io/acme/shop:${tag}${comment}
`;

const FILES = { '.tagalong.yml': 'version: 1\n', 'app.yaml': deployment('1.0.0'), 'other.yaml': 'a: 1\n' };
const pushed: WakeReason = { kind: 'change-updated', state: 'open', headCommit: '' };
const reviewed: WakeReason = { kind: 'change-touched', what: 'reviews' };

/** A change by `person` that brings 2.0.0. */
function propose(files: Record<string, string> = { 'app.yaml': deployment('2.0.0') }, options = {}): ChangeRef {
  room.forge.push(room.deploy, 'mine', files);
  return room.forge.openChange(room.deploy, 'mine', 'by hand', options);
}

async function approved(change: ChangeRef): Promise<void> {
  room.forge.review(change, 'approved', { author: 'alice' });
  await room.wake(change, reviewed);
  expect(room.gate(change)).toBe('success');
}

beforeEach(async () => {
  room = await openRoom(store, FILES);
});

describe('the gate of a change', () => {
  it('waits for an approval, and passes with it', async () => {
    const change = propose();
    await room.wake(change, pushed);
    expect(room.gate(change)).toBe('pending');
    await approved(change);
    expect(await store.verdicts.passed(room.deploy, change.number, room.current(change).headCommit)).toBe(true);
  });

  it('remembers when it looked at a head first, so that a comment after that can be about it', async () => {
    const change = propose();
    await room.wake(change, pushed);
    const first = room.clock;
    const decidedAt = async () => (await store.verdicts.verdict(room.deploy, change.number))?.decidedAt;
    room.clock = new Date(first.getTime() + 60_000);
    await approved(change);
    expect(await decidedAt()).toEqual(first);
    room.forge.push(room.deploy, 'mine', { 'app.yaml': deployment('3.0.0') });
    await room.wake(change, pushed);
    expect(await decidedAt()).toEqual(room.clock);
  });

  it('takes two requests an event, and one where nothing is different', async () => {
    const change = propose();
    await room.wake(change, pushed);
    room.requests();
    room.forge.review(change, 'approved', { author: 'alice' });
    await room.wake(change, reviewed);
    expect(room.requests()).toEqual(['reviewState', 'upsertCheck']);
    const writes = [...room.forge.writes];
    await room.wake(change, reviewed);
    expect(room.forge.writes).toEqual(writes);
  });

  it('renders a head once, however often it is looked at', async () => {
    const change = propose();
    await room.wake(change, pushed);
    const rendered = room.rendered();
    await room.wake(change, reviewed);
    await room.wake(change, pushed);
    expect(room.rendered()).toBe(rendered);
  });

  it('looks again where a check that the branch requires has ended', async () => {
    room.forge.protect(room.deploy, 'main', { requiredChecks: [{ name: 'ci', isOurs: false }] });
    const change = propose();
    await room.wake(change, pushed);
    room.forge.review(change, 'approved', { author: 'alice' });
    await room.wake(change, reviewed);
    expect(room.gate(change)).toBe('pending');
    const { headCommit: commit } = room.current(change);
    room.forge.reportCheck(room.deploy, commit, { name: 'ci', state: 'success' });
    await room.wake(change, { kind: 'check-reported', name: 'ci', commit });
    expect(room.gate(change)).toBe('success');
  });

  it('asks nobody about a check that the branch does not require', async () => {
    const change = propose();
    await room.wake(change, pushed);
    room.requests();
    const { headCommit: commit } = room.current(change);
    await room.wake(change, { kind: 'check-reported', name: 'lint', commit });
    expect(room.requests()).toEqual([]);
  });
});

describe('teams', () => {
  const OWNED = {
    ...FILES,
    '.tagalong.yml': `version: 1
environments:
  all: { paths: ['*.yaml'], review: { from: ['@acme/sre'], codeowners: true } }
`,
    '.github/CODEOWNERS': '* @acme/owners\n',
    CODEOWNERS: '* @nobody\n',
  };

  it('that the policy and code owners name are asked for, together with everything else', async () => {
    room = await openRoom(store, OWNED);
    room.forge.team('@acme/sre', ['alice']);
    room.forge.team('@acme/owners', ['bob']);
    const change = propose();
    await room.wake(change, pushed);
    room.requests();
    room.forge.review(change, 'approved', { author: 'alice' });
    await room.wake(change, reviewed);
    expect(room.gate(change)).toBe('pending');
    expect(room.requests()).toEqual(['reviewState', 'upsertCheck']);
    room.forge.review(change, 'approved', { author: 'bob' });
    await room.wake(change, reviewed);
    expect(room.gate(change)).toBe('success');
  });

  it('that do not exist satisfy nobody', async () => {
    room = await openRoom(store, OWNED);
    const change = propose();
    room.forge.review(change, 'approved', { author: 'alice' });
    await room.wake(change, pushed);
    expect(room.gate(change)).not.toBe('success');
  });
});

describe('a change of a fork', () => {
  it('that edits the configuration to free itself is judged by that of the branch', async () => {
    const free = 'version: 1\nenvironments:\n  all: { paths: ["**"], merge: auto, review: { approvals: 0 } }\n';
    const files = { '.tagalong.yml': free, 'app.yaml': deployment('6.6.6') };
    const change = propose(files, { author: 'mallory', fromFork: true });
    await room.wake(change, pushed);
    expect(room.gate(change)).toBe('pending');
    await room.command(change, '/merge', 'mallory');
    expect(room.gate(change)).toBe('pending');
    expect(room.current(change).state).toBe('open');
  });

  it('is not approved by its own author, nor by somebody who may not write', async () => {
    const change = propose({ 'app.yaml': deployment('6.6.6') }, { author: 'mallory', fromFork: true });
    for (const author of ['mallory', 'stranger']) room.forge.review(change, 'approved', { author });
    await room.wake(change, reviewed);
    expect(room.gate(change)).not.toBe('success');
  });
});

describe('an approval', () => {
  const reviewStates = (change: ChangeRef) => room.forge.reviews(change).map(({ state }) => state);

  it('stays through a push that renders the same, which is not even told of', async () => {
    const change = propose();
    await approved(change);
    room.forge.push(room.deploy, 'mine', { 'app.yaml': deployment('2.0.0', ' # the new one'), 'README.md': 'Hello' });
    await room.wake(change, pushed);
    expect(room.gate(change)).toBe('success');
    expect(reviewStates(change)).toEqual(['approved']);
  });

  it.each([
    ['another version', { 'app.yaml': deployment('3.0.0') }],
    ['one more manifest', { 'more.yaml': deployment('2.0.0') }],
    ['the configuration', { '.tagalong.yml': 'version: 1\nimages: []\n' }],
    ['a workflow of the forge', { '.github/workflows/ci.yml': 'on: push\n' }],
    ['a file that nothing renders', { 'scripts/deploy.sh': 'true\n' }],
  ])('is dismissed, once and audited, by a push of %s', async (_what, files) => {
    const change = propose();
    await approved(change);
    room.forge.push(room.deploy, 'mine', files);
    await room.wake(change, pushed);
    expect(room.gate(change)).toBe('pending');
    expect(reviewStates(change)).toEqual(['dismissed']);
    await room.wake(change, reviewed);
    const entries = await store.audit.entries({ repository: room.deploy, limit: 10 });
    expect(entries.filter(({ action }) => action === 'dismiss')).toMatchObject([{ details: { by: 'alice' } }]);
  });

  it('is audited once where the bot was killed while it was dismissed', async () => {
    room = await openRoom(dyingAtLine(store, 'dismiss'), FILES);
    const change = propose();
    await approved(change);
    room.forge.push(room.deploy, 'mine', { 'app.yaml': deployment('3.0.0') });
    await room.wake(change, pushed);
    await room.wake(change, reviewed);
    expect(reviewStates(change)).toEqual(['dismissed']);
    const entries = await store.audit.entries({ repository: room.deploy, limit: 10 });
    expect(entries.filter(({ action }) => action === 'dismiss')).toHaveLength(1);
  });

  it('does not count, and is left alone, where its head is gone and cannot be compared', async () => {
    const change = propose();
    room.forge.review(change, 'approved', { author: 'alice' });
    room.gone(room.current(change).headCommit);
    room.forge.push(room.deploy, 'mine', { 'app.yaml': deployment('3.0.0') });
    await room.wake(change, pushed);
    expect(room.gate(change)).not.toBe('success');
    expect(reviewStates(change)).toEqual(['approved']);
  });

  it('that was given before the bot looked is compared by rendering its head', async () => {
    const change = propose();
    room.forge.review(change, 'approved', { author: 'alice' });
    room.forge.push(room.deploy, 'mine', { 'app.yaml': deployment('2.0.0', ' # same') });
    await room.wake(change, pushed);
    expect(room.gate(change)).toBe('success');
  });

  it('given under another target counts for nothing once the change is for the branch that is deployed', async () => {
    room.forge.push(room.deploy, 'side', { 'other.yaml': 'a: 2\n' });
    const change = propose(undefined, { target: 'side' });
    room.forge.review(change, 'approved', { author: 'alice' });
    await room.wake(change, reviewed);
    expect(room.gate(change)).toBeUndefined();
    room.forge.edit(change, { targetBranch: 'main' });
    await room.wake(change, { kind: 'change-touched', what: 'base' });
    expect(room.gate(change)).toBe('pending');
    expect(reviewStates(change)).toEqual(['dismissed']);
    await room.wake(change, reviewed);
    expect(room.gate(change)).toBe('pending');
    room.forge.review(change, 'approved', { author: 'bob' });
    await room.wake(change, reviewed);
    expect(room.gate(change)).toBe('success');
  });

  it('given under another target does not come to count through a push that renders the same', async () => {
    const change = propose(undefined, { target: 'side' });
    room.forge.push(room.deploy, 'side', { 'other.yaml': 'a: 2\n' });
    room.forge.review(change, 'approved', { author: 'alice' });
    await room.wake(change, reviewed);
    room.forge.push(room.deploy, 'mine', { 'README.md': 'Hello' });
    room.forge.edit(change, { targetBranch: 'main' });
    await room.wake(change, pushed);
    expect(room.gate(change)).toBe('pending');
  });

  it('by command counts like a review, and ends with another rendering', async () => {
    const change = propose();
    await room.wake(change, pushed);
    await room.command(change, '/approve', 'alice');
    await room.wake(change, { kind: 'change-touched', what: 'steering' });
    expect(room.gate(change)).toBe('success');
    room.forge.push(room.deploy, 'mine', { 'app.yaml': deployment('3.0.0') });
    await room.wake(change, pushed);
    expect(room.gate(change)).toBe('pending');
  });
});

describe('a change that cannot be looked at', () => {
  it('loses the pass that stood on its head, and gets it back', async () => {
    const change = propose();
    await approved(change);
    room.failing('reviewState');
    await expect(room.wake(change, reviewed)).rejects.toMatchObject({ code: 'forge-unavailable' });
    expect(room.gate(change)).toBe('pending');
    const writes = [...room.forge.writes];
    await expect(room.wake(change, reviewed)).rejects.toMatchObject({ code: 'forge-unavailable' });
    expect(room.forge.writes).toEqual(writes);
    room.failing(undefined);
    await room.wake(change, reviewed);
    expect(room.gate(change)).toBe('success');
  });

  it('is told of on a head that git does not have', async () => {
    const change = propose();
    room.gone(room.current(change).headCommit);
    await expect(room.wake(change, pushed)).rejects.toMatchObject({ code: 'git-failed' });
    expect(room.gate(change)).toBe('pending');
    expect(room.summary(change)).toContain('could not look at this change');
  });

  it('loses its pass also when it is the permission of somebody that cannot be told', async () => {
    const change = propose();
    await room.wake(change, pushed);
    await room.command(change, '/approve', 'alice');
    await room.wake(change, { kind: 'change-touched', what: 'steering' });
    expect(room.gate(change)).toBe('success');
    room.failing('permission');
    await expect(room.wake(change, reviewed)).rejects.toMatchObject({ code: 'forge-unavailable' });
    expect(room.gate(change)).toBe('pending');
  });

  it('does not pass where the configuration of the branch became unreadable', async () => {
    const change = propose();
    await approved(change);
    room.forge.push(room.deploy, 'main', { '.tagalong.yml': 'version: 1\nenviroments: {}\n' });
    await room.wake(change, { kind: 'change-touched', what: 'base' });
    expect(room.gate(change)).toBe('failure');
  });

  it('is gated also where its comment cannot be written', async () => {
    const change = propose();
    room.failing('upsertComment');
    await expect(room.wake(change, pushed)).rejects.toMatchObject({ code: 'forge-unavailable' });
    expect(room.gate(change)).toBe('pending');
    expect(room.summary(change)).not.toContain('could not look');
  });

  it('is gated also where its conversation is locked, and the diff is tried again with the next push alone', async () => {
    const change = propose();
    room.forge.lock(change);
    await room.wake(change, pushed);
    expect(room.gate(change)).toBe('pending');
    room.requests();
    await room.wake(change, pushed);
    expect(room.requests()).not.toContain('upsertComment');
    room.forge.push(room.deploy, 'mine', { 'app.yaml': deployment('3.0.0') });
    await room.wake(change, pushed);
    expect(room.requests()).toContain('upsertComment');
  });

  it('is passed over where the forge does not show it', async () => {
    await room.wake({ repository: room.deploy, number: 404 }, pushed);
    expect(room.forge.writes).toEqual([]);
  });
});

describe('time alone', () => {
  it('makes a change pass when a freeze ends', async () => {
    const frozen = `version: 1
environments:
  all: { paths: ['**'], freeze: [{ from: 'Wed 10:00', to: 'Wed 14:00', zone: UTC }] }
`;
    room = await openRoom(store, { ...FILES, '.tagalong.yml': frozen });
    const change = propose();
    room.forge.review(change, 'approved', { author: 'alice' });
    await room.wake(change, pushed);
    expect(room.gate(change)).not.toBe('success');
    expect(room.summary(change)).toContain('14:00');
    room.clock = new Date('2026-11-18T14:00:01Z');
    await room.wake(change, { kind: 'due', what: 'gate' });
    expect(room.gate(change)).toBe('success');
  });
});
