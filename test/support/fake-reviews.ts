import type { Change, ChangeRef, Person } from '../../src/domain/change.ts';
import { repositoryKey } from '../../src/domain/repository.ts';
import type { People, Reactions, Reviews, ReviewState } from '../../src/forge/reviews.ts';
import { knownCheck } from './fake-telling.ts';
import type { FakeCommit } from './fake-repository.ts';
import {
  attempt,
  changeOn,
  FAKE_BOT,
  isBot,
  keep,
  listOf,
  permissionOn,
  unprotected,
  type FakeWorld,
  type Side,
} from './fake-world.ts';

/** Reviews, people and reactions on the fake. */
export function fakeReviews(world: FakeWorld): Reviews & People & Reactions {
  return {
    reviewState: (change, ask) => attempt(() => reviewState(world, change, ask)),
    dismissReview: ({ repository, number }, id) =>
      attempt(() => {
        const reviews = listOf(world.side(repository).reviews, number);
        const index = reviews.findIndex((each) => each.id === id);
        const review = reviews[index];
        if (review === undefined || review.state === 'dismissed') return;
        world.written('dismiss-review');
        reviews[index] = { ...review, state: 'dismissed' };
      }),
    openChanges: (repository, targetBranch) =>
      attempt(() =>
        [...world.side(repository).changes.values()]
          .filter((each) => each.state === 'open' && each.targetBranch === targetBranch)
          .map(({ number, headCommit }) => ({ number, headCommit }))
          .reverse(),
      ),
    changesOfCommits: (repository, commits) =>
      attempt(() => {
        const merged = [...world.side(repository).changes.values()].filter(({ state }) => state === 'merged');
        const found = commits.map((commit) => [commit, merged.filter((each) => brought(each, commit))] as const);
        return new Map(
          found
            .filter(([, changes]) => changes.length > 0)
            .map(([commit, changes]) => [commit, changes.map(({ number, headCommit }) => ({ number, headCommit }))]),
        );
      }),
    setLabels: (change, wanted) => attempt(() => setLabels(world, change, wanted)),
    permission: (repository, login) => attempt(() => permissionOn(world.side(repository), login)),
    commitAuthors: (repository, { from, to }) =>
      attempt(() => {
        const git = world.sides.get(repositoryKey(repository))?.git;
        const [head, base] = [git?.resolve(to), from === undefined ? undefined : git?.resolve(from)];
        if (git === undefined || head === undefined || (from !== undefined && base === undefined)) return undefined;
        return authorsOf(base === undefined ? [git.commit(head)] : git.ahead(base, head));
      }),
    react: ({ repository }, comment, reaction) =>
      attempt(() => {
        const { reactions } = world.side(repository);
        const isThere = reactions.some(
          (each) => each.comment.kind === comment.kind && each.comment.id === comment.id && each.reaction === reaction,
        );
        if (isThere) return;
        world.written('react');
        reactions.push({ comment, reaction });
      }),
  };
}

function reviewState(
  world: FakeWorld,
  { repository, number }: ChangeRef,
  ask: { readonly teams: readonly string[]; readonly check: string },
): ReviewState | undefined {
  const on = world.sides.get(repositoryKey(repository));
  const change = on?.changes.get(number);
  if (on === undefined || change === undefined) return undefined;
  const baseCommit = on.git.branches.get(change.targetBranch) ?? '';
  const own = (on.checks.get(change.headCommit) ?? []).find(({ name }) => name === ask.check);
  const required = (on.protections.get(change.targetBranch) ?? unprotected).requiredChecks;
  return {
    change,
    baseCommit,
    mergeable: change.state !== 'open' || mergesCleanly(on, change) ? 'yes' : 'conflicting',
    authors: authorsOf(commitsOf(on, change)),
    reviews: listOf(on.reviews, number).map((each) => ({ ...each, mayWrite: mayWrite(on, each.by) })),
    teams: Object.fromEntries(ask.teams.map((team) => [team, world.teams.get(team.toLowerCase()) ?? null])),
    requiredChecks: required.map(({ name }) => name),
    checks: on.reported.get(change.headCommit) ?? [],
    ...(own !== undefined && { ownCheck: knownCheck(change.headCommit, own) }),
    mergeMethods: on.mergeMethods,
  };
}

export function mergesCleanly({ git }: Side, { targetBranch, headCommit }: Change): boolean {
  return git.mergeChanges(git.branches.get(targetBranch) ?? '', headCommit) !== undefined;
}

function commitsOf({ git }: Side, { state, targetBranch, headCommit, mergeCommit }: Change): readonly FakeCommit[] {
  const before = state === 'merged' && mergeCommit !== undefined ? git.commit(mergeCommit).parent : undefined;
  const base = before ?? git.branches.get(targetBranch);
  return base === undefined ? git.history(headCommit) : git.ahead(base, headCommit);
}

function authorsOf(commits: readonly FakeCommit[]): ReviewState['authors'] {
  const authors = [...new Set(commits.map(({ author }) => author))];
  return {
    people: authors.filter((author) => !author.includes('<')).map((login): Person => ({ login, isBot: isBot(login) })),
    unknown: authors.filter((author) => author.includes('<')),
    isComplete: true,
  };
}

function mayWrite(on: Side, { login }: Person): boolean {
  return ['write', 'admin'].includes(login === FAKE_BOT ? 'write' : permissionOn(on, login));
}

function brought({ mergeCommit, headCommit }: Change, commit: string): boolean {
  return mergeCommit === commit || headCommit === commit;
}

function setLabels(
  world: FakeWorld,
  { repository, number }: ChangeRef,
  { add = [], remove = [] }: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
): void {
  const on = world.side(repository);
  const change = changeOn(on, number);
  const labels = [...new Set([...change.labels, ...add])].filter((label) => !remove.includes(label));
  if (add.some((label) => !change.labels.includes(label))) world.written('add-labels');
  if (remove.some((label) => change.labels.includes(label))) world.written('remove-labels');
  keep(on, { ...change, labels });
}
