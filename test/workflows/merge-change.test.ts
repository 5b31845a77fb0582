import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProposedBump } from '../../src/domain/bump.ts';
import { HOLD_LABEL, type ChangeRef } from '../../src/domain/change.ts';
import { parseImageReference } from '../../src/domain/image.ts';
import { formatSubject } from '../../src/domain/subject.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store, WakeReason } from '../../src/store/store.ts';
import { refuseMergeGroup } from '../../src/workflows/merge-group.ts';
import { temporaryDirectory } from '../support/database.ts';
import { silentLog as log } from '../support/silent.ts';
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

const AUTO = 'version: 1\nenvironments:\n  staging: { paths: ["*.yaml"], merge: auto }\n';
const FILES = { '.tagalong.yml': 'version: 1\n', 'app.yaml': deployment('1.0.0'), 'other.yaml': 'a: 1\n' };
const pushed: WakeReason = { kind: 'change-updated', state: 'open', headCommit: '' };
const reviewed: WakeReason = { kind: 'change-touched', what: 'reviews' };
const due: WakeReason = { kind: 'due', what: 'gate' };

function propose(files: Record<string, string> = { 'app.yaml': deployment('2.0.0') }): ChangeRef {
  room.forge.push(room.deploy, 'mine', files);
  return room.forge.openChange(room.deploy, 'mine', 'by hand');
}

async function approve(change: ChangeRef): Promise<void> {
  room.forge.review(change, 'approved', { author: 'alice' });
  await room.wake(change, reviewed);
}

const { name: image } = parseImageReference('ghcr.io/acme/shop') ?? expect.unreachable();

/** A bump by the bot from 1.0.0, as it is remembered. */
async function bump(tag = '2.0.0', { isSaved = true } = {}): Promise<ProposedBump> {
  const branch = 'tagalong/staging/shop.000000';
  const baseCommit = room.head();
  const written = await room.forge.propose(room.deploy, {
    branch,
    targetBranch: 'main',
    baseCommit,
    files: [{ path: 'app.yaml', content: deployment(tag) }],
    message: { headline: 'Bump' },
    title: 'Bump',
    body: '',
    labels: [],
  });
  const proposed: ProposedBump = {
    repository: room.deploy,
    environment: 'staging',
    image,
    from: [{ tag: '1.0.0' }],
    to: { tag, publishedAt: room.clock },
    change: written.number,
    branch,
    headCommit: written.headCommit,
    baseCommit,
    state: 'open',
    history: [],
    proposedAt: room.clock,
  };
  if (isSaved) await store.bumps.save(proposed);
  return proposed;
}

const refOf = ({ repository, change: number }: ProposedBump): ChangeRef => ({ repository, number });
const writtenBy = ({ headCommit }: ProposedBump): WakeReason => ({ kind: 'change-written', headCommit, created: true });

async function mergesInLog(change: ChangeRef) {
  const entries = await store.audit.entries({ repository: room.deploy, change: change.number, limit: 50 });
  return entries.filter(({ action }) => action === 'merge');
}

async function waiting(): Promise<string[]> {
  return (await store.admin.entries()).map(({ subject }) => subject);
}

beforeEach(async () => {
  room = await openRoom(store, FILES);
});

