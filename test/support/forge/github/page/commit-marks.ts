import { checkRunsFor } from '../world/checks.ts';
import { combinedStatus } from '../world/deploys.ts';
import type { CheckRun, Deployment, DeploymentState, Repository } from '../world/model.ts';
import { fullName } from '../world/repositories.ts';
import type { World } from '../world/world.ts';
import { type Html, html } from './html.ts';
import { type Icon, icon } from './icons.ts';
import { accountName, ago, avatar } from './layout.ts';
import { markdown } from './markdown.ts';

/** What stands on a commit: check runs, statuses and deployments, as the pages of commits and pull requests show them. */

type Mark = readonly [Icon, string];

export function checkIcon({ conclusion }: CheckRun): Mark {
  if (conclusion === undefined) return ['dot', 'wait'];
  if (conclusion === 'success') return ['check', 'good'];
  return conclusion === 'neutral' || conclusion === 'skipped' ? ['neutral', 'muted'] : ['cross', 'bad'];
}

/** A line for each check run and status of a commit. */
export function checkRows(repository: Repository, sha: string): Html[] {
  const runs = checkRunsFor(repository, sha, {}).map((run) => {
    const page = html`<a href="/${fullName(repository)}/runs/${run.id}">Details</a>`;
    return checkRow(checkIcon(run), { name: run.name, text: run.title ?? run.status, link: page });
  });
  const statuses = combinedStatus(repository, sha).statuses.map(({ state, context, description, targetUrl }) => {
    const mark: Mark =
      state === 'success' ? ['check', 'good'] : state === 'pending' ? ['dot', 'wait'] : ['cross', 'bad'];
    const link = targetUrl === undefined ? undefined : html`<a href="${targetUrl}">Details</a>`;
    return checkRow(mark, { name: context, text: description, link });
  });
  return [...runs, ...statuses];
}

function checkRow([glyph, tone]: Mark, row: { name: string; text: string | undefined; link: Html | undefined }): Html {
  return html`<div class="check">
    <span class="${tone}">${icon(glyph)}</span> <span class="strong">${row.name}</span>
    <span class="muted">${row.text}</span> <span class="right">${row.link}</span>
  </div>`;
}

/** All that a check run says, with its buttons. */
export function checkRunBox(run: CheckRun): Html {
  const where = fullName(run.repository);
  const [glyph, tone] = checkIcon(run);
  const annotations = run.annotations.map(
    (one) => html`<li><code>${one.path}:${one.startLine}</code> ${one.message}</li>`,
  );
  const buttons = run.actions.map(({ label }) => html`<span class="button">${label}</span> `);
  return html`<section class="box check-run">
    <header>
      <span class="${tone}">${icon(glyph)}</span>
      <span class="strong">${run.name}</span>
      ${buttons.length === 0 ? undefined : html`<span class="right">${buttons}</span>`}
    </header>
    <div class="padded">
      <h2>${run.title}</h2>
      ${markdown(run.summary ?? '', where)} ${run.text === undefined ? undefined : markdown(run.text, where)}
      ${
        annotations.length === 0
          ? undefined
          : html`<ul class="annotations">
              ${annotations}
            </ul>`
      }
    </div>
  </section>`;
}

export function deploymentsOf(repository: Repository, shas: readonly string[]): Deployment[] {
  return [...repository.deployments.values()].filter(({ sha }) => shas.includes(sha));
}

const shownStates: Readonly<Record<DeploymentState, readonly [Mark, string]>> = {
  success: [['check', 'good'], 'Active'],
  failure: [['cross', 'bad'], 'Failure'],
  error: [['cross', 'bad'], 'Error'],
  inactive: [['neutral', 'muted'], 'Inactive'],
  queued: [['dot', 'wait'], 'Queued'],
  pending: [['dot', 'wait'], 'Pending'],
  in_progress: [['dot', 'wait'], 'In progress'],
};

/** One deployment, with the state that was told last and its links. */
export function deploymentLine(world: World, deployment: Deployment): Html {
  const { creator, environment, repository, sha } = deployment;
  const latest = deployment.statuses.at(-1);
  const [[glyph, tone], label] = shownStates[latest?.state ?? 'pending'];
  const link = (address: string | undefined, text: string) =>
    address === undefined || address === '' ? undefined : html`<a href="${address}">${text}</a>`;
  return html`<div class="deployment">
    <span class="${tone}">${icon(glyph)}</span>
    <div>
      <div>
        ${avatar(creator, 20)} ${accountName(creator)} <span class="muted">deployed</span>
        <a href="/${fullName(repository)}/commit/${sha}"><code>${sha.slice(0, 7)}</code></a>
        <span class="muted">to</span> <span class="strong">${environment}</span>
        <span class="muted">${ago(latest?.createdAt ?? deployment.createdAt, world.now())}</span>
      </div>
      <div class="muted small">${latest?.description}</div>
    </div>
    <span class="right small">
      <span class="pill ${tone}">${label}</span>
      ${link(latest?.environmentUrl, 'View deployment')} ${link(latest?.logUrl, 'Logs')}
    </span>
  </div>`;
}
