import { overrideOf } from './overrides.ts';
import type { Authors, Snapshot, SnapshotReview } from './snapshot.ts';

export interface Approvals {
  /** Logins whose approval counts, in the order in which they were given, each once. */
  readonly counted: readonly string[];
  readonly refused: readonly RefusedApproval[];
  /** Those of `refused` that would count, were the rendered result the one that they were given for. */
  readonly stale: readonly { readonly id: string; readonly by: string }[];
}

export interface RefusedApproval {
  readonly login: string;
  readonly cause: 'bot' | 'no-write' | 'author' | 'stale' | 'unknown-render';
  /** To follow "does not count:". */
  readonly because: string;
}

/**
 * Whose approvals count. Of each person the latest opinion does, `/approve` and reviews taken as one sequence: an approval that is
 * still for what the change renders to, by somebody who may write and is neither a bot nor an author. Where `/override four-eyes`
 * is in force, authors count too.
 */
export function approvalsOf(snapshot: Snapshot): Approvals {
  const authorship = overrideOf(snapshot, 'four-eyes').counts === undefined ? authorsByLogin(snapshot) : new Map();
  const approved = standingOpinions(snapshot.reviews).filter(({ state }) => state === 'approved');
  const judged = approved.map((review) => ({ review, refusal: refuse(review, authorship) }));
  return {
    counted: judged.flatMap(({ review, refusal }) => (refusal === undefined ? [review.by.login] : [])),
    refused: judged.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal])),
    stale: judged.flatMap(({ review, refusal }) =>
      refusal?.cause === 'stale' ? [{ id: review.id, by: review.by.login }] : [],
    ),
  };
}

/**
 * The latest opinion of each person, oldest first. Comments are no opinions. A dismissed one is an opinion taken back: what its
 * author said before does not come to life again. Where two were given at the same moment, the less favourable is the later.
 */
export function standingOpinions(reviews: readonly SnapshotReview[]): readonly SnapshotReview[] {
  const latest = new Map<string, SnapshotReview>();
  for (const review of reviews.filter(({ state }) => state !== 'commented').toSorted(inTime)) {
    latest.delete(sameLogin(review.by.login));
    latest.set(sameLogin(review.by.login), review);
  }
  return [...latest.values()];
}

/** Logins compare without case. */
export function sameLogin(login: string): string {
  return login.toLowerCase();
}

/** What makes somebody an author, by login: to follow "does not count: ". */
function authorsByLogin({
  change,
  authors,
  requestedBy = [],
  applicationAuthors,
}: Snapshot): ReadonlyMap<string, string> {
  const application = (applicationAuthors?.people ?? []).map(
    ({ login }) => [sameLogin(login), 'an author of the application commits in it cannot approve them'] as const,
  );
  const commits = authors.people.map(
    ({ login }) => [sameLogin(login), 'whoever has written or pushed commits of the change cannot approve it'] as const,
  );
  const requested = requestedBy.map(
    (login) => [sameLogin(login), 'whoever asked for it has chosen it already'] as const,
  );
  const own = [sameLogin(change.author.login), 'nobody can approve a change of their own'] as const;
  return new Map([...application, ...requested, ...commits, own]);
}

/**
 * Authors of commits that no account stands for, each once. The forge itself, which commits what people and bots do in its pages
 * and by its API, is none, unless it is the only author there is: then somebody has borrowed its name.
 * @param isByBot the bot has written all of it, and is left out of the authors
 */
export function unknownAuthors({ people, unknown }: Authors, isByBot = false): readonly string[] {
  const others = [...new Set(unknown.filter((author) => !/<noreply@github\.com>$/i.test(author)))];
  const isForgeOnly =
    !isByBot &&
    others.length === 0 &&
    people.every(({ login }) => sameLogin(login) === FORGE_ITSELF) &&
    people.length + unknown.length > 0;
  return isForgeOnly ? ['GitHub <noreply@github.com>'] : others;
}

/** The account that GitHub names as the committer of what people commit in its pages. */
const FORGE_ITSELF = 'web-flow';

/** The most lasting reason first: what a person can mend (a stale approval) is only told where nothing else is in the way. */
function refuse(review: SnapshotReview, authorship: ReadonlyMap<string, string>): RefusedApproval | undefined {
  const { login, isBot } = review.by;
  const authored = authorship.get(sameLogin(login));
  if (isBot) return { login, cause: 'bot', because: 'bots cannot approve' };
  if (authored !== undefined) return { login, cause: 'author', because: authored };
  if (!review.mayWrite) return { login, cause: 'no-write', because: 'no write access to the repository' };
  if (review.rendersAlike === false)
    return { login, cause: 'stale', because: 'what the change renders to is different since' };
  if (review.rendersAlike === 'unknown')
    return {
      login,
      cause: 'unknown-render',
      because: 'what was approved could not be rendered, so it cannot be compared',
    };
  return undefined;
}

const SEVERITY: Readonly<Record<SnapshotReview['state'], number>> = {
  commented: 0,
  approved: 1,
  dismissed: 2,
  'changes-requested': 3,
};

function inTime(a: SnapshotReview, b: SnapshotReview): number {
  return moment(a) - moment(b) || SEVERITY[a.state] - SEVERITY[b.state] || compare(tieKey(a), tieKey(b));
}

/** A review without a readable time is the oldest there is when it approves, and the latest when it does not. */
function moment({ at, state }: SnapshotReview): number {
  const time = Date.parse(at);
  if (!Number.isNaN(time)) return time;
  return state === 'approved' ? -Number.MAX_VALUE : Number.MAX_VALUE;
}

/** Makes the order total: the one that counts least comes last. */
function tieKey({ rendersAlike, mayWrite, by, id }: SnapshotReview): string {
  return `${mayWrite && rendersAlike === true && !by.isBot ? 0 : 1} ${String(rendersAlike)} ${String(mayWrite)} ${by.login} ${id}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
