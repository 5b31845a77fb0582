import { createHash } from 'node:crypto';
import type { RepositoryRef } from '../../domain/repository.ts';
import type { Check, CheckAnnotation, Checks } from '../forge.ts';
import type { Client } from './client.ts';

/**
 * A check run carries a hash of what it says in `external_id`. An equal one that stands already is completed, should annotations be
 * missing after an interrupted attempt. A different one is replaced: in place, or by a newer run of the same name where it
 * has annotations, because GitHub adds the annotations of every request to those before and never removes any.
 */
export function createChecks(client: Client, appId: number): Checks {
  return {
    async upsertCheck(repository, commit, check) {
      const external = fingerprint(check);
      const standing = await find(client, repository, { commit, name: check.name, appId });
      const isSame = standing?.external_id === external;
      const written = isSame ? standing.output.annotations_count : 0;
      if (isSame && written >= check.annotations.length) return;

      const [first = [], ...rest] = batches(check.annotations.slice(written));
      const target: Target = { repository, commit, external };
      const isReplaceable = standing !== undefined && (isSame || standing.output.annotations_count === 0);
      const id = isReplaceable ? standing.id : await create(client, target, check, first);
      if (isReplaceable) await update(client, target, id, check, first);
      for (const batch of rest) await update(client, target, id, check, batch);
    },
  };
}

/** GitHub takes at most this many annotations in one request. */
const BATCH = 50;

interface Target {
  readonly repository: RepositoryRef;
  readonly commit: string;
  readonly external: string;
}

interface StandingRun {
  readonly id: number;
  readonly external_id: string | null;
  readonly output: { readonly annotations_count: number };
}

/** The newest run of that name by this app. */
async function find(
  client: Client,
  repository: RepositoryRef,
  { commit, name, appId }: { commit: string; name: string; appId: number },
): Promise<StandingRun | undefined> {
  const { data } = await client.inRepository(repository, (octokit, at) =>
    octokit.rest.checks.listForRef({ ...at, ref: commit, check_name: name, app_id: appId, filter: 'latest' }),
  );
  return data.check_runs.find((run) => run.name === name && run.app?.id === appId);
}

async function create(
  client: Client,
  target: Target,
  check: Check,
  annotations: readonly CheckAnnotation[],
): Promise<number> {
  const { data } = await client.inRepository(target.repository, (octokit, at) =>
    octokit.rest.checks.create({ ...at, head_sha: target.commit, ...described(check, target, annotations) }),
  );
  return data.id;
}

async function update(
  client: Client,
  target: Target,
  id: number,
  check: Check,
  annotations: readonly CheckAnnotation[],
): Promise<void> {
  await client.inRepository(target.repository, (octokit, at) =>
    octokit.rest.checks.update({ ...at, check_run_id: id, ...described(check, target, annotations) }),
  );
}

function described(check: Check, { external }: Target, annotations: readonly CheckAnnotation[]) {
  return {
    name: check.name,
    external_id: external,
    status: 'completed' as const,
    conclusion: check.conclusion,
    output: { title: check.title, summary: check.summary, annotations: annotations.map(annotated(check)) },
  };
}

function annotated({ conclusion }: Check) {
  return ({ path, line, column, message }: CheckAnnotation) => ({
    path,
    start_line: line,
    end_line: line,
    ...(column !== undefined && { start_column: column, end_column: column }),
    annotation_level: conclusion === 'failure' ? ('failure' as const) : ('warning' as const),
    message,
  });
}

function fingerprint(check: Check): string {
  return createHash('sha256').update(JSON.stringify(check)).digest('hex');
}

function batches(annotations: readonly CheckAnnotation[]): CheckAnnotation[][] {
  return Array.from({ length: Math.ceil(annotations.length / BATCH) }, (_, index) =>
    annotations.slice(index * BATCH, (index + 1) * BATCH),
  );
}
