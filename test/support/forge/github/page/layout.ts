import type { Account, Repository } from '../world/model.ts';
import { pullsOf } from '../world/pulls.ts';
import { fullName } from '../world/repositories.ts';
import type { Html } from './html.ts';
import { type Content, html } from './html.ts';
import { icon } from './icons.ts';

/** What every page needs to draw itself. */
export interface Drawing {
  readonly now: Date;
}

export function page(title: string, body: Content): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <link rel="stylesheet" href="/-/style.css" />
      </head>
      <body>
        ${body}
      </body>
    </html>`.text;
}

export type Tab = 'code' | 'issues' | 'pulls' | 'deployments';

/** A page of one repository, below its name and tabs. */
export function repositoryPage(repository: Repository, tab: Tab, title: string, body: Content): string {
  const root = `/${fullName(repository)}`;
  const open = pullsOf(repository, 'open').length;
  const openIssues = [...repository.issues.values()].filter(({ state }) => state === 'open').length;
  const entry = (name: Tab, address: string, content: Html) =>
    html`<a class="tab ${name === tab ? 'current' : ''}" href="${address}">${content}</a>`;
  return page(
    `${title} · ${fullName(repository)}`,
    html`<header class="top">
        <a class="home" href="/">${icon('repository')}</a>
        <a href="/">${repository.owner.login}</a><span class="muted">/</span
        ><a class="strong" href="${root}">${repository.name}</a>
        <span class="pill">${repository.private ? 'Private' : 'Public'}</span>
        <nav class="tabs">
          ${entry('code', root, html`${icon('code')} Code`)}
          ${entry('issues', `${root}/issues`, html`${icon('issue')} Issues ${counter(openIssues)}`)}
          ${entry('pulls', `${root}/pulls`, html`${icon('pull')} Pull requests ${counter(open)}`)}
          ${entry('deployments', `${root}/deployments`, html`${icon('rocket')} Deployments ${counter(repository.deployments.size)}`)}
        </nav>
      </header>
      <main>${body}</main>`,
  );
}

export function counter(count: number): Html | undefined {
  return count === 0 ? undefined : html`<span class="counter">${count}</span>`;
}

/** A coloured letter: people are round, apps are not. */
export function avatar(account: Account, size = 40): Html {
  const hue = Buffer.from(account.login).reduce((sum, byte) => (sum * 31 + byte) % 360, 7);
  const radius = account.type === 'User' ? size / 2 : size / 6;
  const style = `width:${size}px;height:${size}px;border-radius:${radius}px;font-size:${size / 2}px;background:hsl(${hue} 55% 45%)`;
  return html`<span class="avatar" style="${style}">${account.login.slice(0, 1).toUpperCase()}</span>`;
}

export function accountName(account: Account): Html {
  const isBot = account.type === 'Bot';
  const login = account.login.replace(/\[bot\]$/, '');
  return html`<span class="strong">${login}</span>${isBot ? html` <span class="pill">bot</span>` : undefined}`;
}

export function ago(at: Date, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - at.getTime()) / 1000));
  const steps = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ] as const;
  const step = steps.find(([length]) => seconds >= length);
  if (step === undefined) return 'now';
  const count = Math.floor(seconds / step[0]);
  return `${count} ${step[1]}${count === 1 ? '' : 's'} ago`;
}
