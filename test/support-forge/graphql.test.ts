import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GitHubSimulator, startGitHub } from '../support/forge/github/simulator.ts';
import { type Client, installationClient } from './clients.ts';

const anyNumber: unknown = expect.any(Number);
let github: GitHubSimulator;
let client: Client;

beforeEach(async () => {
  github = await startGitHub();
  github.people.createRepository({
    owner: 'acme',
    name: 'deploy',
    files: { 'apps/web/deployment.yaml': 'image: web:1\n', 'apps/api/deployment.yaml': 'image: api:1\n' },
  });
  client = installationClient(github);
});

afterEach(async () => {
  await github.close();
});

const proposal = `mutation ($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!, $pull: CreatePullRequestInput!) {
  createRef(input: $ref) { ref { name } }
  createCommitOnBranch(input: $commit) { commit { oid signature { isValid wasSignedByGitHub } } }
  createPullRequest(input: $pull) { pullRequest { number url headRefOid } }
}`;

function variables(branch: string, options: { expectedHead?: string; content?: string } = {}) {
  const base = github.state.head('acme/deploy') ?? '';
  const { nodeId } = github.state.repository('acme/deploy');
  const contents = Buffer.from(options.content ?? 'image: web:2\n').toString('base64');
  return {
    ref: { repositoryId: nodeId, name: `refs/heads/${branch}`, oid: base },
    commit: {
      branch: { repositoryNameWithOwner: 'acme/deploy', branchName: branch },
      expectedHeadOid: options.expectedHead ?? base,
      message: { headline: 'Bump web to 2', body: 'because' },
      fileChanges: {
        additions: [{ path: 'apps/web/deployment.yaml', contents }],
        deletions: [{ path: 'apps/api/deployment.yaml' }],
      },
    },
    pull: { repositoryId: nodeId, baseRefName: 'main', headRefName: branch, title: 'Bump web', body: 'diff' },
  };
}

