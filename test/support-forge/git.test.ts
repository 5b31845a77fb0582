import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GitHubSimulator, startGitHub } from '../support/forge/github/simulator.ts';
import { git } from './clients.ts';

let github: GitHubSimulator;
let folder: string;
let token: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'support-forge-'));
  github = await startGitHub();
  github.people.createRepository({
    owner: 'acme',
    name: 'deploy',
    files: { 'a/b/c.yaml': 'c: 1\n', 'd.yaml': 'd: 1\n' },
    collaborators: { mona: 'write' },
  });
  token = github.tokens.forPerson(github.people.person('mona'));
});

afterEach(async () => {
  await github.close();
  await rm(folder, { recursive: true, force: true });
});

function remote(): string {
  return `${github.url}/acme/deploy.git`;
}

describe('git over http', () => {
  it('clones what the API wrote, and git finds nothing wrong with it', async () => {
    github.people.pushFiles('acme/deploy', 'main', { 'a/b/c.yaml': 'c: 2\n', 'd.yaml': null });
    await git(folder, ['clone', '-q', remote(), 'clone'], token);
    const clone = join(folder, 'clone');
    expect(await git(clone, ['fsck', '--strict', '--no-dangling'])).toBe('');
    expect(await git(clone, ['log', '--format=%an %s'])).toBe('octocat Change files\noctocat Initial commit');
    expect(await git(clone, ['ls-files'])).toBe('README.md\na/b/c.yaml');
    expect(await git(clone, ['rev-parse', 'HEAD'])).toBe(github.state.head('acme/deploy'));
  });

  it('serves shallow and filtered fetches, single commits, and pull requests as refs', async () => {
    github.people.pushFiles('acme/deploy', 'topic', { 'd.yaml': 'd: 2\n' });
    const pull = github.people.openPullRequest('acme/deploy', { head: 'topic' });
    await git(folder, ['init', '-q', '--bare', 'mirror.git']);
    const mirror = join(folder, 'mirror.git');
    await git(
      mirror,
      ['fetch', '-q', '--depth=1', '--filter=blob:none', remote(), 'refs/pull/1/head:refs/heads/pull'],
      token,
    );
    expect(await git(mirror, ['rev-parse', 'refs/heads/pull'])).toBe(pull.head.sha);
    expect(await git(mirror, ['rev-list', '--count', 'refs/heads/pull'])).toBe('1');
    const [initial] = github.state.commit('acme/deploy', 'main').parents.concat(github.state.head('acme/deploy') ?? '');
    await git(mirror, ['fetch', '-q', '--depth=1', remote(), `${initial ?? ''}:refs/heads/one`], token);
    await git(mirror, ['fetch', '-q', remote(), 'refs/pull/1/merge:refs/heads/merged'], token);
    const parents = await git(mirror, ['log', '-1', '--format=%P', 'refs/heads/merged']);
    expect(parents).toBe(`${github.state.head('acme/deploy') ?? ''} ${pull.head.sha}`);
  });

  it('takes pushes: the branch moves, pull requests follow, webhooks tell', async () => {
    github.people.pushFiles('acme/deploy', 'topic', { 'd.yaml': 'd: 2\n' });
    const pull = github.people.openPullRequest('acme/deploy', { head: 'topic' });
    await git(folder, ['clone', '-q', '-b', 'topic', remote(), 'clone'], token);
    const clone = join(folder, 'clone');
    await writeFile(join(clone, 'new.yaml'), 'new: 1\n');
    await git(clone, ['add', '.']);
    await git(clone, ['commit', '-q', '-m', 'Add new']);
    await git(clone, ['push', '-q', 'origin', 'topic'], token);

    const head = await git(clone, ['rev-parse', 'HEAD']);
    expect(github.state.head('acme/deploy', 'topic')).toBe(head);
    expect(pull.head.sha).toBe(head);
    expect(github.state.file('acme/deploy', 'new.yaml', 'topic')).toBe('new: 1\n');
    const told = github.outbox.deliveries.slice(-2).map(({ event, action }) => `${event} ${action ?? ''}`.trim());
    expect(told).toEqual(['push', 'pull_request synchronize']);
    await git(clone, ['push', '-q', 'origin', ':topic'], token);
    expect(github.state.branches('acme/deploy')).toEqual(['main']);
    expect(pull).toMatchObject({ state: 'closed', merge: undefined });
    expect(github.requests.filter(({ kind }) => kind === 'git').map(({ operations }) => operations[0])).toContain(
      'git-receive-pack',
    );
  });

  it('merges a pull request whose commits are pushed to the base', async () => {
    const head = github.people.pushFiles('acme/deploy', 'topic', { 'd.yaml': 'd: 2\n' });
    const pull = github.people.openPullRequest('acme/deploy', { head: 'topic' });
    await git(folder, ['clone', '-q', remote(), 'clone'], token);
    await git(join(folder, 'clone'), ['push', '-q', 'origin', 'origin/topic:main'], token);
    expect(pull).toMatchObject({ state: 'closed', merge: { commit: head, by: { login: 'mona' } } });
  });

  it('serves a repository of many files from one pack', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 1_500 }, (_, index) => [
        `apps/${index % 40}/file-${index}.yaml`,
        `index: ${index}\n`.repeat(20),
      ]),
    );
    github.people.createRepository({ owner: 'acme', name: 'large', files });
    await git(folder, ['clone', '-q', '--bare', `${github.url}/acme/large.git`, 'large.git'], installationToken());
    expect(await git(join(folder, 'large.git'), ['fsck', '--strict'])).toBe('');
    expect((await git(join(folder, 'large.git'), ['ls-tree', '-r', '--name-only', 'HEAD'])).split('\n')).toHaveLength(
      1_501,
    );
  });
});

/** The installation's token: it sees every repository that the app is on. */
function installationToken(): string {
  const installation = github.world.installations.get('acme');
  if (installation === undefined) throw new Error('not installed');
  return github.tokens.forInstallation(installation, {}).token;
}

describe('who may fetch and push', () => {
  it.each([
    ['nobody, from a private repository', undefined, ['ls-remote'], 'could not read Username'],
    ['a wrong token', 'ghs_wrong', ['ls-remote'], 'could not read Username'],
  ])('%s', async (_who, given, args, message) => {
    await expect(git(folder, [...args, remote()], given)).rejects.toThrow(message);
  });

  it('a stranger sees no private repository, and cannot push to a public one', async () => {
    const stranger = github.tokens.forPerson(github.people.person('eve'));
    await expect(git(folder, ['ls-remote', remote()], stranger)).rejects.toThrow('not found');
    github.people.createRepository({ owner: 'acme', name: 'open', private: false });
    const open = `${github.url}/acme/open.git`;
    await git(folder, ['clone', '-q', open, 'open']);
    await expect(git(join(folder, 'open'), ['push', open, 'main:evil'], stranger)).rejects.toThrow('403');
  });

  it('an installation token that is narrowed to another repository sees nothing', async () => {
    const other = github.people.createRepository({ owner: 'acme', name: 'other' });
    const installation = github.world.installations.get('acme');
    if (installation === undefined) throw new Error('not installed');
    const narrowed = github.tokens.forInstallation(installation, { repositories: [other] });
    await expect(git(folder, ['ls-remote', remote()], narrowed.token)).rejects.toThrow('not found');
    expect(await git(folder, ['ls-remote', `${github.url}/acme/other.git`], narrowed.token)).toContain(
      'refs/heads/main',
    );
  });
});
