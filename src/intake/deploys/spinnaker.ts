import { z } from 'zod';
import type { DeployState } from '../../domain/deploy.ts';
import { parseJson } from '../json.ts';
import type { Decoded, RawRequest, Receiver } from '../receiver.ts';
import { authenticateBearer, type Secrets } from '../signature.ts';
import { commitOf, ignored, reported, repositoryOf, text } from './report.ts';

/** Spinnaker's echo with `rest.endpoints`: every event of every pipeline, of which executions of pipelines are read. */
export function createSpinnakerReceiver(secrets: Secrets): Receiver {
  return {
    name: 'spinnaker',
    path: '/webhooks/deploys/spinnaker',
    authenticate: (request) => authenticateBearer(secrets, request),
    decode: decodeSpinnaker,
  };
}

/** Reads a body without checking who sent it. */
export function decodeSpinnaker({ body }: RawRequest): Decoded {
  const parsed = parseJson(body, bodySchema);
  if (!parsed.ok) return parsed;
  const event = 'payload' in parsed.value ? parsed.value.payload : parsed.value;
  return { ok: true, events: [eventOf(event)] };
}

/** Parameters of a pipeline are whatever its author wrote. */
const parameters = z.record(z.string(), z.unknown()).nullish();

const artifact = z.object({
  type: text,
  reference: text,
  version: text,
});

const execution = z.object({
  id: text,
  name: text,
  application: text,
  status: text,
  startTime: z.number().nullish(),
  endTime: z.number().nullish(),
  trigger: z
    .object({
      hash: text,
      branch: text,
      source: text,
      project: text,
      slug: text,
      parameters,
      artifacts: z.array(artifact).max(1000).nullish(),
      resolvedExpectedArtifacts: z
        .array(z.object({ boundArtifact: artifact.nullish() }))
        .max(1000)
        .nullish(),
    })
    .nullish(),
  stages: z
    .array(z.object({ name: text, status: text, context: z.record(z.string(), z.unknown()).nullish() }))
    .max(2000)
    .nullish(),
});

const eventSchema = z.object({
  details: z.object({ type: z.string().max(200), application: text }),
  content: z.object({ executionId: text, execution: execution.nullish() }).nullish(),
});

/** `rest.endpoints[].wrap: true` puts the event into a field of its own. */
const bodySchema = z.union([z.object({ payload: eventSchema }), eventSchema]);

type SpinnakerEvent = z.infer<typeof eventSchema>;
type Execution = z.infer<typeof execution>;

const STATES: Readonly<Record<string, DeployState>> = {
  'orca:pipeline:starting': 'in-progress',
  'orca:pipeline:complete': 'succeeded',
  'orca:pipeline:failed': 'failed',
};

function eventOf({ details, content }: SpinnakerEvent) {
  const type = details.type.toLowerCase();
  const state = Object.hasOwn(STATES, type) ? STATES[type] : undefined;
  if (state === undefined) return ignored(`${type} is no execution of a pipeline`);
  const run = content?.execution ?? undefined;
  if (run === undefined) return ignored(`${type} tells of no execution`);
  const application = [run.application ?? details.application, run.name].filter((part) => part !== undefined).join('/');
  const revision = revisionOf(run);
  if (application === '' || revision === undefined) {
    return ignored(
      `${application}: neither trigger, parameters nor artifacts name a commit of the manifest repository`,
    );
  }
  const ended = run.endTime ?? (state === 'in-progress' ? run.startTime : undefined);
  return reported({
    tool: 'spinnaker',
    application,
    state,
    revision,
    repository: repositoryIn(run),
    path: parameter(run, 'path'),
    environment: parameter(run, 'environment'),
    message: state === 'failed' ? failureOf(run) : undefined,
    url: parameter(run, 'url'),
    environmentUrl: parameter(run, 'environmentUrl'),
    at: ended === undefined || ended === null ? undefined : isoOf(ended),
  });
}

/** What a person named first, then the git trigger, then artifacts of git. */
function revisionOf(run: Execution): string | undefined {
  const named = ['revision', 'manifestCommit', 'commit'].map((name) => commitOf(parameter(run, name)));
  const artifacts = artifactsOf(run).filter(({ type }) => /^git(?:\/|hub\/|lab\/)/.test(type ?? ''));
  return [...named, commitOf(run.trigger?.hash), ...artifacts.map(({ version }) => commitOf(version))].find(
    (commit) => commit !== undefined,
  );
}

function artifactsOf({ trigger }: Execution): z.infer<typeof artifact>[] {
  const bound = (trigger?.resolvedExpectedArtifacts ?? []).flatMap(({ boundArtifact }) => boundArtifact ?? []);
  return [...(trigger?.artifacts ?? []), ...bound];
}

function repositoryIn(run: Execution) {
  const { source, project, slug } = run.trigger ?? {};
  if ((source === 'github' || source === 'gitlab') && project !== undefined && slug !== undefined) {
    return repositoryOf(`https://${source}.com/${project}/${slug}`);
  }
  return artifactsOf(run)
    .filter(({ type }) => type === 'git/repo')
    .map(({ reference }) => repositoryOf(reference))
    .find((repository) => repository !== undefined);
}

function parameter({ trigger }: Execution, name: string): string | undefined {
  const value = trigger?.parameters?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The words of the stage that failed. */
function failureOf({ stages, status }: Execution): string {
  const failed = (stages ?? []).filter((stage) => stage.status === 'TERMINAL' || stage.status === 'CANCELED');
  const words = failed.map((stage) =>
    [stage.name, ...errorsIn(stage.context?.['exception'])].filter(Boolean).join(': '),
  );
  return words.length > 0 ? words.join('\n') : `The pipeline ended as ${status ?? 'failed'}.`;
}

function errorsIn(exception: unknown): string[] {
  const parsed = z.object({ details: z.object({ errors: z.array(z.string()) }) }).safeParse(exception);
  return parsed.success ? parsed.data.details.errors : [];
}

function isoOf(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
