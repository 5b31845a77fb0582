import { z } from 'zod';
import type { Event } from '../../domain/event.ts';
import type { Decoded, RawRequest } from '../../intake/receiver.ts';
import {
  commentEvent,
  decodeComment,
  decodePullRequest,
  decodeReview,
  pullRequestEvent,
  reviewEvent,
} from './change-events.ts';
import {
  checkRunEvent,
  checkSuiteEvent,
  decodeCheckRun,
  decodeCheckSuite,
  decodeDeploymentStatus,
  decodeMergeGroup,
  decodeStatus,
  mergeGroupEvent,
  statusEvent,
} from './commit-events.ts';
import {
  ignored,
  passOver,
  publicGitHub,
  refOf,
  repository,
  shaped,
  type Decoder,
  type GitHubSite,
} from './decoding.ts';
import { decodePackage, packageEvent, registryPackageEvent } from './packages.ts';

export { publicGitHub, type GitHubSite } from './decoding.ts';

/** Reads a webhook body without checking who sent it. Without an `x-github-event` header the event is told by its fields. */
export function decodeGitHub(request: RawRequest, site: GitHubSite = publicGitHub): Decoded {
  const body = readBody(request);
  return body.ok ? decodePayload(request.headers, body.payload, site) : body;
}

export type ReadBody =
  { readonly ok: true; readonly payload: unknown } | { readonly ok: false; readonly reason: string };

export function readBody({ body, headers }: RawRequest): ReadBody {
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true) {
    return { ok: false, reason: 'the body is a form: set the content type of the webhook to application/json' };
  }
  try {
    const payload: unknown = JSON.parse(body.toString('utf8'));
    return { ok: true, payload };
  } catch {
    return { ok: false, reason: 'the body is not JSON' };
  }
}

export function decodePayload(headers: RawRequest['headers'], payload: unknown, site: GitHubSite): Decoded {
  const name = headers['x-github-event'] ?? guessName(payload);
  if (name === undefined) return { ok: false, reason: 'the body is no webhook of GitHub that is known here' };
  const decoder = isDecoded(name) ? decoders[name] : undefined;
  const decoded = decoder === undefined ? passOver(name) : decoder(payload, site);
  const deliveryId = headers['x-github-delivery'];
  return decoded.ok && deliveryId !== undefined ? { ...decoded, deliveryId } : decoded;
}

/** What GitHub sends to every app, subscribed or not; of check suites it tells each app that may write checks to run its own again. */
export const unsubscribableEvents = ['check_suite', 'installation', 'installation_repositories', 'ping'] as const;

/** Every event that is understood. `app.yml` subscribes to these and no others. */
const decoders = {
  check_run: shaped(() => checkRunEvent, decodeCheckRun),
  check_suite: shaped(() => checkSuiteEvent, decodeCheckSuite),
  deployment_status: decodeDeploymentStatus,
  installation: shaped(() => installationEvent, decodeInstallation),
  installation_repositories: shaped(() => installationRepositoriesEvent, decodeInstallationRepositories),
  issue_comment: shaped(() => commentEvent, decodeComment),
  merge_group: shaped(() => mergeGroupEvent, decodeMergeGroup),
  package: shaped(() => packageEvent, decodePackage),
  ping: () => passOver('ping'),
  pull_request: shaped(() => pullRequestEvent, decodePullRequest),
  pull_request_review: shaped(() => reviewEvent, decodeReview),
  push: shaped(() => pushEvent, decodePush),
  registry_package: shaped(() => registryPackageEvent, decodePackage),
  repository: shaped(() => repositoryEvent, decodeRepository),
  status: shaped(() => statusEvent, decodeStatus),
} as const satisfies Record<string, Decoder>;

export const decodedEvents: readonly string[] = Object.keys(decoders);

function isDecoded(name: string): name is keyof typeof decoders {
  return Object.hasOwn(decoders, name);
}

/** Fields that only this event has. */
function guessName(payload: unknown): keyof typeof decoders | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  if ('registry_package' in payload) return 'registry_package';
  if ('package' in payload) return 'package';
  if ('pull_request' in payload && 'number' in payload) return 'pull_request';
  if ('pull_request' in payload && 'review' in payload) return 'pull_request_review';
  if ('issue' in payload && 'comment' in payload) return 'issue_comment';
  if ('check_run' in payload) return 'check_run';
  if ('check_suite' in payload) return 'check_suite';
  if ('merge_group' in payload) return 'merge_group';
  if ('deployment_status' in payload) return 'deployment_status';
  if ('context' in payload && 'sha' in payload) return 'status';
  if ('ref' in payload && 'before' in payload) return 'push';
  if ('repositories_added' in payload) return 'installation_repositories';
  if ('zen' in payload) return 'ping';
  if ('installation' in payload && 'repositories' in payload) return 'installation';
  return undefined;
}

