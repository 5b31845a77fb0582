import { afterEach, describe, expect, test } from 'vitest';
import type { ChangeRef } from '../../../src/domain/change.ts';
import type { Check } from '../../../src/forge/forge.ts';
import { reviewDocument } from '../../../src/forge/github/review-documents.ts';
import type { MergeMethod, ReviewState } from '../../../src/forge/reviews.ts';
import type { Protection, Ruleset } from '../../support/forge/github/world/model.ts';
import { createReviewWorld, NAME, type GitHubReviewWorld, type ReviewWorldOptions } from './review-world.ts';
import { appManifest } from './telling-world.ts';

const CHECK = 'tagalong/review';
let world: GitHubReviewWorld;
afterEach(() => world.close());

async function start(options?: ReviewWorldOptions): Promise<ChangeRef> {
  world = await createReviewWorld(options);
  world.push('feature', { 'apps/shop.yaml': 'image: acme/shop:9.9.9\n' }, 'mona');
  return world.openChange('feature', { author: 'mona' });
}

async function stateOf(change: ChangeRef, teams: readonly string[] = []): Promise<ReviewState> {
  return (await world.forge.reviewState(change, { teams, check: CHECK })) ?? expect.unreachable();
}

/** Permissions of `app.yml` but these. */
function without(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(appManifest.default_permissions).filter(([name]) => !names.includes(name)));
}

const verdict = (changes: Partial<Check> = {}): Check => ({
  name: CHECK,
  conclusion: 'pending',
  title: 'Waits for an approval',
  summary: 'One of two.',
  annotations: [],
  ...changes,
});

describe('requests', () => {
  test('one for the state, none for an equal verdict, and one for another', async () => {
    const change = await start();
    const head = world.head('feature');
    world.team('sre', ['ada']);
    world.grant('ada', 'write');
    world.review(change, 'ada', 'approved');
    world.report(head, 'ci', 'success');
    const evaluate = async (check: Check) => {
      const { ownCheck } = await stateOf(change, ['@acme/sre']);
      await world.forge.upsertCheck(world.repository, head, check, ownCheck ?? 'none');
      return world.newRequests();
    };
    expect(await evaluate(verdict())).toEqual(['repository+organization', 'checks/create']);
    expect(await evaluate(verdict())).toEqual(['repository+organization']);
    expect(await evaluate(verdict({ conclusion: 'success' }))).toEqual(['repository+organization', 'checks/update']);
  });

  test('none for commits whose authors were told before', async () => {
    await start();
    const range = { from: world.head('main'), to: world.head('feature') };
    await world.forge.commitAuthors(world.repository, range);
    world.newRequests();
    await world.forge.commitAuthors(world.repository, range);
    expect(world.newRequests()).toEqual([]);
  });
});

describe('what is longer than a page', () => {
  test('costs one request more for each: commits, reviews, checks', async () => {
    const change = await start();
    for (let i = 0; i < 101; i++) world.push('feature', { 'notes.md': `${i}\n` }, `person${i}`);
    for (let i = 0; i < 101; i++) world.report(world.head('feature'), `check${i}`, 'success');
    for (let i = 0; i < 101; i++) world.review(change, `person${i}`, 'commented');
    world.newRequests();
    const { authors, reviews, checks } = await stateOf(change);
    expect(world.newRequests()).toHaveLength(4);
    expect(authors.people).toHaveLength(102);
    expect(authors.isComplete).toBe(true);
    expect(reviews).toHaveLength(101);
    expect(checks).toHaveLength(101);
  });

  test('ends where GitHub lists no more commits, and says so', async () => {
    const change = await start();
    for (let i = 0; i < 251; i++) world.push('feature', { 'notes.md': `${i}\n` }, 'mona');
    world.report(world.head('feature'), 'ci', 'failure');
    const { authors, checks } = await stateOf(change);
    expect(authors.isComplete).toBe(false);
    expect(checks).toEqual([{ name: 'ci', state: 'failure' }]);
  });
});

