import type {
  Actor,
  Annotation,
  App,
  CheckAction,
  CheckConclusion,
  CheckRun,
  CheckStatus,
  CheckSuite,
  Repository,
} from './model.ts';
import { invalid, Refusal, unprocessable } from './refusal.ts';
import type { World } from './world.ts';

/** How many annotations one request may carry; further requests append. */
export const annotationsPerRequest = 50;

export interface CheckChanges {
  readonly name?: string;
  readonly status?: CheckStatus;
  readonly conclusion?: CheckConclusion;
  readonly title?: string;
  readonly summary?: string;
  readonly text?: string;
  readonly annotations?: readonly Annotation[];
  readonly detailsUrl?: string;
  readonly externalId?: string;
  readonly actions?: readonly CheckAction[];
  readonly startedAt?: Date;
  readonly completedAt?: Date;
}

export function createCheckRun(
  world: World,
  actor: Actor & { app: App },
  repository: Repository,
  wanted: CheckChanges & { name: string; sha: string },
): CheckRun {
  if (repository.git.commit(wanted.sha) === undefined) throw unprocessable(`No commit found for SHA: ${wanted.sha}`);
  const run = world.add<CheckRun>({
    kind: 'check',
    ...world.identity('check'),
    repository,
    suite: suiteOf(world, repository, wanted.sha),
    app: actor.app,
    name: wanted.name,
    sha: wanted.sha,
    status: 'queued',
    conclusion: undefined,
    title: undefined,
    summary: undefined,
    text: undefined,
    annotations: [],
    detailsUrl: undefined,
    externalId: undefined,
    actions: [],
    startedAt: world.now(),
    completedAt: undefined,
  });
  apply(world, run, wanted);
  repository.checkRuns.set(run.id, run);
  world.emit({ name: 'check_run', action: 'created', run, sender: actor.account });
  if (run.status === 'completed') world.emit({ name: 'check_run', action: 'completed', run, sender: actor.account });
  return run;
}

export function updateCheckRun(world: World, actor: Actor, run: CheckRun, wanted: CheckChanges): void {
  if (actor.app !== run.app)
    throw unprocessable(
      'Invalid app_id `' +
        String(actor.app?.id) +
        '` - check run can only be modified by the GitHub App that created it.',
    );
  const before = run.status;
  apply(world, run, wanted);
  if (run.status === 'completed' && before !== 'completed') {
    world.emit({ name: 'check_run', action: 'completed', run, sender: actor.account });
  }
}

/** In bytes, where the description says characters. */
const outputLimit = 65_535;

function refuseLongOutput(wanted: CheckChanges): void {
  for (const field of ['summary', 'text'] as const) {
    if (Buffer.byteLength(wanted[field] ?? '') <= outputLimit) continue;
    const message = `${field} exceeds a maximum bytesize of ${outputLimit}`;
    throw new Refusal(422, 'Validation Failed', { errors: [{ resource: 'CheckRun', code: 'custom', field, message }] });
  }
}

function apply(world: World, run: CheckRun, wanted: CheckChanges): void {
  refuseLongOutput(wanted);
  const isCompleting = wanted.conclusion !== undefined || wanted.status === 'completed';
  if (wanted.status === 'completed' && wanted.conclusion === undefined && run.conclusion === undefined) {
    throw invalid('CheckRun', 'Conclusion is required when status is completed.');
  }
  run.name = wanted.name ?? run.name;
  run.status = isCompleting ? 'completed' : (wanted.status ?? run.status);
  run.conclusion = wanted.status !== undefined && !isCompleting ? undefined : (wanted.conclusion ?? run.conclusion);
  run.title = wanted.title ?? run.title;
  run.summary = wanted.summary ?? run.summary;
  run.text = wanted.text ?? run.text;
  run.detailsUrl = wanted.detailsUrl ?? run.detailsUrl;
  run.externalId = wanted.externalId ?? run.externalId;
  run.actions = wanted.actions ?? run.actions;
  run.startedAt = wanted.startedAt ?? run.startedAt;
  run.completedAt = run.status === 'completed' ? (wanted.completedAt ?? run.completedAt ?? world.now()) : undefined;
  run.annotations.push(...(wanted.annotations ?? []));
}

/** A person presses a button of a check. @throws when it has none of that name: a mistake in the test */
export function pressButton(world: World, actor: Actor, run: CheckRun, identifier: string): void {
  if (!run.actions.some((action) => action.identifier === identifier)) {
    throw new Error(`the check ${run.name} has no button ${identifier}`);
  }
  world.emit({ name: 'check_run', action: 'requested_action', run, identifier, sender: actor.account });
}

/** A person wants a check to run again. */
export function rerequest(world: World, actor: Actor, run: CheckRun): void {
  world.emit({ name: 'check_run', action: 'rerequested', run, sender: actor.account });
}

/** GitHub makes one suite for each app and commit. */
function suiteOf(world: World, repository: Repository, sha: string): CheckSuite {
  const known = repository.checkSuites.get(sha);
  if (known !== undefined) return known;
  const suite = world.add<CheckSuite>({
    kind: 'suite',
    ...world.identity('suite'),
    repository,
    sha,
    createdAt: world.now(),
  });
  repository.checkSuites.set(sha, suite);
  return suite;
}

/** The runs of a commit, newest first; unless all are wanted, the latest for each name. */
export function checkRunsFor(
  repository: Repository,
  sha: string,
  filter: { name?: string; appId?: number; status?: CheckStatus; all?: boolean },
): CheckRun[] {
  const matching = [...repository.checkRuns.values()]
    .filter(
      (run) =>
        run.sha === sha &&
        (filter.name === undefined || run.name === filter.name) &&
        (filter.appId === undefined || run.app.id === filter.appId) &&
        (filter.status === undefined || run.status === filter.status),
    )
    .reverse();
  if (filter.all === true) return matching;
  return matching.filter((run, index) => matching.findIndex(({ name }) => name === run.name) === index);
}
