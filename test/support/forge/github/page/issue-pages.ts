import type { Issue, Repository } from '../world/model.ts';
import { fullName } from '../world/repositories.ts';
import type { World } from '../world/world.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { accountName, ago, avatar, repositoryPage } from './layout.ts';
import { markdown } from './markdown.ts';

export function issuesPage(world: World, repository: Repository): string {
  const rows = [...repository.issues.values()].reverse().map((issue) => issueRow(world, issue));
  const body =
    rows.length === 0
      ? html`<p class="muted">There are no issues yet.</p>`
      : html`<section class="box">${rows}</section>`;
  return repositoryPage(repository, 'issues', 'Issues', body);
}

function issueRow(world: World, issue: Issue): Html {
  return html`<div class="row-line">
    ${icon('issue', issue.state === 'open' ? 'state-open' : 'state-merged')}
    <div>
      <a class="strong" href="/${fullName(issue.repository)}/issues/${issue.number}">${issue.title}</a>
      <div class="muted small">
        #${issue.number} opened ${ago(issue.createdAt, world.now())} by ${issue.author.login}
      </div>
    </div>
  </div>`;
}

export function issuePage(world: World, issue: Issue): string {
  const { title, number, author, createdAt, state, repository } = issue;
  const isOpen = state === 'open';
  const body = html`<div class="pull-heading">
      <h1>${title} <span class="muted number">#${number}</span></h1>
      <p>
        <span class="badge ${isOpen ? 'open' : 'merged'}">${icon('issue')} ${isOpen ? 'Open' : 'Closed'}</span>
        ${accountName(author)} <span class="muted">opened this issue ${ago(createdAt, world.now())}</span>
      </p>
    </div>
    <div class="timeline">
      <article class="said">
        ${avatar(author)}
        <div class="box bubble">
          <header>${accountName(author)} <span class="muted">commented ${ago(createdAt, world.now())}</span></header>
          ${markdown(issue.body, fullName(repository))}
        </div>
      </article>
    </div>`;
  return repositoryPage(repository, 'issues', `${title} #${number}`, body);
}
