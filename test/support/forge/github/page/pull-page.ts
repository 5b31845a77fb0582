import type { Commit } from '../../git/objects.ts';
import { checkRunsFor } from '../world/checks.ts';
import { changedFiles, pullCommits } from '../world/diffs.ts';
import { commentsOf } from '../world/discussion.ts';
import { mergeability } from '../world/merging.ts';
import {
  type Account,
  type Label,
  type PullRequest,
  type Reaction,
  reactionContents,
  type ReactionContent,
  type Review,
} from '../world/model.ts';
import { fullName } from '../world/repositories.ts';
import { accountOfEmail } from '../bodies/commits.ts';
import type { World } from '../world/world.ts';
import { checkRows, checkRunBox, deploymentLine, deploymentsOf } from './commit-marks.ts';
import { changeCount, diffView } from './diff-view.ts';
import type { Html } from './html.ts';
import { type Content, html } from './html.ts';
import { type Icon, icon } from './icons.ts';
import { accountName, ago, avatar, counter, repositoryPage } from './layout.ts';
import { markdown } from './markdown.ts';

export type PullTab = 'conversation' | 'commits' | 'checks' | 'files';

export function pullPage(world: World, pull: PullRequest, tab: PullTab): string {
  const bodies = { conversation, commits: commitsTab, checks: checksTab, files: filesTab };
  const body = html`${heading(world, pull)} ${tabs(pull, tab)} ${bodies[tab](world, pull)}`;
  return repositoryPage(pull.repository, 'pulls', `${pull.title} #${pull.number}`, body);
}

function heading(world: World, pull: PullRequest): Html {
  const commits = pullCommits(pull).length;
  const many = `${commits} commit${commits === 1 ? '' : 's'}`;
  const [verb, who] = pull.merge === undefined ? ['wants to merge', pull.author] : ['merged', pull.merge.by];
  return html`<div class="pull-heading">
    <h1>${pull.title} <span class="muted number">#${pull.number}</span></h1>
    <p>
      ${stateBadge(pull)} ${accountName(who)} <span class="muted">${verb} ${many} into</span>
      <code class="branch">${pull.base.branch}</code> <span class="muted">from</span>
      <code class="branch">${pull.head.branch}</code>
      <span class="muted">${ago(pull.createdAt, world.now())}</span>
    </p>
  </div>`;
}

export function stateBadge(pull: PullRequest): Html {
  const [name, glyph, label] = badgeOf(pull);
  return html`<span class="badge ${name}">${icon(glyph)} ${label}</span>`;
}

export function badgeOf(pull: PullRequest): readonly [string, Icon, string] {
  if (pull.merge !== undefined) return ['merged', 'merged', 'Merged'];
  if (pull.state === 'closed') return ['closed', 'closed', 'Closed'];
  return pull.draft ? ['draft', 'pull', 'Draft'] : ['open', 'pull', 'Open'];
}

function tabs(pull: PullRequest, current: PullTab): Html {
  const root = `/${fullName(pull.repository)}/pull/${pull.number}`;
  const files = changedFiles(pull);
  const total = {
    additions: files.reduce((sum, { additions }) => sum + additions, 0),
    deletions: files.reduce((sum, { deletions }) => sum + deletions, 0),
  };
  const tab = (name: PullTab, address: string, glyph: Icon, label: string, count: number) =>
    html`<a class="tab ${name === current ? 'current' : ''}" href="${address}"
      >${icon(glyph)} ${label} ${counter(count)}</a
    >`;
  return html`<nav class="tabs pull-tabs">
    ${tab('conversation', root, 'comment', 'Conversation', commentsOf(pull).length)}
    ${tab('commits', `${root}/commits`, 'commit', 'Commits', pullCommits(pull).length)}
    ${tab('checks', `${root}/checks`, 'check', 'Checks', checkRunsFor(pull.repository, pull.head.sha, {}).length)}
    ${tab('files', `${root}/files`, 'file', 'Files changed', files.length)}
    <span class="total">${changeCount(total)}</span>
  </nav>`;
}

interface Moment {
  readonly at: Date;
  readonly shown: Html;
}

