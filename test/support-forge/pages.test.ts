import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GitHubSimulator, startGitHub } from '../support/forge/github/simulator.ts';

let github: GitHubSimulator;

beforeEach(async () => {
  github = await startGitHub();
  const { people } = github;
  people.createRepository({ owner: 'acme', name: 'deploy', files: { 'apps/web.yaml': 'image: web:1\n' } });
  people.pushFiles('acme/deploy', 'bump/web', { 'apps/web.yaml': 'image: web:2\n' });
  const body =
    '| a | b |\n|---|---|\n| 1 | 2 |\n\n```diff\n-image: web:1\n+image: web:2\n```\n\n<details><summary>more</summary>x</details>';
  const pull = people.openPullRequest('acme/deploy', { head: 'bump/web', title: 'Bump <web>', body });
  people.comment(pull, '<script>alert(1)</script><img src=x onerror=alert(2)>\n\nand [a link](javascript:alert(3))');
});

afterEach(async () => {
  await github.close();
});

async function page(path: string): Promise<string> {
  const response = await fetch(`${github.url}${path}`);
  expect(response.status).toBe(200);
  return response.text();
}

describe('the pages', () => {
  it.each([
    ['/', 'acme/deploy'],
    ['/acme/deploy', 'README.md'],
    ['/acme/deploy/tree/main/apps', 'web.yaml'],
    ['/acme/deploy/blob/bump/web/apps/web.yaml', 'image: web:2'],
    ['/acme/deploy/commits/main', 'Initial commit'],
    ['/acme/deploy/compare/main...bump/web', 'image: web:2'],
    ['/acme/deploy/pulls', 'Bump &lt;web&gt;'],
    ['/acme/deploy/deployments', 'no deployments yet'],
    ['/acme/deploy/pull/1', 'Bump &lt;web&gt;'],
    ['/acme/deploy/pull/1/commits', 'Change files'],
    ['/acme/deploy/pull/1/checks', 'No checks.'],
    ['/acme/deploy/pull/1/files', '+image: web:2'],
    ['/-/style.css', 'prefers-color-scheme: dark'],
  ])('%s shows %s', async (path, text) => {
    expect(await page(path)).toContain(text);
  });

  it('show Markdown as GitHub does, and let nothing run', async () => {
    const shown = await page('/acme/deploy/pull/1');
    expect(shown).toContain('<table>');
    expect(shown).toContain('<span class="added">+image: web:2');
    expect(shown).toContain('<details><summary>more</summary>');
    expect(shown).not.toMatch(/<script|onerror|javascript:/);
  });

  it('link what is named, and show how a comment was answered', async () => {
    const [pull] = github.state.pullRequests('acme/deploy');
    if (pull === undefined) throw new Error('there is no pull request');
    const comment = github.people.comment(pull, 'as in #1 and acme/shop#2, not in a#3');
    comment.reactions.push({ ...comment, kind: 'reaction', user: comment.author, content: 'eyes' });
    const shown = await page('/acme/deploy/pull/1');
    expect(shown).toContain(`id="issuecomment-${comment.id}"`);
    expect(shown).toContain(
      '<a href="/acme/deploy/pull/1">#1</a> and <a href="/acme/shop/pull/2">acme/shop#2</a>, not in a#3',
    );
    expect(shown).toContain('👀 1');
  });

  it.each(['/acme/none', '/acme/deploy/pull/7', '/acme/deploy/tree/main/none'])('%s is not there', async (path) => {
    expect((await fetch(`${github.url}${path}`)).status).toBe(404);
  });
});
