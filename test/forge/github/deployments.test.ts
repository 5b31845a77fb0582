import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChangeRef } from '../../../src/domain/change.ts';
import type { RepositoryRef } from '../../../src/domain/repository.ts';
import type { DeployAnnouncement, ToldDeployment, ToldStatus } from '../../../src/forge/deployments.ts';
import { GitHubError, isOutOfReach } from '../../../src/forge/github/errors.ts';
import type { GitHub } from '../../../src/forge/github/github.ts';
import { tellOne } from '../../contract/telling-contract.ts';
import { statusLimit } from '../../support/forge/github/world/deploys.ts';
import type { Comment } from '../../support/forge/github/world/model.ts';
import { appManifest, createTellingWorld, type GitHubTellingWorld } from './telling-world.ts';

const MARKER = '<!-- tagalong:deploys -->';
const SHOP = 'Acme/shop';

let world: GitHubTellingWorld;
let forge: GitHub;

beforeEach(async () => {
  world = await createTellingWorld();
  forge = world.forge;
});
afterEach(() => world.close());

interface Wishes {
  readonly repository?: RepositoryRef;
  readonly commit?: string;
  readonly deployment?: Partial<ToldDeployment>;
  readonly status?: Partial<ToldStatus>;
  readonly on?: readonly ChangeRef[];
  readonly body?: string;
}

function announcement(wishes: Wishes = {}): DeployAnnouncement {
  const { repository = world.application, commit = world.commit, on = [world.change, world.bump] } = wishes;
  return {
    application: {
      ...{ repository, commit },
      deployment: {
        ...{ environment: 'staging', isProduction: false, state: 'in-progress', description: '1.4.3 is on its way' },
        ...wishes.deployment,
      },
      status: { context: 'tagalong/staging', state: 'pending', description: '1.4.3 is on its way', ...wishes.status },
    },
    comments: on.map((change) => ({ on: change, marker: MARKER, body: wishes.body ?? 'staging: on its way' })),
  };
}

const success: Wishes = {
  deployment: { state: 'success', description: '1.4.3 is live' },
  status: { state: 'success', description: '1.4.3 is live' },
  body: 'staging: live',
};

/** What was asked of GitHub since, by its own names. */
async function requestsOf(run: () => Promise<unknown>): Promise<readonly string[]> {
  const { requests } = world.simulator;
  const before = requests.length;
  await run();
  return requests.slice(before).map(({ operations }) => operations.join(' + '));
}

const statuses = () => world.simulator.state.statuses(SHOP, world.commit);
const deployments = () => world.simulator.state.deployments(SHOP);
const states = () => deployments().map((each) => each.statuses.map(({ state }) => state));