function conversation(world: World, pull: PullRequest): Html {
  const where = fullName(pull.repository);
  const moments: Moment[] = [
    ...pullCommits(pull).map((commit) => ({ at: commit.committer.date, shown: commitLine(world, pull, commit) })),
    ...commentsOf(pull).map((comment) => ({
      at: comment.createdAt,
      shown: box(world, {
        where,
        id: `issuecomment-${comment.id}`,
        author: comment.author,
        at: comment.createdAt,
        body: comment.body,
        edited: comment.updatedAt > comment.createdAt,
        reactions: comment.reactions,
      }),
    })),
    ...pull.reviews.map((review) => ({ at: review.submittedAt, shown: reviewLine(world, review) })),
    ...deploymentsOf(pull.repository, commitsOf(pull)).map((deployment) => ({
      at: deployment.createdAt,
      shown: line('rocket', deploymentLine(world, deployment)),
    })),
    ...endMoment(world, pull),
  ];
  moments.sort((a, b) => a.at.getTime() - b.at.getTime());
  return html`<div class="conversation">
    <div class="timeline">
      ${box(world, { where, id: 'description', author: pull.author, at: pull.createdAt, body: pull.body })}
      ${labelLine(world, pull)} ${moments.map(({ shown }) => shown)} ${mergeBox(pull)}
    </div>
    ${sidebar(pull)}
  </div>`;
}

/** With the one that it became by merging. */
function commitsOf(pull: PullRequest): string[] {
  const own = pullCommits(pull).map(({ oid }) => oid);
  return pull.merge === undefined ? own : [...own, pull.merge.commit];
}

interface Said {
  /** The repository that it was said in. */
  readonly where: string;
  /** What the address of a page ends in to show it. */
  readonly id: string;
  readonly author: Account;
  readonly at: Date;
  readonly body: string;
  readonly edited?: boolean;
  readonly reactions?: readonly Reaction[];
}

function box(world: World, said: Said): Html {
  const text =
    said.body.trim() === '' ? html`<p class="muted">No description provided.</p>` : markdown(said.body, said.where);
  return html`<article class="said" id="${said.id}">
    ${avatar(said.author)}
    <div class="box bubble">
      <header>
        ${accountName(said.author)}
        <span class="muted">commented ${ago(said.at, world.now())}${said.edited === true ? ' · edited' : ''}</span>
      </header>
      ${text} ${reactionsLine(said.reactions ?? [])}
    </div>
  </article>`;
}

const faces: Readonly<Record<ReactionContent, string>> = {
  ...{ '+1': '👍', '-1': '👎', laugh: '😄', confused: '😕', heart: '❤️', hooray: '🎉', rocket: '🚀', eyes: '👀' },
};

function reactionsLine(reactions: readonly Reaction[]): Html | undefined {
  if (reactions.length === 0) return undefined;
  const chips = reactionContents.flatMap((content) => {
    const count = reactions.filter((one) => one.content === content).length;
    return count === 0 ? [] : [html`<span class="pill reaction">${faces[content]} ${count}</span> `];
  });
  return html`<div class="reactions">${chips}</div>`;
}

function line(glyph: Icon, content: Content, className = ''): Html {
  return html`<div class="event">
    <span class="event-icon ${className}">${icon(glyph)}</span>
    <div>${content}</div>
  </div>`;
}

function commitLine(world: World, { repository }: PullRequest, commit: Commit): Html {
  const author = accountOfEmail(world, commit.author.email);
  const [headline = ''] = commit.message.split('\n');
  const verified = commit.signed ? html`<span class="pill good">Verified</span>` : undefined;
  return line(
    'commit',
    html`<span class="commit-line">
      ${author === undefined ? undefined : avatar(author, 20)}
      <a href="/${fullName(repository)}/commit/${commit.oid}"><code>${headline}</code></a>
      <span class="right">${verified} <code class="muted">${commit.oid.slice(0, 7)}</code></span>
    </span>`,
  );
}

function labelLine(world: World, pull: PullRequest): Html | undefined {
  if (pull.labels.size === 0) return undefined;
  const labels = [...pull.labels].map(labelChip);
  const word = labels.length === 1 ? 'label' : 'labels';
  const when = ago(pull.createdAt, world.now());
  return line(
    'tag',
    html`${avatar(pull.author, 20)} ${accountName(pull.author)} <span class="muted">added the</span> ${labels}
      <span class="muted">${word} ${when}</span>`,
  );
}

export function labelChip(label: Label): Html {
  return html`<span class="label" style="--label: #${label.color}">${label.name}</span>`;
}

