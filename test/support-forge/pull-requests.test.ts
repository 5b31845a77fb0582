import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GitHubSimulator, startGitHub } from '../support/forge/github/simulator.ts';
import type { PullRequest } from '../support/forge/github/world/model.ts';
import { installationClient, refusal } from './clients.ts';

let github: GitHubSimulator;

beforeEach(async () => {
  github = await startGitHub();
  github.people.createRepository({
    owner: 'acme',
    name: 'deploy',
    files: { 'a.yaml': 'a: 1\n', 'b.yaml': 'b: 1\n' },
    deleteBranchOnMerge: true,
  });
});

afterEach(async () => {
  await github.close();
});

/** A pull request of two commits, with the base moved on elsewhere. */
function diverged() {
  const { people } = github;
  people.pushFiles('acme/deploy', 'topic', { 'a.yaml': 'a: 2\n' }, { author: 'mona', message: 'First' });
  people.pushFiles('acme/deploy', 'topic', { 'c.yaml': 'c: 1\n' }, { author: 'mona', message: 'Second' });
  people.pushFiles('acme/deploy', 'main', { 'b.yaml': 'b: 2\n' }, { message: 'Meanwhile' });
  return people.openPullRequest('acme/deploy', { head: 'topic', title: 'Topic', author: 'mona' });
}

const mergedFiles = { 'a.yaml': 'a: 2\n', 'b.yaml': 'b: 2\n', 'c.yaml': 'c: 1\n' };

describe('merging', () => {
  it.each([
    ['merge', ['Merge pull request #1 from acme/topic\n\nTopic', 'Meanwhile', 'Initial commit', 'First', 'Second'], 2],
    ['squash', ['Topic (#1)', 'Meanwhile', 'Initial commit'], 1],
    ['rebase', ['Second', 'First', 'Meanwhile', 'Initial commit'], 1],
  ] as const)('by %s', (method, messages, parents) => {
    const pull = diverged();
    const commit = github.people.merge(pull, { method, by: 'hubot' });

    expect(github.state.head('acme/deploy')).toBe(commit);
    expect(pull).toMatchObject({ state: 'closed', merge: { commit, by: { login: 'hubot' } } });
    expect(github.state.commit('acme/deploy', commit).parents).toHaveLength(parents);
    const { git } = github.state.repository('acme/deploy');
    expect([...git.history([commit])].map(({ message }) => message).sort()).toEqual([...messages].sort());
    expect(Object.fromEntries(github.state.files('acme/deploy'))).toMatchObject(mergedFiles);
    expect(github.state.branches('acme/deploy')).toEqual(['main']);
  });

  it('waits for what the branch asks for', () => {
    const pull = diverged();
    github.people.protectBranch('acme/deploy', 'main', { requiredApprovals: 1 });
    expect(() => github.people.merge(pull)).toThrow('At least 1 approving review is required');
    github.people.review(pull, 'APPROVED', { author: 'stranger' });
    expect(() => github.people.merge(pull)).toThrow('by reviewers with write access');
    github.people.grant('acme/deploy', 'hubot', 'write');
    github.people.review(pull, 'APPROVED', { author: 'hubot' });
    github.people.merge(pull);
    expect(pull.merge).toMatchObject({ by: { login: 'octocat' } });
  });

  it('goes around branch protection for administrators, unless it is enforced for them or a ruleset says the same', () => {
    const pull = diverged();
    const { people } = github;
    people.grant('acme/deploy', 'root', 'admin');
    people.protectBranch('acme/deploy', 'main', { requiredChecks: ['ci'], enforcesAdmins: true });
    expect(() => people.merge(pull, { by: 'root' })).toThrow('"ci" is expected');
    people.protectBranch('acme/deploy', 'main', { requiredChecks: ['ci'] });
    const ruleset = people.addRuleset('acme/deploy', { requiredChecks: [{ name: 'ci' }] });
    expect(() => people.merge(pull, { by: 'root' })).toThrow('"ci" is expected');
    const { rulesets } = github.state.repository('acme/deploy');
    rulesets.splice(rulesets.indexOf(ruleset), 1);
    people.merge(pull, { by: 'root' });
    expect(pull.merge).toMatchObject({ by: { login: 'root' } });
  });

  it('takes only the methods of the repository', () => {
    const { people } = github;
    people.createRepository({ owner: 'acme', name: 'squashing', mergeMethods: ['squash'] });
    people.pushFiles('acme/squashing', 'topic', { 'a.yaml': 'a: 1\n' });
    const pull = people.openPullRequest('acme/squashing', { head: 'topic' });
    expect(() => people.merge(pull, { method: 'merge' })).toThrow('Merge commits are not allowed');
    people.merge(pull, { method: 'squash' });
  });

  it('takes approvals of an earlier head back where the branch asks for it', () => {
    const pull = diverged();
    const { people } = github;
    people.grant('acme/deploy', 'hubot', 'write');
    people.protectBranch('acme/deploy', 'main', { requiredApprovals: 1, dismissesStaleReviews: false });
    const review = people.review(pull, 'APPROVED', { author: 'hubot' });
    people.pushFiles('acme/deploy', 'topic', { 'c.yaml': 'c: 2\n' });
    expect(review.state).toBe('APPROVED');
    people.protectBranch('acme/deploy', 'main', { requiredApprovals: 1, dismissesStaleReviews: true });
    people.pushFiles('acme/deploy', 'topic', { 'c.yaml': 'c: 3\n' });
    expect(review.state).toBe('DISMISSED');
    expect(() => people.merge(pull)).toThrow('At least 1 approving review is required');
  });

  it('is refused to drafts, to closed ones and to one with conflicts', () => {
    const { people } = github;
    people.pushFiles('acme/deploy', 'draft', { 'a.yaml': 'a: 3\n' });
    const draft = people.openPullRequest('acme/deploy', { head: 'draft', draft: true });
    expect(() => people.merge(draft)).toThrow('Pull Request is still a draft');
    const pull = diverged();
    people.pushFiles('acme/deploy', 'main', { 'a.yaml': 'a: 4\n' });
    expect(() => people.merge(pull)).toThrow('Pull Request is not mergeable');
    people.closePullRequest(pull);
    expect(() => people.merge(pull)).toThrow('Pull Request is not mergeable');
  });
});