describe('what the app may not read', () => {
  test('is unknown, and the rest is told all the same', async () => {
    const change = await start({ permissions: without('members', 'statuses') });
    world.team('sre', ['ada']);
    world.simulator.people.reportStatus(NAME, world.head('feature'), { context: 'lint', state: 'success' });
    world.report(world.head('feature'), 'ci', 'success');
    const { teams, checks, change: told } = await stateOf(change, ['@acme/sre']);
    expect(teams).toEqual({ '@acme/sre': null });
    expect(checks).toEqual([{ name: 'ci', state: 'success' }]);
    expect(told.number).toBe(change.number);
  });

  test('never looks like an answer: without reviews there is none', async () => {
    const change = await start();
    const message = 'Resource not accessible by integration';
    const path = ['repository', 'pullRequest', 'reviews', 'nodes', 0];
    world.simulator.faults.push({
      match: ({ operations }) => operations.includes('repository'),
      status: 200,
      body: { data: { repository: null }, errors: [{ type: 'FORBIDDEN', path, message }] },
    });
    await expect(stateOf(change)).rejects.toMatchObject({ code: 'forge-refused' });
  });

  test('of who pushed leaves the authors incomplete', async () => {
    const change = await start();
    const data = await answerOf(change);
    const path = ['repository', 'pullRequest', 'commits', 'nodes', 0, 'commit', 'checkSuites'];
    world.simulator.faults.push({
      match: ({ operations }) => operations.includes('repository'),
      status: 200,
      body: { data, errors: [{ type: 'FORBIDDEN', path, message: 'Resource not accessible by integration' }] },
    });
    expect((await stateOf(change)).authors.isComplete).toBe(false);
  });

  const rulesOfBranch = ['refUpdateRule', 'rules'] as const;
  test.each(rulesOfBranch)('of %s by GraphQL is asked of REST', async (field) => {
    const change = await start();
    const { people } = world.simulator;
    people.protectBranch(NAME, 'main', { requiredChecks: ['ci'] });
    people.addRuleset(NAME, { requiredChecks: [{ name: 'lint' }], requiresLinearHistory: true });
    await forbid(change, field);
    world.newRequests();
    const { requiredChecks, mergeMethods } = await stateOf(change);
    expect(requiredChecks).toEqual(['ci', 'lint']);
    expect(mergeMethods).toEqual(['squash', 'rebase']);
    expect(world.newRequests()).toHaveLength(2);
  });

  test.each(rulesOfBranch)('of %s anywhere makes the required checks unknown', async (field) => {
    const change = await start();
    await forbid(change, field);
    world.simulator.faults.push({
      match: ({ operations }) => ['repos/get-branch', 'repos/get-branch-rules'].some((id) => operations.includes(id)),
      status: 403,
      body: { message: 'Resource not accessible by integration' },
    });
    expect(await stateOf(change)).toMatchObject({
      requiredChecks: 'unknown',
      mergeMethods: ['merge', 'squash', 'rebase'],
    });
  });
});

