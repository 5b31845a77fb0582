import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { API, createNocked, DEPLOY, expectToken, useStrictNock } from './nocked.ts';

useStrictNock();

const proposal = {
  branch: 'tagalong/staging/shop',
  targetBranch: 'main',
  baseCommit: 'b'.repeat(40),
  files: [{ path: 'a.yaml', content: 'image: shop:2 # ☕\n' }],
  message: { headline: 'Bump shop', body: 'From 1.' },
  title: 'Bump shop to 2',
  body: 'Was 1.',
  labels: ['tagalong'],
};

describe('a bump on GitHub', () => {
  test('takes three requests: the change, its labels, its comment', async () => {
    const { github, outcomes } = createNocked();
    expectToken();
    const sent: unknown[] = [];
    nock(API)
      .post('/graphql', (body) => sent.push(body) > 0)
      .reply(200, {
        data: {
          createRef: { ref: { id: 'REF' } },
          createCommitOnBranch: { commit: { oid: 'c'.repeat(40) } },
          createPullRequest: { pullRequest: { number: 3, url: 'https://github.com/Acme/deploy/pull/3' } },
        },
      });
    nock(API)
      .post('/repos/Acme/deploy/issues/3/labels', { labels: ['tagalong'] })
      .reply(200, []);
    nock(API).post('/repos/Acme/deploy/issues/3/comments').reply(201, { id: 1, html_url: 'u' });
    const written = await github.propose(DEPLOY, proposal);
    const { number } = written;
    await github.upsertComment({ repository: DEPLOY, number }, { marker: '<!-- m -->', body: 'diff', known: 'none' });

    expect(written).toEqual({
      number: 3,
      url: 'https://github.com/Acme/deploy/pull/3',
      headCommit: 'c'.repeat(40),
      created: true,
    });
    const [tokenRequest, ...bump] = outcomes;
    expect([tokenRequest, bump]).toEqual(['ok', ['ok', 'ok', 'ok']]);
    expect(sent).toMatchObject([
      {
        variables: {
          ref: { repositoryId: 'R_deploy', name: 'refs/heads/tagalong/staging/shop', oid: 'b'.repeat(40) },
          commit: {
            branch: { repositoryNameWithOwner: 'Acme/deploy', branchName: 'tagalong/staging/shop' },
            expectedHeadOid: 'b'.repeat(40),
            message: { headline: 'Bump shop', body: 'From 1.' },
            fileChanges: {
              additions: [{ path: 'a.yaml', contents: Buffer.from('image: shop:2 # ☕\n').toString('base64') }],
            },
          },
          change: { repositoryId: 'R_deploy', headRefName: 'tagalong/staging/shop', baseRefName: 'main' },
        },
      },
    ]);
  });
});

describe('a change that is rebuilt on a newer base', () => {
  const change = { repository: DEPLOY, number: 3 };
  const [head, base, built] = ['a', 'b', 'c'].map((digit) => digit.repeat(40));
  const revision = { ...proposal, expectedHead: head ?? '', rebuildOn: base ?? '' };
  const isMutation = (name: string) => (body: { query: string }) => body.query.includes(`mutation ${name}(`);
  const pull = { state: 'open', html_url: 'u', head: { sha: built }, labels: [{ name: 'tagalong' }] };

  function expectBuild(): void {
    const repository = { id: 'R_deploy', pullRequests: { nodes: [{ number: 3, isCrossRepository: false }] } };
    nock(API)
      .post('/graphql', (body: { query: string }) => body.query.startsWith('query BranchState('))
      .reply(200, { data: { repository } });
    const data = { createRef: { ref: { id: 'REF' } }, createCommitOnBranch: { commit: { oid: built } } };
    nock(API).post('/graphql', isMutation('Build')).reply(200, { data });
  }

  test('is moved only from where it was left, together with the end of the spare branch', async () => {
    const { github } = createNocked();
    expectToken();
    expectBuild();
    const moved: unknown[] = [];
    nock(API)
      .post(
        '/graphql',
        (body: { query: string; variables: unknown }) =>
          isMutation('UpdateRefs')(body) && moved.push(body.variables) > 0,
      )
      .reply(200, { data: { updateRefs: { clientMutationId: null } } });
    nock(API).patch('/repos/Acme/deploy/pulls/3').reply(200, pull);
    expect(await github.revise(change, revision)).toMatchObject({ number: 3, headCommit: built });
    const [branch, spare] = ['refs/heads/tagalong/staging/shop', 'refs/heads/tagalong/staging/shop.next'];
    const refUpdates = [
      { name: branch, beforeOid: head, afterOid: built, force: true },
      { name: spare, beforeOid: built, afterOid: '0'.repeat(40), force: true },
    ];
    expect(moved).toEqual([{ refs: { repositoryId: 'R_deploy', refUpdates } }]);
  });

  test('is moved by steps where the server cannot do it in one', async () => {
    const { github } = createNocked();
    expectToken();
    expectBuild();
    nock(API)
      .post('/graphql', isMutation('UpdateRefs'))
      .reply(200, { errors: [{ message: "Field 'updateRefs' doesn't exist on type 'Mutation'" }] });
    const ref = 'heads%2Ftagalong%2Fstaging%2Fshop';
    nock(API)
      .get(`/repos/Acme/deploy/git/ref/${ref}`)
      .reply(200, { object: { sha: head } });
    nock(API).patch(`/repos/Acme/deploy/git/refs/${ref}`, { sha: built, force: true }).reply(200, {});
    nock(API).delete(`/repos/Acme/deploy/git/refs/${ref}.next`).reply(204);
    nock(API).patch('/repos/Acme/deploy/pulls/3').reply(200, pull);
    expect(await github.revise(change, revision)).toMatchObject({ number: 3, headCommit: built });
  });
});
