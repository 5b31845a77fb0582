import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createAppAuth } from '@octokit/auth-app';
import { ProbotOctokit } from 'probot';
import type { GitHubSimulator } from '../support/forge/github/simulator.ts';

const run = promisify(execFile);

export type Client = InstanceType<typeof ProbotOctokit>;

/** The client that the bot has, signed in as the app. */
export function appClient(github: GitHubSimulator, privateKey = github.privateKey): Client {
  return client(github, { privateKey });
}

/** The same, signed in as the app's installation on that account. */
export function installationClient(github: GitHubSimulator, owner = 'acme'): Client {
  const installationId = github.world.installations.get(owner)?.id;
  return client(github, { installationId });
}

function client(github: GitHubSimulator, auth: object): Client {
  return new ProbotOctokit({
    baseUrl: github.apiUrl,
    authStrategy: createAppAuth,
    auth: { appId: github.appId, privateKey: github.privateKey, ...auth },
    throttle: { enabled: false },
    retry: { enabled: false },
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  });
}

function ignore(): void {
  // Octokit tells of every refusal; the tests look at the refusals themselves.
}

/** Runs git as a person would, with a token. */
export async function git(directory: string, args: readonly string[], token?: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`x-access-token:${token ?? ''}`).toString('base64')}`;
  const credentials = token === undefined ? [] : ['-c', `http.extraHeader=Authorization: ${authorization}`];
  const { stdout } = await run('git', [...credentials, ...args], {
    cwd: directory,
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_AUTHOR_NAME: 'Mona',
      GIT_AUTHOR_EMAIL: 'mona@example.com',
      GIT_COMMITTER_NAME: 'Mona',
      GIT_COMMITTER_EMAIL: 'mona@example.com',
    },
  });
  return stdout.trim();
}

/** What a promise is rejected with, for those whose rejection is looked at. */
export async function refusal(promise: Promise<unknown>): Promise<{ status: number; message: string; data: unknown }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error && 'status' in error) {
      const response = 'response' in error && typeof error.response === 'object' ? error.response : undefined;
      const data: unknown =
        response !== null && response !== undefined && 'data' in response ? response.data : undefined;
      return { status: Number(error.status), message: error.message, data };
    }
    throw error;
  }
  throw new Error('it was not refused');
}