describe('a merge queue', () => {
  const report = (commit: string, conclusion: 'success' | 'failure') =>
    github.people.reportCheckRun('acme/deploy', commit, { name: 'ci', app: 'actions', conclusion });
  const queue = () => github.state.branches('acme/deploy').filter((branch) => branch.startsWith('gh-readonly-queue/'));

  it('merges what its checks pass', () => {
    const pull = diverged();
    github.people.protectBranch('acme/deploy', 'main', { requiredChecks: ['ci'] });
    const group = github.people.enqueue(pull);
    expect(queue()).toEqual([`gh-readonly-queue/main/pr-${pull.number}-${group.base}`]);
    expect(Object.fromEntries(github.state.files('acme/deploy', group.commit))).toMatchObject(mergedFiles);
    report(group.commit, 'success');
    expect(github.state.head('acme/deploy')).toBe(group.commit);
    expect(pull).toMatchObject({ state: 'closed', merge: { commit: group.commit } });
    expect(queue()).toEqual([]);
  });

  it('drops what its checks fail', () => {
    const pull = diverged();
    github.people.protectBranch('acme/deploy', 'main', { requiredChecks: ['ci'] });
    const { commit, base } = github.people.enqueue(pull);
    report(commit, 'failure');
    expect(github.state.head('acme/deploy')).toBe(base);
    expect(pull.state).toBe('open');
    expect(queue()).toEqual([]);
  });

  /** Three in a queue, each on top of the one before. */
  function three(mergeQueue: 'ALLGREEN' | 'HEADGREEN') {
    const { people } = github;
    people.addRuleset('acme/deploy', { mergeQueue, requiredChecks: [{ name: 'ci' }] });
    const pulls = ['x', 'y', 'z'].map((branch) => {
      people.pushFiles('acme/deploy', branch, { [`${branch}.yaml`]: 'a: 1\n' });
      return people.openPullRequest('acme/deploy', { head: branch });
    });
    return { pulls, groups: pulls.map((pull) => github.people.enqueue(pull)) };
  }
  const states = (pulls: readonly PullRequest[]) => pulls.map(({ merge, state }) => (merge ? 'merged' : state));

  it('by ALLGREEN merges in its order what has passed', () => {
    const { pulls, groups } = three('ALLGREEN');
    expect(groups.map(({ base }) => base).slice(1)).toEqual(groups.map(({ commit }) => commit).slice(0, 2));
    report(groups[2]?.commit ?? '', 'success');
    expect(states(pulls)).toEqual(['open', 'open', 'open']);
    report(groups[0]?.commit ?? '', 'success');
    expect(states(pulls)).toEqual(['merged', 'open', 'open']);
  });

  it('by ALLGREEN drops what fails, and builds what is behind it anew', () => {
    const { pulls, groups } = three('ALLGREEN');
    report(groups[0]?.commit ?? '', 'failure');
    const [first] = groups;
    expect(queue()).toHaveLength(2);
    expect(queue()).toContain(`gh-readonly-queue/main/pr-${pulls[1]?.number}-${first?.base}`);
    expect(states(pulls)).toEqual(['open', 'open', 'open']);
  });

  it('by HEADGREEN merges all with the last that passes, whatever those before it did', () => {
    const { pulls, groups } = three('HEADGREEN');
    report(groups[0]?.commit ?? '', 'failure');
    expect(queue()).toHaveLength(3);
    report(groups[1]?.commit ?? '', 'success');
    expect(states(pulls)).toEqual(['merged', 'merged', 'open']);
    report(groups[2]?.commit ?? '', 'failure');
    expect(states(pulls)).toEqual(['merged', 'merged', 'open']);
    expect(queue()).toEqual([]);
  });
});