describe('methods of merging', () => {
  test.each<[string, Partial<Protection>, Partial<Ruleset>, readonly MergeMethod[]]>([
    ['a linear history', { requiresLinearHistory: true }, {}, ['squash', 'rebase']],
    ['a linear history by a ruleset', {}, { requiresLinearHistory: true }, ['squash', 'rebase']],
    ['signatures', { requiresSignatures: true }, {}, ['merge', 'squash']],
    ['signatures by a ruleset', {}, { requiresSignatures: true }, ['merge', 'squash']],
    ['both', { requiresSignatures: true }, { requiresLinearHistory: true }, ['squash']],
  ])('are those that %s leaves', async (_name, classic, ruleset, methods) => {
    const change = await start();
    world.simulator.people.protectBranch(NAME, 'main', classic);
    world.simulator.people.addRuleset(NAME, ruleset);
    expect((await stateOf(change)).mergeMethods).toEqual(methods);
    const [method = 'merge'] = methods;
    const headCommit = world.head('feature');
    expect(await world.forge.merge(change, { headCommit, method })).toMatchObject({ kind: 'merged' });
  });

  test('may be named by a ruleset: another is taken than the one that was asked for', async () => {
    const change = await start();
    const pullRequest = { approvals: 0, dismissesStale: false, methods: ['squash'] } as const;
    world.simulator.people.addRuleset(NAME, { pullRequest });
    const main = world.head('main');
    const merged = await world.forge.merge(change, { headCommit: world.head('feature'), method: 'merge' });
    expect(merged).toEqual({ kind: 'merged', commit: world.head('main') });
    expect(world.simulator.state.repository(NAME).git.existingCommit(world.head('main')).parents).toEqual([main]);
  });

  test('that all are refused are told in the words of the first refusal', async () => {
    const change = await start();
    const pullRequest = { approvals: 1, dismissesStale: false, methods: ['squash', 'rebase'] } as const;
    world.simulator.people.addRuleset(NAME, { pullRequest });
    expect(await world.forge.merge(change, { headCommit: world.head('feature'), method: 'merge' })).toEqual({
      kind: 'refused',
      message: 'At least 1 approving review is required by reviewers with write access.',
    });
  });
});

describe('checks of the same name', () => {
  test('by several parties are as bad as the worst of them', async () => {
    const change = await start();
    const head = world.head('feature');
    const { people } = world.simulator;
    people.reportCheckRun(NAME, head, { name: 'ci', app: 'jenkins', conclusion: 'failure' });
    people.reportCheckRun(NAME, head, { name: 'ci', app: 'actions', conclusion: 'success' });
    expect((await stateOf(change)).checks).toEqual([{ name: 'ci', state: 'failure' }]);
  });

  test('as the own one is that of somebody else, where another app reports it', async () => {
    const change = await start();
    world.report(world.head('feature'), CHECK, 'success');
    const { ownCheck, checks } = await stateOf(change);
    expect(ownCheck).toBeUndefined();
    expect(checks).toEqual([{ name: CHECK, state: 'success' }]);
  });

  test.each([
    ['neutral', 'success'],
    ['skipped', 'success'],
    ['cancelled', 'failure'],
    ['timed_out', 'failure'],
    ['action_required', 'failure'],
    ['stale', 'failure'],
  ] as const)('that ended in %s count as %s', async (conclusion, state) => {
    const change = await start();
    const report = { name: 'ci', app: 'actions', conclusion };
    world.simulator.people.reportCheckRun(NAME, world.head('feature'), report);
    expect((await stateOf(change)).checks).toEqual([{ name: 'ci', state }]);
  });
});

describe("the bot's own check", () => {
  test('that GitHub ended after two weeks is written again', async () => {
    const change = await start();
    const head = world.head('feature');
    await world.forge.upsertCheck(world.repository, head, verdict(), 'none');
    const [run] = world.simulator.state.checkRuns(NAME, head);
    Object.assign(run ?? expect.unreachable(), { status: 'completed', conclusion: 'stale' });
    await world.forge.upsertCheck(world.repository, head, verdict(), (await stateOf(change)).ownCheck);
    expect(world.check(head, CHECK)).toEqual({ conclusion: 'pending', title: 'Waits for an approval' });
  });

  test('has buttons and a page, cut to what GitHub takes', async () => {
    await start();
    const head = world.head('feature');
    const actions = Array.from({ length: 4 }, (_, index) => ({
      id: `action${index}`,
      label: 'A label that is far too long',
      description: 'A description that is a good deal longer than forty characters',
    }));
    const summary = 'ä🚢'.repeat(20_000);
    const check = verdict({ conclusion: 'failure', actions, summary, url: 'https://example.com/why' });
    await world.forge.upsertCheck(world.repository, head, check, 'none');
    const [run] = world.simulator.state.checkRuns(NAME, head);
    expect(run?.actions.map(({ identifier, label }) => [identifier, label.length])).toEqual([
      ['action0', 20],
      ['action1', 20],
      ['action2', 20],
    ]);
    expect(run).toMatchObject({ detailsUrl: 'https://example.com/why' });
    const told = run?.summary ?? '';
    expect(Buffer.byteLength(told)).toBeGreaterThan(65_535 - 4);
    expect(told).toMatch(/^(ä🚢)+ä?\n\nThe rest is too long to be shown here\.$/u);
  });
});

