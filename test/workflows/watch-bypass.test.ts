import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../src/domain/audit.ts';
import type { ChangeRef } from '../../src/domain/change.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store, WakeReason } from '../../src/store/store.ts';
import { temporaryDirectory } from '../support/database.ts';
import { silentLog as log } from '../support/silent.ts';
import { openRoom, type GateRoom } from './gate-room.ts';

let store: Store;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let room: GateRoom;
let start: string;

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

const TELL_ALL = 'version: 1\nbypass: { tell: [check, issue, chat] }\nnotify: { slack: "#deploys" }\n';
const FILES = { '.tagalong.yml': TELL_ALL, 'app.yaml': pod('1'), 'other.yaml': pod('1'), 'gone.yaml': pod('1') };
const reviewed: WakeReason = { kind: 'change-touched', what: 'reviews' };

beforeEach(async () => {
  room = await openRoom(store, FILES);
  start = room.head();
});

const push = (files: Record<string, string | undefined>, author = 'eve') =>
  room.forge.push(room.deploy, 'main', files, { author, message: 'quick `fix` @all' });

const bypassCheck = (commit: string) =>
  room.forge.checks(room.deploy, commit).find(({ name }) => name === 'tagalong/bypass');

async function bypasses(): Promise<readonly AuditEntry[]> {
  const entries = await store.audit.entries({ repository: room.deploy, limit: 50 });
  return entries.filter(({ action }) => action === 'bypass');
}

async function changeTo(
  tag: string,
  { isApproved, more = {} }: { isApproved: boolean; more?: Record<string, string | undefined> },
): Promise<ChangeRef> {
  room.forge.push(room.deploy, 'mine', { 'app.yaml': pod(tag), ...more });
  const change = room.forge.openChange(room.deploy, 'mine', 'by hand');
  if (isApproved) room.forge.review(change, 'approved', { author: 'alice' });
  await room.wake(change, reviewed);
  return change;
}

/** Somebody pushes a merge of the change that holds something else, and the forge takes it for that of the change. */
function mergeByHand(change: ChangeRef, files: Record<string, string | undefined>, onto = room.head()): string {
  const commit = room.forge.mergeAsPerson(change);
  const git = room.forge.repositoryAt(room.deploy);
  const evil = git.write(onto, files, { author: 'eve', message: 'Merge' });
  git.branches.set('main', evil);
  bringAll(commit);
  return evil;
}

/** From now on the forge says of every commit that it came by the change that this one came by. */
function bringAll(commit: string): void {
  const whole = { ...room.forge };
  room.forge.changesOfCommits = async (repository, commits) => {
    const found = (await whole.changesOfCommits(repository, [commit])).get(commit) ?? [];
    return new Map(commits.map((each) => [each, found]));
  };
}

