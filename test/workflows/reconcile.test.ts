import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { configPaths } from '../../src/config/config.ts';
import type { ChangeRef } from '../../src/domain/change.ts';
import type { Event } from '../../src/domain/event.ts';
import { parseImageReference } from '../../src/domain/image.ts';
import { TagalongError } from '../../src/domain/errors.ts';
import { repositoryKey, type RepositoryRef } from '../../src/domain/repository.ts';
import type { Subject } from '../../src/domain/subject.ts';
import type { Notifier } from '../../src/notify/notify.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Reconciler, Store, Wake, WakeReason } from '../../src/store/store.ts';
import { accept } from '../../src/workflows/accept.ts';
import { reconciler } from '../../src/workflows/reconcile.ts';
import { createFakeForge, type FakeForge } from '../support/fake-forge.ts';
import { createFakeMirrors, type FakeMirrors } from '../support/fake-mirrors.ts';
import { silentLog as log, silentMetrics as metrics } from '../support/silent.ts';

/** The wakes are handed over by hand here, so that each test says itself what is heard, and when. */
let store: Store;
let directory: string;
let forge: FakeForge;
let mirrors: FakeMirrors;
let deploy: RepositoryRef;
let run: Reconciler;
let names = 0;
const now = () => new Date('2026-11-21T12:00:00Z');

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tagalong-reconcile-'));
  store = await openStore({ dataDirectory: directory, now, log });
});