describe('co-authors', () => {
  const message = 'Change\n\nCo-authored-by: Ada <2+ada@users.noreply.github.com>\nco-authored-by: Jo <jo@example.com>';

  test('are authors of a change and of application commits', async () => {
    const change = await start();
    const ada = world.simulator.people.person('ada');
    const named = message.replace('2+ada@users.noreply.github.com', ada.email);
    world.simulator.people.pushFiles(NAME, 'feature', { 'b.md': '1\n' }, { author: 'mona', message: named });
    const expected = { people: ['ada', 'mona'], unknown: ['Jo <jo@example.com>'], isComplete: true };
    const names = (authors: ReviewState['authors'] | undefined) => ({
      ...authors,
      people: (authors?.people ?? []).map(({ login }) => login).sort(),
    });
    expect(names((await stateOf(change)).authors)).toEqual(expected);
    const range = { from: world.head('main'), to: world.head('feature') };
    expect(names(await world.forge.commitAuthors(world.repository, range))).toEqual(expected);
    expect(names(await world.forge.commitAuthors(world.repository, { to: range.to }))).toEqual(expected);
  });
});

describe('commits in the name of somebody else', () => {
  const forge = (author: string, named: string, file: string) => {
    const { name, email } = world.simulator.people.person(named);
    world.simulator.people.pushFiles(NAME, 'feature', { [file]: '1\n' }, { author, as: { name, email } });
  };
  const logins = async (change: ChangeRef) => (await stateOf(change)).authors.people.map(({ login }) => login).sort();

  test('tell who pushed them, also under later commits', async () => {
    const change = await start();
    forge('eve', 'ada', 'a.md');
    forge('mallory', 'ada', 'b.md');
    expect(await logins(change)).toEqual(['ada', 'eve', 'mallory', 'mona']);
  });

  test('and so for application commits nobody who merely merged them is an author', async () => {
    await start();
    forge('eve', 'ada', 'a.md');
    const range = { from: world.head('main'), to: world.head('feature') };
    const authors = await world.forge.commitAuthors(world.repository, range);
    expect(authors?.people.map(({ login }) => login).sort()).toEqual(['ada', 'mona']);
  });
});

describe('a commit that is told in short', () => {
  test('is not what a branch of that name holds', async () => {
    world = await createReviewWorld();
    const from = world.head('main');
    world.push('feature', { 'a.md': '1\n' }, 'mona');
    const to = world.push('feature', { 'a.md': '2\n' }, 'ada');
    world.push(from.slice(0, 7), { 'b.md': '1\n' }, 'eve');
    world.push(to.slice(0, 7), { 'b.md': '1\n' }, 'eve');
    const asked = [{ to: to.slice(0, 7) }, { from: from.slice(0, 7), to }, { from, to: to.slice(0, 7) }];
    for (const each of asked) expect(await world.forge.commitAuthors(world.repository, each)).toBeUndefined();
  });
});

test.each(['acme/shop/tree/main', 'acme/..', '../shop', 'acme'])(
  'of %s, which can be no repository of GitHub, nothing is asked and nobody known',
  async (path) => {
    world = await createReviewWorld();
    const commit = { to: world.head('main') };
    expect(await world.forge.commitAuthors({ forge: 'github', path }, commit)).toBeUndefined();
  },
);