describe('requests', () => {
  test('are two where everything was written before', async () => {
    const known = await tellOne(forge, announcement(), {});
    expect(await requestsOf(() => tellOne(forge, announcement(success), known))).toEqual([
      'createDeploymentStatus + updateIssueComment + updateIssueComment',
      'repos/create-commit-status',
    ]);
  });

  test('are two where one version went live and another was replaced whose status stays', async () => {
    const other = (wishes: Wishes = {}) => announcement({ ...wishes, commit: world.otherCommit, on: [] });
    const replaced: Wishes = { ...success, deployment: { state: 'inactive', description: 'replaced by 1.4.3' } };
    const before = await forge.tellDeploys([
      { announcements: [announcement()], known: {} },
      { announcements: [other(success)], known: {} },
    ]);
    const [known = {}, known2 = {}] = before.map((told) => told.known);
    const tell = () =>
      forge.tellDeploys([
        { announcements: [announcement(success)], known },
        { announcements: [other(replaced)], known: known2 },
      ]);
    expect(await requestsOf(tell)).toEqual([
      'createDeploymentStatus + updateIssueComment + updateIssueComment + createDeploymentStatus',
      'repos/create-commit-status',
    ]);
    expect(states()).toEqual([
      ['in_progress', 'success'],
      ['success', 'inactive'],
    ]);
  });

  test('are not repeated for what was written before one failed', async () => {
    const [before] = await forge.tellDeploys([{ announcements: [announcement()], known: {} }]);
    world.interrupt({ writes: 1, done: false });
    const again = { announcements: [announcement(success)], known: before?.known ?? {} };
    const [told] = await forge.tellDeploys([again]);
    expect(told?.failure).toMatchObject({ code: 'forge-unavailable' });
    world.interrupt(undefined);
    const rest = () => forge.tellDeploys([{ ...again, known: told?.known ?? {} }]);
    expect(await requestsOf(rest)).toEqual(['repos/create-commit-status']);
    expect(states()).toEqual([['in_progress', 'success']]);
  });

  test('are several for more than one document can hold', async () => {
    const many = Array.from({ length: 45 }, (_, n) => ({ on: world.bump, marker: `<!-- n${n} -->`, body: `${n}` }));
    await forge.tellDeploys([{ announcements: [{ comments: many }], known: {} }]);
    expect(world.comments(world.bump)).toHaveLength(45);
  });

  test('are four where nothing was, beside signing in', async () => {
    await forge.changesOfCommit(world.application, world.commit);
    await forge.changesOfCommit(world.bump.repository, world.commit);
    expect(await requestsOf(() => tellOne(forge, announcement(), {}))).toEqual([
      'apps/get-authenticated',
      'repository + repository + repository + repository',
      'repos/create-deployment',
      'createDeploymentStatus + addComment + addComment',
      'repos/create-commit-status',
    ]);
  });

  test('are none where all is said', async () => {
    const known = await tellOne(forge, announcement(), {});
    expect(await requestsOf(() => tellOne(forge, announcement(), known))).toEqual([]);
  });

  test('are one look where all is said and forgotten', async () => {
    await tellOne(forge, announcement(success), {});
    expect(await requestsOf(() => tellOne(forge, announcement(success), {}))).toEqual([
      'repository + repository + repository + repository',
    ]);
    expect(states()).toEqual([['success']]);
    expect(statuses()).toHaveLength(1);
  });

  test('ask once whether the app is installed on a repository where it is not', async () => {
    const { repository, commit } = world.unseen;
    const tell = () => tellOne(forge, announcement({ repository, commit, on: [] }), {});
    expect(await requestsOf(tell)).toEqual(['apps/get-repo-installation']);
    expect(await requestsOf(tell)).toEqual([]);
  });
});

