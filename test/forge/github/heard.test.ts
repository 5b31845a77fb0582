import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event } from '../../../src/domain/event.ts';
import { decodeGitHub } from '../../../src/forge/github/events.ts';
import { startGitHub, type GitHubSimulator } from '../../support/forge/github/simulator.ts';
import type { CheckRun, PullRequest } from '../../support/forge/github/world/model.ts';
import { appManifest } from './telling-world.ts';

/** What people do, as the webhooks of it are understood. */
const NAME = 'acme/deploy';
const repository = { forge: 'github', path: NAME };

let github: GitHubSimulator;
let pull: PullRequest;

beforeEach(async () => {
  const { default_permissions: permissions, default_events: events } = appManifest;
  github = await startGitHub({ app: { permissions, events } });
  github.people.createRepository({ owner: 'acme', name: 'deploy', files: { 'a.yaml': 'a: 1\n' } });
  github.people.pushFiles(NAME, 'topic', { 'a.yaml': 'a: 2\n' }, { author: 'mona' });
  pull = github.people.openPullRequest(NAME, { head: 'topic', author: 'mona' });
});
afterEach(() => github.close());

/** Everything that is heard while somebody does something; what is ignored, by its reason. */
function heard(act: () => unknown): readonly (Event | string)[] {
  const { deliveries } = github.outbox;
  const before = deliveries.length;
  act();
  return deliveries.slice(before).flatMap(({ event, body }) => {
    const decoded = decodeGitHub(
      { headers: { 'content-type': 'application/json', 'x-github-event': event }, body: Buffer.from(body) },
      { webUrl: github.url, appId: github.appId },
    );
    if (!decoded.ok) throw new Error(`${event}: ${decoded.reason}`);
    return decoded.events.map((each) => (each.kind === 'ignored' ? each.reason : each));
  });
}

const updated = (changes: object = {}) => ({
  kind: 'change-updated',
  repository,
  number: pull.number,
  state: 'open',
  headCommit: pull.head.sha,
  sourceBranch: 'topic',
  targetBranch: 'main',
  ...changes,
});

describe('a pull request', () => {
  test('is told when it gets or loses a label, becomes a draft or ready, and when it ends', () => {
    expect(heard(() => github.people.label(pull, 'tagalong: hold')).at(-1)).toEqual(updated());
    expect(heard(() => github.people.unlabel(pull, 'tagalong: hold'))).toEqual([updated()]);
    expect(heard(() => github.people.setDraft(pull, true))).toEqual([updated()]);
    expect(heard(() => github.people.setDraft(pull, false))).toEqual([updated()]);
    expect(heard(() => github.people.closePullRequest(pull))).toEqual([updated({ state: 'closed' })]);
  });
});

describe('a review', () => {
  const reviewed = (login: string) => ({
    kind: 'change-reviewed',
    repository,
    number: pull.number,
    by: { login, isBot: login.endsWith('[bot]') },
  });

  test('without text is a review', () => {
    expect(heard(() => github.people.review(pull, 'APPROVED', { author: 'ada' }))).toEqual([reviewed('ada')]);
    expect(heard(() => github.people.review(pull, 'APPROVED', { author: 'bob', body: ' \n' }))).toEqual([
      reviewed('bob'),
    ]);
  });

  test('with text is also a comment, known by its global id', () => {
    const events = heard(() => github.people.review(pull, 'COMMENTED', { author: 'ada', body: '/hold' }));
    const [review] = pull.reviews;
    expect(events).toEqual([
      reviewed('ada'),
      {
        kind: 'comment-written',
        repository,
        number: pull.number,
        comment: { kind: 'review', id: review?.nodeId },
        by: { login: 'ada', isBot: false },
        body: '/hold',
        at: review?.submittedAt.toISOString(),
      },
    ]);
  });

  test('that is dismissed is told once more, without its text', () => {
    const review = github.people.review(pull, 'APPROVED', { author: 'ada', body: '/merge' });
    expect(heard(() => github.people.dismissReview(review, { by: 'bob' }))).toEqual([reviewed('bob')]);
  });
});

