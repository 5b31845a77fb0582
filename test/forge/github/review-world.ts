import { expect } from 'vitest';
import type { ChangeRef } from '../../../src/domain/change.ts';
import { createGitHub, type GitHub } from '../../../src/forge/github/github.ts';
import { reviewedFiles, type ReviewWorld } from '../../contract/review-contract.ts';
import { startGitHub, type GitHubSimulator, type JournalEntry } from '../../support/forge/github/simulator.ts';
import type { PullRequest, Review } from '../../support/forge/github/world/model.ts';
import { silentLog, silentMetrics } from '../../support/silent.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { appManifest } from './telling-world.ts';

export const NAME = 'Acme/deploy';

/** The simulator with one repository, and the adapter with the permissions of `app.yml`. */
export interface GitHubReviewWorld extends ReviewWorld {
  readonly forge: GitHub;
  readonly simulator: GitHubSimulator;
  pull(change: ChangeRef): PullRequest;
  /** Requests since the last call, without signing in. */
  newRequests(): readonly string[];
}

export interface ReviewWorldOptions {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly ownerType?: 'User' | 'Organization';
}

export async function createReviewWorld({
  permissions = appManifest.default_permissions,
  ownerType = 'Organization',
}: ReviewWorldOptions = {}): Promise<GitHubReviewWorld> {
  const simulator = await startGitHub({ app: { permissions, events: [] }, checkAnswers: true });
  const { people, state, world } = simulator;
  people.createRepository({ owner: 'Acme', name: 'deploy', files: reviewedFiles, ownerType });
  const proxy = new CuttingProxy(simulator.url);
  const forge = createGitHub({
    appId: simulator.appId,
    privateKey: simulator.privateKey,
    webhookSecret: 'secret',
    apiUrl: `${await proxy.listen()}/api/v3`,
    webUrl: simulator.url,
    log: silentLog,
    metrics: silentMetrics,
    now: () => new Date(),
  });
  const repository = { forge: 'github', path: NAME } as const;
  const pull = ({ number }: ChangeRef) =>
    state.pullRequests(NAME).find((each) => each.number === number) ?? expect.unreachable();
  const reactable = ({ kind, id }: { kind: 'comment' | 'review'; id: string }) =>
    kind === 'comment' ? state.repository(NAME).comments.get(Number(id)) : reviewOf(simulator, id);
  let seen = 0;

  return {
    forge,
    simulator,
    repository,
    organization: 'Acme',
    pull,
    newRequests() {
      const fresh = simulator.requests.slice(seen).filter(({ operations }) => !operations.some(isSigningIn));
      seen = simulator.requests.length;
      return fresh.map(({ operations }) => operations.join('+'));
    },
    head: (branch) => state.head(NAME, branch) ?? expect.unreachable(),
    push(branch, files, by = 'octocat') {
      const [, name, email] = /^(.*) <(.*)>$/.exec(by) ?? [];
      const options = name === undefined || email === undefined ? { author: by } : { as: { name, email } };
      return people.pushFiles(NAME, branch, files, options);
    },
    openChange: (head, { author = 'octocat', isDraft = false } = {}) => ({
      repository,
      number: people.openPullRequest(NAME, { head, author, draft: isDraft }).number,
    }),
    mergeAsPerson: (change, method) => people.merge(pull(change), { method }),
    say: (change, body) => ({ kind: 'comment', id: String(people.comment(pull(change), body).id) }),
    deleteComment(_change, { id }) {
      const comment = state.repository(NAME).comments.get(Number(id));
      people.deleteComment(comment ?? expect.unreachable());
    },
    lock: (change) => people.lock(pull(change)),
    said: (change) =>
      [...state.repository(NAME).comments.values()]
        .filter((each) => each.pull === pull(change) && each.app === world.app)
        .map(({ body }) => body),
    review: (change, author, wanted) =>
      people.review(pull(change), reviewStates[wanted], { author, body: 'Read.' }).nodeId,
    grant: (login, permission) => people.grant(NAME, people.person(login).login, permission),
    team: (name, members) => void people.team('Acme', name, members),
    requireChecks: (names) => people.protectBranch(NAME, 'main', { requiredChecks: names }),
    report(commit, name, conclusion) {
      const ended = conclusion === 'pending' ? {} : { conclusion };
      people.reportCheckRun(NAME, commit, { name, app: 'actions', ...ended });
    },
    allowMethods(methods) {
      state.repository(NAME).mergeMethods = methods;
    },
    reactions: (comment) => reactable(comment)?.reactions.filter(({ user }) => user === world.app.bot).length ?? 0,
    check(commit, name) {
      const run = state.checkRuns(NAME, commit).findLast((each) => each.name === name && each.app === world.app);
      if (run === undefined) return undefined;
      const conclusion = run.status === 'completed' ? run.conclusion : 'pending';
      return { conclusion: conclusion ?? '', title: run.title ?? '' };
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

const reviewStates = {
  approved: 'APPROVED',
  'changes-requested': 'CHANGES_REQUESTED',
  commented: 'COMMENTED',
} as const;

function reviewOf({ world }: GitHubSimulator, nodeId: string): Review | undefined {
  const node = world.nodes.get(nodeId);
  return node?.kind === 'review' ? node : undefined;
}

function isSigningIn(operation: string): boolean {
  return ['apps/create-installation-access-token', 'apps/get-repo-installation'].includes(operation);
}

function isWrite({ method, operations }: JournalEntry): boolean {
  const reads = ['repository', 'organization', 'node', 'viewer', 'apps/create-installation-access-token'];
  return method !== 'GET' && !operations.some((each) => reads.includes(each));
}