describe('what reaches the branch', () => {
  it('by a push is told everywhere that the configuration names, once', async () => {
    const commit = push({ 'app.yaml': pod('6') });
    await room.moved(start);
    expect(bypassCheck(commit)).toMatchObject({
      conclusion: 'failure',
      actions: [{ id: 'revert', label: 'Propose a revert' }],
    });
    expect(room.forge.issues(room.deploy)).toMatchObject([{ title: 'A commit reached main around the gate' }]);
    expect(room.forge.issues(room.deploy)[0]?.body).toContain('`` quick `fix` @all ``');
    expect(room.notices).toMatchObject([{ channel: '#deploys', tone: 'bad' }]);
    expect(await bypasses()).toMatchObject([
      { actor: { name: 'eve' }, details: { commit, before: start, how: 'pushed' } },
    ]);

    const writes = [...room.forge.writes];
    await room.moved(start);
    expect(room.forge.writes).toEqual(writes);
    expect(room.notices).toHaveLength(1);
  });

  it('by a change that the gate has passed is fine, at the cost of one request', async () => {
    const change = await changeTo('2', { isApproved: true });
    room.forge.mergeAsPerson(change);
    room.requests();
    await room.moved(start);
    expect(room.requests()).toEqual(['changesOfCommits']);
    expect(await bypasses()).toEqual([]);
  });

  it('by a change that nobody approved is told with its number', async () => {
    const change = await changeTo('2', { isApproved: false });
    const commit = room.forge.mergeAsPerson(change);
    await room.moved(start);
    expect(bypassCheck(commit)?.summary).toContain(`merged with #${change.number} without a passing verdict`);
    expect(await bypasses()).toMatchObject([{ change: change.number, details: { how: 'merged' } }]);
  });

  it('by a change that passed once and was held back when it was merged is told', async () => {
    const change = await changeTo('2', { isApproved: true });
    room.forge.edit(change, { labels: ['tagalong: hold'] });
    await room.wake(change, reviewed);
    room.forge.mergeAsPerson(change);
    await room.moved(start);
    expect(await bypasses()).toMatchObject([{ details: { how: 'merged' } }]);
  });

  it('by a change that got another head after it had passed is told', async () => {
    const change = await changeTo('2', { isApproved: true });
    room.forge.push(room.deploy, 'mine', { 'app.yaml': pod('3') });
    room.forge.mergeAsPerson(change);
    await room.moved(start);
    expect(await bypasses()).toMatchObject([{ change: change.number }]);
  });

  it.each([
    ['beside what a passed change brings', { 'app.yaml': pod('2'), 'other.yaml': pod('6') }, '`other.yaml`'],
    ['in the place of what a passed change brings', { 'app.yaml': pod('6') }, '`app.yaml`'],
    ['instead of what a passed change takes away', { 'app.yaml': pod('2'), 'gone.yaml': pod('6') }, '`gone.yaml`'],
  ])('%s, in its merge by hand, is told by path', async (_what, files, path) => {
    const change = await changeTo('2', { isApproved: true, more: { 'gone.yaml': undefined } });
    const evil = mergeByHand(change, files);
    await room.moved(start, evil);
    expect(bypassCheck(evil)?.summary).toContain(path);
    expect(await bypasses()).toMatchObject([{ details: { how: 'altered' } }]);
  });

  it('by a merge into a file where the branch had moved meanwhile is fine', async () => {
    const change = await changeTo('2', { isApproved: true });
    const git = room.forge.repositoryAt(room.deploy);
    const labelled = (tag: string) => pod(tag).replace('shop }', 'shop, labels: { a: b } }');
    const moved = git.write(start, { 'app.yaml': labelled('1') }, { author: 'bob', message: 'Label' });
    await room.moved(moved, mergeByHand(change, { 'app.yaml': labelled('2') }, moved));
    expect(await bypasses()).toEqual([]);
  });

  it('by the commits of a passed change one after the other is fine, and told where something is between them', async () => {
    const change = await changeTo('2', { isApproved: true });
    const commit = room.forge.mergeAsPerson(change);
    const git = room.forge.repositoryAt(room.deploy);
    const by = { author: 'eve', message: 'Rebased' };
    const first = git.write(start, { 'app.yaml': pod('3') }, by);
    const last = git.write(first, { 'app.yaml': pod('2') }, by);
    const evil = git.write(first, { 'app.yaml': pod('2'), 'other.yaml': pod('6') }, by);
    bringAll(commit);
    await room.moved(start, last);
    expect(await bypasses()).toEqual([]);
    await room.moved(start, evil);
    expect(await bypasses()).toMatchObject([{ details: { commit: evil, how: 'altered' } }]);
  });

  it('is judged also where only prose or the configuration is touched', async () => {
    push({ 'README.md': 'Hello' });
    push({ '.tagalong.yml': 'version: 1\n' });
    await room.moved(start);
    expect(await bypasses()).toHaveLength(2);
  });

  it('is told as the configuration said before, also by the push that silences it', async () => {
    push({ '.tagalong.yml': 'version: 1\nbypass: { tell: [] }\n' });
    await room.moved(start);
    expect(room.forge.issues(room.deploy)).toHaveLength(1);
  });

  it('is told by a check where the configuration cannot be read', async () => {
    const broken = push({ '.tagalong.yml': 'version: 1\nbypas: {}\n' });
    const commit = push({ 'app.yaml': pod('6') });
    await room.moved(broken);
    expect(bypassCheck(commit)).toBeDefined();
  });

  it('is nobody’s business before there is a configuration', async () => {
    room = await openRoom(store, { 'app.yaml': pod('1') });
    start = room.head();
    push({ '.tagalong.yml': TELL_ALL, 'app.yaml': pod('6') });
    await room.moved(start);
    expect(room.requests()).toEqual([]);
    expect(await bypasses()).toEqual([]);
  });

  it('is missed where the branch was set back, which is told too', async () => {
    const second = push({ 'app.yaml': pod('2') });
    room.forge.repositoryAt(room.deploy).branches.set('main', start);
    await room.moved(second);
    expect(await bypasses()).toMatchObject([{ details: { commit: start, before: second, how: 'rewritten' } }]);
  });

  it('is told again in full after an interruption, and logged once', async () => {
    push({ 'app.yaml': pod('6') });
    room.failing('upsertIssue');
    await expect(room.moved(start)).rejects.toMatchObject({ code: 'forge-unavailable' });
    room.failing(undefined);
    await room.moved(start);
    expect(room.forge.issues(room.deploy)).toHaveLength(1);
    expect(room.notices).toHaveLength(1);
    expect(await bypasses()).toHaveLength(1);
  });
});

