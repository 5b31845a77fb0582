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

describe('moving several refs at once', () => {
  const none = '0'.repeat(40);
  const mutation = 'mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }';
  let [main, theirs, built] = ['', '', ''];
  let events: string[] = [];

  beforeEach(() => {
    const { people } = github;
    main = github.state.head('acme/deploy') ?? '';
    theirs = people.pushFiles('acme/deploy', 'feature', { 'a.txt': 'a' });
    built = people.pushFiles('acme/deploy', 'feature.next', { 'b.txt': 'b' });
    people.openPullRequest('acme/deploy', { head: 'feature' });
    events = [];
    github.world.onEvent((event) => {
      if (event.name === 'push') events.push(`push ${event.ref}${event.forced ? ' forced' : ''}`);
      else if (event.name === 'create' || event.name === 'delete') events.push(`${event.name} ${event.branch}`);
      else events.push('action' in event ? `${event.name} ${event.action}` : event.name);
    });
  });

  interface Update {
    readonly name: string;
    readonly afterOid: string;
    readonly beforeOid?: string;
    readonly force?: boolean;
  }

  const update = (updates: readonly Update[]) => {
    const refUpdates = updates.map((each) => ({ ...each, name: `refs/heads/${each.name}` }));
    const repositoryId = github.state.repository('acme/deploy').nodeId;
    return answer(mutation, { input: { repositoryId, refUpdates, clientMutationId: 'mine' } });
  };
  const heads = () =>
    Object.fromEntries(
      github.state.branches('acme/deploy').map((name) => [name, github.state.head('acme/deploy', name)]),
    );

  it('moves, makes and deletes, each with its webhooks, and the pull request follows', async () => {
    const { data, errors } = await update([
      { name: 'feature', beforeOid: theirs, afterOid: built, force: true },
      { name: 'feature.next', beforeOid: built, afterOid: none },
      { name: 'fresh', beforeOid: none, afterOid: theirs },
    ]);
    expect({ data, errors }).toEqual({ data: { updateRefs: { clientMutationId: 'mine' } }, errors: undefined });
    expect(heads()).toEqual({ main, feature: built, fresh: theirs });
    expect(github.state.pullRequests('acme/deploy', 'open')).toMatchObject([{ head: { sha: built } }]);
    expect(events).toEqual([
      'push refs/heads/feature forced',
      'pull_request synchronize',
      'push refs/heads/feature.next',
      'delete feature.next',
      'create fresh',
      'push refs/heads/fresh',
    ]);
    expect(github.violations).toEqual([]);
  });

  it('asks nothing of a ref whose former value is not given', async () => {
    await update([
      { name: 'main', afterOid: theirs },
      { name: 'fresh', afterOid: built },
      { name: 'feature.next', afterOid: none },
    ]);
    expect(heads()).toEqual({ main: theirs, feature: theirs, fresh: built });
  });

  it.each<[string, () => Update[]]>([
    ['a ref is elsewhere', () => [{ name: 'feature', beforeOid: main, afterOid: built, force: true }]],
    ['a ref to delete is elsewhere', () => [{ name: 'feature', beforeOid: main, afterOid: none }]],
    ['a ref to move is gone', () => [{ name: 'gone', beforeOid: main, afterOid: built, force: true }]],
    ['a ref that must not be there is', () => [{ name: 'feature', beforeOid: none, afterOid: built, force: true }]],
    ['an update is not a fast forward', () => [{ name: 'feature', beforeOid: theirs, afterOid: built }]],
    ['there is no such commit', () => [{ name: 'feature', afterOid: 'e'.repeat(40), force: true }]],
    ['a name is none', () => [{ name: 'a..b', afterOid: built }]],
    ['a name lies within another', () => [{ name: 'feature/next', afterOid: built }]],
    [
      'two new names lie within each other',
      () => [
        { name: 'x', afterOid: built },
        { name: 'x/y', afterOid: built },
      ],
    ],
    [
      'a ref is named twice',
      () => [
        { name: 'feature', afterOid: built, force: true },
        { name: 'feature', afterOid: main, force: true },
      ],
    ],
  ])('does nothing at all where %s', async (_what, refused) => {
    const before = heads();
    const good = { name: 'fresh', beforeOid: none, afterOid: main };
    for (const updates of [
      [good, ...refused()],
      [...refused(), good],
    ]) {
      const { data, errors } = await update(updates);
      expect(data).toEqual({ updateRefs: null });
      expect(errors).toMatchObject([{ type: 'UNPROCESSABLE', path: ['updateRefs'] }]);
    }
    expect(heads()).toEqual(before);
    expect(events).toEqual([]);
    expect(github.violations).toEqual([]);
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
