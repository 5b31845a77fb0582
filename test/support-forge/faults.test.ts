import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GitHubSimulator, startGitHub } from '../support/forge/github/simulator.ts';
import { type Client, installationClient, refusal } from './clients.ts';

let github: GitHubSimulator;
let client: Client;
const at = { owner: 'acme', repo: 'deploy' };

beforeEach(async () => {
  github = await startGitHub();
  github.people.createRepository({ ...at, name: at.repo });
  client = installationClient(github);
  await client.rest.repos.get(at);
});

afterEach(async () => {
  await github.close();
});

describe('faults', () => {
  it('answer what they are told, as often as they are told', async () => {
    github.faults.push({
      match: ({ operations }) => operations.includes('repos/get'),
      status: 502,
      body: 'bad gateway',
      times: 2,
    });
    expect((await refusal(client.rest.repos.get(at))).status).toBe(502);
    await client.rest.pulls.list(at);
    expect((await refusal(client.rest.repos.get(at))).status).toBe(502);
    expect((await client.rest.repos.get(at)).status).toBe(200);
    expect(github.requests.slice(-4).map(({ status }) => status)).toEqual([502, 200, 502, 200]);
  });

  it('meet GraphQL by its root fields, before anything is done', async () => {
    const repositoryId = github.state.repository('acme/deploy').nodeId;
    const input = { repositoryId, name: 'refs/heads/x', oid: github.state.head('acme/deploy') };
    github.faults.push({ match: ({ operations }) => operations.includes('createRef'), resetSocket: true });
    const create = () =>
      client.graphql('mutation ($input: CreateRefInput!) { createRef(input: $input) { ref { id } } }', { input });
    await expect(create()).rejects.toThrow();
    expect(github.state.branches('acme/deploy')).toEqual(['main']);
    await create();
    expect(github.state.branches('acme/deploy')).toEqual(['main', 'x']);
  });

  it('can break the connection after everything is done', async () => {
    const pull = {
      match: ({ operations }: { operations: readonly string[] }) => operations.includes('git/create-ref'),
      resetSocket: true,
      afterwards: true,
    };
    github.faults.push(pull);
    const sha = github.state.head('acme/deploy') ?? '';
    await expect(client.rest.git.createRef({ ...at, ref: 'refs/heads/y', sha })).rejects.toThrow();
    expect(github.state.branches('acme/deploy')).toEqual(['main', 'y']);
  });
});

describe('rate limits', () => {
  it('refuse with the time of the reset when the primary limit is reached', async () => {
    github.rateLimits.exhaust(60);
    const response = await fetch(`${github.apiUrl}/rate_limit`);
    expect(response.status).toBe(403);
    expect(response.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(Number(response.headers.get('x-ratelimit-reset')) * 1000).toBeGreaterThan(Date.now());
  });

  it('tell GraphQL in an answer of status 200', async () => {
    github.rateLimits.exhaust(60);
    await expect(client.graphql('query { viewer { login } }')).rejects.toMatchObject({
      errors: [{ type: 'RATE_LIMITED' }],
      headers: { 'x-ratelimit-remaining': '0' },
    });
  });

  it.each([403, 429] as const)('ask to wait at the secondary limit, with %i', async (status) => {
    github.rateLimits.limitSecondary({ retryAfterSeconds: 7, status });
    const response = await fetch(`${github.apiUrl}/rate_limit`);
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe('7');
    expect((await fetch(`${github.apiUrl}/rate_limit`)).status).toBe(200);
  });
});
