import type { Annotation, CheckAction, CheckRun, Repository } from '../world/model.ts';
import { type CheckChanges, checkRunsFor, createCheckRun, updateCheckRun } from '../world/checks.ts';
import { notFound, notPermitted } from '../world/refusal.ts';
import { resolveCommit } from '../world/revisions.ts';
import { annotationBody, checkRunBody } from '../bodies/checks.ts';
import { type Call, operation } from './operation.ts';
import { paginate } from './pages.ts';

export const checkOperations = [
  operation('checks/create', { checks: 'write' }, ({ world, actor, repository, body }) => {
    const { app } = actor;
    if (app === undefined) throw notPermitted();
    const wanted = { ...changes(body), name: body.name, sha: body.head_sha };
    const run = createCheckRun(world, { ...actor, app }, repository, wanted);
    return { status: 201, body: checkRunBody(world, run) };
  }),
  operation('checks/update', { checks: 'write' }, ({ world, actor, repository, path, body }) => {
    const run = runIn(repository, Number(path.check_run_id));
    updateCheckRun(world, actor, run, { ...changes(body), ...(body.name === undefined ? {} : { name: body.name }) });
    return { status: 200, body: checkRunBody(world, run) };
  }),
  operation('checks/get', { checks: 'read' }, ({ world, repository, path }) => ({
    status: 200,
    body: checkRunBody(world, runIn(repository, Number(path.check_run_id))),
  })),
  operation('checks/list-for-ref', { checks: 'read' }, ({ world, repository, path, query, url }) => {
    const runs = checkRunsFor(repository, resolveCommit(repository, path.ref).oid, {
      all: query.filter === 'all',
      ...(query.check_name === undefined ? {} : { name: query.check_name }),
      ...(query.app_id === undefined ? {} : { appId: query.app_id }),
      ...(query.status === undefined ? {} : { status: query.status }),
    });
    const { items, headers } = paginate(runs, url, query);
    const body = { total_count: runs.length, check_runs: items.map((run) => checkRunBody(world, run)) };
    return { status: 200, body, headers };
  }),
  operation('checks/list-annotations', { checks: 'read' }, ({ world, repository, path, query, url }) => {
    const run = runIn(repository, Number(path.check_run_id));
    const { items, headers } = paginate(run.annotations, url, query);
    return { status: 200, body: items.map((annotation) => annotationBody(world, run, annotation)), headers };
  }),
];

function runIn(repository: Repository, id: number): CheckRun {
  const run = repository.checkRuns.get(id);
  if (run === undefined) throw notFound();
  return run;
}

type Body = Pick<
  Call<'checks/create'>['body'],
  'status' | 'conclusion' | 'details_url' | 'external_id' | 'started_at' | 'completed_at'
> & { output?: Output; actions?: CheckAction[] };

interface Output {
  title?: string;
  summary: string;
  text?: string;
  annotations?: WrittenAnnotation[];
}

interface WrittenAnnotation {
  path: string;
  start_line: number;
  end_line: number;
  start_column?: number;
  end_column?: number;
  annotation_level: 'notice' | 'warning' | 'failure';
  message: string;
  title?: string;
  raw_details?: string;
}

function changes(body: Body): CheckChanges {
  const { output } = body;
  return present({
    status: knownStatus(body.status),
    conclusion: body.conclusion,
    detailsUrl: body.details_url,
    externalId: body.external_id,
    startedAt: body.started_at === undefined ? undefined : new Date(body.started_at),
    completedAt: body.completed_at === undefined ? undefined : new Date(body.completed_at),
    title: output?.title,
    summary: output?.summary,
    text: output?.text,
    annotations: output?.annotations?.map(annotation),
    actions: body.actions,
  });
}

type Present<Given> = { [Key in keyof Given]?: NonNullable<Given[Key]> };

/** Without the keys whose value is undefined. */
function present<Given extends object>(given: Given): Present<Given> {
  const kept: Present<Given> = {};
  for (const key in given) {
    const value = given[key];
    if (value !== undefined && value !== null) kept[key] = value;
  }
  return kept;
}

function knownStatus(status: Body['status']): 'queued' | 'in_progress' | 'completed' | undefined {
  return status === 'queued' || status === 'in_progress' || status === 'completed' ? status : undefined;
}

function annotation(written: WrittenAnnotation): Annotation {
  return {
    path: written.path,
    startLine: written.start_line,
    endLine: written.end_line,
    startColumn: written.start_column,
    endColumn: written.end_column,
    level: written.annotation_level,
    message: written.message,
    title: written.title,
    rawDetails: written.raw_details,
  };
}
