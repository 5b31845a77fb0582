import type { AuditEntry } from '../../src/domain/audit.ts';
import type { RepositoryRef } from '../../src/domain/repository.ts';
import type { Store } from '../../src/store/store.ts';
import type { Comment, PullRequest, Repository } from './forge/github/world/model.ts';
import type { Lane } from './lane.ts';

/** What stands in the end, without what differs from one run to another: moments, hashes, and in which order numbers were given. */
export type Aftermath = Awaited<ReturnType<typeof whatStands>>;

/** All that a lane has come to: on the forge, and in the store. */
export async function aftermathOf(lane: Lane, store: Store): Promise<Aftermath> {
  return JSON.parse(timelessIn(lane)(JSON.stringify(await whatStands(lane, store)))) as Aftermath;
}

async function whatStands(lane: Lane, store: Store) {
  const { github, manifests, application } = lane;
  const repository: RepositoryRef = { forge: 'github', path: `${lane.owner}/${manifests.name}` };
  const audit = await store.audit.entries({ repository, limit: 1_000 });
  const steering = await store.steering.ofRepository(repository, new Date());
  const pulls = github.state.pullRequests(manifests);
  const decisions = Object.fromEntries(
    await Promise.all(pulls.map(async (pull) => [pull.title, await store.steering.ofChange(repository, pull.number)])),
  ) as unknown;
  return {
    files: Object.fromEntries(github.state.files(manifests)),
    branches: github.state.branches(manifests).toSorted(),
    changes: byTitle(pulls.map((pull) => changeAsItStands(lane, pull, audit))),
    bypasses: bypassesIn(lane),
    application: byTitle(github.state.pullRequests(application).map((pull) => changeAsItStands(lane, pull, []))),
    deployments: deploymentsOf(lane),
    steering,
    decisions,
    audit: auditOf(audit),
  };
}

function byTitle<T extends { readonly title: string }>(all: readonly T[]): readonly T[] {
  return all.toSorted((a, b) => (a.title < b.title ? -1 : 1));
}

function changeAsItStands({ github }: Lane, pull: PullRequest, audit: readonly AuditEntry[]) {
  const comments = github.state.comments(pull);
  // Of each check the newest: GitHub lets none that has ended begin again.
  const checks = new Map(github.state.checkRuns(pull.repository, pull.head.sha).map((check) => [check.name, check]));
  return {
    title: pull.title,
    state: pull.merge === undefined ? pull.state : 'merged',
    mergedBy: pull.merge?.by.login,
    labels: [...pull.labels].map(({ name }) => name).toSorted(),
    checks: [...checks.values()]
      .filter(({ name }) => name !== 'tagalong/bypass')
      .map(({ name, status, conclusion, title, summary }) => ({ name, status, conclusion, title, summary })),
    reviews: pull.reviews.map(({ author, state }) => `${author.login} ${state}`),
    said: comments
      .filter(({ app }) => app !== undefined)
      .map(({ body }) => body)
      .toSorted(),
    answers: comments.filter(({ app }) => app === undefined).map((comment) => answerTo(comment, comments, audit)),
  };
}

/** What a command came to. */
function answerTo(
  { id, author, body, reactions }: Comment,
  comments: readonly Comment[],
  audit: readonly AuditEntry[],
) {
  const marker = `<!-- tagalong:reply ${id} -->`;
  return {
    by: author.login,
    body,
    reactions: reactions.map(({ content }) => content).toSorted(),
    replies: comments.filter((other) => other.app !== undefined && other.body.includes(marker)).length,
    lines: audit
      .filter(({ event }) => event.startsWith(`comment ${id} `))
      .map(({ action }) => action)
      .toSorted(),
  };
}

/** In which issue a bypass stands does not matter, and in how many it does. */
function bypassesIn({ github, manifests }: Lane) {
  const checks = github.state.checkRuns(manifests).filter(({ name }) => name === 'tagalong/bypass');
  const issues = github.state.issues(manifests);
  return checks
    .map(({ sha, title, conclusion }) => ({
      commit: github.state.commit(manifests, sha).changes.map(({ path }) => path),
      title,
      conclusion,
      issues: issues.filter(({ body }) => body.includes(sha)).length,
    }))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function deploymentsOf({ github, application, builds }: Lane) {
  const all = github.state.deployments(application);
  return [...builds].map(([version, sha]) => ({
    version,
    deployments: all
      .filter((deployment) => deployment.sha === sha)
      .map(({ environment, statuses }) => `${environment} ${statuses.at(-1)?.state}: ${statuses.at(-1)?.description}`),
    statuses: Object.fromEntries(
      github.state
        .statuses(application, sha)
        .map(({ context, state, description }) => [context, `${state}: ${description}`]),
    ),
  }));
}

/**
 * Who did what, each as often as it stands there. Of a rollout what it came to alone: what it was on its way to that is passed over by a
 * bot that was not there to see it.
 */
function auditOf(entries: readonly AuditEntry[]): readonly string[] {
  return entries
    .filter(({ action, details }) => action !== 'deploy' || !ON_THE_WAY.includes(details['state']))
    .map(({ action, actor, change, environment, details, event }) =>
      JSON.stringify({ action, actor, change: `#${change}`, environment, details, ...told(action, event) }),
    )
    .toSorted();
}

const ON_THE_WAY: readonly (string | undefined)[] = ['queued', 'in-progress'];

/** Which delivery led to a bump depends on which of them came first. */
function told(action: AuditEntry['action'], event: string): { readonly event?: string } {
  return ['propose', 'revise', 'close', 'fulfil'].includes(action)
    ? {}
    : { event: event.replace(/^comment \d+/, 'comment') };
}

/** Takes moments, spans, hashes and ids out of a text, and names what has a number by its title. */
function timelessIn({ github, owner, manifests, application }: Lane): (text: string) => string {
  const titles = (repository: Repository) =>
    [...github.state.pullRequests(repository), ...github.state.issues(repository)].map(
      ({ number, title }): [number, string] => [number, title],
    );
  const own = new Map(titles(manifests));
  const theirs = new Map(titles(application));
  return (text) =>
    text
      .replaceAll(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| UTC)/g, 'WHEN')
      .replaceAll(/, \d+ (?:s|min|h)(?: \d+ min)? after its merge/g, '')
      .replaceAll(/\b\d+ (?:s|min|h)\b/g, 'SPAN')
      .replaceAll(/shop#(\d+)/g, (_, number: string) => `shop#<${theirs.get(Number(number))}>`)
      .replaceAll(/(?:pull\/|issues\/|#)(\d+)/g, (_, number: string) => `#<${own.get(Number(number))}>`)
      .replaceAll(/tagalong:reply \d+/g, 'tagalong:reply')
      .replaceAll(/\b[0-9a-f]{7,64}\b/g, 'HASH')
      .replaceAll(owner, 'ORG')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST');
}