describe('a pull request', () => {
  it('from a fork shares the objects and merges like any other', () => {
    const fork = github.people.fork('acme/deploy', 'mona');
    const head = github.people.pushFiles(fork, 'patch', { 'a.yaml': 'a: 9\n' }, { author: 'mona' });
    const pull = github.people.openPullRequest('acme/deploy', { head: 'patch', from: fork, author: 'mona' });
    expect(github.state.repository('acme/deploy').git.refs.get(`refs/pull/${pull.number}/head`)).toBe(head);
    github.people.merge(pull);
    expect(github.state.file('acme/deploy', 'a.yaml')).toBe('a: 9\n');
    expect(github.state.branches(fork)).toEqual(['main']);
  });

  it('closes without being merged when its branch is put back to the base, and stays so', () => {
    const pull = diverged();
    const { sha } = pull.head;
    github.people.resetBranch('acme/deploy', 'topic', 'main');
    expect(pull).toMatchObject({ state: 'closed', merge: undefined });
    expect(() => github.people.reopenPullRequest(pull)).toThrow('There are no new commits on the topic branch.');
    github.people.resetBranch('acme/deploy', 'topic', sha);
    expect(() => github.people.reopenPullRequest(pull)).toThrow('The topic branch was force-pushed or recreated.');
  });

  it('reopens with what was pushed meanwhile', () => {
    const pull = diverged();
    github.people.closePullRequest(pull);
    const head = github.people.pushFiles('acme/deploy', 'topic', { 'd.yaml': 'd: 1\n' });
    expect(pull.head.sha).not.toBe(head);
    github.people.reopenPullRequest(pull);
    expect(pull).toMatchObject({ state: 'open', head: { sha: head } });
  });

  it('takes part in an archived repository no more', async () => {
    const pull = diverged();
    github.people.archive('acme/deploy');
    const { rest } = installationClient(github);
    const refused = await refusal(
      rest.pulls.update({ owner: 'acme', repo: 'deploy', pull_number: pull.number, title: 'x' }),
    );
    expect(refused).toMatchObject({ status: 403, data: { message: 'Repository was archived so is read-only.' } });
  });
});

describe('the registration of the app', () => {
  it.each([
    [{ permissions: { contents: 'delete' } }, 'not permissions of a GitHub App'],
    [{ permissions: { everything: 'write' } }, 'not permissions of a GitHub App'],
    [{ permissions: { contents: 'read' }, events: ['pull_request'] }, 'needs the permission pull_requests'],
    [{ events: ['nonsense'] }, 'cannot subscribe to nonsense'],
  ])('is refused as GitHub refuses it: %j', async (app, message) => {
    await expect(startGitHub({ app })).rejects.toThrow(message);
  });
});
