import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ChangeRef } from '../../../src/domain/change.ts';
import type { RepositoryRef } from '../../../src/domain/repository.ts';
import type { ToldDeployment } from '../../../src/forge/deployments.ts';
import { createGitHub, type GitHub, type GitHubOptions } from '../../../src/forge/github/github.ts';
import type { TellingWorld } from '../../contract/telling-contract.ts';
import { startGitHub, type GitHubSimulator, type JournalEntry } from '../../support/forge/github/simulator.ts';
import type { DeploymentState, PullRequest } from '../../support/forge/github/world/model.ts';
import { silentLog, silentMetrics } from '../../support/silent.ts';
import { CuttingProxy } from './cutting-proxy.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

/** What the app may do is what `app.yml` asks for, so that a missing permission fails here. */
export const appManifest = z
  .object({ default_permissions: z.record(z.string(), z.string()), default_events: z.array(z.string()) })
  .parse(parse(readFileSync(new URL('../../../app.yml', import.meta.url), 'utf8')));

/** The simulator with an application, the manifests of it, and a repository that the app is not installed on. */
export interface GitHubTellingWorld extends TellingWorld {
  readonly forge: GitHub;
  readonly simulator: GitHubSimulator;
  /** Another process with the same app: nothing is remembered. */
  freshForge(options?: Partial<GitHubOptions>): GitHub;
}

const MANIFESTS: RepositoryRef = { forge: 'github', path: 'Acme/deploy' };
const APPLICATION: RepositoryRef = { forge: 'github', path: 'Acme/shop' };
const UNSEEN: RepositoryRef = { forge: 'github', path: 'Elsewhere/shop' };

export async function createTellingWorld(
  permissions: Readonly<Record<string, string>> = appManifest.default_permissions,
): Promise<GitHubTellingWorld> {
  const simulator = await startGitHub({ app: { privateKey, permissions, events: ['push'] }, checkAnswers: true });
  const { people, state } = simulator;
  people.createRepository({ owner: 'Acme', name: 'deploy', files: { 'app.yaml': 'image: shop:1\n' } });
  people.createRepository({ owner: 'Acme', name: 'shop', files: { 'main.go': 'package main\n' } });
  people.createRepository({ owner: 'Elsewhere', name: 'shop', installed: false });
  const commit = people.pushFiles(APPLICATION.path, 'feature', { 'feature.go': 'package main\n' });
  const otherCommit = people.pushFiles(APPLICATION.path, 'main', { 'other.go': 'package main\n' });
  const change = people.openPullRequest(APPLICATION.path, { head: 'feature' });
  people.pushFiles(MANIFESTS.path, 'bump', { 'app.yaml': 'image: shop:2\n' });
  const bump = people.openPullRequest(MANIFESTS.path, { head: 'bump' });
  const proxy = new CuttingProxy(simulator.url);
  const apiUrl = `${await proxy.listen()}/api/v3`;
  const freshForge = (options: Partial<GitHubOptions> = {}) =>
    createGitHub({
      appId: simulator.appId,
      privateKey,
      webhookSecret: 'secret',
      apiUrl,
      webUrl: simulator.url,
      log: silentLog,
      metrics: silentMetrics,
      now: () => new Date(),
      ...options,
    });
  const pull = ({ repository, number }: ChangeRef): PullRequest => {
    const found = state.pullRequests(repository.path).find((each) => each.number === number);
    return found ?? expect.unreachable();
  };
  return {
    simulator,
    freshForge,
    forge: freshForge(),
    application: APPLICATION,
    ...{ commit, otherCommit },
    change: { repository: APPLICATION, number: change.number },
    bump: { repository: MANIFESTS, number: bump.number },
    unseen: { repository: UNSEEN, commit: state.head(UNSEEN.path) ?? '' },
    deployments: (at) =>
      state.deployments(APPLICATION.path).flatMap(({ sha, environment, statuses }) => {
        const last = statuses.at(-1);
        if (sha !== at || last === undefined) return [];
        return [{ environment, state: toldState[last.state], description: last.description }];
      }),
    statuses(at) {
      const last = new Map(state.statuses(APPLICATION.path, at).map((each) => [each.context, each]));
      return [...last.values()].map((each) => ({
        context: each.context,
        state: each.state,
        description: each.description ?? '',
      }));
    },
    comments: (at) => state.comments(pull(at)).map(({ id, body }) => ({ id: String(id), body })),
    deleteComment(at, id) {
      const comment = state.comments(pull(at)).find((each) => String(each.id) === id);
      if (comment !== undefined) people.deleteComment(comment);
    },
    issues: () =>
      state.issues(MANIFESTS.path).map(({ title, body, state: at }) => ({ title, body, isOpen: at === 'open' })),
    closeIssue(number) {
      const issue = state.issues(MANIFESTS.path).find((each) => each.number === number);
      if (issue !== undefined) people.closeIssue(issue);
    },
    writes: () => simulator.requests.filter(isWrite).length,
    interrupt: (point) => proxy.cut(point),
    async close() {
      await proxy.close();
      await simulator.close();
      expect(simulator.violations).toEqual([]);
    },
  };
}

const toldState: Readonly<Record<DeploymentState, ToldDeployment['state']>> = {
  success: 'success',
  failure: 'failure',
  error: 'failure',
  inactive: 'inactive',
  queued: 'queued',
  pending: 'pending',
  in_progress: 'in-progress',
};

/** Signing in and GraphQL queries are no writes. */
function isWrite({ method, operations }: JournalEntry): boolean {
  const reads = ['repository', 'node', 'viewer', 'apps/create-installation-access-token'];
  return method !== 'GET' && !operations.some((each) => reads.includes(each));
}
