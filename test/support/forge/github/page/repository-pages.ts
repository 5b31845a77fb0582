import type { Commit } from '../../git/objects.ts';
import { treeMode } from '../../git/objects.ts';
import { compareTrees } from '../world/diffs.ts';
import type { CheckRun, PullRequest, Repository } from '../world/model.ts';
import { pullsOf } from '../world/pulls.ts';
import { fullName } from '../world/repositories.ts';
import { findCommit } from '../world/revisions.ts';
import type { World } from '../world/world.ts';
import { accountOfEmail } from '../bodies/commits.ts';
import { checkRows, checkRunBox, deploymentLine, deploymentsOf } from './commit-marks.ts';
import { diffView } from './diff-view.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { icon } from './icons.ts';
import { accountName, ago, avatar, page, repositoryPage } from './layout.ts';
import { markdown } from './markdown.ts';
import { badgeOf, labelChip } from './pull-page.ts';

export function homePage(world: World): string {
  const rows = [...world.repositories.values()].map(
    (repository) =>
      html`<div class="row-line">
        ${icon('repository', 'muted')} <a class="strong" href="/${fullName(repository)}">${fullName(repository)}</a>
        <span class="pill">${repository.private ? 'Private' : 'Public'}</span>
        <span class="muted right"
          >${pullsOf(repository, 'open').length} open · updated ${ago(repository.pushedAt, world.now())}</span
        >
      </div>`,
  );
  return page(
    'Repositories',
    html`<header class="top">
        <span class="home">${icon('repository')}</span><span class="strong">Repositories</span>
      </header>
      <main><section class="box">${rows}</section></main>`,
  );
}

/** A folder, with its README below; or a file. undefined when there is no such path. */
export function treePage(world: World, repository: Repository, revision: string, path: string): string | undefined {
  const commit = findCommit(repository, revision);
  const entry = commit === undefined ? undefined : repository.git.find(commit.tree, path);
  if (commit === undefined || entry === undefined) return undefined;
  const body =
    entry.mode === treeMode
      ? folder(repository, { revision, path, tree: entry.oid })
      : file(repository, path, entry.oid);
  const head = html`<div class="branch-line">
      <code class="branch">${revision}</code> ${crumbs(repository, revision, path)}
      <a class="right muted" href="/${fullName(repository)}/commits/${revision}">${icon('commit')} Commits</a>
    </div>
    <section class="box last-commit">${commitRow(world, repository, commit)}</section>`;
  return repositoryPage(repository, 'code', path === '' ? repository.name : path, html`${head} ${body}`);
}

function crumbs(repository: Repository, revision: string, path: string): Html[] {
  const parts = path.split('/').filter((part) => part !== '');
  const root = `/${fullName(repository)}/tree/${revision}`;
  const links = parts.map(
    (part, index) => html` / <a href="${root}/${parts.slice(0, index + 1).join('/')}">${part}</a>`,
  );
  return [html`<a class="strong" href="${root}">${repository.name}</a>`, ...links];
}

function folder(repository: Repository, at: { revision: string; path: string; tree: string }): Html {
  const entries = [...repository.git.tree(at.tree)].sort(
    (a, b) => Number(b.mode === treeMode) - Number(a.mode === treeMode),
  );
  const prefix = at.path === '' ? '' : `${at.path}/`;
  const rows = entries.map(({ name, mode }) => {
    const kind = mode === treeMode ? 'tree' : 'blob';
    const glyph = kind === 'tree' ? icon('folder', 'blue') : icon('file', 'muted');
    return html`<div class="row-line">
      ${glyph} <a href="/${fullName(repository)}/${kind}/${at.revision}/${prefix}${name}">${name}</a>
    </div>`;
  });
  const readme = entries.find(({ name }) => name.toLowerCase() === 'readme.md');
  const text = readme === undefined ? undefined : repository.git.blob(readme.oid)?.toString();
  return html`<section class="box">${rows}</section>
    ${text === undefined ? undefined : html`<section class="box padded">${markdown(text, fullName(repository))}</section>`}`;
}

function file(repository: Repository, path: string, oid: string): Html {
  const bytes = repository.git.blob(oid) ?? Buffer.alloc(0);
  if (bytes.includes(0)) return html`<section class="box padded muted">Binary file not shown.</section>`;
  const lines = bytes.toString().split('\n');
  const rows = lines.map(
    (line, index) =>
      html`<tr class="context">
        <td class="number">${index + 1}</td>
        <td><pre>${line}</pre></td>
      </tr>`,
  );
  return html`<section class="box file">
    <header>${icon('file', 'muted')} <code>${path}</code></header>
    <table class="lines">
      ${rows}
    </table>
  </section>`;
}