describe('a commit of which the forge does not tell at once by which change it came', () => {
  const WAIT_MS = 120_000;
  const later = (ms: number) => void (room.clock = new Date(room.clock.getTime() + ms));

  beforeEach(() => {
    room.bypassWaitMs = WAIT_MS;
  });

  /** Somebody merges a change, and the forge connects nothing with it until that is called. */
  async function mergeUnseen({ isApproved }: { isApproved: boolean }): Promise<() => void> {
    const change = await changeTo('2', { isApproved });
    room.forge.mergeAsPerson(change);
    const whole = { ...room.forge };
    room.forge.changesOfCommits = () => Promise.resolve(new Map());
    return () => void Object.assign(room.forge, whole);
  }

  it('is left alone when the forge tells it in time', async () => {
    const connect = await mergeUnseen({ isApproved: true });
    await room.moved(start);
    later(WAIT_MS - 1);
    await room.lookAgain();
    connect();
    later(1);
    await room.lookAgain();
    expect(await bypasses()).toEqual([]);
    expect(await store.arrivals.unexplained(room.deploy)).toEqual([]);
  });

  it('is told as what it was when the forge tells it in time and the gate had not passed it', async () => {
    const connect = await mergeUnseen({ isApproved: false });
    await room.moved(start);
    connect();
    later(WAIT_MS);
    await room.lookAgain();
    expect(await bypasses()).toMatchObject([{ details: { how: 'merged' } }]);
  });

  it('is told as pushed, once, when the forge never tells it', async () => {
    push({ 'app.yaml': pod('6') });
    await room.moved(start);
    const next = room.head();
    push({ 'app.yaml': pod('7') });
    later(WAIT_MS / 2);
    await room.moved(next);
    expect(await bypasses()).toEqual([]);
    later(WAIT_MS / 2);
    await room.lookAgain();
    expect(await bypasses()).toMatchObject([{ details: { commit: next, before: start, how: 'pushed' } }]);
    later(WAIT_MS / 2);
    await room.lookAgain();
    await room.lookAgain();
    expect(await bypasses()).toHaveLength(2);
  });

  it('waits since it was seen first, however often the same is looked at after interruptions', async () => {
    push({ 'app.yaml': pod('6') });
    await room.moved(start);
    later(WAIT_MS);
    await room.moved(start);
    room.failing('upsertIssue');
    await expect(room.lookAgain()).rejects.toMatchObject({ code: 'forge-unavailable' });
    room.failing(undefined);
    await room.lookAgain();
    expect(await bypasses()).toHaveLength(1);
    expect(room.forge.issues(room.deploy)).toHaveLength(1);
  });

  it('that the mirror cannot read any more is given up after an hour', async () => {
    push({ 'app.yaml': pod('6') });
    await room.moved(start);
    room.gone(start);
    later(WAIT_MS);
    await room.lookAgain();
    expect(await store.arrivals.unexplained(room.deploy)).toHaveLength(1);
    later(3_600_000);
    await room.lookAgain();
    expect(await store.arrivals.unexplained(room.deploy)).toEqual([]);
  });

  it('that the mirror cannot read is not looked at without a pause where nobody waits any more', async () => {
    const alarms: (Date | undefined)[] = [];
    const wakeAt: Store['inbox']['wakeAt'] = (_subject, _reason, at) => Promise.resolve(void alarms.push(at));
    room = await openRoom({ ...store, inbox: { ...store.inbox, wakeAt } }, FILES);
    room.bypassWaitMs = WAIT_MS;
    start = room.head();
    push({ 'app.yaml': pod('6') });
    await room.moved(start);
    room.gone(start);
    room.bypassWaitMs = 0;
    await room.lookAgain();
    expect(alarms.at(-1)?.getTime()).toBeGreaterThan(room.clock.getTime());
  });

  it('is nothing to wait for where the branch was set back', async () => {
    const second = push({ 'app.yaml': pod('2') });
    room.forge.repositoryAt(room.deploy).branches.set('main', start);
    await room.moved(second);
    expect(await bypasses()).toMatchObject([{ details: { how: 'rewritten' } }]);
  });
});

