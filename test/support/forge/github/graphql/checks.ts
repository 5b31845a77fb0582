import { checkRunsFor } from '../world/checks.ts';
import { combinedStatus } from '../world/deploys.ts';
import type { CheckRun, Repository } from '../world/model.ts';
import { Refusal } from '../world/refusal.ts';
import { type Needs, requireAccess } from '../world/tokens.ts';
import type { World } from '../world/world.ts';
import type { Arguments } from './arguments.ts';
import { connection } from './connection.ts';
import { statusNode } from './deploys.ts';
import type { GraphQLContext } from './execute.ts';

/** Everything that was reported on a commit: the newest check run of each name and app, and the newest status of each context. */
export function rollupNode(world: World, repository: Repository, oid: string) {
  const runs = newestRuns(repository, oid);
  const { statuses, state } = combinedStatus(repository, oid);
  if (runs.length === 0 && statuses.length === 0) return null;
  return {
    __typename: 'StatusCheckRollup',
    id: `SCR_${oid}`,
    state: rollupState(runs, statuses.length === 0 ? 'success' : state),
    contexts: (args: Arguments, { credentials }: GraphQLContext) => {
      const readable = (needs: Needs, node: () => object) => () => {
        try {
          requireAccess(world, credentials, repository, needs);
          return node();
        } catch (error) {
          // As an error in a list, it makes that one node null.
          return error instanceof Refusal ? error : new Error(String(error));
        }
      };
      const nodes = [
        ...runs.map((run) => readable({ checks: 'read' }, () => checkRunNode(run))),
        ...statuses.map((status) => readable({ statuses: 'read' }, () => statusNode(world, status))),
      ];
      return connection(nodes, args, (node) => node());
    },
  };
}

function newestRuns(repository: Repository, oid: string): readonly CheckRun[] {
  const runs = checkRunsFor(repository, oid, { all: true });
  return runs.filter((run, index) => runs.findIndex(({ name, app }) => name === run.name && app === run.app) === index);
}

function checkRunNode(run: CheckRun) {
  return {
    __typename: 'CheckRun',
    id: run.nodeId,
    databaseId: run.id,
    name: run.name,
    status: run.status.toUpperCase(),
    conclusion: run.conclusion?.toUpperCase() ?? null,
    externalId: run.externalId ?? '',
    title: run.title ?? null,
    summary: run.summary ?? null,
    startedAt: run.startedAt?.toISOString() ?? null,
    completedAt: run.completedAt?.toISOString() ?? null,
    checkSuite: () => ({
      __typename: 'CheckSuite',
      id: run.suite.nodeId,
      app: { __typename: 'App', id: run.app.nodeId, databaseId: run.app.id, slug: run.app.slug, name: run.app.name },
    }),
  };
}

function rollupState(runs: readonly CheckRun[], statuses: string): string {
  const conclusions = runs.map(({ conclusion }) => conclusion);
  const bad = ['failure', 'cancelled', 'timed_out', 'action_required'];
  if (statuses === 'failure' || conclusions.some((one) => bad.includes(one ?? ''))) return 'FAILURE';
  return statuses === 'pending' || conclusions.includes(undefined) ? 'PENDING' : 'SUCCESS';
}