describe('a comment', () => {
  test('is told when it is written, and not when it is edited or deleted', () => {
    const comments: { id: number; createdAt: Date }[] = [];
    const events = heard(() => comments.push(github.people.comment(pull, '/hold', { author: 'ada' })));
    const [comment] = comments;
    expect(events).toEqual([
      {
        kind: 'comment-written',
        repository,
        number: pull.number,
        comment: { kind: 'comment', id: String(comment?.id) },
        by: { login: 'ada', isBot: false },
        body: '/hold',
        at: comment?.createdAt.toISOString(),
      },
    ]);
    const other = github.people.comment(pull, 'x');
    expect(heard(() => github.people.deleteComment(other))).toEqual(['nothing follows from a comment that is deleted']);
  });

  test('of 65,000 characters is told whole', () => {
    const body = `/hold ${'☕'.repeat(64_990)}`;
    expect(heard(() => github.people.comment(pull, body))).toMatchObject([{ kind: 'comment-written', body }]);
  });
});

describe('a check', () => {
  const report = (name: string, app: string, conclusion?: 'success' | 'failure'): CheckRun =>
    github.people.reportCheckRun(NAME, pull.head.sha, { name, app, ...(conclusion !== undefined && { conclusion }) });
  const reported = (name: string) => ({ kind: 'check-reported', repository, commit: pull.head.sha, name });

  test('of another party is told when it ends', () => {
    expect(heard(() => report('ci', 'actions', 'success'))).toEqual([
      'nothing follows from a check run that is created',
      reported('ci'),
    ]);
    expect(heard(() => report('slow', 'actions'))).toEqual(['nothing follows from a check run that is created']);
    const status = { context: 'lint', state: 'success' } as const;
    expect(heard(() => github.people.reportStatus(NAME, pull.head.sha, status))).toEqual([reported('lint')]);
    const pending = { context: 'lint', state: 'pending' } as const;
    expect(heard(() => github.people.reportStatus(NAME, pull.head.sha, pending))).toEqual([
      'the status is still pending',
    ]);
  });

  test('of the bot itself is no news, but its buttons are', () => {
    const runs: CheckRun[] = [];
    const own = { name: 'tagalong/bypass', app: 'tagalong', conclusion: 'failure' } as const;
    expect(heard(() => runs.push(github.people.reportCheckRun(NAME, pull.head.sha, own)))).toEqual([
      'the bot wrote it itself',
      'the bot wrote it itself',
    ]);
    const run = runs[0] ?? expect.unreachable();
    run.actions = [{ identifier: 'revert', label: 'Revert', description: 'Opens a change.' }];
    const asked = { kind: 'action-requested', repository, commit: pull.head.sha, by: { login: 'ada', isBot: false } };
    expect(heard(() => github.people.pressButton(run, 'revert', { by: 'ada' }))).toEqual([
      { ...asked, action: 'revert' },
    ]);
    expect(heard(() => github.people.rerun(run, { by: 'ada' }))).toEqual([{ ...asked, action: 'rerun' }]);
  });

  test('of another app has buttons that are not ours', () => {
    const run = report('ci', 'actions', 'failure');
    expect(heard(() => github.people.rerun(run))).toEqual(['the button is on a check of another app']);
  });
});

describe('a merge queue', () => {
  test('asks with the commit that it would make', () => {
    github.people.protectBranch(NAME, 'main', { requiredChecks: ['ci'] });
    const baseCommit = github.state.head(NAME);
    const events = heard(() => github.people.enqueue(pull));
    expect(events.filter((event) => typeof event === 'object' && event.kind === 'merge-group-requested')).toEqual([
      {
        kind: 'merge-group-requested',
        repository,
        number: pull.number,
        headCommit: github.state.head(NAME, `gh-readonly-queue/main/pr-${pull.number}-${baseCommit ?? ''}`),
        baseCommit,
        targetBranch: 'main',
      },
    ]);
  });

  test.each(['refs/heads/queue/main', 'refs/heads/gh-readonly-queue/main/pr-0-abcdef0', 'refs/heads/pr-x-abcdef0'])(
    'is told without a number where its branch is called %s',
    (head) => {
      const group = { head_sha: 'a'.repeat(40), head_ref: head, base_sha: 'b'.repeat(40), base_ref: 'refs/heads/main' };
      const payload = { action: 'checks_requested', merge_group: group, repository: { full_name: NAME } };
      const decoded = decodeGitHub({
        headers: { 'x-github-event': 'merge_group' },
        body: Buffer.from(JSON.stringify(payload)),
      });
      expect(decoded).toEqual({
        ok: true,
        events: [
          {
            kind: 'merge-group-requested',
            repository,
            headCommit: 'a'.repeat(40),
            baseCommit: 'b'.repeat(40),
            targetBranch: 'main',
          },
        ],
      });
    },
  );
});