describe('a change that somebody asked to be merged', () => {
  it('is merged once it passes, and the log says who asked', async () => {
    const change = propose();
    await room.wake(change, pushed);
    await room.command(change, '/merge', 'bob');
    expect(room.current(change).state).toBe('open');
    await approve(change);
    expect(room.current(change).state).toBe('merged');
    expect(await mergesInLog(change)).toMatchObject([{ actor: { kind: 'person', name: 'bob' }, event: '/merge' }]);
  });

  it('is logged with who asked, also when the bot is killed before it has written that', async () => {
    room = await openRoom(dyingAtLine(store, 'merge'), FILES);
    const change = propose();
    await room.wake(change, pushed);
    await room.command(change, '/merge', 'bob');
    await expect(approve(change)).rejects.toThrow('killed');
    expect(room.current(change).state).toBe('merged');
    await room.wake(change, reviewed);
    expect(await mergesInLog(change)).toMatchObject([{ actor: { kind: 'person', name: 'bob' }, event: '/merge' }]);
  });

  it('is merged once, however often it is asked', async () => {
    const change = propose();
    room.forge.review(change, 'approved', { author: 'alice' });
    await room.wake(change, pushed);
    await room.command(change, '/merge', 'bob');
    await room.command(change, '/merge', 'alice');
    await room.wake(change, due);
    expect(room.forge.writes.filter((write) => write === 'merge')).toHaveLength(1);
    expect(await mergesInLog(change)).toHaveLength(1);
  });

  it('is not merged any more once a person pushes, also where that renders the same', async () => {
    const change = propose();
    await room.wake(change, pushed);
    await room.command(change, '/merge', 'bob');
    room.forge.push(room.deploy, 'mine', { 'app.yaml': deployment('2.0.0', ' # same') });
    await approve(change);
    expect(room.gate(change)).toBe('success');
    expect(room.current(change).state).toBe('open');
  });

  it('is brought up to date first, and merged at the next look', async () => {
    const change = propose();
    await room.wake(change, pushed);
    room.forge.push(room.deploy, 'main', { 'other.yaml': 'a: 2\n' });
    await room.command(change, '/merge', 'bob');
    await approve(change);
    expect(room.forge.writes).toContain('update-branch');
    expect(room.current(change).state).toBe('open');
    await room.wake(change, pushed);
    expect(room.current(change).state).toBe('merged');
    expect(room.forge.repositoryAt(room.deploy).files('main').get('other.yaml')).toBe('a: 2\n');
  });

  it('stays open where the forge refuses, which is told once', async () => {
    room.forge.allowMethods(room.deploy, []);
    const change = propose();
    room.forge.review(change, 'approved', { author: 'alice' });
    await room.wake(change, pushed);
    await room.command(change, '/merge', 'bob');
    await room.wake(change, due);
    const told = room.forge.comments(change).filter(({ body }) => body.includes('Not merged'));
    expect(told).toHaveLength(1);
    const writes = [...room.forge.writes];
    await room.wake(change, due);
    expect(room.forge.writes).toEqual(writes);
  });

  it('is not merged where the gate does not pass at that moment', async () => {
    const change = propose();
    room.forge.review(change, 'approved', { author: 'alice' });
    room.forge.edit(change, { labels: ['tagalong: hold'] });
    await room.command(change, '/merge', 'bob');
    await room.wake(change, due);
    expect(room.current(change).state).toBe('open');
  });
});