function reviewLine(world: World, review: Review): Html {
  const verbs = { APPROVED: 'approved these changes', CHANGES_REQUESTED: 'requested changes', COMMENTED: 'reviewed' };
  const verb = review.state === 'DISMISSED' || review.state === 'PENDING' ? 'reviewed' : verbs[review.state];
  const [glyph, tone] = review.state === 'APPROVED' ? (['check', 'good'] as const) : (['eye', ''] as const);
  const when = ago(review.submittedAt, world.now());
  const words = html`${avatar(review.author, 20)} ${accountName(review.author)}
    <span class="muted">${verb} ${when}</span>`;
  return html`${line(glyph, words, tone)}
  ${review.body === '' ? undefined : box(world, { where: fullName(review.pull.repository), id: `pullrequestreview-${review.id}`, author: review.author, at: review.submittedAt, body: review.body })}`;
}

function endMoment(world: World, { merge, closedAt, base }: PullRequest): Moment[] {
  if (merge !== undefined) {
    const { by, commit, at } = merge;
    const when = ago(at, world.now());
    const words = html`${avatar(by, 20)} ${accountName(by)} <span class="muted">merged commit</span>
      <code>${commit.slice(0, 7)}</code> <span class="muted">into</span> <code class="branch">${base.branch}</code>
      <span class="muted">${when}</span>`;
    return [{ at, shown: line('merged', words, 'done') }];
  }
  if (closedAt === undefined) return [];
  const words = html`<span class="muted">Closed ${ago(closedAt, world.now())}</span>`;
  return [{ at: closedAt, shown: line('closed', words, 'bad') }];
}

function mergeBox(pull: PullRequest): Html | undefined {
  if (pull.state === 'closed') return undefined;
  const state = mergeability(pull);
  const checks = checkRows(pull.repository, pull.head.sha);
  const words = {
    clean: 'No conflicts with base branch',
    draft: 'This pull request is still a work in progress',
    blocked: 'Merging is blocked',
    dirty: 'This branch has conflicts that must be resolved',
    unknown: 'Checking for the ability to merge',
  };
  const isGood = state === 'clean';
  return html`<div class="said">
    <span class="avatar merge-icon ${isGood ? 'good' : ''}">${icon('merged')}</span>
    <div class="box bubble merge-box">
      ${checks.length === 0 ? undefined : html`<div class="merge-part">${checks}</div>`}
      <div class="merge-part merge-state">
        <span class="round ${isGood ? 'good' : 'muted'}">${icon(isGood ? 'check' : 'cross')}</span>
        <div>
          <div class="strong">${words[state]}</div>
          ${isGood ? html`<div class="muted small">Merging can be performed automatically.</div>` : undefined}
        </div>
      </div>
      <div class="merge-part"><span class="button ${isGood ? 'primary' : 'disabled'}">Merge pull request</span></div>
    </div>
  </div>`;
}

function sidebar(pull: PullRequest): Html {
  const none = html`<span class="muted small">None yet</span>`;
  const reviewers = [...new Set([...pull.requestedReviewers, ...pull.reviews.map(({ author }) => author)])];
  const labels = [...pull.labels].map(labelChip);
  const part = (title: string, content: Content) =>
    html`<section>
      <h2>${title}</h2>
      ${content}
    </section>`;
  return html`<aside>
    ${part('Reviewers', reviewers.length === 0 ? none : reviewers.map((one) => html`<div class="row">${avatar(one, 20)} ${accountName(one)}</div>`))}
    ${part('Assignees', html`<span class="muted small">No one assigned</span>`)}
    ${part('Labels', labels.length === 0 ? none : html`<div class="row">${labels}</div>`)}
    ${part('Development', html`<span class="muted small">No linked issues</span>`)}
  </aside>`;
}

function commitsTab(world: World, pull: PullRequest): Html {
  return html`<div class="timeline">${pullCommits(pull).map((commit) => commitLine(world, pull, commit))}</div>`;
}

function checksTab(_world: World, pull: PullRequest): Html {
  const runs = checkRunsFor(pull.repository, pull.head.sha, {});
  if (runs.length === 0) return html`<p class="muted">No checks.</p>`;
  return html`${runs.map(checkRunBox)}`;
}

function filesTab(_world: World, pull: PullRequest): Html {
  return diffView(changedFiles(pull));
}
