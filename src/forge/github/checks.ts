import { createHash } from 'node:crypto';
import type { RepositoryRef } from '../../domain/repository.ts';
import type { Check, CheckAnnotation, Checks } from '../forge.ts';
import type { KnownCheck } from '../reviews.ts';
import type { Client } from './client.ts';

/**
 * A check run says in `external_id` how it ended, how many annotations it has, and a hash of all that it says. An equal one that stands
 * already is completed, should annotations be missing after an interrupted attempt. A different one is replaced: in place, or by a newer run
 * of the same name. That is so where it has annotations, because GitHub adds the annotations of every request to those before and never
 * removes any, and where it has ended and the new one has not, because GitHub does not say whether an ended run can go on.
 */
export function createChecks(client: Client, appId: number): Checks {
  return {
    async upsertCheck(repository, commit, check, known) {
      const external = fingerprint(check);
      const standing = await lookUp(client, repository, { commit, name: check.name, appId, known });
      const isSame = standing?.external === external;
      const written = isSame ? standing.annotations : 0;
      if (isSame && written >= check.annotations.length) return;

      const [first = [], ...rest] = batches(check.annotations.slice(written));
      const target: Target = { repository, commit, external };
      const isReplaceable = standing !== undefined && (isSame || isOpenTo(standing, check));
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
  readonly external: string;
  readonly annotations: number;
  readonly hasEnded: boolean;
}

interface Sought {
  readonly commit: string;
  readonly name: string;
  readonly appId: number;
  readonly known: KnownCheck | 'none' | undefined;
}

/** What is known of a run without annotations is all that counts; the others are looked at. */
async function lookUp(client: Client, repository: RepositoryRef, sought: Sought): Promise<StandingRun | undefined> {
  const { known } = sought;
  if (known === 'none') return undefined;
  if (known === undefined) return find(client, repository, sought);
  const { conclusion, annotations } = parseFingerprint(known.fingerprint);
  if (annotations !== 0) return find(client, repository, sought);
  const hasEnded = conclusion !== 'pending';
  return { id: Number(known.id), external: known.fingerprint, annotations, hasEnded };
}

/** The newest run of that name by this app. */
async function find(
  client: Client,
  repository: RepositoryRef,
  { commit, name, appId }: Sought,
): Promise<StandingRun | undefined> {
  const { data } = await client.inRepository(repository, (octokit, at) =>
    octokit.rest.checks.listForRef({ ...at, ref: commit, check_name: name, app_id: appId, filter: 'latest' }),
  );
  const run = data.check_runs.find((each) => each.name === name && each.app?.id === appId);
  if (run === undefined) return undefined;
  const { id, status, external_id: external } = run;
  const hasEnded = status === 'completed';
  // GitHub ends a run by itself that has been in progress for two weeks: what it said then counts no longer.
  const isStale = hasEnded && parseFingerprint(external ?? '').conclusion === 'pending';
  const annotations = run.output.annotations_count;
  return { id, external: isStale ? '' : (external ?? ''), annotations, hasEnded };
}

function isOpenTo({ annotations, hasEnded }: StandingRun, { conclusion }: Check): boolean {
  return annotations === 0 && !(hasEnded && conclusion === 'pending');
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
  const { name, title, summary, actions = [], url } = check;
  return {
    name,
    external_id: external,
    ...progress(check),
    ...(url !== undefined && { details_url: url }),
    output: {
      title: title.slice(0, TITLE_LIMIT),
      summary: fitting(summary),
      annotations: annotations.map(annotated(check)),
    },
    actions: actions.slice(0, ACTIONS).map(({ id: identifier, label, description }) => ({
      identifier: identifier.slice(0, LABEL_LIMIT),
      label: label.slice(0, LABEL_LIMIT),
      description: description.slice(0, DESCRIPTION_LIMIT),
    })),
  };
}

/** Of a check run: "Create a check run" of GitHub's documentation. Its title is shown on one line. */
const ACTIONS = 3;
const LABEL_LIMIT = 20;
const DESCRIPTION_LIMIT = 40;
/** In bytes, though the documentation speaks of characters: "summary exceeds a maximum bytesize of 65535". Source: issue 35252 of github/docs. */
const SUMMARY_LIMIT = 65_535;
const TITLE_LIMIT = 255;

function progress({ conclusion }: Check) {
  return conclusion === 'pending' ? { status: 'in_progress' as const } : { status: 'completed' as const, conclusion };
}

/** Cut between two characters, so that no half of one is left. */
function fitting(summary: string): string {
  const bytes = Buffer.from(summary, 'utf8');
  if (bytes.length <= SUMMARY_LIMIT) return summary;
  const kept = new TextDecoder().decode(bytes.subarray(0, SUMMARY_LIMIT - CUT.length), { stream: true });
  return `${kept}${CUT}`;
}

const CUT = '\n\nThe rest is too long to be shown here.';

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
  const hash = createHash('sha256').update(JSON.stringify(check)).digest('hex');
  return `${check.conclusion} ${check.annotations.length} ${hash}`;
}

/** Of what somebody else wrote, or an earlier version of the bot, nothing is known. */
function parseFingerprint(text: string): { conclusion?: string; annotations?: number } {
  const [, conclusion, annotations] = /^(\w+) (\d+) [0-9a-f]{64}$/.exec(text) ?? [];
  return conclusion === undefined ? {} : { conclusion, annotations: Number(annotations) };
}

function batches(annotations: readonly CheckAnnotation[]): CheckAnnotation[][] {
  return Array.from({ length: Math.ceil(annotations.length / BATCH) }, (_, index) =>
    annotations.slice(index * BATCH, (index + 1) * BATCH),
  );
}
