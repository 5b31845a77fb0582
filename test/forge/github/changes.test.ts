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