afterAll(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

const deployment = (image: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  labels: { deployDate: 2020-01-01, commitHash: 593e9dd }
spec:
  template:
    spec:
      containers:
        - name: shop
          image: ${image} # by the bot
`;

function start(files: Record<string, string>): void {
  forge = createFakeForge();
  mirrors = createFakeMirrors(forge);
  deploy = forge.addRepository(`acme/deploy-${++names}`, files);
  restart();
}

async function reconcile(subject: Subject, ...reasons: WakeReason[]): Promise<void> {
  const wakes = reasons.map((reason, index): Wake => ({ id: String(index), reason, wokenAt: now() }));
  await run(subject, wakes);
}

const notifier: Notifier = { mode: 'off', notify: () => Promise.resolve(undefined) };

/** As after a restart of the process. */
function restart(): void {
  const renderer = createRenderer({ helm: 'helm', kustomize: 'kustomize', searchPath: '' });
  run = reconciler({
    forge,
    mirrors,
    renderer,
    store,
    notifier,
    log,
    metrics,
    now,
    commentLimit: 65_536,
    bypassWaitMs: 0,
  });
}

const repositorySubject = (): Subject => ({ kind: 'repository', repository: deploy });
const installed = () => reconcile(repositorySubject(), { kind: 'installed' });
const pushed = (commit?: string) =>
  reconcile(repositorySubject(), { kind: 'branch-pushed', branch: 'main', ...(commit !== undefined && { commit }) });

/** Each publication has a name of its own in the inbox. */
async function publish(reference: string, commit?: string): Promise<void> {
  const { name: image, tag = '', digest } = parseImageReference(reference) ?? expect.unreachable(reference);
  const event: Event = {
    kind: 'image-published',
    image,
    tag,
    ...(digest !== undefined && { digest }),
    ...(commit !== undefined && { provenance: { commit, repository: 'acme/shop' } }),
  };
  await accept({ inbox: store.inbox, log, metrics, now, configPaths }, 'test', `${++names}`, [event]);
  await reconcile(repositorySubject(), { kind: 'image-published', image });
}

function only(): ChangeRef & { title: string; state: string; headCommit: string; body: string } {
  const changes = forge.changes(deploy);
  expect(changes).toHaveLength(1);
  return changes[0] ?? expect.unreachable();
}

const fileOf = (revision: string, path = 'app.yaml') => forge.repositoryAt(deploy).files(revision).get(path);

/** Images are remembered over repositories, so each test has its own. */
let image: string;
beforeEach(() => {
  image = `ghcr.io/acme/shop${++names}`;
});

describe('a repository', () => {
  it('that has no configuration is left alone', async () => {
    start({ 'app.yaml': deployment(`${image}:1.0.0`) });
    await installed();
    await publish(`${image}:1.1.0`);
    expect(forge.writes).toEqual([]);
    expect(await store.known(deploy)).toBeUndefined();
  });

  it('opts in with an empty configuration, and gets a change for the next version', async () => {
    start({ '.tagalong.yml': '', 'app.yaml': deployment(`${image}:1.0.0`) });
    await installed();
    await publish(`${image}:1.1.0`);
    const change = only();
    expect(change.title).toMatch(/^Bump acme\/shop\d+ from 1\.0\.0 to 1\.1\.0 in main$/);
    expect(fileOf(change.headCommit)).toBe(deployment(`${image}:1.1.0`));
  });

  it('that opts in late gets what was published before', async () => {
    start({ 'app.yaml': deployment(`${image}:1.0.0`) });
    await installed();
    await publish(`${image}:1.1.0`);
    forge.push(deploy, 'main', { '.tagalong.yml': 'version: 1\n' });
    await pushed();
    expect(only().title).toContain('to 1.1.0');
  });

  it('that removes its configuration is forgotten', async () => {
    start({ '.tagalong.yml': '', 'app.yaml': deployment(`${image}:1.0.0`) });
    await installed();
    forge.push(deploy, 'main', { '.tagalong.yml': undefined });
    await pushed();
    await publish(`${image}:1.1.0`);
    expect(forge.changes(deploy)).toEqual([]);
    expect(await store.known(deploy)).toBeUndefined();
  });

  it('with a broken configuration gets a failed check where it is broken, and no change', async () => {
    start({ '.tagalong.yml': 'version: 1\nenviroments: {}\n', 'app.yaml': deployment(`${image}:1.0.0`) });
    await installed();
    await publish(`${image}:1.1.0`);
    const head = forge.repositoryAt(deploy).branches.get('main') ?? '';
    expect(forge.checks(deploy, head)).toMatchObject([
      { name: 'tagalong/config', conclusion: 'failure', annotations: [{ path: '.tagalong.yml', line: 2, column: 1 }] },
    ]);
    expect(forge.checks(deploy, head)[0]?.summary).toContain('environments');
    expect(forge.changes(deploy)).toEqual([]);

    const mended = forge.push(deploy, 'main', { '.tagalong.yml': 'version: 1\n' });
    await pushed();
    expect(forge.checks(deploy, mended)).toContainEqual(
      expect.objectContaining({ name: 'tagalong/config', conclusion: 'success' }),
    );
    expect(only().title).toContain('to 1.1.0');
  });

  it('with one unreadable file gets a neutral check about it, and changes in the others', async () => {
    start({
      '.tagalong.yml': '',
      'app.yaml': deployment(`${image}:1.0.0`),
      'broken.yaml': 'kind: Pod\nspec:\n  containers: [ image: x\n',
    });
    await installed();
    await publish(`${image}:1.1.0`);
    const head = forge.repositoryAt(deploy).branches.get('main') ?? '';
    expect(forge.checks(deploy, head)).toMatchObject([
      { name: 'tagalong/config' },
      { name: 'tagalong/manifests', conclusion: 'neutral', annotations: [{ path: 'broken.yaml' }] },
    ]);
    expect(only().title).toContain('to 1.1.0');
  });

  it('is read from the mirror as it is when only an image was published', async () => {
    start({ '.tagalong.yml': '', 'app.yaml': deployment(`${image}:1.0.0`) });
    await installed();
    const { fetches } = mirrors;
    await publish(`${image}:1.1.0`);
    expect(mirrors.fetches).toBe(fetches);
  });

  it('is read from the forge when the process is new, because nobody listened before', async () => {
    start({ '.tagalong.yml': '', 'app.yaml': deployment(`${image}:1.0.0`) });
    await installed();
    forge.push(deploy, 'main', { 'app.yaml': deployment(`${image}:1.1.0`) });
    restart();
    await publish(`${image}:1.1.0`);
    expect(forge.changes(deploy)).toEqual([]);
  });

  it('is read from the forge when another process has heard of a push', async () => {
    start({ '.tagalong.yml': '', 'app.yaml': deployment(`${image}:1.0.0`) });
    await installed();
    const heard = forge.push(deploy, 'main', { 'app.yaml': deployment(`${image}:1.1.0`) });
    const known = (await store.known(deploy)) ?? expect.unreachable();
    await store.update({ ...known, indexedCommit: heard }, new Map());
    await publish(`${image}:1.1.0`);
    expect(forge.changes(deploy)).toEqual([]);
  });
});

describe('the living change of an image in an environment', () => {
  beforeEach(async () => {
    start({ '.tagalong.yml': '', 'app.yaml': deployment(`${image}:1.0.0`), 'other.yaml': 'a: 1\n' });
    await installed();
    await publish(`${image}:1.1.0`);
  });

  it('is written once, however often the same is heard', async () => {
    const writes = [...forge.writes];
    await publish(`${image}:1.1.0`);
    await installed();
    await pushed();
    expect(forge.writes).toEqual(writes);
  });

  it('takes a newer version in, and keeps the history', async () => {
    await publish(`${image}:1.2.0`);
    const change = only();
    expect(change.title).toContain('from 1.0.0 to 1.2.0');
    expect(change.body).toContain('Proposed here before: `1.1.0`');
    expect(change.body).toContain('| Written in | `app.yaml:11` |');
    expect(fileOf(change.headCommit)).toBe(deployment(`${image}:1.2.0`));
  });

  it('keeps what a person added to its branch', async () => {
    const [{ sourceBranch }] = [forge.changes(deploy)[0] ?? expect.unreachable()];
    forge.push(deploy, sourceBranch, { 'other.yaml': 'a: 2\n' });
    await publish(`${image}:1.2.0`);
    const change = only();
    expect(fileOf(change.headCommit)).toBe(deployment(`${image}:1.2.0`));
    expect(fileOf(change.headCommit, 'other.yaml')).toBe('a: 2\n');
  });

  it('is built anew where the branch moved under it', async () => {
    const moved = deployment(`${image}:1.0.0`).replace('name: shop\n  labels', 'name: store\n  labels');
    forge.push(deploy, 'main', { 'app.yaml': moved });
    await pushed();
    expect(fileOf(only().headCommit)).toBe(moved.replace('1.0.0', '1.1.0'));
  });

  it('is built anew also when an interruption kept the last commit from being remembered', async () => {
    forge.interruptAfter(1);
    await expect(publish(`${image}:1.2.0`)).rejects.toMatchObject({ code: 'forge-unavailable' });
    forge.interruptAfter(undefined);
    const moved = deployment(`${image}:1.0.0`).replace('# by the bot', '# by the bot, too');
    forge.push(deploy, 'main', { 'app.yaml': moved });
    await pushed();
    expect(fileOf(only().headCommit)).toBe(moved.replace('1.0.0', '1.2.0'));
  });

  it('has its diff told when an interruption kept a rebuilt branch from being remembered', async () => {
    const moved = deployment(`${image}:1.0.0`).replace('# by the bot', '# by the bot, too');
    forge.push(deploy, 'main', { 'app.yaml': moved });
    const whole = forge;
    forge = {
      ...whole,
      revise: async (...given) => {
        await whole.revise(...given);
        throw new TagalongError('forge-unavailable', 'No answer.');
      },
    };
    restart();
    await expect(pushed()).rejects.toMatchObject({ code: 'forge-unavailable' });
    forge = whole;
    restart();
    await pushed();
    const { number, headCommit } = only();
    const entry = (await store.admin.entries()).find(({ subject }) => subject === `${repositoryKey(deploy)}#${number}`);
    expect(entry).toBeDefined();
    await reconcile(
      { kind: 'change', repository: deploy, number },
      { kind: 'change-updated', state: 'open', headCommit },
    );
    expect(forge.comments(only())[0]?.body).toContain(headCommit.slice(0, 7));
  });

  it('keeps what a person added to its branch, also where git cannot merge it any more', async () => {
    const [{ sourceBranch }] = [forge.changes(deploy)[0] ?? expect.unreachable()];
    forge.push(deploy, sourceBranch, { 'other.yaml': 'a: 2\n' });
    await publish(`${image}:1.2.0`);
    const { headCommit } = only();
    const moved = deployment(`${image}:1.0.0`).replace('# by the bot', '# by the bot, too');
    forge.push(deploy, 'main', { 'app.yaml': moved });
    await pushed();
    expect(only().headCommit).toBe(headCommit);
    expect(fileOf(headCommit, 'other.yaml')).toBe('a: 2\n');
  });

  it('is left alone where the branch moved elsewhere', async () => {
    const { headCommit } = only();
    forge.push(deploy, 'main', { 'other.yaml': 'a: 3\n' });
    await pushed();
    expect(only().headCommit).toBe(headCommit);
  });

  it('is closed when somebody writes the version by hand', async () => {
    forge.push(deploy, 'main', { 'app.yaml': deployment(`${image}:1.1.0`) });
    await pushed();
    expect(only().state).toBe('closed');
  });

  it('is closed when the image is not written there any more', async () => {
    forge.push(deploy, 'main', { 'app.yaml': undefined });
    await pushed();
    expect(only().state).toBe('closed');
  });

  it('declines its version when a person closes it, and that version alone', async () => {
    const change = only();
    await forge.close(change, {});
    await reconcile(
      { kind: 'change', ...change },
      { kind: 'change-updated', state: 'closed', headCommit: change.headCommit },
    );
    await installed();
    await publish(`${image}:1.1.0`);
    expect(forge.changes(deploy)).toHaveLength(1);
    await publish(`${image}:1.2.0`);
    expect(forge.changes(deploy).map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  it('is not opened again between its merge and the news of the push', async () => {
    const change = only();
    forge.mergeAsPerson(change);
    await reconcile(
      { kind: 'change', ...change },
      { kind: 'change-updated', state: 'merged', headCommit: change.headCommit },
    );
    await publish(`${image}:1.1.0`);
    expect(forge.changes(deploy)).toHaveLength(1);
  });

  it.each(['merged', 'closed'] as const)('loses its branch when a person has it %s, once', async (state) => {
    const change = only();
    const [{ sourceBranch }] = [forge.changes(deploy)[0] ?? expect.unreachable()];
    if (state === 'merged') forge.mergeAsPerson(change);
    else await forge.close(change, {});
    const news: WakeReason = { kind: 'change-updated', state, headCommit: change.headCommit };
    await reconcile({ kind: 'change', ...change }, news);
    expect([...forge.repositoryAt(deploy).branches.keys()]).toEqual(['main']);
    expect((await store.bumps.ofChange(deploy, change.number))[0]?.state).toBe(state);

    await publish(`${image}:1.2.0`);
    const next = forge.changes(deploy)[1] ?? expect.unreachable();
    expect(next).toMatchObject({ state: 'open', sourceBranch });
    await reconcile({ kind: 'change', ...change }, news);
    expect(forge.repositoryAt(deploy).branches.get(sourceBranch)).toBe(next.headCommit);
  });

  it('loses its branch also when it was merged before it could be remembered', async () => {
    const { branches } = forge.repositoryAt(deploy);
    const written = await forge.propose(deploy, {
      branch: 'tagalong/main/other.000000',
      targetBranch: 'main',
      baseCommit: branches.get('main') ?? '',
      files: [{ path: 'other.yaml', content: 'a: 2\n' }],
      message: { headline: 'Bump' },
      title: 'Bump',
      body: '',
      labels: [],
    });
    const change: ChangeRef = { repository: deploy, number: written.number };
    forge.mergeAsPerson(change);
    await reconcile(
      { kind: 'change', ...change },
      { kind: 'change-updated', state: 'merged', headCommit: written.headCommit },
    );
    expect(branches.has('tagalong/main/other.000000')).toBe(false);
  });

  it('keeps the branch of a change of a person that is merged', async () => {
    forge.push(deploy, 'mine', { 'other.yaml': 'a: 2\n' });
    const change = forge.openChange(deploy, 'mine', 'by hand');
    forge.mergeAsPerson(change);
    await reconcile({ kind: 'change', ...change }, { kind: 'change-updated', state: 'merged', headCommit: '' });
    expect([...forge.repositoryAt(deploy).branches.keys()]).toContain('mine');
  });

  it.each(['merged', 'closed'] as const)(
    'is left as it ended when it was %s and nobody has told yet',
    async (state) => {
      const change = only();
      if (state === 'merged') forge.mergeAsPerson(change);
      else await forge.close(change, {});
      await expect(publish(`${image}:1.2.0`)).rejects.toMatchObject({ code: 'forge-conflict' });
      expect(only()).toMatchObject({ title: change.title, body: change.body, state });
      await pushed();
      const [, next] = forge.changes(deploy);
      expect(next?.state).toBe('open');
      expect(next?.title).toContain('to 1.2.0');
      expect(fileOf(next?.headCommit ?? '')).toBe(deployment(`${image}:1.2.0`));
    },
  );

  it('is remembered as merged where the push is heard of before the merge', async () => {
    const change = only();
    forge.mergeAsPerson(change);
    await pushed();
    expect((await store.bumps.ofChange(deploy, change.number))[0]?.state).toBe('merged');
  });

  it.each([0, 1, 2, 3, 4, 5])('is the same after an interruption behind %i writes of an update', async (writes) => {
    forge.interruptAfter(writes);
    await publish(`${image}:1.2.0`).catch(() => undefined);
    forge.interruptAfter(undefined);
    await publish(`${image}:1.2.0`);
    const change = only();
    expect(fileOf(change.headCommit)).toBe(deployment(`${image}:1.2.0`));
    expect(change.body.match(/Proposed here before: .*/)?.[0]).toBe('Proposed here before: `1.1.0`');
  });
});

describe('what cannot be written', () => {
  it('is told on the commit, and nothing is proposed', async () => {
    start({
      '.tagalong.yml': `version: 1\nimages:\n  - match: ${image}\n    set: [{ path: metadata.labels.commitHash, value: '{commit.short}' }]\n`,
      'app.yaml': deployment(`${image}:1.0.0`),
    });
    await installed();
    await publish(`${image}:1.1.0`);
    const head = forge.repositoryAt(deploy).branches.get('main') ?? '';
    expect(forge.checks(deploy, head).at(-1)).toMatchObject({
      conclusion: 'neutral',
      title: '1.1.0 cannot be written',
    });
    expect(forge.changes(deploy)).toEqual([]);

    await publish(`${image}:1.2.0`, '12e4567000000000000000000000000000000000');
    expect(fileOf(only().headCommit)).toContain(`commitHash: "12e4567" }`);
  });
});

describe('a branch of the bot that somebody else has taken', () => {
  it('is told on the commit, with what to do', async () => {
    start({ '.tagalong.yml': '', 'app.yaml': deployment(`${image}:1.0.0`) });
    await installed();
    await publish(`${image}:1.1.0`);
    const change = only();
    const { sourceBranch } = forge.changes(deploy)[0] ?? expect.unreachable();
    forge.closeAsPerson(change);
    const closed = { kind: 'change-updated', state: 'closed', headCommit: change.headCommit } as const;
    await reconcile({ kind: 'change', repository: deploy, number: change.number }, closed);
    forge.repositoryAt(deploy).branches.delete(sourceBranch);
    forge.push(deploy, sourceBranch, { 'notes.txt': 'mine' });
    await expect(publish(`${image}:1.2.0`)).rejects.toMatchObject({ code: 'forge-refused' });
    const head = forge.repositoryAt(deploy).branches.get('main') ?? '';
    const told = forge.checks(deploy, head).at(-1);
    expect(told).toMatchObject({ name: `tagalong/bump ${image} in main`, conclusion: 'neutral' });
    expect(told?.summary).toContain('commits by somebody else');
    expect(told?.summary).toContain('**Re-run**');
  });
});

describe('a change by a person that edits the configuration', () => {
  it('gets the check on its own head, and is not to be merged', async () => {
    start({ '.tagalong.yml': '', 'app.yaml': deployment(`${image}:1.0.0`) });
    await installed();
    const head = forge.push(deploy, 'mine', { '.tagalong.yml': 'version: 1\nenviroments: {}\n' });
    const change = forge.openChange(deploy, 'mine', 'by hand');
    await reconcile({ kind: 'change', ...change }, { kind: 'change-updated', state: 'open', headCommit: head });
    expect(forge.checks(deploy, head)).toMatchObject([
      { name: 'tagalong/config', conclusion: 'failure' },
      { name: 'tagalong/review', conclusion: 'failure' },
    ]);
    expect(forge.comments(change)).toEqual([]);
  });
});

describe('the comment with the rendered diff', () => {
  const opened = (headCommit: string): WakeReason => ({ kind: 'change-updated', state: 'open', headCommit });

  beforeEach(async () => {
    start({ '.tagalong.yml': '', 'app.yaml': deployment(`${image}:1.0.0`), 'notes.txt': 'x' });
    await installed();
  });

  it('stands once on a change of the bot, and says what changes', async () => {
    await publish(`${image}:1.1.0`);
    const change = only();
    const subject: Subject = { kind: 'change', repository: deploy, number: change.number };
    await reconcile(subject, { kind: 'change-written', headCommit: change.headCommit, created: true });
    await reconcile(subject, opened(change.headCommit));
    const comments = forge.comments(change);
    expect(comments).toHaveLength(1);
    expect(comments[0]?.body).toContain(`-          image: ${image}:1.0.0`);
    expect(comments[0]?.body).toContain(`+          image: ${image}:1.1.0`);
  });

  it('stands on the change of a person, follows its pushes, and says when nothing is left', async () => {
    forge.push(deploy, 'mine', { 'app.yaml': deployment(`${image}:7.0.0`) });
    const change = forge.openChange(deploy, 'mine', 'by hand');
    const subject: Subject = { kind: 'change', ...change };
    await reconcile(subject, opened(''));
    expect(forge.comments(change)[0]?.body).toContain(`${image}:7.0.0`);
    forge.push(deploy, 'mine', { 'app.yaml': deployment(`${image}:8.0.0`) });
    await reconcile(subject, opened(''));
    expect(forge.comments(change)[0]?.body).toContain(`${image}:8.0.0`);
    forge.push(deploy, 'mine', { 'app.yaml': deployment(`${image}:1.0.0`) });
    await reconcile(subject, opened(''));
    expect(forge.comments(change)).toHaveLength(1);
    expect(forge.comments(change)[0]?.body).toContain('no longer touches anything that is rendered');
  });

  it('does not stand where nothing is rendered', async () => {
    forge.push(deploy, 'mine', { 'notes.txt': 'y' });
    const change = forge.openChange(deploy, 'mine', 'notes');
    await reconcile({ kind: 'change', ...change }, opened(''));
    expect(forge.comments(change)).toEqual([]);
  });

  it('is found again after an interruption between the forge and the store', async () => {
    forge.push(deploy, 'mine', { 'app.yaml': deployment(`${image}:7.0.0`) });
    const change = forge.openChange(deploy, 'mine', 'by hand');
    await store.comments.begin(deploy, change.number, '<!-- tagalong:diff -->');
    await forge.upsertComment(change, { marker: '<!-- tagalong:diff -->', body: 'left by an interrupted attempt' });
    await reconcile({ kind: 'change', ...change }, { kind: 'change-written', headCommit: '', created: true });
    expect(forge.comments(change)).toHaveLength(1);
    expect(forge.comments(change)[0]?.body).toContain(`${image}:7.0.0`);
  });
});