const pushEvent = z.object({
  ref: z.string(),
  before: z.string(),
  after: z.string(),
  forced: z.boolean().optional(),
  repository: repository.extend({ default_branch: z.string() }),
  commits: z
    .array(
      z.object({
        added: z.array(z.string()).optional(),
        removed: z.array(z.string()).optional(),
        modified: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

function decodePush(push: z.infer<typeof pushEvent>): readonly Event[] {
  const [, branch] = /^refs\/heads\/(.+)$/.exec(push.ref) ?? [];
  if (branch === undefined) return [ignored(`${push.ref} is no branch`)];
  const [before, after] = [commit(push.before), commit(push.after)];
  const paths = pathsOf(push);
  return [
    {
      kind: 'branch-pushed',
      repository: refOf(push.repository),
      branch,
      isDefaultBranch: branch === push.repository.default_branch,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
      ...(paths !== undefined && { paths }),
    },
  ];
}

/** GitHub writes a hash of zeros where there is no commit. */
function commit(hash: string): string | undefined {
  return /^0+$/.test(hash) ? undefined : hash;
}

/** At most this many commits are listed in a push. Source: the documentation of the event. */
const LISTED_COMMITS = 2048;

/** undefined where the commits of the push do not say all: a branch made or deleted, history rewritten, a list that was cut. */
function pathsOf({ before, after, forced, commits = [] }: z.infer<typeof pushEvent>): readonly string[] | undefined {
  const isPartial = commits.length === 0 || commits.length >= LISTED_COMMITS;
  if (isPartial || forced === true || commit(before) === undefined || commit(after) === undefined) return undefined;
  const paths = commits.flatMap(({ added = [], removed = [], modified = [] }) => [...added, ...removed, ...modified]);
  return [...new Set(paths)].sort();
}

const installationEvent = z.object({ action: z.string(), repositories: z.array(repository).optional() });

function decodeInstallation({ action, repositories = [] }: z.infer<typeof installationEvent>): readonly Event[] {
  const refs = repositories.map(refOf);
  // Suspending names no repositories: they come and go with the next look at everything that is installed.
  if (refs.length === 0) return [ignored(`the installation event ${action} names no repositories`)];
  if (action === 'created' || action === 'unsuspend') return [{ kind: 'repositories-installed', repositories: refs }];
  if (action === 'deleted' || action === 'suspend') return [{ kind: 'repositories-removed', repositories: refs }];
  return [ignored(`nothing follows from the installation event ${action}`)];
}

const installationRepositoriesEvent = z.object({
  repositories_added: z.array(repository),
  repositories_removed: z.array(z.object({ full_name: z.string().optional() })),
});

function decodeInstallationRepositories(event: z.infer<typeof installationRepositoriesEvent>): readonly Event[] {
  const added = event.repositories_added.map(refOf);
  const removed = event.repositories_removed.flatMap(({ full_name: path }) =>
    path === undefined ? [] : [refOf({ full_name: path })],
  );
  const events: Event[] = [];
  if (added.length > 0) events.push({ kind: 'repositories-installed', repositories: added });
  if (removed.length > 0) events.push({ kind: 'repositories-removed', repositories: removed });
  return events.length > 0 ? events : [ignored('no repository was added or removed')];
}

const formerOwner = z.object({ login: z.string() }).nullish();
const repositoryEvent = z.object({
  action: z.string(),
  repository,
  changes: z
    .object({
      repository: z.object({ name: z.object({ from: z.string() }) }),
      owner: z.object({ from: z.object({ user: formerOwner, organization: formerOwner }) }),
      default_branch: z.object({ from: z.string() }),
    })
    .partial()
    .optional(),
});

function decodeRepository({ action, repository: named, changes }: z.infer<typeof repositoryEvent>): readonly Event[] {
  const ref = refOf(named);
  const installed: Event = { kind: 'repositories-installed', repositories: [ref] };
  switch (action) {
    case 'archived':
    case 'deleted':
      return [{ kind: 'repositories-removed', repositories: [ref] }];
    case 'unarchived':
      return [installed];
    case 'edited':
      return changes?.default_branch === undefined ? [ignored('nothing follows from this edit')] : [installed];
    case 'renamed':
    case 'transferred': {
      const former = formerPath(ref.path, changes);
      return former === undefined
        ? [installed]
        : [{ kind: 'repositories-removed', repositories: [{ forge: 'github', path: former }] }, installed];
    }
    default:
      return [ignored(`nothing follows from a repository that is ${action}`)];
  }
}

/** Where a repository was before it was renamed or given to somebody else. */
function formerPath(path: string, changes: z.infer<typeof repositoryEvent>['changes']): string | undefined {
  const [owner = '', name = ''] = path.split('/');
  const from = changes?.owner?.from;
  const formerName = changes?.repository?.name.from ?? name;
  const former = `${from?.organization?.login ?? from?.user?.login ?? owner}/${formerName}`;
  return former === path ? undefined : former;
}