describe('a bump of the bot', () => {
  it('is merged by itself where the environment says so, without any approval', async () => {
    room = await openRoom(store, { ...FILES, '.tagalong.yml': AUTO });
    const proposed = await bump();
    await room.wake(refOf(proposed), writtenBy(proposed));
    expect(room.current(refOf(proposed)).state).toBe('merged');
    const [merge] = await mergesInLog(refOf(proposed));
    expect(merge).toMatchObject({ actor: { kind: 'bot' }, event: 'policy merge: auto', environment: 'staging', image });
    const [remembered] = await store.bumps.ofChange(room.deploy, proposed.change);
    expect(remembered).toMatchObject({ state: 'merged', mergeCommit: room.head() });
    expect(room.head(proposed.branch)).toBe('');
    expect(await waiting()).toContain(formatSubject({ kind: 'deploys', repository: room.deploy }));
  });

  it('is not where the environment does not say so', async () => {
    const proposed = await bump();
    await room.wake(refOf(proposed), writtenBy(proposed));
    expect(room.current(refOf(proposed)).state).toBe('open');
    expect(room.gate(refOf(proposed))).toBe('pending');
  });

  it.each(['person', 'tagalong[bot]'])(
    'is not once somebody has pushed to it, who calls himself %s',
    async (author) => {
      room = await openRoom(store, { ...FILES, '.tagalong.yml': AUTO });
      const proposed = await bump();
      room.forge.push(room.deploy, proposed.branch, { 'other.yaml': 'a: 6\n' }, { author });
      await room.wake(refOf(proposed), pushed);
      expect(room.current(refOf(proposed)).state).toBe('open');
      expect(room.gate(refOf(proposed))).toBe('pending');
    },
  );

  it('is not where the bot has written on top of what somebody pushed in its name', async () => {
    room = await openRoom(store, { ...FILES, '.tagalong.yml': AUTO });
    const proposed = await bump();
    const author = 'tagalong[bot]';
    room.forge.push(room.deploy, proposed.branch, { 'other.yaml': 'a: 6\n' }, { author });
    const headCommit = room.forge.push(room.deploy, proposed.branch, { 'app.yaml': deployment('3.0.0') }, { author });
    await store.bumps.save({ ...proposed, headCommit, to: { tag: '3.0.0', publishedAt: room.clock } });
    await room.wake(refOf(proposed), { kind: 'change-written', headCommit, created: false });
    expect(room.current(refOf(proposed)).state).toBe('open');
  });

  it('is merged where every commit of several is remembered as its own', async () => {
    room = await openRoom(store, { ...FILES, '.tagalong.yml': AUTO });
    const proposed = await bump();
    const [author, key] = ['tagalong[bot]', `propose ${proposed.headCommit}`];
    const at = { key, at: room.clock, repository: room.deploy, change: proposed.change, event: 'test' };
    const details = { commit: proposed.headCommit };
    await store.audit.append([{ ...at, actor: { kind: 'bot', name: 'tagalong' }, action: 'propose', details }]);
    const headCommit = room.forge.push(room.deploy, proposed.branch, { 'app.yaml': deployment('3.0.0') }, { author });
    await store.bumps.save({ ...proposed, headCommit, to: { tag: '3.0.0', publishedAt: room.clock } });
    await room.wake(refOf(proposed), { kind: 'change-written', headCommit, created: false });
    expect(room.current(refOf(proposed)).state).toBe('merged');
  });

  it('that is behind its branch is built anew by the repository, and not merged before', async () => {
    room = await openRoom(store, { ...FILES, '.tagalong.yml': AUTO });
    const proposed = await bump();
    room.forge.push(room.deploy, 'main', { 'other.yaml': 'a: 2\n' });
    await room.wake(refOf(proposed), writtenBy(proposed));
    expect(room.current(refOf(proposed)).state).toBe('open');
    expect(room.forge.writes).not.toContain('update-branch');
    expect(await waiting()).toContain(formatSubject({ kind: 'repository', repository: room.deploy }));
  });

  it('that a person merged is remembered with its commit, and logged with whoever it was', async () => {
    const proposed = await bump();
    const mergeCommit = room.forge.mergeAsPerson(refOf(proposed), { by: 'bob' });
    await room.wake(refOf(proposed), { kind: 'change-updated', state: 'merged', headCommit: proposed.headCommit });
    const [remembered] = await store.bumps.ofChange(room.deploy, proposed.change);
    expect(remembered).toMatchObject({ state: 'merged', mergeCommit });
    expect(await mergesInLog(refOf(proposed))).toHaveLength(1);
    expect(room.gate(refOf(proposed))).toBeUndefined();
  });
});

describe('a command on a bump that the bot was killed before it remembered', () => {
  it('waits until it is remembered, and nothing merges meanwhile', async () => {
    const proposed = await bump('2.0.0', { isSaved: false });
    const change = refOf(proposed);
    await expect(room.command(change, '/skip leaks', 'bob')).rejects.toMatchObject({ code: 'forge-conflict' });
    expect(room.forge.comments(change)).toHaveLength(1);
    expect(room.gate(change)).toBeUndefined();
    await store.bumps.save(proposed);
    await room.command(change, '/skip leaks', 'bob');
    expect(room.current(change).state).toBe('closed');
  });
});

