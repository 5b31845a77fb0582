import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GitHubSimulator, startGitHub } from '../support/forge/github/simulator.ts';
import { operations } from '../support/forge/github/rest/operations.ts';
import { servedOperations } from '../support/forge/github/rest/served-operations.ts';
import { appClient, type Client, installationClient, refusal } from './clients.ts';

const anyText: unknown = expect.any(String);
let github: GitHubSimulator;
let client: Client;
const at = { owner: 'acme', repo: 'deploy' };

beforeEach(async () => {
  github = await startGitHub({ checkAnswers: true });
  github.people.createRepository({
    ...at,
    name: at.repo,
    files: { 'web.yaml': 'image: web:1\n' },
    collaborators: { mona: 'write' },
  });
  client = installationClient(github);
});

afterEach(async () => {
  await github.close();
});

function topic(branch = 'topic', content = 'image: web:2\n') {
  github.people.pushFiles('acme/deploy', branch, { 'web.yaml': content }, { author: 'mona' });
  return github.people.openPullRequest('acme/deploy', { head: branch, title: 'Bump web', author: 'mona' });
}

describe('the served operations', () => {
  it('are all there, and no other', () => {
    expect(operations.map(({ id }) => id).sort()).toEqual([...servedOperations].sort());
  });

  it('answer bodies as the official description has them', async () => {
    const pull = topic();
    const number = pull.number;
    const sha = pull.head.sha;
    const { rest } = client;
    const app = appClient(github);
    github.people.team('acme', 'sre', ['mona']);
    github.people.review(pull, 'APPROVED', { author: 'hubot' });
    github.people.comment(pull, 'hello', { author: 'mona' });
    const { data: installation } = await app.rest.apps.getRepoInstallation(at);
    await app.rest.apps.getAuthenticated();
    await app.rest.apps.listInstallations();
    await app.rest.apps.getInstallation({ installation_id: installation.id });
    await app.rest.apps.getOrgInstallation({ org: 'acme' });
    await app.rest.apps.createInstallationAccessToken({
      installation_id: installation.id,
      repositories: ['deploy'],
      permissions: { contents: 'read' },
    });
    await rest.apps.listReposAccessibleToInstallation();
    await rest.rateLimit.get();
    await rest.meta.get();
    await rest.users.getByUsername({ username: 'mona' });
    await rest.repos.get(at);
    await rest.repos.getContent({ ...at, path: 'web.yaml' });
    await rest.repos.getContent({ ...at, path: '' });
    await rest.repos.getCommit({ ...at, ref: 'topic' });
    await rest.repos.listCommits(at);
    await rest.repos.compareCommitsWithBasehead({ ...at, basehead: 'main...topic' });
    await rest.repos.listPullRequestsAssociatedWithCommit({ ...at, commit_sha: sha });
    await rest.repos.listBranches(at);
    await rest.repos.getBranch({ ...at, branch: 'main' });
    await rest.repos.getCollaboratorPermissionLevel({ ...at, username: 'mona' });
    await rest.repos.createCommitStatus({ ...at, sha, state: 'success', context: 'ci', description: 'fine' });
    await rest.repos.listCommitStatusesForRef({ ...at, ref: sha });
    await rest.repos.getCombinedStatusForRef({ ...at, ref: sha });
    const deployment = await rest.repos.createDeployment({
      ...at,
      ref: 'main',
      required_contexts: [],
      auto_merge: false,
    });
    const deployment_id = 'id' in deployment.data ? deployment.data.id : 0;
    await rest.repos.createDeploymentStatus({ ...at, deployment_id, state: 'success' });
    await rest.repos.listDeployments(at);
    await rest.repos.getDeployment({ ...at, deployment_id });
    await rest.repos.listDeploymentStatuses({ ...at, deployment_id });
    await rest.git.getRef({ ...at, ref: 'heads/main' });
    await rest.git.listMatchingRefs({ ...at, ref: 'heads/' });
    await rest.git.getCommit({ ...at, commit_sha: sha });
    await rest.git.getTree({ ...at, tree_sha: sha, recursive: 'true' });
    await rest.pulls.list({ ...at, state: 'all' });
    await rest.pulls.get({ ...at, pull_number: number });
    await rest.pulls.update({ ...at, pull_number: number, title: 'New title' });
    await rest.pulls.listCommits({ ...at, pull_number: number });
    await rest.pulls.listFiles({ ...at, pull_number: number });
    await rest.pulls.requestReviewers({ ...at, pull_number: number, reviewers: ['hubot'], team_reviewers: ['sre'] });
    await rest.pulls.listRequestedReviewers({ ...at, pull_number: number });
    await rest.pulls.createReview({ ...at, pull_number: number, event: 'COMMENT', body: 'Hm.' });
    await rest.pulls.listReviews({ ...at, pull_number: number });
    const comment = await rest.issues.createComment({ ...at, issue_number: number, body: 'one' });
    const comment_id = comment.data.id;
    await rest.issues.updateComment({ ...at, comment_id, body: 'two' });
    await rest.issues.getComment({ ...at, comment_id });
    await rest.issues.listComments({ ...at, issue_number: number });
    await rest.reactions.createForIssueComment({ ...at, comment_id, content: 'eyes' });
    await rest.reactions.listForIssueComment({ ...at, comment_id });
    await rest.issues.deleteComment({ ...at, comment_id });
    await rest.issues.createLabel({ ...at, name: 'held', color: 'ff0000', description: 'not now' });
    await rest.issues.addLabels({ ...at, issue_number: number, labels: ['held', 'new one'] });
    await rest.issues.getLabel({ ...at, name: 'held' });
    await rest.issues.listLabelsForRepo(at);
    await rest.issues.listLabelsOnIssue({ ...at, issue_number: number });
    await rest.issues.removeLabel({ ...at, issue_number: number, name: 'held' });
    await rest.teams.listMembersInOrg({ org: 'acme', team_slug: 'sre' });
    await rest.teams.getMembershipForUserInOrg({ org: 'acme', team_slug: 'sre', username: 'mona' });
    const check = await rest.checks.create({ ...at, name: 'config', head_sha: sha, status: 'in_progress' });
    const annotation = {
      path: 'web.yaml',
      start_line: 1,
      end_line: 1,
      annotation_level: 'failure' as const,
      message: 'no',
    };
    await rest.checks.update({
      ...at,
      check_run_id: check.data.id,
      conclusion: 'failure',
      output: { title: 'Broken', summary: 'Look.', annotations: [annotation] },
    });
    await rest.checks.get({ ...at, check_run_id: check.data.id });
    await rest.checks.listForRef({ ...at, ref: sha, check_name: 'config' });
    await rest.checks.listAnnotations({ ...at, check_run_id: check.data.id });
    await rest.pulls.merge({ ...at, pull_number: number, sha });
    await rest.pulls.checkIfMerged({ ...at, pull_number: number });
    expect(github.violations).toEqual([]);
    const asked = new Set(github.requests.flatMap(({ operations: ids }) => ids));
    expect(asked.size).toBeGreaterThan(60);
  });
});

