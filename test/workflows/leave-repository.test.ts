import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RepositoryRef } from '../../src/domain/repository.ts';
import type { Notifier } from '../../src/notify/notify.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store, WakeReason } from '../../src/store/store.ts';
import { reconciler } from '../../src/workflows/reconcile.ts';
import { temporaryDirectory } from '../support/database.ts';
import { createFakeForge, type FakeForge } from '../support/fake-forge.ts';
import { createFakeMirrors } from '../support/fake-mirrors.ts';
import { silentLog as log, silentMetrics as metrics } from '../support/silent.ts';

const WAIT_MS = 120_000;
const notifier: Notifier = { mode: 'off', notify: () => Promise.resolve(undefined) };

let store: Store;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let forge: FakeForge;
let deploy: RepositoryRef;
let wake: (reason: WakeReason) => Promise<void>;
let clock: Date;
let repositories = 0;

beforeAll(async () => {
  directory = await temporaryDirectory();
  store = await openStore({ dataDirectory: directory.path, now: () => clock, log });
});

afterAll(async () => {
  await store.close();
  await directory.remove();
});

beforeEach(async () => {
  clock = new Date('2026-11-21T12:00:00Z');
  forge = createFakeForge(() => clock);
  deploy = forge.addRepository(`acme/left-${++repositories}`, { '.tagalong.yml': 'version: 1\n', 'notes.md': 'one' });
  const renderer = createRenderer({ helm: 'helm', kustomize: 'kustomize', searchPath: '' });
  const ports = { forge, mirrors: createFakeMirrors(forge), renderer, store, notifier, log, metrics, now: () => clock };
  const run = reconciler({ ...ports, commentLimit: 65_536, bypassWaitMs: WAIT_MS });
  wake = (reason) => run({ kind: 'repository', repository: deploy }, [{ id: '1', reason, wokenAt: clock }]);
  await wake({ kind: 'installed' });
});

const pushed: WakeReason = { kind: 'branch-pushed', branch: 'main' };
const due: WakeReason = { kind: 'due', what: 'arrivals' };
const push = (files: Record<string, string | undefined>) =>
  forge.push(deploy, 'main', files, { author: 'eve', message: 'Clean up' });
const later = (ms: number) => void (clock = new Date(clock.getTime() + ms));

async function bypasses(): Promise<unknown[]> {
  const entries = await store.audit.entries({ repository: deploy, limit: 10 });
  return entries.flatMap(({ action, details }) => (action === 'bypass' ? [details['commit']] : []));
}

describe('a push that takes the configuration away', () => {
  it('is told as one around the gate before the repository is forgotten', async () => {
    const commit = push({ '.tagalong.yml': undefined });
    await wake(pushed);
    expect(await store.known(deploy)).toBeDefined();
    later(WAIT_MS);
    await wake(due);
    expect(await bypasses()).toEqual([commit]);
    expect(forge.checks(deploy, commit).map(({ name }) => name)).toContain('tagalong/bypass');
    expect(await store.known(deploy)).toBeUndefined();
  });

  it('hides no push that came shortly before it', async () => {
    const first = push({ 'notes.md': 'two' });
    await wake(pushed);
    later(WAIT_MS / 2);
    const second = push({ '.tagalong.yml': undefined });
    await wake(pushed);
    later(WAIT_MS);
    await wake(due);
    expect(await bypasses()).toEqual(expect.arrayContaining([first, second]));
    expect(await store.known(deploy)).toBeUndefined();
  });

  it('is nothing to forget for where the configuration is back in time', async () => {
    const commit = push({ '.tagalong.yml': undefined });
    await wake(pushed);
    push({ '.tagalong.yml': 'version: 1\n' });
    await wake(pushed);
    later(WAIT_MS);
    await wake(due);
    expect(await bypasses()).toEqual([commit]);
    expect(await store.known(deploy)).toMatchObject({ indexedCommit: forge.repositoryAt(deploy).branches.get('main') });
  });
});
