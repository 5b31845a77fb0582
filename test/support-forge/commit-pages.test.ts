import { afterEach, beforeEach, expect, it } from 'vitest';
import { type GitHubSimulator, startGitHub } from '../support/forge/github/simulator.ts';
import type { CheckRun, Issue, PullRequest } from '../support/forge/github/world/model.ts';

const SHOP = 'acme/shop';
let github: GitHubSimulator;
let commit: string;
let pull: PullRequest;
let issue: Issue;
let run: CheckRun;

beforeEach(async () => {
  github = await startGitHub();
  const { people } = github;
  people.createRepository({ owner: 'acme', name: 'shop' });
  commit = people.pushFiles(SHOP, 'feature', { 'main.go': 'package main\n' });
  pull = people.openPullRequest(SHOP, { head: 'feature', title: 'A feature' });
  people.reportStatus(SHOP, commit, {
    ...{ context: 'tagalong/staging', state: 'success', description: '1.4.3 is live' },
    targetUrl: 'https://argocd.example.com/',
  });
  people.reportDeployment(SHOP, commit, {
    ...{ environment: 'staging', state: 'success', description: 'acme/shop 1.4.3 <live>' },
    environmentUrl: 'https://staging.example.com/',
  });
  people.reportDeployment(SHOP, commit, { environment: 'production', state: 'failure' });
  run = people.reportCheckRun(SHOP, commit, { name: 'ci/test', app: 'ci', conclusion: 'failure', title: '2 failed' });
  issue = people.openIssue(SHOP, { title: 'Merged past the gate', body: 'See **#1**.' });
});
afterEach(() => github.close());

async function page(path: string): Promise<string> {
  const response = await fetch(`${github.url}/${SHOP}${path}`);
  expect(response.status).toBe(200);
  return (await response.text()).replaceAll(/\s+/g, ' ');
}

it('a commit and the pull request that brought it show deployments, statuses and checks', async () => {
  for (const shown of [await page(`/commit/${commit}`), await page(`/pull/${pull.number}`)]) {
    expect(shown).toContain('tagalong/staging');
    expect(shown).toContain('1.4.3 is live');
    expect(shown).toContain('acme/shop 1.4.3 &lt;live&gt;');
    expect(shown).toMatch(/to<\/span> <span class="strong">staging<\/span>.*Active.*View deployment/);
    expect(shown).toMatch(/<span class="strong">production<\/span>.*Failure/);
    expect(shown).toContain('2 failed');
  }
});

it('a commit shows its deployments after the pull request is merged, too', async () => {
  github.people.merge(pull, { method: 'squash' });
  expect(await page(`/pull/${pull.number}`)).toContain('View deployment');
});

it('issues and check runs have pages', async () => {
  expect(await page('/issues')).toContain('Merged past the gate');
  expect(await page(`/issues/${issue.number}`)).toMatch(
    /Open.*See <strong><a href="\/acme\/shop\/pull\/1">#1<\/a><\/strong>\./,
  );
  github.people.closeIssue(issue);
  expect(await page(`/issues/${issue.number}`)).toContain('Closed');
  expect(await page(`/runs/${run.id}`)).toContain('2 failed');
  expect(await page('/deployments')).toContain('View deployment');
});