/** The answer of a document that is expected to have errors. */
async function answer(
  query: string,
  given: object,
): Promise<{ data?: unknown; errors?: { type?: string; message: string }[] }> {
  const response = await fetch(`${github.url}/api/graphql`, {
    method: 'POST',
    headers: { authorization: `bearer ${await token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: given }),
  });
  expect(response.status).toBe(200);
  const body: unknown = await response.json();
  return typeof body === 'object' && body !== null ? body : {};
}

function token(): Promise<string> {
  const installation = github.world.installations.get('acme');
  if (installation === undefined) throw new Error('not installed');
  return Promise.resolve(github.tokens.forInstallation(installation, {}).token);
}

describe('the three mutations of a proposal', () => {
  it('make branch, verified commit and pull request in one request', async () => {
    const base = github.state.head('acme/deploy');
    await client.graphql(proposal, variables('tagalong/web'));

    const [pull] = github.state.pullRequests('acme/deploy', 'open');
    expect(pull).toMatchObject({ number: 1, title: 'Bump web', body: 'diff', author: { login: 'tagalong[bot]' } });
    const commit = github.state.commit('acme/deploy', 'tagalong/web');
    expect(commit).toMatchObject({ parents: [base], signed: true, message: 'Bump web to 2\n\nbecause' });
    expect(commit.author.name).toBe('tagalong[bot]');
    expect(commit.committer.name).toBe('GitHub');
    expect(commit.changes.map(({ path, status }) => [path, status])).toEqual([
      ['apps/api/deployment.yaml', 'removed'],
      ['apps/web/deployment.yaml', 'modified'],
    ]);
    expect(github.state.file('acme/deploy', 'apps/web/deployment.yaml', 'tagalong/web')).toBe('image: web:2\n');
    expect(github.requests.filter(({ kind }) => kind === 'graphql')).toMatchObject([
      { operations: ['createRef', 'createCommitOnBranch', 'createPullRequest'], status: 200 },
    ]);
    expect(github.violations).toEqual([]);
  });

  it('go on after the one that failed, as the specification has it, each with its own error', async () => {
    await client.graphql(proposal, variables('tagalong/web'));

    const repeated = await answer(proposal, variables('tagalong/web'));

    expect(repeated.data).toEqual({ createRef: null, createCommitOnBranch: null, createPullRequest: null });
    expect(repeated.errors?.map(({ type, message }) => [type, message])).toEqual([
      ['UNPROCESSABLE', 'A ref named "refs/heads/tagalong/web" already exists in the repository.'],
      [
        'STALE_DATA',
        expect.stringMatching(/^Expected branch to point to "[0-9a-f]{40}" but it did not. {2}Pull and try again.$/),
      ],
      ['UNPROCESSABLE', 'A pull request already exists for acme:tagalong/web.'],
    ]);
    expect(github.violations).toEqual([]);
  });

  it('refuse a pull request without commits', async () => {
    const { ref, pull } = variables('tagalong/empty');
    const refused = await answer(
      `mutation ($ref: CreateRefInput!, $pull: CreatePullRequestInput!) {
        createRef(input: $ref) { ref { name } }
        createPullRequest(input: $pull) { pullRequest { number } }
      }`,
      { ref, pull },
    );
    expect(refused.errors).toMatchObject([{ message: 'No commits between main and tagalong/empty' }]);
    expect(refused.data).toEqual({ createRef: { ref: { name: 'tagalong/empty' } }, createPullRequest: null });
  });
});

describe('what GitHub would not understand', () => {
  it.each([
    ['an unknown field', 'query { repository(owner: "acme", name: "deploy") { nonsense } }', 'Cannot query field'],
    [
      'an unknown argument',
      'query { repository(owner: "acme", name: "deploy", title: "x") { id } }',
      'Unknown argument',
    ],
    ['a missing argument', 'query { repository(owner: "acme") { id } }', 'is required'],
    ['something that is no document', 'query {', 'Syntax Error'],
  ])('is recorded: %s', async (_what, query, message) => {
    const { data, errors } = await answer(query, {});
    expect(data).toBeUndefined();
    expect(errors?.[0]?.message).toContain(message);
    expect(github.violations).toHaveLength(1);
  });

  it('is recorded when a variable has the wrong type', async () => {
    const { errors } = await answer(proposal, { ...variables('x'), pull: { title: 7 } });
    expect(errors?.length).toBeGreaterThan(0);
    expect(github.violations.length).toBeGreaterThan(0);
  });

  it('is an error rather than null where the schema has a field that is not served', async () => {
    const { errors } = await answer('query { repository(owner: "acme", name: "deploy") { diskUsage } }', {});
    expect(errors).toMatchObject([{ message: 'the simulator does not serve Repository.diskUsage' }]);
    expect(github.violations).toHaveLength(1);
  });
});

describe('reading', () => {
  it('gives files at the head by path, null for those that are not there', async () => {
    const read = await client.graphql(
      `query { repository(owner: "acme", name: "deploy") {
        defaultBranchRef { name target { oid } }
        a: object(expression: "HEAD:apps/web/deployment.yaml") { ... on Blob { text isTruncated isBinary byteSize } }
        b: object(expression: "HEAD:.tagalong.yml") { ... on Blob { text } }
        c: object(expression: "main:apps") { ... on Tree { entries { name type } } }
      } rateLimit { remaining cost } }`,
    );
    expect(read).toEqual({
      repository: {
        defaultBranchRef: { name: 'main', target: { oid: github.state.head('acme/deploy') } },
        a: { text: 'image: web:1\n', isTruncated: false, isBinary: false, byteSize: 13 },
        b: null,
        c: {
          entries: [
            { name: 'api', type: 'tree' },
            { name: 'web', type: 'tree' },
          ],
        },
      },
      rateLimit: { remaining: anyNumber, cost: 1 },
    });
  });

  it('answers NOT_FOUND for a repository that the app may not see', async () => {
    github.people.createRepository({ owner: 'acme', name: 'secret', installed: false });
    const { data, errors } = await answer('query { repository(owner: "acme", name: "secret") { id } }', {});
    expect(data).toEqual({ repository: null });
    const message = "Could not resolve to a Repository with the name 'acme/secret'.";
    expect(errors).toMatchObject([{ type: 'NOT_FOUND', message, path: ['repository'] }]);
  });

  it('finds the pull requests of a branch, and pages through connections', async () => {
    await client.graphql(proposal, variables('tagalong/web'));
    await client.graphql(proposal, variables('tagalong/api', { content: 'image: web:3\n' }));
    const read = await client.graphql(
      `query { repository(owner: "acme", name: "deploy") {
        named: pullRequests(first: 5, headRefName: "tagalong/api", states: OPEN) { nodes { number mergeable headRef { name } } }
        paged: pullRequests(first: 1) { totalCount nodes { number } pageInfo { hasNextPage endCursor } }
      } }`,
    );
    expect(read).toMatchObject({
      repository: {
        named: { nodes: [{ number: 2, mergeable: 'MERGEABLE', headRef: { name: 'tagalong/api' } }] },
        paged: { totalCount: 2, nodes: [{ number: 1 }], pageInfo: { hasNextPage: true } },
      },
    });
  });
});

describe('updating', () => {
  it('changes title and body, comments, labels and closes', async () => {
    await client.graphql(proposal, variables('tagalong/web'));
    const [pull] = github.state.pullRequests('acme/deploy');
    const repositoryId = github.state.repository('acme/deploy').nodeId;
    const made = await client.graphql<{ createLabel: { label: { id: string } } }>(
      `mutation ($label: CreateLabelInput!, $pull: UpdatePullRequestInput!, $comment: AddCommentInput!) {
        createLabel(input: $label) { label { id } }
        updatePullRequest(input: $pull) { pullRequest { title } }
        addComment(input: $comment) { commentEdge { node { id } } }
      }`,
      {
        label: { repositoryId, name: 'tagalong', color: '0e8a16' },
        pull: { pullRequestId: pull?.nodeId, title: 'Bump web to 3', body: 'newer' },
        comment: { subjectId: pull?.nodeId, body: 'hello' },
      },
    );
    await client.graphql(
      `mutation ($labels: AddLabelsToLabelableInput!, $close: ClosePullRequestInput!) {
        addLabelsToLabelable(input: $labels) { labelable { __typename } }
        closePullRequest(input: $close) { pullRequest { state } }
      }`,
      {
        labels: { labelableId: pull?.nodeId, labelIds: [made.createLabel.label.id] },
        close: { pullRequestId: pull?.nodeId },
      },
    );
    expect(pull).toMatchObject({ title: 'Bump web to 3', body: 'newer', state: 'closed' });
    expect([...(pull?.labels ?? [])].map(({ name }) => name)).toEqual(['tagalong']);
    expect(pull === undefined ? [] : github.state.comments(pull).map(({ body }) => body)).toEqual(['hello']);
    expect(github.violations).toEqual([]);
  });

  it('resets a branch by force, and only by force', async () => {
    await client.graphql(proposal, variables('tagalong/web'));
    const newer = github.people.pushFiles('acme/deploy', 'main', { 'x.txt': 'x' });
    const found = await client.graphql<{ repository: { ref: { id: string } } }>(
      'query { repository(owner: "acme", name: "deploy") { ref(qualifiedName: "refs/heads/tagalong/web") { id } } }',
    );
    const update = 'mutation ($input: UpdateRefInput!) { updateRef(input: $input) { ref { target { oid } } } }';
    const input = { refId: found.repository.ref.id, oid: newer };
    expect((await answer(update, { input })).errors).toMatchObject([{ message: 'Update is not a fast forward' }]);
    await client.graphql(update, { input: { ...input, force: true } });
    expect(github.state.head('acme/deploy', 'tagalong/web')).toBe(newer);
    expect(github.state.pullRequests('acme/deploy')).toMatchObject([{ state: 'closed', merge: undefined }]);
  });
});

describe('permissions', () => {
  it('are asked of every mutation', async () => {
    await github.close();
    github = await startGitHub({ app: { permissions: { metadata: 'read', contents: 'write' }, events: ['push'] } });
    github.people.createRepository({
      owner: 'acme',
      name: 'deploy',
      files: { 'apps/web/deployment.yaml': 'image: web:1\n', 'apps/api/deployment.yaml': '' },
    });
    const { data, errors } = await answer(proposal, variables('tagalong/web'));
    expect(errors).toMatchObject([
      { type: 'FORBIDDEN', message: 'Resource not accessible by integration', path: ['createPullRequest'] },
    ]);
    expect(data).toMatchObject({ createRef: { ref: { name: 'tagalong/web' } }, createPullRequest: null });
  });
});