function commitRow(world: World, repository: Repository, commit: Commit): Html {
  const author = accountOfEmail(world, commit.author.email);
  const [headline = ''] = commit.message.split('\n');
  return html`<div class="row-line">
    ${author === undefined ? undefined : avatar(author, 20)}
    ${author === undefined ? commit.author.name : accountName(author)}
    <a href="/${fullName(repository)}/commit/${commit.oid}">${headline}</a>
    <span class="right"
      >${commit.signed ? html`<span class="pill good">Verified</span>` : undefined}
      <code class="muted">${commit.oid.slice(0, 7)}</code>
      <span class="muted">${ago(commit.committer.date, world.now())}</span></span
    >
  </div>`;
}

export function commitsPage(world: World, repository: Repository, revision: string): string | undefined {
  const start = findCommit(repository, revision);
  if (start === undefined) return undefined;
  const rows = [...repository.git.history([start.oid])]
    .slice(0, 100)
    .map((commit) => commitRow(world, repository, commit));
  return repositoryPage(repository, 'code', 'Commits', html`<section class="box">${rows}</section>`);
}

export function commitPage(world: World, repository: Repository, sha: string): string | undefined {
  const commit = findCommit(repository, sha);
  if (commit === undefined) return undefined;
  const [parent] = commit.parents;
  const before = parent === undefined ? undefined : repository.git.existingCommit(parent).tree;
  const [headline = '', ...rest] = commit.message.split('\n');
  const body = html`<section class="box">
      <header><h2>${headline}</h2></header>
      <pre class="padded message">${rest.join('\n').trim()}</pre>
      ${commitRow(world, repository, commit)}
    </section>
    ${marks(world, repository, commit.oid)} ${diffView(compareTrees(repository.git, before, commit.tree))}`;
  return repositoryPage(repository, 'code', headline, body);
}

/** Checks, statuses and deployments of a commit; nothing where there are none. */
function marks(world: World, repository: Repository, sha: string): Html {
  const checks = checkRows(repository, sha);
  const deployed = deploymentsOf(repository, [sha]).map((one) => deploymentLine(world, one));
  const part = (title: string, rows: Html[]) =>
    rows.length === 0
      ? undefined
      : html`<section class="box">
          <header class="strong">${title}</header>
          <div class="padded rows">${rows}</div>
        </section>`;
  return html`${part('Deployments', deployed)} ${part('Checks', checks)}`;
}

export function comparePage(repository: Repository, range: string): string | undefined {
  const [base, head] = range.split('...').map((name) => findCommit(repository, name));
  if (base === undefined || head === undefined) return undefined;
  const common = repository.git.mergeBase(base.oid, head.oid);
  const before = common === undefined ? undefined : repository.git.existingCommit(common).tree;
  const body = html`<h2>Comparing <code class="branch">${range}</code></h2>
    ${diffView(compareTrees(repository.git, before, head.tree))}`;
  return repositoryPage(repository, 'code', `Comparing ${range}`, body);
}

export function pullsPage(world: World, repository: Repository): string {
  const list = (state: 'open' | 'closed') =>
    pullsOf(repository, state)
      .reverse()
      .map((pull) => pullRow(world, pull));
  const open = list('open');
  const closed = list('closed');
  const part = (title: string, rows: Html[]) =>
    rows.length === 0
      ? undefined
      : html`<section class="box">
          <header class="strong">${rows.length} ${title}</header>
          ${rows}
        </section>`;
  const empty =
    open.length + closed.length === 0 ? html`<p class="muted">There are no pull requests yet.</p>` : undefined;
  return repositoryPage(
    repository,
    'pulls',
    'Pull requests',
    html`${part('Open', open)} ${part('Closed', closed)} ${empty}`,
  );
}

function pullRow(world: World, pull: PullRequest): Html {
  const [tone, glyph] = badgeOf(pull);
  return html`<div class="row-line">
    ${icon(glyph, `state-${tone}`)}
    <div>
      <a class="strong" href="/${fullName(pull.repository)}/pull/${pull.number}">${pull.title}</a>
      ${[...pull.labels].map(labelChip)}
      <div class="muted small">#${pull.number} opened ${ago(pull.createdAt, world.now())} by ${pull.author.login}</div>
    </div>
  </div>`;
}

export function deploymentsPage(world: World, repository: Repository): string {
  const rows = [...repository.deployments.values()].reverse().map((deployment) => deploymentLine(world, deployment));
  const body =
    rows.length === 0
      ? html`<p class="muted">There are no deployments yet.</p>`
      : html`<section class="box padded rows">${rows}</section>`;
  return repositoryPage(repository, 'deployments', 'Deployments', body);
}

/** One check run on a page of its own. */
export function runPage(repository: Repository, run: CheckRun): string {
  return repositoryPage(repository, 'code', run.name, checkRunBox(run));
}