describe('making a commit step by step', () => {
  it('gives the same tree that git would, signed when the app leaves the author to GitHub', async () => {
    const { git } = client.rest;
    const base = github.state.head('acme/deploy') ?? '';
    const { data: blob } = await git.createBlob({ ...at, content: 'bytes', encoding: 'utf-8' });
    expect(blob.sha).toBe(createHash('sha1').update('blob 5\0bytes').digest('hex'));
    const { data: tree } = await git.createTree({
      ...at,
      base_tree: base,
      tree: [{ path: 'x/y.txt', mode: '100644', type: 'blob', sha: blob.sha }],
    });
    const { data: commit } = await git.createCommit({ ...at, message: 'm', tree: tree.sha, parents: [base] });
    expect(commit.verification.verified).toBe(true);
    await git.createRef({ ...at, ref: 'refs/heads/steps', sha: commit.sha });
    expect(github.state.file('acme/deploy', 'x/y.txt', 'steps')).toBe('bytes');
    const again = await refusal(git.createRef({ ...at, ref: 'refs/heads/steps', sha: commit.sha }));
    expect(again).toMatchObject({ status: 422, data: { message: 'Reference already exists' } });
    await git.updateRef({ ...at, ref: 'heads/steps', sha: base, force: true });
    await git.deleteRef({ ...at, ref: 'heads/steps' });
    expect(github.state.branches('acme/deploy')).toEqual(['main']);
    expect(github.violations).toEqual([]);
  });
});

