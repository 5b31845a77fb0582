import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ChangeRef } from '../../src/domain/change.ts';
import { createGitHub } from '../../src/forge/github/github.ts';
import type { Log } from '../../src/telemetry/telemetry.ts';
import { CuttingProxy } from '../forge/github/cutting-proxy.ts';
import { startGitHub, type GitHubSimulator } from '../support/forge/github/simulator.ts';
import { forgeContract, worldFiles, type ForgeWorld } from './forge-contract.ts';

const NAME = 'Acme/deploy';
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
/** What the app may do is what `app.yml` asks for, so that a missing permission fails here. */
const manifest = z
  .object({ default_permissions: z.record(z.string(), z.string()), default_events: z.array(z.string()) })
  .parse(parse(readFileSync(new URL('../../app.yml', import.meta.url), 'utf8')));

forgeContract('GitHub', () => createWorld());

/** There the adapter goes by steps. */
forgeContract('An Enterprise Server that cannot move several refs at once', () =>
  createWorld((simulator) =>
    simulator.faults.push({
      match: ({ operations }) => operations.includes('updateRefs'),
      status: 200,
      body: { errors: [{ message: "Field 'updateRefs' doesn't exist on type 'Mutation'" }] },
      times: Number.POSITIVE_INFINITY,
    }),
  ),
);

async function createWorld(prepare?: (simulator: GitHubSimulator) => void): Promise<ForgeWorld> {
  const { default_permissions: permissions, default_events: events } = manifest;
  const simulator = await startGitHub({ app: { privateKey, permissions, events }, checkAnswers: true });
  simulator.people.createRepository({ owner: 'Acme', name: 'deploy', files: worldFiles });
  prepare?.(simulator);
  const proxy = new CuttingProxy(simulator.url);
  const apiUrl = `${await proxy.listen()}/api/v3`;
  const forge = createGitHub({
    appId: simulator.appId,
    privateKey,
    webhookSecret: 'secret',
    apiUrl,
    webUrl: simulator.url,
    log: silent,
    metrics: { forgeRequest: () => undefined },
    now: () => new Date(),
  });
  return {
    forge,
    repository: { forge: 'github', path: NAME },
    ...told(simulator),
    interrupt: (point) => proxy.cut(point),
    async close() {
      await proxy.close();
      await simulator.close();
      expect(simulator.violations).toEqual([]);
    },
  };
}

/** What the simulator shows and lets people do, in the words of the contract. */
function told({
  state,
  people,
  world,
}: GitHubSimulator): Omit<ForgeWorld, 'forge' | 'repository' | 'interrupt' | 'close'> {
  const pull = ({ number }: ChangeRef) => {
    const found = state.pullRequests(NAME).find((each) => each.number === number);
    if (found === undefined) throw new Error(`no pull request ${number}`);
    return found;
  };
  const repository = { forge: 'github', path: NAME } as const;
  return {
    head: (branch) => Promise.resolve(state.head(NAME, branch)),
    branches: () => Promise.resolve(state.branches(NAME).sort()),
    files: (commit) => Promise.resolve(state.files(NAME, commit)),
    push: (branch, files) => Promise.resolve(people.pushFiles(NAME, branch, files)),
    openChange: (head) => Promise.resolve({ repository, number: people.openPullRequest(NAME, { head }).number }),
    merge(change) {
      people.merge(pull(change), { method: 'squash' });
      return Promise.resolve();
    },
    say(change, body) {
      people.comment(pull(change), body);
      return Promise.resolve();
    },
    deleteComment(_change, id) {
      state.repository(NAME).comments.delete(Number(id));
      return Promise.resolve();
    },
    comments: (change) =>
      Promise.resolve(
        state.comments(pull(change)).map(({ id, body, author }) => ({
          id: String(id),
          body,
          byBot: author === world.app.bot,
        })),
      ),
    openChanges: () => Promise.resolve(state.pullRequests(NAME, 'open').map(({ number }) => number)),
    checks(commit) {
      const newest = new Map(state.checkRuns(NAME, commit).map((run) => [run.name, run]));
      return Promise.resolve(
        [...newest.values()].map(({ name, conclusion, annotations }) => ({
          name,
          conclusion: conclusion ?? '',
          annotations: annotations.length,
        })),
      );
    },
  };
}

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};