describe('the revert of a bypass', () => {
  const only = () =>
    room.forge.changes(room.deploy).find(({ sourceBranch }) => sourceBranch.startsWith('tagalong/revert/'));
  const filesOf = (commit: string) => room.forge.repositoryAt(room.deploy).files(commit);

  it('brings back what was changed and deleted, and takes away what was added', async () => {
    const commit = push({ 'app.yaml': pod('6'), 'other.yaml': undefined, 'new.yaml': pod('6') });
    await room.moved(start);
    await room.revert(commit, 'bob');
    const change = only() ?? expect.unreachable();
    expect(change.title).toBe(`Revert ${commit.slice(0, 7)}: quick \`fix\` @all`);
    expect(filesOf(change.headCommit)).toEqual(filesOf(start));
    expect(bypassCheck(commit)?.title).toBe(`Revert proposed: #${change.number}`);
    const [entry] = await store.audit.entries({ repository: room.deploy, limit: 1 });
    expect(entry).toMatchObject({ action: 'revert', actor: { kind: 'person', name: 'bob' }, change: change.number });
  });

  it('is proposed once, and is gated like any other change', async () => {
    const commit = push({ 'app.yaml': pod('6') });
    await room.moved(start);
    await room.revert(commit, 'bob');
    await room.revert(commit, 'alice');
    expect(room.forge.changes(room.deploy)).toHaveLength(1);
    const change = only() ?? expect.unreachable();
    await room.wake(change, { kind: 'change-written', headCommit: change.headCommit, created: true });
    expect(room.gate(change)).toBe('pending');
  });

  it('leaves what was changed again since, and says which', async () => {
    const commit = push({ 'app.yaml': pod('6'), 'other.yaml': pod('6') });
    await room.moved(start);
    push({ 'app.yaml': pod('7') });
    await room.revert(commit, 'bob');
    const change = only() ?? expect.unreachable();
    expect(filesOf(change.headCommit).get('app.yaml')).toBe(pod('7'));
    expect(filesOf(change.headCommit).get('other.yaml')).toBe(pod('1'));
    expect(change.body).toContain('`app.yaml`: changed again since');
  });

  it.each([
    ['moved', { vendored: 'a' }, { vendored: 'b' }],
    ['added', {}, { vendored: 'b' }],
    ['removed', { vendored: 'a' }, {}],
  ])('leaves a submodule that was %s, and says that it has to be done by hand', async (_how, before, after) => {
    room.submodules(start, before);
    const commit = push({});
    room.submodules(commit, after);
    await room.moved(start);
    await room.revert(commit, 'bob');
    expect(only()).toBeUndefined();
    expect(bypassCheck(commit)?.title).toBe('It has to be reverted by hand');
    expect(bypassCheck(commit)?.summary).toContain('`vendored`: a submodule');
  });

  it('names the submodules beside what it brings back', async () => {
    room.submodules(start, { vendored: 'a' });
    const commit = push({ 'app.yaml': pod('6') });
    room.submodules(commit, { vendored: 'b' });
    await room.moved(start);
    await room.revert(commit, 'bob');
    expect(only()?.body).toContain('`vendored`: a submodule');
    expect(only()?.body).toContain('1 file as before');
  });

  it('says where nothing is left to revert', async () => {
    const commit = push({ 'app.yaml': pod('6') });
    await room.moved(start);
    push({ 'app.yaml': pod('1') });
    await room.revert(commit, 'bob');
    expect(only()).toBeUndefined();
    expect(bypassCheck(commit)?.title).toBe('Nothing of it is left to revert');
  });

  it.each([
    ['somebody who may not write', 'stranger', true],
    ['anybody, of a commit that is no bypass', 'bob', false],
  ])('is not proposed for %s', async (_who, by, isBypass) => {
    const commit = push({ 'app.yaml': pod('6') });
    if (isBypass) await room.moved(start);
    await room.revert(commit, by);
    expect(only()).toBeUndefined();
  });
});
