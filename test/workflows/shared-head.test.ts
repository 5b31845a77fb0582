import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeRef } from '../../src/domain/change.ts';
import { formatSubject } from '../../src/domain/subject.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store, WakeReason } from '../../src/store/store.ts';
import { temporaryDirectory } from '../support/database.ts';
import { silentLog as log } from '../support/silent.ts';
import { openRoom, type GateRoom } from './gate-room.ts';

let store: Store;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let room: GateRoom;
let one: ChangeRef;
let other: ChangeRef;

beforeAll(async () => {
  directory = await temporaryDirectory();
  store = await openStore({ dataDirectory: directory.path, now: () => new Date('2026-11-18T12:00:00Z'), log });
});

afterAll(async () => {
  await store.close();
  await directory.remove();
});

const pod = (tag: string) => `apiVersion: v1
kind: Pod
metadata: { name: shop }
spec: { containers: [{ name: shop, image: "shop:${tag}" }] }
`;

const looked: WakeReason = { kind: 'change-touched', what: 'reviews' };

/** Whether the change waits to be looked at again. */
async function isWoken({ repository, number }: ChangeRef): Promise<boolean> {
  const key = formatSubject({ kind: 'change', repository, number }).toLowerCase();
  return (await store.admin.entries()).some(({ subject }) => subject.toLowerCase() === key);
}

function open(branch: string, target?: string): ChangeRef {
  const git = room.forge.repositoryAt(room.deploy);
  git.branches.set(branch, git.branches.get('mine') ?? '');
  return room.forge.openChange(room.deploy, branch, `by ${branch}`, {
    author: 'bob',
    ...(target !== undefined && { target }),
  });
}

beforeEach(async () => {
  room = await openRoom(store, { '.tagalong.yml': 'version: 1\n', 'app.yaml': pod('1') });
  room.forge.push(room.deploy, 'mine', { 'app.yaml': pod('2') }, { author: 'eve' });
  one = room.forge.openChange(room.deploy, 'mine', 'by hand', { author: 'eve' });
});

describe('two changes with the same head, for the same branch', () => {
  beforeEach(async () => {
    other = open('yours');
    room.forge.review(one, 'approved', { author: 'alice' });
    await room.wake(one, looked);
    await room.wake(other, looked);
  });

  it('are green together or not at all, whichever is looked at last', async () => {
    expect(await isWoken(one)).toBe(true);
    for (const change of [one, other, one]) {
      await room.wake(change, looked);
      expect(room.gate(change)).toBe('pending');
    }
    expect(room.summary(one)).toContain(
      `#${one.number} and #${other.number} have the same head commit, so one check stands for both`,
    );
    room.forge.review(other, 'approved', { author: 'alice' });
    await room.wake(other, looked);
    expect(room.gate(one)).toBe('success');
  });

  it('wait for no answer of each other, once each passes by itself', async () => {
    room.forge.review(other, 'approved', { author: 'alice' });
    await room.wake(other, looked);
    await room.wake(one, looked);
    expect(room.gate(one)).toBe('success');
    room.forge.edit(one, { labels: ['tagalong: hold'] });
    await room.wake(one, looked);
    await room.wake(other, looked);
    expect(room.gate(other)).toBe('pending');
  });

  it('are merged by nobody on the word of one of them', async () => {
    await room.wake(one, looked);
    await room.command(one, '/merge', 'alice');
    expect(room.current(one).state).toBe('open');
    expect(room.forge.comments(one).at(-1)?.body).toContain('have the same head commit');
  });

  it.each([
    ['is closed', () => room.forge.closeAsPerson(other)],
    ['gets a head of its own', () => void room.forge.push(room.deploy, 'yours', { 'app.yaml': pod('3') })],
  ])('let each other go when one %s', async (_what, end) => {
    end();
    await room.wake(other, { kind: 'change-touched', what: 'attributes' });
    expect(await isWoken(one)).toBe(true);
    await room.wake(one, looked);
    expect(room.gate(one)).toBe('success');
  });

  it('cost nothing where there never were two', async () => {
    room.forge.push(room.deploy, 'lonely', { 'app.yaml': pod('4') });
    const lonely = room.forge.openChange(room.deploy, 'lonely', 'alone', { author: 'eve' });
    await room.wake(lonely, looked);
    room.requests();
    await room.wake(lonely, looked);
    expect(room.requests()).toEqual(['reviewState', 'upsertCheck']);
  });
});

describe('a change with the same head for another branch', () => {
  const demand = () =>
    room.forge.protect(room.deploy, 'release', {
      requiredChecks: [{ name: 'tagalong/review', isOurs: true }],
    });

  beforeEach(() => {
    room.forge.push(room.deploy, 'release', { 'other.yaml': pod('1') });
    room.forge.review(one, 'approved', { author: 'alice' });
  });

  it('is told that the gate is not about it where that branch demands the check, and is not freed by another', async () => {
    demand();
    other = open('yours', 'release');
    await room.wake(other, looked);
    expect(room.gate(other)).toBe('failure');
    expect(room.summary(other)).toContain('It is for release, and the gate is about main alone');
    await room.wake(one, looked);
    expect(room.gate(one)).toBe('failure');
  });

  it('is nobody’s business where that branch does not demand the check', async () => {
    other = open('yours', 'release');
    await room.wake(other, looked);
    expect(room.gate(other)).toBeUndefined();
    await room.wake(one, looked);
    expect(room.gate(one)).toBe('success');
  });

  it('is judged as any other once it is for the gated branch', async () => {
    demand();
    other = open('yours', 'release');
    await room.wake(other, looked);
    room.forge.edit(other, { targetBranch: 'main' });
    await room.wake(other, looked);
    expect(room.gate(other)).toBe('pending');
  });
});
