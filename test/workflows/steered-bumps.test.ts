import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { configPaths } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import type { AuditEntry } from '../../src/domain/audit.ts';
import type { Change } from '../../src/domain/change.ts';
import { parseImageName, type ImageName } from '../../src/domain/image.ts';
import { repositoryKey, type RepositoryRef } from '../../src/domain/repository.ts';
import type { Decision, Pin, SteeringAction } from '../../src/domain/steering.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { proposeBumps } from '../../src/workflows/propose-bumps.ts';
import { scanChanges } from '../../src/workflows/refresh-index.ts';
import { settleBump } from '../../src/workflows/settle-bump.ts';
import { createFakeForge, type FakeForge } from '../support/fake-forge.ts';
import { createFakeMirrors, type FakeMirrors } from '../support/fake-mirrors.ts';
import { silentLog as log, silentMetrics as metrics } from '../support/silent.ts';

let store: Store;
let directory: string;
let forge: FakeForge;
let mirrors: FakeMirrors;
let deploy: RepositoryRef;
let image: ImageName;
let names = 0;
let clock = new Date('2026-11-21T12:00:00Z');
const now = () => clock;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tagalong-steered-'));
  store = await openStore({ dataDirectory: directory, now, log });
});

afterAll(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

/** Production at 1.4.2, with 1.5.0 merged over it. */
beforeEach(async () => {
  image = parseImageName(`ghcr.io/acme/shop${++names}`) ?? expect.unreachable();
  forge = createFakeForge(now);
  mirrors = createFakeMirrors(forge);
  deploy = forge.addRepository(`acme/steered-${names}`, { '.tagalong.yml': '', 'app.yaml': manifest('1.4.2') });
  await publish('1.5.0');
  await look();
  await merge(latest());
  await look();
  expect(standing()).toBe('1.5.0');
});

const manifest = (tag: string, label = '593e9dd') => `apiVersion: v1
kind: Pod
metadata:
  name: shop
  labels: { commitHash: ${label} }
spec:
  containers:
    - name: shop
      image: ${image}:${tag} # by the bot
`;

function pass(minutes = 1): void {
  clock = new Date(clock.getTime() + minutes * 60_000);
}

/** As a run of the repository does it, at the newest commit or at one that is given. */
async function look(options: { at?: string; rebuild?: number[] } = {}): Promise<void> {
  pass();
  const ref = 'refs/heads/main';
  const head = options.at ?? (await mirrors.fetch(deploy, [ref])).get(ref) ?? expect.unreachable();
  const known = (await store.known(deploy)) ?? { repository: deploy, defaultBranch: 'main' };
  const changes = await scanChanges(mirrors, known, head);
  await store.update({ ...known, indexedCommit: head }, changes.mentions, changes);
  const read = readConfig(new Map([...forge.repositoryAt(deploy).files(head)].filter(isConfig)));
  if (read.kind !== 'valid') throw new Error('not valid');
  const at = { known, head, config: read.config, wokenAt: now(), event: 'delivery test 1' };
  await proposeBumps({ forge, mirrors, store, log, metrics, now }, { ...at, rebuild: new Set(options.rebuild) });
}

function isConfig([path]: readonly [string, string]): boolean {
  return configPaths.includes(path);
}

async function publish(tag: string, commit?: string, digest?: string): Promise<void> {
  const more = { ...(commit !== undefined && { provenance: { commit } }), ...(digest !== undefined && { digest }) };
  const published = [{ kind: 'image-published', image, tag, publishedAt: now().toISOString(), ...more }] as const;
  await store.inbox.accept({ id: `${++names}`, sender: 'test', receivedAt: now(), published, wakes: [] });
}

async function merge({ number }: Change): Promise<string> {
  pass();
  const commit = forge.mergeAsPerson({ repository: deploy, number });
  await store.bumps.setState(deploy, number, 'merged', commit);
  return commit;
}

/** Publishes a version, and has it proposed, merged and heard of. */
async function bump(tag: string): Promise<void> {
  await publish(tag);
  await look();
  await merge(latest());
  await look();
}

async function decline({ number }: Change): Promise<void> {
  pass();
  forge.closeAsPerson({ repository: deploy, number });
  await store.bumps.setState(deploy, number, 'closed');
}

async function steer(action: SteeringAction): Promise<void> {
  const entry: AuditEntry = {
    key: `test ${++names}`,
    at: now(),
    actor: { kind: 'person', name: 'ann' },
    action: 'pin',
    repository: deploy,
    event: 'comment 1',
    details: {},
  };
  await store.steering.apply(deploy, action, entry, []);
}

function said(): Decision & { repository: RepositoryRef; environment: string; image: ImageName } {
  pass();
  return { by: 'ann', at: now(), reason: 'payments fail', repository: deploy, environment: 'main', image };
}

const rollBack = (tag: string, part: Partial<Pin> = {}) =>
  steer({ kind: 'pin', pin: { ...said(), version: { tag }, origin: 'rollback', ...part } });
const unpin = () => steer({ kind: 'unpin', environment: 'main', image });
const ask = (tag: string) => steer({ kind: 'request', request: { ...said(), version: { tag, publishedAt: now() } } });

function latest(): Change {
  return forge.changes(deploy).at(-1) ?? expect.unreachable();
}

function fileOf(revision: string): string {
  return forge.repositoryAt(deploy).files(revision).get('app.yaml') ?? '';
}

const tagIn = (revision: string) => /image: [^\s:]+:(\S+)/.exec(fileOf(revision))?.[1];
const standing = () => tagIn('main');
const push = (tag: string, options: { author?: string; message?: string } = {}) =>
  forge.push(deploy, 'main', { 'app.yaml': manifest(tag) }, options);
const numbers = () => forge.changes(deploy).map(({ number }) => number);
const pins = async () => (await store.steering.ofRepository(deploy, now())).pins;
const audit = () => store.audit.entries({ repository: deploy, limit: 100 });

describe('a rollback', () => {
  beforeEach(() => rollBack('1.4.2'));

  it('is proposed with who asked for it and why', async () => {
    await look();
    const change = latest();
    expect(change.title).toMatch(/^Roll back acme\/shop\d+ to 1\.4\.2 in main$/);
    expect(change.body).toContain('**Merge this to go back to `1.4.2`.** Asked for by **ann**: `payments fail`');
    expect(fileOf(change.headCommit)).toBe(manifest('1.4.2'));
  });

  it('holds against newer versions, before it is merged and after', async () => {
    await look();
    await publish('1.6.0');
    await look();
    expect(tagIn(latest().headCommit)).toBe('1.4.2');
    await merge(latest());
    await look();
    await publish('1.7.0');
    await look();
    expect(standing()).toBe('1.4.2');
    expect(numbers()).toHaveLength(2);
  });

  it('is written into the open change of a newer version', async () => {
    await unpin();
    await publish('1.6.0');
    await look();
    await rollBack('1.4.2');
    await look();
    expect(latest()).toMatchObject({ state: 'open', number: 2 });
    expect(latest().title).toContain('Roll back');
    expect(latest().body).toContain('Proposed here before: `1.6.0`');
    expect(tagIn(latest().headCommit)).toBe('1.4.2');
  });

  it('is not proposed again when a person closes it, until it is asked for anew', async () => {
    await look();
    await decline(latest());
    await look();
    expect(numbers()).toHaveLength(2);
    await rollBack('1.4.2');
    await look();
    expect(latest()).toMatchObject({ state: 'open', number: 3 });
  });

  it('is not proposed a second time between its merge and the news of it', async () => {
    await look();
    const before = forge.repositoryAt(deploy).branches.get('main') ?? '';
    await merge(latest());
    await look({ at: before });
    expect(numbers()).toHaveLength(2);
  });

  it('holds where somebody brings it by hand before its change is merged, and somebody else goes on', async () => {
    await rollBack('1.4.2');
    await look();
    push('1.4.2');
    await look();
    expect(latest()).toMatchObject({ state: 'closed', number: 2 });
    for (const bump of await store.bumps.ofChange(deploy, 2)) await settleBump(store.bumps, bump, { state: 'closed' });
    push('1.6.0');
    await look();
    expect(latest()).toMatchObject({ state: 'open', number: 3 });
    expect(tagIn(latest().headCommit)).toBe('1.4.2');
  });

  it('is proposed again when somebody goes around it', async () => {
    await look();
    await merge(latest());
    await look();
    push('1.6.0');
    await look();
    expect(latest()).toMatchObject({ state: 'open', number: 3 });
    expect(tagIn(latest().headCommit)).toBe('1.4.2');
  });

  it('lets newer versions through once it is unpinned, and not the one that was taken back', async () => {
    await look();
    await merge(latest());
    await unpin();
    await look();
    expect(numbers()).toHaveLength(2);
    await publish('1.6.0');
    await look();
    expect(tagIn(latest().headCommit)).toBe('1.6.0');
    expect(latest().title).toContain('Bump');
  });

  it('turns into the next bump when it is unpinned before it is merged', async () => {
    await publish('1.6.0');
    await look();
    await unpin();
    await look();
    expect(latest()).toMatchObject({ state: 'open', number: 2 });
    expect(tagIn(latest().headCommit)).toBe('1.6.0');
    expect(latest().title).toContain('Bump');
  });

  it('is written also where the commit of the old version is not known', async () => {
    const config = `version: 1\nimages: [{ match: '**', set: [{ path: metadata.labels.commitHash, value: '{commit.short}' }] }]\n`;
    forge.push(deploy, 'main', { '.tagalong.yml': config });
    await look();
    expect(fileOf(latest().headCommit)).toBe(manifest('1.4.2'));
    expect(latest().body).toContain('| Left as it is | `metadata.labels.commitHash`');
  });

  it('writes what belongs to the old version where it is known', async () => {
    const config = `version: 1\nimages: [{ match: '**', set: [{ path: metadata.labels.commitHash, value: '{commit.short}' }] }]\n`;
    forge.push(deploy, 'main', { '.tagalong.yml': config });
    await publish('1.4.2', '12e4567'.padEnd(40, '0'));
    await look();
    expect(fileOf(latest().headCommit)).toBe(manifest('1.4.2', '"12e4567"'));
  });

  it.each([0, 1, 2, 3])('is the same after an interruption behind %i writes', async (writes) => {
    forge.interruptAfter(writes);
    await look().catch(() => undefined);
    forge.interruptAfter(undefined);
    await look();
    expect(numbers()).toHaveLength(2);
    expect(latest().title).toContain('Roll back');
    expect(fileOf(latest().headCommit)).toBe(manifest('1.4.2'));
    expect((await audit()).filter(({ action, change }) => action === 'propose' && change === 2)).toHaveLength(1);
  });
});

describe('a pin', () => {
  it('of what stands closes the open change, which says why, and declines nothing', async () => {
    await publish('1.6.0');
    await look();
    await rollBack('1.5.0', { origin: 'pin' });
    await look();
    expect(latest()).toMatchObject({ state: 'closed', number: 2 });
    expect(forge.comments(latest())[0]?.body).toContain(
      '`1.5.0` is pinned in `main` by ann (`payments fail`), and stands there.',
    );
    await unpin();
    await look();
    expect(latest()).toMatchObject({ state: 'open', number: 3 });
    expect(tagIn(latest().headCommit)).toBe('1.6.0');
  });

  it('of what stands remembers the commit of a change that was merged in the same moment', async () => {
    await publish('1.6.0');
    await look();
    await rollBack('1.5.0', { origin: 'pin' });
    const at = forge.repositoryAt(deploy).branches.get('main') ?? '';
    const mergeCommit = forge.mergeAsPerson(latest());
    await look({ at });
    expect(await store.bumps.ofChange(deploy, 2)).toMatchObject([{ state: 'merged', mergeCommit }]);
  });

  it('ends by itself, and wakes the repository then', async () => {
    const until = new Date(clock.getTime() + 30 * 60_000);
    await rollBack('1.5.0', { origin: 'pin', until });
    await publish('1.6.0');
    let due: Date | undefined;
    const wakeAt: Store['inbox']['wakeAt'] = async (subject, reason, at) => {
      expect({ subject, reason }).toEqual({
        subject: { kind: 'repository', repository: deploy },
        reason: { kind: 'due', what: 'steering' },
      });
      due = at;
      await Promise.resolve();
    };
    const whole = store;
    store = { ...whole, inbox: { ...whole.inbox, wakeAt } };
    await look().finally(() => (store = whole));
    expect(due).toEqual(until);
    expect(numbers()).toHaveLength(1);
    pass(30);
    await look();
    expect(tagIn(latest().headCommit)).toBe('1.6.0');
  });
});

describe('a version that a person asked for', () => {
  it('is proposed although it was declined, and nothing newer takes its place', async () => {
    await publish('1.6.0');
    await look();
    await decline(latest());
    await ask('1.6.0');
    await look();
    expect(latest()).toMatchObject({ state: 'open', number: 3 });
    expect(latest().body).toContain('Asked for by **ann**: `payments fail`');
    await publish('1.7.0');
    await look();
    expect(tagIn(latest().headCommit)).toBe('1.6.0');
  });

  it('is forgotten once its change is merged, and what is newer comes', async () => {
    await ask('1.5.1');
    await look();
    await publish('1.7.0');
    await merge(latest());
    await look();
    expect((await store.steering.ofRepository(deploy, now())).requests).toEqual([]);
    expect(tagIn(latest().headCommit)).toBe('1.7.0');
    expect((await audit()).map(({ action }) => action)).toContain('fulfil');
  });

  it('is forgotten once its change is closed, although the clock of the forge is ahead', async () => {
    const at = new Date(clock.getTime() + 10 * 60_000);
    const version = { tag: '1.4.9', publishedAt: at };
    await steer({ kind: 'request', request: { ...said(), at, version } });
    await look();
    await decline(latest());
    await look();
    expect(numbers()).toHaveLength(2);
  });

  it('is forgotten once something is pinned, and does not come back when the pin ends', async () => {
    await ask('1.4.9');
    await look();
    await rollBack('1.4.2');
    await look();
    expect(tagIn(latest().headCommit)).toBe('1.4.2');
    await merge(latest());
    await look();
    await unpin();
    await look();
    expect(numbers()).toHaveLength(2);
    expect((await audit()).find(({ action }) => action === 'fulfil')?.details).toEqual({
      version: '1.4.9',
      reason: '`1.4.2` was pinned after that.',
    });
  });

  it('is forgotten once its change is closed', async () => {
    await ask('1.4.9');
    await look();
    expect(tagIn(latest().headCommit)).toBe('1.4.9');
    await decline(latest());
    await look();
    await look();
    expect(numbers()).toHaveLength(2);
    expect((await store.steering.ofRepository(deploy, now())).requests).toEqual([]);
  });
});

describe('a version that was skipped', () => {
  it('is not proposed again, also when it is long ago', async () => {
    await publish('1.6.0');
    await look();
    await steer({ kind: 'skip', skip: { ...said(), version: { tag: '1.6.0' } } });
    await look();
    expect(latest()).toMatchObject({ state: 'closed', number: 2 });
    pass(60 * 24 * 60);
    await look();
    expect(numbers()).toHaveLength(2);
    await publish('1.6.1');
    await look();
    expect(tagIn(latest().headCommit)).toBe('1.6.1');
  });
});

describe('a revert by hand', () => {
  const revert = () => push('1.4.2', { author: 'bob', message: 'Revert "Bump acme/shop" @everyone' });

  it('is kept, and told on the change that it took back', async () => {
    const commit = revert();
    forge.push(deploy, 'main', { 'notes.txt': 'x' });
    await look();
    expect(await pins()).toMatchObject([
      { version: { tag: '1.4.2' }, origin: 'revert', by: 'bob', reason: 'Revert "Bump acme/shop" @everyone' },
    ]);
    const [comment] = forge.comments({ repository: deploy, number: 1 });
    expect(comment?.body).toContain(`was taken back by hand in \`${commit.slice(0, 7)}\` by **bob**`);
    expect(await audit()).toContainEqual(
      expect.objectContaining({ action: 'revert', change: 1, actor: { kind: 'person', name: 'bob' } }),
    );
  });

  it('holds against newer versions, and closes what is proposed', async () => {
    await publish('1.6.0');
    await look();
    revert();
    await look();
    expect(latest()).toMatchObject({ state: 'closed', number: 2 });
    await publish('1.7.0');
    await look();
    expect(numbers()).toHaveLength(2);
  });

  it('by several steps at once is kept where it came to', async () => {
    await bump('1.6.0');
    push('1.4.2', { author: 'bob', message: 'Go back' });
    await look();
    expect(await pins()).toMatchObject([{ version: { tag: '1.4.2' }, origin: 'revert', reason: 'Go back' }]);
    await publish('1.7.0');
    await look();
    expect(numbers()).toHaveLength(2);
  });

  it('by one step after another is kept where it came to', async () => {
    await bump('1.6.0');
    push('1.5.0');
    await look();
    push('1.4.2', { author: 'eve' });
    await look();
    expect(await pins()).toMatchObject([{ version: { tag: '1.4.2' }, origin: 'revert', by: 'eve' }]);
    expect(forge.comments({ repository: deploy, number: 2 })).toHaveLength(1);
    expect(forge.comments({ repository: deploy, number: 2 })[0]?.body).toContain('`1.4.2` is kept until `/unpin`');
    expect((await audit()).filter(({ action }) => action === 'revert')).toHaveLength(2);
  });

  it('to an older version that never stood there is kept', async () => {
    push('1.3.9');
    await look();
    expect(await pins()).toMatchObject([{ version: { tag: '1.3.9' }, origin: 'revert' }]);
  });

  it('of a change that proposed several versions in turn is kept', async () => {
    await publish('1.6.0');
    await look();
    await bump('1.7.0');
    push('1.5.0');
    await look();
    expect(await pins()).toMatchObject([{ version: { tag: '1.5.0' }, origin: 'revert' }]);
  });

  it.each([
    ['squash', 'eve', 'Revert "Bump" (#2)'],
    ['merge', 'bob', 'Revert "Bump"'],
  ] as const)(
    'by the button of the forge, merged by %s, is kept, and tells who reverted',
    async (method, by, reason) => {
      forge.push(deploy, 'revert-1', { 'app.yaml': manifest('1.4.2') }, { author: 'bob', message: 'Revert "Bump"' });
      const change = forge.openChange(deploy, 'revert-1', 'Revert "Bump"', { author: 'bob' });
      forge.mergeAsPerson(change, { method, by: 'eve' });
      await look();
      expect(await pins()).toMatchObject([{ version: { tag: '1.4.2' }, origin: 'revert', by, reason }]);
    },
  );

  it('between digests of one tag is kept', async () => {
    const at = (digit: string) => `latest@sha256:${digit.repeat(64)}`;
    push(at('a'));
    await publish('latest', undefined, `sha256:${'a'.repeat(64)}`);
    pass();
    await publish('latest', undefined, `sha256:${'b'.repeat(64)}`);
    await look();
    await merge(latest());
    await look();
    expect(standing()).toBe(at('b'));
    push(at('a'));
    await look();
    expect(await pins()).toMatchObject([{ version: { digest: `sha256:${'a'.repeat(64)}` }, origin: 'revert' }]);
  });

  it('is not a commit that nobody has heard of, written over one', async () => {
    push('main-1111111');
    await publish('main-1111111');
    pass();
    await bump('main-2222222');
    push('main-3333333');
    await look();
    expect(await pins()).toEqual([]);
  });

  it('is let go by `/unpin`, for newer versions alone, and is not kept a second time', async () => {
    revert();
    await look();
    await unpin();
    await look();
    expect(await pins()).toEqual([]);
    expect(numbers()).toHaveLength(1);
    await publish('1.6.0');
    await look();
    expect(tagIn(latest().headCommit)).toBe('1.6.0');
    expect(await pins()).toEqual([]);
  });

  it('is let go when somebody writes another version by hand, and the next one is kept again', async () => {
    revert();
    await look();
    push('1.5.0');
    await look();
    expect(await pins()).toEqual([]);
    expect(forge.comments({ repository: deploy, number: 1 })).toHaveLength(1);
    expect(forge.comments({ repository: deploy, number: 1 })[0]?.body).toContain('somebody wrote `1.5.0` by hand');
    revert();
    await look();
    expect(await pins()).toMatchObject([{ version: { tag: '1.4.2' }, origin: 'revert' }]);
  });

  it('is kept however long ago the bump was merged', async () => {
    pass(60 * 24 * 90);
    revert();
    await look();
    expect(await pins()).toMatchObject([{ version: { tag: '1.4.2' }, origin: 'revert' }]);
    expect(numbers()).toHaveLength(1);
  });

  it('is not what files show that are older than the merge', async () => {
    push('1.6.0');
    push('1.5.0');
    const before = forge.repositoryAt(deploy).branches.get('main') ?? '';
    await publish('1.6.0');
    await look();
    await merge(latest());
    await look({ at: before });
    expect(await pins()).toEqual([]);
  });

  it('is not a step forwards, nor the way on from a rollback', async () => {
    push('1.5.7');
    await look();
    expect(await pins()).toEqual([]);
    await rollBack('1.5.0');
    await look();
    await merge(latest());
    await look();
    await unpin();
    push('1.5.7');
    await look();
    expect(await pins()).toEqual([]);
  });

  it('is not the way on from a rollback between commits, which only their publication orders', async () => {
    push('main-1111111');
    await publish('main-1111111');
    pass();
    await publish('main-2222222');
    await look();
    await merge(latest());
    await rollBack('main-1111111');
    await look();
    await merge(latest());
    expect(standing()).toBe('main-1111111');
    await unpin();
    push('main-2222222');
    await look();
    expect(await pins()).toEqual([]);
  });

  it('is kept once, whatever interrupts it', async () => {
    revert();
    forge.interruptAfter(0);
    await expect(look()).rejects.toMatchObject({ code: 'forge-unavailable' });
    expect(await pins()).toEqual([]);
    forge.interruptAfter(undefined);
    await look();
    await look();
    expect(await pins()).toHaveLength(1);
    expect(forge.comments({ repository: deploy, number: 1 })).toHaveLength(1);
  });
});

describe('a change that is to be built anew', () => {
  beforeEach(async () => {
    await publish('1.6.0');
    await look();
    forge.push(deploy, 'main', { 'notes.txt': 'x' });
  });

  it('is one commit on the newest base, and otherwise the same', async () => {
    const before = latest();
    await look({ rebuild: [before.number] });
    const after = latest();
    const git = forge.repositoryAt(deploy);
    expect(git.commit(after.headCommit).parent).toBe(git.branches.get('main'));
    expect(fileOf(after.headCommit)).toBe(manifest('1.6.0'));
    expect({ ...after, headCommit: '' }).toEqual({ ...before, headCommit: '' });
    const [bump] = await store.bumps.ofChange(deploy, after.number);
    expect(bump).toMatchObject({ headCommit: after.headCommit, baseCommit: git.branches.get('main'), history: [] });
  });

  it('is left alone when nobody asked for it, and when it is on the newest base', async () => {
    const { headCommit } = latest();
    await look();
    expect(latest().headCommit).toBe(headCommit);
    await look({ rebuild: [latest().number] });
    const writes = [...forge.writes];
    await look({ rebuild: [latest().number] });
    expect(forge.writes).toEqual(writes);
  });

  it('keeps what people have added, and gets the base merged in', async () => {
    const { number, sourceBranch } = latest();
    const added = forge.push(deploy, sourceBranch, { 'other.txt': 'y' });
    await look({ rebuild: [number] });
    const git = forge.repositoryAt(deploy);
    const head = latest().headCommit;
    expect(git.commit(head)).toMatchObject({ parent: added, merged: git.branches.get('main') });
    expect(git.files(head).get('other.txt')).toBe('y');
  });

  it('takes a newer version along', async () => {
    await publish('1.7.0');
    await look({ rebuild: [latest().number] });
    const git = forge.repositoryAt(deploy);
    expect(git.commit(latest().headCommit).parent).toBe(git.branches.get('main'));
    expect(tagIn(latest().headCommit)).toBe('1.7.0');
  });
});

it('all that the bot does by itself is in the audit log, once', async () => {
  await publish('1.6.0');
  await look();
  await publish('1.7.0');
  await look();
  await look();
  push('1.7.0');
  await look();
  const own = (await audit()).filter(({ change }) => change === 2).toReversed();
  expect(own.map(({ action, details }) => `${action} ${details['version']}`)).toEqual([
    'propose 1.6.0',
    'revise 1.7.0',
    'close 1.7.0',
  ]);
  expect(own[0]).toMatchObject({
    actor: { kind: 'bot', name: 'tagalong' },
    event: 'delivery test 1',
    environment: 'main',
    image,
    details: { from: '1.5.0' },
  });
  expect(own[0]?.key.startsWith(`${repositoryKey(deploy)}#2 propose 1.6.0 `)).toBe(true);
});