describe('a deployment', () => {
  test('waits for nothing, merges nothing, and is of its environment and commit', async () => {
    world.simulator.people.reportStatus(SHOP, world.commit, { context: 'ci', state: 'failure' });
    await tellOne(forge, announcement({ deployment: { isProduction: true } }), {});
    expect(deployments()).toMatchObject([
      {
        ...{ sha: world.commit, ref: world.commit, environment: 'staging', production: true, transient: false },
        ...{ task: 'deploy:tagalong/staging', payload: { tagalong: { task: 'deploy:tagalong/staging' } } },
      },
    ]);
  });

  test('that succeeds leaves other images of the environment alone', async () => {
    await tellOne(forge, announcement({ ...success, commit: world.otherCommit }), {});
    const other = { ...success, status: { ...success.status, context: 'tagalong/staging/worker' } };
    await tellOne(forge, announcement(other), {});
    await tellOne(forge, announcement(success), {});
    expect(states()).toEqual([['success'], ['success'], ['success']]);
  });

  test('goes through every state', async () => {
    let known = {};
    for (const state of ['queued', 'in-progress', 'failure', 'success', 'inactive', 'pending'] as const) {
      known = await tellOne(forge, announcement({ deployment: { state } }), known);
    }
    expect(states()).toEqual([['queued', 'in_progress', 'failure', 'success', 'inactive', 'pending']]);
  });

  test('is found by an abbreviated commit', async () => {
    const known = await tellOne(forge, announcement({ commit: world.commit.slice(0, 9) }), {});
    await tellOne(forge, announcement({ ...success, commit: world.commit.slice(0, 9) }), known);
    expect(world.deployments(world.commit)).toHaveLength(1);
    expect(statuses().map(({ state }) => state)).toEqual(['pending', 'success']);
  });

  test('of somebody else is not taken for its own', async () => {
    const theirs = { environment: 'staging', state: 'success' } as const;
    world.simulator.people.reportDeployment(SHOP, world.commit, theirs);
    world.simulator.people.reportDeployment(SHOP, world.commit, { ...theirs, by: 'tagalong' });
    await tellOne(forge, announcement(), {});
    expect(states()).toEqual([['success'], ['success'], ['in_progress']]);
  });

  test('that was deleted is made anew', async () => {
    const known = await tellOne(forge, announcement(), {});
    const [deployment] = deployments();
    world.simulator.state.repository(SHOP).deployments.clear();
    world.simulator.world.nodes.delete(deployment?.nodeId ?? '');
    const after = await tellOne(forge, announcement(success), known);
    expect(states()).toEqual([['success']]);
    expect(world.comments(world.change).map(({ body }) => body)).toEqual([`${MARKER}\nstaging: live`]);
    expect(await requestsOf(() => tellOne(forge, announcement(success), after))).toEqual([]);
  });

  test('is told where the application’s conversation is locked, which takes no comment', async () => {
    const [pull] = world.simulator.state.pullRequests(SHOP);
    world.simulator.people.lock(pull ?? expect.unreachable());
    const known = await tellOne(forge, announcement(success), {});
    expect(states()).toEqual([['success']]);
    expect(world.comments(world.bump)).toHaveLength(1);
    expect(world.comments(world.change)).toEqual([]);
    await tellOne(forge, announcement(success), known);
    // Of which type GitHub calls that in GraphQL is not documented.
    const refusal = new GitHubError('forge-refused', 'Unable to create comment because issue is locked.', {
      status: 422,
    });
    expect(isOutOfReach(refusal)).toBe(true);
  });

  test('of a commit that is nowhere is left out, and the comments are told', async () => {
    const known = await tellOne(forge, announcement({ commit: 'f'.repeat(40) }), {});
    expect(deployments()).toEqual([]);
    expect(world.comments(world.bump)).toHaveLength(1);
    expect(Object.keys(known).map((key) => key.split(' ')[0])).toEqual(['comment', 'comment']);
  });
});

describe('what GitHub takes', () => {
  test('are descriptions of 140 characters, cut at a word, and links of the web', async () => {
    const description = `${'Rollout of acme/shop:1.4.3 '.repeat(8)}\nfailed 🎉`;
    const link = 'javascript:alert(1)';
    const known = await tellOne(
      forge,
      announcement({
        deployment: { description, logUrl: link, environmentUrl: 'staging.example.com' },
        status: { description, url: link },
      }),
      {},
    );
    const [deployment] = deployments();
    const cut = deployment?.statuses[0]?.description ?? '';
    expect(cut.length).toBeLessThanOrEqual(140);
    expect(cut).toMatch(/^Rollout of acme\/shop:1\.4\.3 .*[^ ]…$/);
    expect(deployment?.statuses[0]).toMatchObject({ logUrl: '', environmentUrl: '' });
    expect(statuses()).toMatchObject([{ description: cut, targetUrl: undefined }]);
    expect(await requestsOf(() => tellOne(forge, announcement(), known))).toHaveLength(2);
  });

  test('are descriptions without characters of four bytes, which a commit status does not take', async () => {
    const description = '1.4.3: failed: 🔥 the pod 👩‍💻 burns ❌ 🔥';
    const known = await tellOne(forge, announcement({ deployment: { description }, status: { description } }), {});
    expect(statuses()).toMatchObject([{ description: '1.4.3: failed: the pod burns ❌' }]);
    expect(
      await requestsOf(() =>
        tellOne(forge, announcement({ deployment: { description }, status: { description } }), known),
      ),
    ).toEqual([]);
  });

  test('are so many statuses of a context; after the last one the rest is still told', async () => {
    const { people } = world.simulator;
    for (let count = 0; count < statusLimit; count++) {
      people.reportStatus(SHOP, world.commit, { context: 'tagalong/staging', state: 'pending' });
    }
    const known = await tellOne(forge, announcement(success), {});
    expect(statuses()).toHaveLength(statusLimit);
    expect(states()).toEqual([['success']]);
    expect(await requestsOf(() => tellOne(forge, announcement(success), known))).toEqual([]);
  });
});

