import { beforeEach, describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../src/domain/audit.ts';
import type { ProposedBump } from '../../src/domain/bump.ts';
import type { ChangeRef } from '../../src/domain/change.ts';
import { TagalongError } from '../../src/domain/errors.ts';
import { parseImageName } from '../../src/domain/image.ts';
import { repositoryKey, type RepositoryRef } from '../../src/domain/repository.ts';
import type { Forge } from '../../src/forge/forge.ts';
import type { Notice, Notifier } from '../../src/notify/notify.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import type { KeptReport, Rollout, Wake, WakeReason } from '../../src/store/store.ts';
import { reconcileDeploys, type ReportDeployDeps } from '../../src/workflows/report-deploy.ts';
import { createFakeForge, type FakeForge } from '../support/fake-forge.ts';
import { createFakeMirrors } from '../support/fake-mirrors.ts';
import { silentLog as log } from '../support/silent.ts';

const config = `version: 1
environments:
  staging: { paths: ["apps/*/overlays/staging/**"], url: "https://staging.acme.example" }
  production: { paths: ["apps/*/overlays/production/**"] }
notify: { slack: "#deploys" }
`;
const overlay = (tag: string) => `resources: []\nimages:\n  - name: ghcr.io/acme/shop\n    newTag: ${tag}\n`;
const path = (environment: string, app = 'shop') => `apps/${app}/overlays/${environment}/kustomization.yaml`;

let forge: FakeForge;
let deploy: RepositoryRef;
let shop: RepositoryRef;
let shopChange: ChangeRef;
let shopCommit: string;
let clock: Date;
let requests: string[];
let wakeAt: Date | undefined;
let bumps: ProposedBump[];
let reports: KeptReport[];
let rollouts: Map<number, Rollout>;
let audit: AuditEntry[];
let notices: { notice: Notice; known: string | undefined }[];
let chat: Notifier;
/** Right after the store has it, and before anybody hears so. */
let dies: boolean;
let deps: ReportDeployDeps;

beforeEach(() => {
  [bumps, reports, audit, notices, requests] = [[], [], [], [], []];
  rollouts = new Map();
  wakeAt = undefined;
  dies = false;
  clock = new Date('2026-11-21T12:00:00Z');
  forge = createFakeForge();
  deploy = forge.addRepository('acme/deploy', {
    '.tagalong.yml': config,
    [path('staging')]: overlay('1.0.0'),
    [path('production')]: overlay('1.0.0'),
    [path('staging', 'cart')]: overlay('1.0.0'),
  });
  shop = forge.addRepository('acme/shop', { 'main.ts': '1' });
  forge.push(shop, 'feature', { 'main.ts': '2' });
  shopChange = forge.openChange(shop, 'feature', 'Sell more');
  shopCommit = forge.mergeAsPerson(shopChange);
  chat = {
    mode: 'message-per-rollout',
    notify(notice, known) {
      notices.push({ notice, known });
      return Promise.resolve(known ?? `message ${notices.length}`);
    },
  };
  deps = makeDeps();
});

/** Counts what each run asks of the forge. */
function makeDeps(): ReportDeployDeps {
  const counted: Pick<Forge, 'tellDeploys' | 'changesOfCommit' | 'commitUrl'> = {
    commitUrl: (repository, commit) => forge.commitUrl(repository, commit),
    tellDeploys(tellings) {
      requests.push('tellDeploys');
      return forge.tellDeploys(tellings);
    },
    changesOfCommit(repository, commit) {
      requests.push('changesOfCommit');
      return forge.changesOfCommit(repository, commit);
    },
  };
  return {
    forge: counted,
    mirrors: createFakeMirrors(forge),
    renderer: createRenderer({ helm: 'helm', kustomize: 'kustomize', searchPath: '' }),
    store: {
      known: (repository) => Promise.resolve({ repository, defaultBranch: 'main' }),
      bumps: {
        merged: () => Promise.resolve(bumps.filter(({ state }) => state === 'merged').toReversed()),
        ofRepository: () => Promise.resolve(bumps),
      },
      deploys: {
        reports: () => Promise.resolve(reports.toReversed()),
        rollouts: () => Promise.resolve([...rollouts.values()]),
        saveRollout(rollout, entry) {
          rollouts.set(rollout.number, rollout);
          if (entry !== undefined && audit.every(({ key }) => key !== entry.key)) audit.push(entry);
          return dies ? Promise.reject(new Error('killed')) : Promise.resolve();
        },
      },
      inbox: {
        wakeAt(_, __, at) {
          wakeAt = at;
          return Promise.resolve();
        },
      },
    },
    notifier: {
      get mode() {
        return chat.mode;
      },
      notify: (notice, known) => chat.notify(notice, known),
    },
    log,
    now: () => clock,
  };
}

/** A bump of the bot, open; the commit is that of the application unless none is known. */
function proposed(tag: string, { environment = 'staging', commit = shopCommit, source = true } = {}): ProposedBump {
  const branch = `tagalong/${environment}/${tag}-${bumps.length}`;
  const headCommit = forge.push(deploy, branch, { [path(environment)]: overlay(tag) });
  const { number } = forge.openChange(deploy, branch, `Bump acme/shop to ${tag} in ${environment}`);
  const image = parseImageName('ghcr.io/acme/shop');
  if (image === undefined) throw new Error('no name');
  const bump: ProposedBump = {
    repository: deploy,
    environment,
    image,
    from: [{ tag: '1.0.0' }],
    to: { tag, publishedAt: clock, ...(source && { provenance: { commit, repository: 'acme/shop' } }) },
    change: number,
    branch,
    headCommit,
    baseCommit: headCommit,
    state: 'open',
    history: [],
    proposedAt: clock,
  };
  bumps.push(bump);
  return bump;
}

/** Merges it as a person. @returns its merge commit */
function merge(bump: ProposedBump): string {
  const mergeCommit = forge.mergeAsPerson({ repository: deploy, number: bump.change });
  bumps = bumps.map((each) => (each.change === bump.change ? { ...each, state: 'merged', mergeCommit } : each));
  return mergeCommit;
}

function hear(state: KeptReport['state'], revision: string, more: Partial<KeptReport> = {}): void {
  const application = more.application ?? 'shop-staging';
  reports.push({ tool: 'argo-cd', application, state, revision, repository: deploy, receivedAt: clock, ...more });
}

async function run(reason: WakeReason = { kind: 'deploy-reported' }): Promise<readonly string[]> {
  requests = [];
  const wake: Wake = { id: '1', reason, wokenAt: clock };
  await reconcileDeploys(deps, deploy, [wake]);
  return requests;
}

function later(minutes: number): void {
  clock = new Date(clock.getTime() + minutes * 60_000);
}

function commentOn(change: ChangeRef): string {
  const own = forge.comments(change).filter(({ body }) => body.includes('<!-- tagalong:'));
  expect(own.length).toBeLessThanOrEqual(1);
  return own[0]?.body ?? '';
}

const onBump = ({ change }: ProposedBump) => commentOn({ repository: deploy, number: change });

describe('a bump on its way', () => {
  test('is told from its merge to its end, on the commit, on both changes and in the chat', async () => {
    const bump = proposed('1.1.0');
    const commit = merge(bump);
    await run({ kind: 'bump-merged', number: bump.change });
    expect(onBump(bump)).toContain('**staging**: `1.1.0` merged, waiting for the deploy tool');
    expect(wakeAt).toEqual(new Date('2026-11-21T12:30:00Z'));

    later(1);
    hear('in-progress', commit, { url: 'https://argocd.example.com/shop' });
    await run();
    later(2);
    hear('succeeded', commit, { url: 'https://argocd.example.com/shop' });
    await run();

    expect(forge.deployments(shop, shopCommit).map(({ state }) => state)).toEqual(['queued', 'in-progress', 'success']);
    expect(forge.deployments(shop, shopCommit).at(-1)).toMatchObject({
      environment: 'staging',
      isProduction: false,
      description: '1.1.0: live since 2026-11-21 12:03 UTC',
      logUrl: 'https://argocd.example.com/shop',
      environmentUrl: 'https://staging.acme.example',
    });
    expect(forge.statuses(shop, shopCommit).at(-1)).toMatchObject({ context: 'tagalong/staging', state: 'success' });
    expect(onBump(bump)).toContain(
      '**staging**: `1.1.0` [live](<https://staging.acme.example>) since 2026-11-21 12:03 UTC, 3 min after its merge',
    );
    expect(commentOn(shopChange)).toContain(`(acme/deploy#${bump.change}, Argo CD`);
    expect(notices.map(({ notice: { tone, channel }, known }) => [tone, channel, known])).toEqual([
      ['neutral', '#deploys', undefined],
      ['neutral', '#deploys', 'message 1'],
      ['good', '#deploys', 'message 1'],
    ]);
    expect(wakeAt).toBeUndefined();
    expect(audit.map(({ details, actor }) => [details['state'], actor.name])).toEqual([
      ['queued', 'tagalong'],
      ['in-progress', 'argo-cd'],
      ['live', 'argo-cd'],
    ]);
  });

  test('costs nothing when nothing is new, and one call when something is', async () => {
    const commit = merge(proposed('1.1.0'));
    hear('in-progress', commit);
    expect(await run()).toEqual(['changesOfCommit', 'tellDeploys']);
    hear('in-progress', commit, { message: 'still at it' });
    expect(await run()).toEqual([]);
    hear('succeeded', commit, { message: 'done in 1.2 s' });
    expect(await run()).toEqual(['tellDeploys']);
    later(5);
    hear('succeeded', commit, { message: 'done in 3.4 s' });
    hear('in-progress', commit);
    expect(await run()).toEqual([]);
    expect(await run({ kind: 'resync' })).toEqual([]);
    expect(notices).toHaveLength(2);
  });

  test('that fails shows the tool’s own words, and the way back', async () => {
    const bump = proposed('1.1.0');
    const commit = merge(bump);
    hear('failed', commit, { message: 'ImagePullBackOff ``` @acme/everyone' });
    await run();
    expect(onBump(bump)).toContain('**failed** at 2026-11-21 12:00 UTC (Argo CD `shop-staging`)');
    expect(onBump(bump)).toContain('````\nImagePullBackOff ``` @acme/everyone\n````');
    expect(onBump(bump)).toContain('```\n/rollback\n```');
    expect(forge.deployments(shop, shopCommit).at(-1)).toMatchObject({
      state: 'failure',
      description: '1.1.0: failed: ImagePullBackOff ``` @acme/everyone',
    });
    hear('failed', commit, { message: 'ImagePullBackOff ``` @acme/everyone' });
    expect(await run()).toEqual([]);
    expect(notices.at(-1)?.notice).toMatchObject({ tone: 'bad' });
  });

  test('that nobody reports is unknown, and live when the report comes after all', async () => {
    const bump = proposed('1.1.0');
    const commit = merge(bump);
    await run({ kind: 'bump-merged', number: bump.change });
    later(30);
    await run({ kind: 'due', what: 'rollout' });
    expect(onBump(bump)).toContain('**unknown**: no deploy tool had reported an end by 2026-11-21 12:30 UTC');
    expect(forge.statuses(shop, shopCommit).at(-1)).toMatchObject({ state: 'pending' });
    expect(wakeAt).toBeUndefined();
    later(60);
    hear('succeeded', commit);
    await run();
    expect(onBump(bump)).toContain('since 2026-11-21 13:30 UTC');
  });

  test('without a known origin is told on its own change alone', async () => {
    const bump = proposed('1.1.0', { source: false });
    hear('succeeded', merge(bump));
    expect(await run()).toEqual(['tellDeploys']);
    expect(onBump(bump)).toContain('live');
    expect(commentOn(shopChange)).toBe('');
  });
});

test('several that landed between two syncs: the last is live, those before it were replaced', async () => {
  const first = proposed('1.1.0');
  merge(first);
  await run({ kind: 'bump-merged', number: first.change });
  const second = proposed('1.2.0', { commit: 'abcdef1' });
  const commit = merge(second);
  hear('succeeded', commit.slice(0, 12));
  await run();
  expect(onBump(second)).toContain('`1.2.0` [live]');
  expect(onBump(first)).toContain(
    `replaced by \`1.2.0\` in #${second.change} at 2026-11-21 12:00 UTC, before it was live`,
  );
  expect(forge.deployments(shop, shopCommit).at(-1)).toMatchObject({ state: 'inactive' });
  expect(forge.statuses(shop, shopCommit).at(-1)).toMatchObject({ state: 'pending' });
});

describe('one that is replaced', () => {
  const other = () => forge.push(shop, 'main', { 'main.ts': '3' });

  test('tells that it failed, with the tool’s own words, and what took its place', async () => {
    const first = proposed('1.1.0');
    hear('failed', merge(first), { message: 'ImagePullBackOff' });
    await run();
    later(10);
    const second = proposed('1.0.0', { commit: other() });
    const commit = merge(second);
    await run({ kind: 'bump-merged', number: second.change });
    later(1);
    hear('succeeded', commit);
    await run();
    expect(onBump(first)).toContain(
      `**failed** at 2026-11-21 12:00 UTC (Argo CD \`shop-staging\`), replaced by \`1.0.0\` in #${second.change} at 2026-11-21 12:11 UTC`,
    );
    expect(onBump(first)).toContain('ImagePullBackOff');
    expect(onBump(first)).not.toContain('/rollback');
    expect(forge.deployments(shop, shopCommit).at(-1)).toMatchObject({ state: 'inactive' });
    expect(forge.statuses(shop, shopCommit).map(({ description }) => description)).toEqual([
      '1.1.0: failed: ImagePullBackOff',
    ]);
    reports = [];
    expect(await run({ kind: 'resync' })).toEqual([]);
  });

  test('keeps the status of its commit, in one call with what took its place', async () => {
    const first = proposed('1.1.0');
    hear('succeeded', merge(first));
    await run();
    const second = proposed('1.2.0', { commit: other() });
    const commit = merge(second);
    await run({ kind: 'bump-merged', number: second.change });
    later(5);
    hear('succeeded', commit);
    expect(await run()).toEqual(['tellDeploys']);
    expect(onBump(first)).toContain(
      `was live from 2026-11-21 12:00 UTC to 2026-11-21 12:05 UTC, then replaced by \`1.2.0\` in #${second.change}`,
    );
    expect(forge.statuses(shop, shopCommit).map(({ state, description }) => [state, description])).toEqual([
      ['success', '1.1.0: went live 2026-11-21 12:00 UTC'],
    ]);
  });

  test('before it was live is told on its commit when the other is merged, and not again', async () => {
    const first = proposed('1.1.0');
    merge(first);
    await run({ kind: 'bump-merged', number: first.change });
    const second = proposed('1.2.0', { commit: other() });
    const commit = merge(second);
    await run({ kind: 'bump-merged', number: second.change });
    const overtaken = `1.1.0: followed by 1.2.0 (acme/deploy#${second.change}) before it was live`;
    expect(forge.statuses(shop, shopCommit).map(({ description }) => description)).toEqual([
      '1.1.0: merged, waiting for the deploy tool',
      overtaken,
    ]);
    hear('succeeded', commit);
    await run();
    expect(forge.statuses(shop, shopCommit).at(-1)).toMatchObject({ state: 'pending', description: overtaken });
    expect(forge.statuses(shop, shopCommit)).toHaveLength(2);
  });

  test('by itself, after another that failed, is live all the while', async () => {
    hear('succeeded', merge(proposed('1.1.0')));
    await run();
    hear('failed', merge(proposed('1.2.0', { commit: other() })));
    await run();
    const back = proposed('1.1.0');
    const commit = merge(back);
    await run({ kind: 'bump-merged', number: back.change });
    later(1);
    hear('in-progress', commit);
    await run();
    hear('succeeded', commit);
    await run();
    expect(forge.deployments(shop, shopCommit).map(({ state }) => state)).toEqual(['success', 'success']);
    expect(commentOn(shopChange)).toContain(`(acme/deploy#${back.change}, Argo CD`);
  });
});

test('two commits of one change share its comment, which tells of both and is written once', async () => {
  forge.push(shop, 'two', { 'main.ts': '4' });
  const change = forge.openChange(shop, 'two', 'Sell even more');
  const older = forge.push(shop, 'two', { 'main.ts': '5' });
  const newer = forge.push(shop, 'two', { 'main.ts': '6' });
  const first = proposed('1.1.0', { commit: older });
  hear('succeeded', merge(first));
  await run();
  expect(commentOn(change)).toContain(`\`${older.slice(0, 7)}\` · **staging**: [live]`);
  const second = proposed('1.2.0', { commit: newer });
  const commit = merge(second);
  await run({ kind: 'bump-merged', number: second.change });
  later(1);
  hear('succeeded', commit);
  expect(await run()).toEqual(['tellDeploys']);
  const told = commentOn(change);
  expect(told).toContain(`\`${newer.slice(0, 7)}\` · **staging**: [live]`);
  expect(told).toContain(`Earlier commits:\n\n- \`${older.slice(0, 7)}\` · **staging**: was live, replaced`);
  expect(await run({ kind: 'resync' })).toEqual([]);
  expect(commentOn(change)).toBe(told);
});

test('after a restart silence ends all the same, and a late report sets it right', async () => {
  const bump = proposed('1.1.0');
  const commit = merge(bump);
  await run({ kind: 'bump-merged', number: bump.change });
  deps = makeDeps();
  later(31);
  await run({ kind: 'due', what: 'rollout' });
  expect(rollouts.get(bump.change)).toMatchObject({ state: 'unknown', since: new Date('2026-11-21T12:30:00Z') });
  deps = makeDeps();
  hear('succeeded', commit);
  await run();
  expect(rollouts.get(bump.change)).toMatchObject({ state: 'live' });
  expect(forge.statuses(shop, shopCommit).map(({ description }) => description)).toEqual([
    '1.1.0: merged, waiting for the deploy tool',
    '1.1.0: unknown, no end reported',
    '1.1.0: went live 2026-11-21 12:31 UTC',
  ]);
});

test.each([
  ['whose clock is slow', '2026-11-21T11:00:00Z', '11:00'],
  ['that was done as soon as the merge was noticed', '2026-11-21T12:00:00.400Z', '12:00'],
])('a tool %s is told of without how long it took', async (_, at, time) => {
  const bump = proposed('1.1.0');
  const commit = merge(bump);
  await run({ kind: 'bump-merged', number: bump.change });
  later(5);
  hear('succeeded', commit, { at });
  await run();
  expect(onBump(bump)).toContain(`since 2026-11-21 ${time} UTC (Argo CD`);
});

test('a merge that is noticed after that of a later bump is told all the same', async () => {
  const first = proposed('1.1.0');
  merge(first);
  const all = bumps;
  bumps = [];
  const second = proposed('1.2.0');
  merge(second);
  await run({ kind: 'bump-merged', number: second.change });
  bumps = [...all, ...bumps];
  hear('succeeded', bumps.at(-1)?.mergeCommit ?? '');
  await run({ kind: 'bump-merged', number: first.change });
  expect(onBump(first)).toContain('before it was live');
  expect(onBump(second)).toContain('live');
});

test('the application reads of all its environments in one comment, also of those that wait', async () => {
  const [staging, production] = [proposed('1.1.0'), proposed('1.1.0', { environment: 'production' })];
  const commit = merge(staging);
  hear('succeeded', commit);
  await run();
  expect(commentOn(shopChange)).toMatch(
    new RegExp(
      `\\*\\*staging\\*\\*: .*live.* · \\*\\*production\\*\\*: waiting for review acme/deploy#${production.change}`,
    ),
  );
  hear('succeeded', merge(production), { application: 'shop-production' });
  await run();
  expect(commentOn(shopChange)).toMatch(/\*\*production\*\*: live since/);
  expect(forge.deployments(shop, shopCommit)).toContainEqual(
    expect.objectContaining({ environment: 'production', isProduction: true, state: 'success' }),
  );
  expect(await run({ kind: 'resync' })).toEqual([]);
});

test.each([
  ['an unknown revision', 'f'.repeat(40), {}],
  ['another application', undefined, { application: 'cart-staging' }],
  ['another environment', undefined, { application: 'shop-production' }],
  ['a folder of something else', undefined, { path: 'apps/cart/overlays/staging' }],
  ['an environment that is not there', undefined, { environment: 'qa' }],
])('a report about %s changes nothing, and is no error', async (_, revision, more) => {
  const bump = proposed('1.1.0');
  const commit = merge(bump);
  await run({ kind: 'bump-merged', number: bump.change });
  hear('failed', revision ?? commit, more);
  expect(await run()).toEqual([]);
  expect(rollouts.get(bump.change)).toMatchObject({ state: 'queued' });
});

test('a folder that renders what the bump wrote is its folder', async () => {
  const bump = proposed('1.1.0');
  hear('succeeded', merge(bump), { application: 'x', path: 'apps/shop/overlays/staging' });
  await run();
  expect(rollouts.get(bump.change)).toMatchObject({ state: 'live' });
});

describe('a chat', () => {
  const failing = (retryAt?: Date): Notifier => ({
    mode: 'message-per-rollout',
    notify: () =>
      Promise.reject(new TagalongError('notify-failed', 'Slack 429.', retryAt === undefined ? {} : { retryAt })),
  });

  test('that fails holds nothing back, and is tried again when it says', async () => {
    const bump = proposed('1.1.0');
    const commit = merge(bump);
    const working = chat;
    chat = failing(new Date('2026-11-21T12:00:30Z'));
    hear('succeeded', commit);
    await run();
    expect(onBump(bump)).toContain('live');
    expect(wakeAt).toEqual(new Date('2026-11-21T12:00:30Z'));
    chat = working;
    expect(await run({ kind: 'due', what: 'rollout' })).toEqual([]);
    expect(notices).toHaveLength(1);
    expect(wakeAt).toBeUndefined();
  });

  test('that never works is left alone in the end', async () => {
    hear('succeeded', merge(proposed('1.1.0')));
    chat = failing();
    const moments: (Date | undefined)[] = [];
    for (let turn = 0; turn < 7; turn++) {
      await run();
      moments.push(wakeAt);
      later(60);
    }
    expect(moments.map((moment) => moment !== undefined)).toEqual([true, true, true, true, true, false, false]);
  });

  test('that can not write over hears of an end alone', async () => {
    chat = { ...chat, mode: 'once' };
    const commit = merge(proposed('1.1.0'));
    hear('in-progress', commit);
    await run();
    expect(notices).toEqual([]);
    hear('succeeded', commit);
    await run();
    expect(notices).toHaveLength(1);
  });
});

test('a forge that fails is asked again, and does not write twice what it wrote', async () => {
  const bump = proposed('1.1.0');
  hear('succeeded', merge(bump));
  forge.interruptAfter(1);
  await expect(run()).rejects.toMatchObject({ code: 'forge-unavailable' });
  forge.interruptAfter(undefined);
  await run();
  expect(onBump(bump)).toContain('live');
  expect(commentOn(shopChange)).toContain('live');
  expect(audit.filter(({ details }) => details['state'] === 'live')).toHaveLength(1);
});

test('a kill right after a state was remembered takes no line off the audit log', async () => {
  hear('succeeded', merge(proposed('1.1.0')));
  dies = true;
  await expect(run()).rejects.toThrow('killed');
  dies = false;
  await run();
  expect(audit.filter(({ details }) => details['state'] === 'live')).toHaveLength(1);
});

test('without a configuration that can be read nothing is told', async () => {
  const bump = proposed('1.1.0');
  hear('succeeded', merge(bump));
  forge.push(deploy, 'main', { '.tagalong.yml': 'version: 2\n' });
  await deps.mirrors.fetch(deploy, ['refs/heads/main']);
  expect(await run()).toEqual([]);
  expect(wakeAt).toEqual(new Date('2026-11-21T12:10:00Z'));
});

test('a repository that is not known is left alone', async () => {
  const unknown = { ...deps, store: { ...deps.store, known: () => Promise.resolve(undefined) } };
  await reconcileDeploys(unknown, { forge: 'github', path: 'acme/other' }, []);
  expect(repositoryKey(deploy)).toBe('github:acme/deploy');
  expect(wakeAt).toBeUndefined();
});