describe('what GitHub refuses', () => {
  it.each([
    ['an unknown path', () => client.request('GET /repos/acme/deploy/nonsense'), 404, 'Not Found'],
    ['a method that the path has not', () => client.request('PUT /repos/acme/deploy/pulls'), 404, 'Not Found'],
    [
      'an unknown field',
      () => client.request('POST /repos/acme/deploy/issues/1/comments', { body: 'b', colour: 'red' }),
      422,
      'Invalid request.\n\n"colour" is not a permitted key.',
    ],
    [
      'an unknown field further in',
      () =>
        client.request('POST /repos/acme/deploy/check-runs', {
          name: 'n',
          head_sha: '0'.repeat(40),
          output: { title: 't', summary: 's', sumary: 's' },
        }),
      422,
      'Invalid request.\n\n"output.sumary" is not a permitted key.',
    ],
    [
      'a wrong type',
      () => client.request('POST /repos/acme/deploy/issues/1/comments', { body: 7 }),
      422,
      "Invalid request.\n\nFor 'properties/body', the value is not a string.",
    ],
    [
      'a missing field',
      () => client.request('POST /repos/acme/deploy/pulls', { title: 't', base: 'main' }),
      422,
      'Invalid request.\n\n"head" wasn\'t supplied.',
    ],
    [
      'more than 50 annotations in one request',
      () =>
        client.rest.checks.create({
          ...at,
          name: 'n',
          head_sha: '0'.repeat(40),
          output: {
            title: 't',
            summary: 's',
            annotations: Array.from({ length: 51 }, () => ({
              path: 'p',
              start_line: 1,
              end_line: 1,
              annotation_level: 'notice' as const,
              message: 'm',
            })),
          },
        }),
      422,
      "Invalid request.\n\nFor 'properties/output/properties/annotations', must NOT have more than 50 items.",
    ],
  ])('is recorded as a violation: %s', async (_what, ask, status, message) => {
    const refused = await refusal(ask());
    expect(refused).toMatchObject({
      status,
      data: { message, documentation_url: anyText, status: String(status) },
    });
    expect(github.violations).toHaveLength(1);
  });

  it('and is no violation where a correct client may meet it', async () => {
    const pull = topic();
    const { rest } = client;
    const duplicate = await refusal(rest.pulls.create({ ...at, title: 'x', head: 'topic', base: 'main' }));
    expect(duplicate).toMatchObject({
      status: 422,
      data: {
        message: 'Validation Failed',
        errors: [{ resource: 'PullRequest', code: 'custom', message: 'A pull request already exists for acme:topic.' }],
      },
    });
    github.people.resetBranch('acme/deploy', 'even', 'main');
    const even = await refusal(rest.pulls.create({ ...at, title: 'x', head: 'even', base: 'main' }));
    expect(even.data).toMatchObject({ errors: [{ message: 'No commits between main and even' }] });
    const moved = await refusal(rest.pulls.merge({ ...at, pull_number: pull.number, sha: '0'.repeat(40) }));
    expect(moved).toMatchObject({
      status: 409,
      data: { message: 'Head branch was modified. Review and try the merge again.' },
    });
    github.people.pushFiles('acme/deploy', 'main', { 'web.yaml': 'image: other\n' });
    const conflict = await refusal(rest.pulls.merge({ ...at, pull_number: pull.number }));
    expect(conflict).toMatchObject({ status: 405, data: { message: 'Pull Request is not mergeable' } });
    const seen = await rest.pulls.get({ ...at, pull_number: pull.number });
    expect(seen.data).toMatchObject({ mergeable: false, mergeable_state: 'dirty' });
    const long = await refusal(rest.issues.createComment({ ...at, issue_number: 1, body: 'x'.repeat(65_537) }));
    expect(long.status).toBe(422);
    expect(github.violations).toEqual([]);
  });

  it('asks for statuses and an up-to-date branch before a deployment, unless told otherwise', async () => {
    const pull = topic();
    await client.rest.repos.createCommitStatus({ ...at, sha: pull.head.sha, state: 'failure', context: 'ci' });
    const unready = await refusal(client.rest.repos.createDeployment({ ...at, ref: 'topic' }));
    expect(unready.status).toBe(409);
    const made = await client.rest.repos.createDeployment({
      ...at,
      ref: 'topic',
      required_contexts: [],
      auto_merge: false,
    });
    expect(made.status).toBe(201);
    github.people.pushFiles('acme/deploy', 'main', { 'z.yaml': 'z' });
    const behind = await refusal(client.rest.repos.createDeployment({ ...at, ref: 'topic', required_contexts: [] }));
    expect(behind.status).toBe(409);
  });
});