describe('permissions', () => {
  test.each([
    ['deployments', { deployments: 0, statuses: 1 }],
    ['statuses', { deployments: 1, statuses: 0 }],
  ])('without %s the rest is told', async (missing, expected) => {
    await world.close();
    const granted = Object.entries(appManifest.default_permissions).filter(([name]) => name !== missing);
    world = await createTellingWorld(Object.fromEntries(granted));
    await tellOne(world.forge, announcement(), {});
    expect({ deployments: deployments().length, statuses: statuses().length }).toEqual(expected);
    expect(world.comments(world.change)).toHaveLength(1);
    expect(world.comments(world.bump)).toHaveLength(1);
  });

  test('an archived application repository is left alone', async () => {
    const known = await tellOne(forge, announcement({ on: [world.bump] }), {});
    world.simulator.people.archive(SHOP);
    await tellOne(forge, announcement({ ...success, on: [world.bump] }), known);
    expect(states()).toEqual([['in_progress']]);
    expect(world.comments(world.bump).map(({ body }) => body)).toEqual([`${MARKER}\nstaging: live`]);
  });

  test('an uninstalled app leaves out what it had told', async () => {
    const { people } = world.simulator;
    const other = people.createRepository({ owner: 'Other', name: 'shop' });
    const commit = world.simulator.state.head('Other/shop') ?? '';
    const repository: RepositoryRef = { forge: 'github', path: 'Other/shop' };
    const known = await tellOne(forge, announcement({ repository, commit, on: [world.bump] }), {});
    expect(other.deployments.size).toBe(1);
    people.uninstallApp('Other');
    const told = await tellOne(
      world.freshForge(),
      announcement({ ...success, repository, commit, on: [world.bump] }),
      known,
    );
    expect([...other.deployments.values()].map(({ statuses: all }) => all.length)).toEqual([1]);
    expect(world.comments(world.bump).map(({ body }) => body)).toEqual([`${MARKER}\nstaging: live`]);
    people.installApp('Other', 'all');
    await tellOne(world.freshForge(), announcement({ ...success, repository, commit, on: [world.bump] }), told);
    expect([...other.deployments.values()].map(({ statuses: all }) => all.at(-1)?.state)).toEqual(['success']);
  });
});

describe('comments', () => {
  const say = (body: string): Comment => {
    const { people, state } = world.simulator;
    const [pull] = state.pullRequests(SHOP);
    return people.comment(pull ?? expect.unreachable(), body);
  };

  test('of people who quote the marker stay as they are', async () => {
    const theirs = say(`${MARKER}\nwhat is this?`);
    await tellOne(forge, announcement(), {});
    expect(theirs.body).toBe(`${MARKER}\nwhat is this?`);
    expect(world.comments(world.change)).toHaveLength(2);
  });

  test('are found again in a long conversation', async () => {
    for (let count = 0; count < 101; count++) say(`remark ${count}`);
    await tellOne(forge, announcement(), {});
    await tellOne(forge, announcement(success), {});
    const own = world.comments(world.change).filter(({ body }) => body.includes(MARKER));
    expect(own.map(({ body }) => body)).toEqual([`${MARKER}\nstaging: live`]);
  });
});

describe('the changes of a commit', () => {
  test('are asked for once, open and merged ones, the newest first', async () => {
    const { people } = world.simulator;
    people.pushFiles(SHOP, 'second', {}, { force: { onto: world.commit } });
    const second = people.openPullRequest(SHOP, { head: 'second' });
    people.pushFiles(SHOP, 'third', {}, { force: { onto: world.commit } });
    people.closePullRequest(people.openPullRequest(SHOP, { head: 'third' }));
    const ask = async () => {
      const changes = await forge.changesOfCommit(world.application, world.commit);
      expect(changes.map(({ number }) => number)).toEqual([second.number, world.change.number]);
    };
    expect(await requestsOf(ask)).toContain('repos/list-pull-requests-associated-with-commit');
    expect(await requestsOf(ask)).toEqual([]);
  });
});