describe('the end of a bump', () => {
  it('is remembered before anybody looks who waits for it', async () => {
    const early: WakeReason[] = [];
    const wake: Store['inbox']['wake'] = (subject, reason) => {
      if (reason.kind === 'bump-merged') early.push(reason);
      return store.inbox.wake(subject, reason);
    };
    room = await openRoom({ ...store, inbox: { ...store.inbox, wake } }, FILES);
    const proposed = await bump();
    room.forge.mergeAsPerson(refOf(proposed), { by: 'bob' });
    await room.wake(refOf(proposed), { kind: 'change-updated', state: 'merged', headCommit: proposed.headCommit });
    expect(early).toEqual([]);
    expect(await waiting()).toContain(formatSubject({ kind: 'deploys', repository: room.deploy }));
    expect(await waiting()).toContain(formatSubject({ kind: 'repository', repository: room.deploy }));
  });

  it('is completed where it was remembered without the commit', async () => {
    const proposed = await bump();
    const mergeCommit = room.forge.mergeAsPerson(refOf(proposed), { by: 'bob' });
    await store.bumps.setState(room.deploy, proposed.change, 'merged');
    await room.wake(refOf(proposed), { kind: 'change-updated', state: 'merged', headCommit: proposed.headCommit });
    expect(await store.bumps.ofChange(room.deploy, proposed.change)).toMatchObject([{ mergeCommit }]);
  });
});

