import type { Change, Person } from '../../domain/change.ts';
import type { RepositoryRef } from '../../domain/repository.ts';
import type { ForgeReview, KnownCheck, ReviewState } from '../reviews.ts';
import type { AnsweredContext, AnsweredPull, AnsweredReview } from './review-documents.ts';

/** What GraphQL answers about a change, in the words of the port. Nothing is requested here. */
export function changeFrom(repository: RepositoryRef, pull: AnsweredPull): Change {
  const states = { OPEN: 'open', CLOSED: 'closed', MERGED: 'merged' } as const;
  return {
    repository,
    number: pull.number,
    url: pull.url,
    state: states[pull.state],
    title: pull.title,
    body: pull.body,
    author: personFrom(pull.author),
    sourceBranch: pull.headRefName,
    fromFork: pull.isCrossRepository,
    headCommit: pull.headRefOid,
    targetBranch: pull.baseRefName,
    isDraft: pull.isDraft,
    labels: pull.labels?.nodes.map(({ name }) => name) ?? [],
    ...(pull.mergeCommit && { mergeCommit: pull.mergeCommit.oid }),
    ...(pull.mergedBy && { mergedBy: personFrom(pull.mergedBy) }),
  };
}

/** GraphQL leaves out the `[bot]` that logins end in everywhere else. The author of a deleted account is shown as `ghost`. */
function personFrom(actor: AnsweredPull['author']): Person {
  if (!actor) return { login: 'ghost', isBot: false };
  const isBot = actor.__typename === 'Bot';
  return { login: isBot ? `${actor.login}[bot]` : actor.login, isBot };
}

export function mergeableFrom({ mergeable }: AnsweredPull): ReviewState['mergeable'] {
  const words = { MERGEABLE: 'yes', CONFLICTING: 'conflicting', UNKNOWN: 'unknown' } as const;
  return words[mergeable];
}

/** Oldest first. Those that are still being written are left out. */
export function reviewsFrom(answered: readonly AnsweredReview[]): readonly ForgeReview[] {
  return answered
    .flatMap((review): ForgeReview[] => {
      const { fullDatabaseId: id, author, submittedAt, commit, authorCanPushToRepository: mayWrite } = review;
      const state = reviewStates[review.state];
      if (state === undefined || !submittedAt) return [];
      return [{ id, by: personFrom(author), state, at: submittedAt, ...(commit && { commit: commit.oid }), mayWrite }];
    })
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

const reviewStates = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  COMMENTED: 'commented',
  DISMISSED: 'dismissed',
  PENDING: undefined,
} as const;

type State = 'success' | 'failure' | 'pending';

/**
 * Of each name the newest that each party reported, and of several parties the worst: a green check must not hide the red one of
 * somebody else with the same name.
 */
export function checksFrom(contexts: readonly AnsweredContext[], appId: number): ReviewState['checks'] {
  const newest = new Map<string, AnsweredContext>();
  for (const context of contexts) {
    if (isOwn(context, appId)) continue;
    const key = `${nameOf(context)}\n${partyOf(context)}`;
    const other = newest.get(key);
    if (other === undefined || ageOf(context) >= ageOf(other)) newest.set(key, context);
  }
  const states = new Map<string, State>();
  for (const context of newest.values()) {
    const name = nameOf(context);
    states.set(name, worse(states.get(name) ?? 'success', stateOf(context)));
  }
  return [...states].map(([name, state]) => ({ name, state }));
}

/** The newest check run of that name by this app. */
export function ownCheckFrom(
  contexts: readonly AnsweredContext[],
  appId: number,
  wanted: string,
): KnownCheck | undefined {
  const [newest] = contexts
    .filter((each) => each.__typename === 'CheckRun' && isOwn(each, appId) && nameOf(each) === wanted)
    .sort((a, b) => ageOf(b) - ageOf(a));
  if (newest?.__typename !== 'CheckRun' || !newest.databaseId) return undefined;
  // GitHub ends a run by itself that has been in progress for two weeks: whatever it said, it says so no longer.
  const isStale = newest.conclusion === 'STALE';
  return { id: String(newest.databaseId), fingerprint: isStale ? 'stale' : (newest.externalId ?? '') };
}

function isOwn(context: AnsweredContext, appId: number): boolean {
  return context.__typename === 'CheckRun' && context.checkSuite?.app?.databaseId === appId;
}

function nameOf(context: AnsweredContext): string {
  return context.__typename === 'CheckRun' ? context.name : context.context;
}

function partyOf(context: AnsweredContext): string {
  return context.__typename === 'CheckRun' ? String(context.checkSuite?.app?.databaseId) : 'status';
}

/** Grows; comparable within one party. */
function ageOf(context: AnsweredContext): number {
  return context.__typename === 'CheckRun' ? (context.databaseId ?? 0) : Date.parse(context.createdAt);
}

function stateOf(context: AnsweredContext): State {
  if (context.__typename === 'StatusContext') {
    if (context.state === 'SUCCESS') return 'success';
    return context.state === 'PENDING' || context.state === 'EXPECTED' ? 'pending' : 'failure';
  }
  if (context.status !== 'COMPLETED') return 'pending';
  return ['SUCCESS', 'NEUTRAL', 'SKIPPED'].includes(context.conclusion ?? '') ? 'success' : 'failure';
}

function worse(a: State, b: State): State {
  if (a === 'failure' || b === 'failure') return 'failure';
  return a === 'pending' || b === 'pending' ? 'pending' : 'success';
}