describe('a reaction that GitHub refuses', () => {
  test('is left out in a locked conversation', async () => {
    const change = await start();
    const comment = world.say(change, '/hold');
    world.simulator.people.lock(world.pull(change));
    await world.forge.react(change, comment, 'seen');
    expect(world.reactions(comment)).toBe(0);
  });

  test('is left out without the permission', async () => {
    const change = await start({ permissions: without('issues') });
    const [comment, review] = [world.say(change, '/hold'), world.review(change, 'ada', 'commented')];
    await world.forge.react(change, comment, 'seen');
    await world.forge.react(change, { kind: 'review', id: review }, 'seen');
    expect(world.reactions(comment)).toBe(0);
  });
});

describe('a deleted account', () => {
  test('leaves its change and its review to nobody, and its commits to an unknown author', async () => {
    const change = await start();
    world.team('sre', ['ada', 'eve']);
    world.grant('ada', 'write');
    world.review(change, 'ada', 'approved');
    const { email } = world.simulator.people.person('mona');
    for (const login of ['ada', 'mona']) world.simulator.people.deleteAccount(login);
    const ghost = { login: 'ghost', isBot: false };

    const state = await stateOf(change, ['@acme/sre']);
    expect(state).toMatchObject({
      change: { author: ghost },
      reviews: [{ by: ghost, state: 'approved', mayWrite: false }],
      teams: { '@acme/sre': ['eve'] },
      authors: { people: [ghost], unknown: [`mona <${email}>`], isComplete: true },
    });
    expect(await world.forge.change(change)).toEqual(state.change);
  });
});

describe('a repository of a person', () => {
  test('has no teams', async () => {
    const change = await start({ ownerType: 'User' });
    expect(await stateOf(change, ['@acme/sre'])).toMatchObject({ teams: { '@acme/sre': null } });
  });
});

describe('a change from a fork', () => {
  test('is told as one, with its checks and authors', async () => {
    await start();
    const { people } = world.simulator;
    const fork = people.fork(NAME, 'eve');
    const head = people.pushFiles(fork, 'patch', { '.tagalong.yml': 'version: 1\n' }, { author: 'eve' });
    const pull = people.openPullRequest(NAME, { head: 'patch', from: fork, author: 'eve' });
    const state = await stateOf({ repository: world.repository, number: pull.number });
    expect(state).toMatchObject({
      change: { fromFork: true, headCommit: head, author: { login: 'eve' } },
      authors: { people: [{ login: 'eve' }] },
    });
  });
});

/** Makes GitHub answer the next document of a review without this field of the target branch. */
async function forbid(change: ChangeRef, field: 'refUpdateRule' | 'rules'): Promise<void> {
  const path = ['repository', 'pullRequest', 'baseRef', field];
  const answer = JSON.stringify(await answerOf(change));
  const data: unknown = JSON.parse(answer, (key, value: unknown) => (key === field ? null : value));
  const errors = [{ type: 'FORBIDDEN', path, message: 'Resource not accessible by integration' }];
  world.simulator.faults.push({
    match: ({ operations }) => operations.includes('repository'),
    status: 200,
    body: { data, errors },
  });
}

/** The answer of the simulator to the document of a review. */
async function answerOf({ number }: ChangeRef): Promise<unknown> {
  const { tokens, world: held, url } = world.simulator;
  const installation = held.installations.get('acme') ?? expect.unreachable();
  const response = await fetch(`${url}/api/graphql`, {
    method: 'POST',
    headers: {
      authorization: `token ${tokens.forInstallation(installation, {}).token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      query: reviewDocument(0),
      variables: { owner: 'Acme', name: 'deploy', number },
    }),
  });
  const body: unknown = await response.json();
  return typeof body === 'object' && body !== null && 'data' in body ? body.data : expect.unreachable();
}