describe('who may do what', () => {
  async function ask(authorization: string | undefined, path = '/repos/acme/deploy', method = 'GET', body?: object) {
    const response = await fetch(`${github.apiUrl}${path}`, {
      method,
      headers: { ...(authorization === undefined ? {} : { authorization }), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    return { status: response.status, answer };
  }

  function token(narrowed: Parameters<GitHubSimulator['tokens']['forInstallation']>[1]) {
    const installation = github.world.installations.get('acme');
    if (installation === undefined) throw new Error('not installed');
    return `token ${github.tokens.forInstallation(installation, narrowed).token}`;
  }

  it('nobody and a wrong token are 401, and what is private does not exist for nobody', async () => {
    const anonymous = await ask(undefined, '/installation/repositories');
    expect(anonymous).toMatchObject({ status: 401, answer: { message: 'Requires authentication' } });
    expect(await ask('token ghs_nonsense')).toMatchObject({ status: 401, answer: { message: 'Bad credentials' } });
    expect((await ask(undefined)).status).toBe(404);
  });

  it('a missing permission is 403, a repository out of sight 404', async () => {
    const reader = token({ permissions: { contents: 'read' } });
    const refused = { status: 403, answer: { message: 'Resource not accessible by integration' } };
    expect(await ask(reader, '/repos/acme/deploy/contents/web.yaml')).toMatchObject({ status: 200 });
    expect(await ask(reader, '/repos/acme/deploy/pulls')).toMatchObject(refused);
    const ref = { ref: 'refs/heads/x', sha: github.state.head('acme/deploy') };
    expect(await ask(reader, '/repos/acme/deploy/git/refs', 'POST', ref)).toMatchObject(refused);
    github.people.createRepository({ owner: 'acme', name: 'other', installed: false });
    expect(await ask(token({}), '/repos/acme/other')).toMatchObject({ status: 404 });
    const narrowed = token({ repositories: [github.people.createRepository({ owner: 'acme', name: 'third' })] });
    expect(await ask(narrowed)).toMatchObject({ status: 404 });
  });

  it('a token expires after an hour, and with the installation', async () => {
    let now = new Date('2024-01-01T00:00:00Z');
    await github.close();
    github = await startGitHub({ now: () => now });
    github.people.createRepository({ ...at, name: at.repo });
    const early = token({});
    expect((await ask(early)).status).toBe(200);
    now = new Date('2024-01-01T01:00:01Z');
    expect((await ask(early)).status).toBe(401);
    const late = token({});
    github.people.uninstallApp('acme');
    expect((await ask(late)).status).toBe(401);
  });

  it('an app with a wrong key is refused', async () => {
    const other = await startGitHub();
    const wrongKey = await refusal(appClient(github, other.privateKey).rest.apps.getAuthenticated());
    await other.close();
    expect(wrongKey).toMatchObject({ status: 401, data: { message: 'A JSON web token could not be decoded' } });
  });
});

describe('every answer', () => {
  it('carries the rate limit, pages by links, and 304 for what is known', async () => {
    for (let index = 0; index < 3; index++) topic(`topic-${index}`, `image: web:${index + 5}\n`);
    const first = await client.rest.pulls.list({ ...at, per_page: 2 });
    expect(first.headers.link).toContain('page=2>; rel="next"');
    expect(Number(first.headers['x-ratelimit-remaining'])).toBeLessThan(5_000);
    const all = await client.paginate(client.rest.pulls.list, { ...at, per_page: 2 });
    expect(all.map(({ number }) => number)).toEqual([3, 2, 1]);
    const headers = { 'if-none-match': first.headers.etag ?? '' };
    expect(await refusal(client.rest.pulls.list({ ...at, per_page: 2, headers }))).toMatchObject({ status: 304 });
  });
});