describe('a merge queue', () => {
  interface Group {
    readonly headCommit: string;
    readonly baseCommit: string;
  }
  const ask = (change: ChangeRef, group: Group) => room.wake(change, { kind: 'merge-group', ...group });
  const gateOn = ({ headCommit }: Pick<Group, 'headCommit'>) =>
    room.forge.checks(room.deploy, headCommit).find(({ name }) => name === 'tagalong/review');

  async function approved(branch: string, file: string): Promise<ChangeRef> {
    room.forge.push(room.deploy, branch, { [file]: deployment('2.0.0') });
    const change = room.forge.openChange(room.deploy, branch, branch);
    await room.wake(change, pushed);
    await approve(change);
    return change;
  }

  it('gets the verdict of the change, where the commit does what the change does', async () => {
    const change = propose();
    const same = room.forge.push(room.deploy, 'queue', { 'app.yaml': deployment('2.0.0', ' # in the queue') });
    const group = room.forge.enqueue(change, same);
    await ask(change, group);
    expect(gateOn(group)?.conclusion).toBe('pending');
    await approve(change);
    await ask(change, group);
    expect(gateOn(group)?.conclusion).toBe('success');
  });

  it('is held back where the commit does something else, whatever was approved', async () => {
    const change = propose();
    await approve(change);
    const group = room.forge.enqueue(
      change,
      room.forge.push(room.deploy, 'queue', { 'app.yaml': deployment('6.6.6') }),
    );
    await ask(change, group);
    expect(gateOn(group)?.conclusion).toBe('failure');
  });

  it('is held back where the change is not open, or not known', async () => {
    const change = propose();
    await approve(change);
    const group = room.forge.enqueue(change);
    room.forge.closeAsPerson(change);
    await ask(change, group);
    expect(gateOn(group)?.conclusion).toBe('failure');
    const unnamed = { headCommit: room.forge.push(room.deploy, 'queue-2', { 'app.yaml': deployment('2.0.0') }) };
    await refuseMergeGroup(room, room.deploy, unnamed);
    expect(gateOn(unnamed)?.conclusion).toBe('failure');
  });

  it('is held back where the commit cannot be read', async () => {
    const change = propose();
    await approve(change);
    const group = room.forge.enqueue(change);
    room.gone(group.headCommit);
    await expect(ask(change, group)).rejects.toMatchObject({ code: 'git-failed' });
    expect(gateOn(group)?.conclusion).toBe('pending');
  });

  it('lets several in by the check of the last, where each of them passes', async () => {
    const changes = [await approved('a', 'a.yaml'), await approved('b', 'b.yaml'), await approved('c', 'c.yaml')];
    const groups = changes.map((change) => [change, room.forge.enqueue(change)] as const);
    for (const [change, group] of groups) {
      await ask(change, group);
      expect(gateOn(group)?.conclusion).toBe('success');
    }
  });

  it('lets nothing in with one before it that is held meanwhile, and everything once that is let go', async () => {
    const [held, last] = [await approved('a', 'a.yaml'), await approved('b', 'b.yaml')];
    const first = room.forge.enqueue(held);
    await ask(held, first);
    expect(gateOn(first)?.conclusion).toBe('success');
    await room.forge.setLabels(held, { add: [HOLD_LABEL] });
    const group = room.forge.enqueue(last);
    await ask(last, group);
    expect(gateOn(group)).toMatchObject({
      conclusion: 'pending',
      title: `#${held.number} is before it in the merge queue, so it would be merged with it, and #${held.number} does not pass`,
    });
    await room.forge.setLabels(held, { remove: [HOLD_LABEL] });
    await ask(last, group);
    expect(gateOn(group)?.conclusion).toBe('success');
  });

  it('lets nothing in with one before it that the queue would merge as something else', async () => {
    const [first, last] = [await approved('a', 'a.yaml'), await approved('b', 'b.yaml')];
    room.forge.enqueue(first, room.forge.push(room.deploy, 'queue', { 'a.yaml': deployment('6.6.6') }));
    const group = room.forge.enqueue(last);
    await ask(last, group);
    expect(gateOn(group)?.conclusion).toBe('failure');
  });

  it('has nothing to do with those behind, and with what is merged already', async () => {
    const [first, second] = [await approved('a', 'a.yaml'), await approved('b', 'b.yaml')];
    const before = room.forge.enqueue(first);
    const group = room.forge.enqueue(second);
    const unread = propose();
    room.forge.enqueue(unread);
    room.forge.repositoryAt(room.deploy).branches.set('main', before.headCommit);
    await ask(second, group);
    expect(gateOn(group)?.conclusion).toBe('success');
  });

  it('is held back where something is in the commit that the queue does not show', async () => {
    const [hidden, last] = [await approved('a', 'a.yaml'), await approved('b', 'b.yaml')];
    room.forge.enqueue(hidden);
    const group = room.forge.enqueue(last);
    room.forge.dequeue(hidden);
    await expect(ask(last, group)).rejects.toMatchObject({ code: 'forge-conflict' });
    expect(gateOn(group)?.conclusion).toBe('pending');
  });

  it('is held back where the change has left it, and where two share one commit', async () => {
    const [first, last] = [await approved('a', 'a.yaml'), await approved('b', 'b.yaml')];
    const group = room.forge.enqueue(last);
    room.forge.enqueue(first, group.headCommit);
    await ask(last, group);
    expect(gateOn(group)?.conclusion).toBe('failure');
    room.forge.dequeue(last);
    await ask(last, group);
    expect(gateOn(group)?.summary).toContain('not in the merge queue any more');
  });

  it('that cannot be answered yet keeps the change itself from nothing', async () => {
    const change = await approved('a', 'a.yaml');
    const group = room.forge.enqueue(change);
    const older = { ...group, headCommit: room.head() };
    room.forge.push(room.deploy, 'a', { 'a.yaml': deployment('3.0.0') });
    await expect(
      room.wake(change, { kind: 'merge-group', ...older }, { kind: 'merge-group', ...group }, pushed),
    ).rejects.toMatchObject({ code: 'forge-conflict' });
    expect(gateOn(group)?.conclusion).toBe('failure');
    expect(room.gate(change)).toBe('pending');
  });
});
