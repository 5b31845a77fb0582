import type { Change, ChangeRef } from '../../src/domain/change.ts';
import type { CommentRef } from '../../src/domain/event.ts';
import { repositoryKey, type RepositoryRef } from '../../src/domain/repository.ts';
import type { ToldDeployment, ToldStatus } from '../../src/forge/deployments.ts';
import type { Check, Files, Forge, Repositories } from '../../src/forge/forge.ts';
import type { ForgeReview, MergeMethod, Permission, Protection } from '../../src/forge/reviews.ts';
import { fakeChanges, openChange } from './fake-changes.ts';
import { enqueue, fakeMerging, mergeNow } from './fake-merging.ts';
import type { FakeRepository } from './fake-repository.ts';
import { fakeReviews } from './fake-reviews.ts';
import { fakeTelling } from './fake-telling.ts';
import {
  changeOn,
  commentsOf,
  createFakeWorld,
  isBot,
  keep,
  listOf,
  unprotected,
  type FakeComment,
  type FakeIssue,
  type FakeReaction,
  type FakeWorld,
  type ReportedCheck,
} from './fake-world.ts';

export { FAKE_BOT, type FakeComment, type FakeIssue, type FakeReaction } from './fake-world.ts';

/** What stands on the fake forge, and what people do there. Who does it is `person` unless told, who may write everywhere. */
export interface FakeForge extends Forge {
  /** A new repository with one commit on `main`. */
  addRepository(path: string, files: Readonly<Record<string, string>>): RepositoryRef;
  repositoryAt(repository: RepositoryRef): FakeRepository;
  /**
   * Commits on a branch, making it from `main` where it is missing.
   * @param author a login, or `Name <address>` for somebody whom the forge does not know. @returns the commit
   */
  push(
    repository: RepositoryRef,
    branch: string,
    files: Readonly<Record<string, string | undefined>>,
    options?: { readonly author?: string; readonly message?: string },
  ): string;
  openChange(
    repository: RepositoryRef,
    branch: string,
    title: string,
    options?: {
      readonly author?: string;
      readonly isDraft?: boolean;
      readonly fromFork?: boolean;
      readonly target?: string;
    },
  ): ChangeRef;
  /** Merges whatever rules say. @returns the commit that the target branch then has */
  mergeAsPerson(change: ChangeRef, options?: { readonly by?: string; readonly method?: MergeMethod }): string;
  /**
   * Puts a change into the merge queue of its target, last. @param commit what the queue has made of it, where that is no mere merge
   * @returns the commit with the change on top, and the one below it
   */
  enqueue(change: ChangeRef, commit?: string): { readonly headCommit: string; readonly baseCommit: string };
  /** Takes it out; what is behind it is not built anew. */
  dequeue(change: ChangeRef): void;
  /** Changes fields of a change as a person would: its draft state, title, target. */
  edit(
    change: ChangeRef,
    fields: Partial<Pick<Change, 'title' | 'body' | 'isDraft' | 'targetBranch' | 'labels'>>,
  ): void;
  closeAsPerson(change: ChangeRef): void;
  /** The conversation takes no more comments of the bot. */
  lock(change: ChangeRef): void;
  /** @returns the id of the comment */
  say(change: ChangeRef, body: string, options?: { readonly author?: string }): string;
  /** Reviews the present head, or the commit that is given. @returns the id of the review */
  review(
    change: ChangeRef,
    state: ForgeReview['state'],
    options?: { readonly author?: string; readonly commit?: string },
  ): string;
  grant(repository: RepositoryRef, login: string, permission: Permission): void;
  /** @param name `@acme/sre` */
  team(name: string, members: readonly string[]): void;
  protect(repository: RepositoryRef, branch: string, rules: Partial<Protection>): void;
  allowMethods(repository: RepositoryRef, methods: readonly MergeMethod[]): void;
  /** A check or status of another party. */
  reportCheck(repository: RepositoryRef, commit: string, check: ReportedCheck): void;
  changes(repository: RepositoryRef): readonly Change[];
  comments(change: ChangeRef): readonly FakeComment[];
  deleteComment(change: ChangeRef, id: string): void;
  checks(repository: RepositoryRef, commit: string): readonly Check[];
  reviews(change: ChangeRef): readonly Omit<ForgeReview, 'mayWrite'>[];
  reactions(repository: RepositoryRef, comment?: CommentRef): readonly FakeReaction[];
  issues(repository: RepositoryRef): readonly FakeIssue[];
  closeIssue(repository: RepositoryRef, number: number): void;
  /** Everything that was told of a commit, oldest first. */
  deployments(repository: RepositoryRef, commit: string): readonly ToldDeployment[];
  statuses(repository: RepositoryRef, commit: string): readonly ToldStatus[];
  /** Every write that changed something, in order: `create-branch`, `commit`, `create-change` … */
  readonly writes: readonly string[];
  /** After that many more writes, each further one fails with `forge-unavailable`; undefined lets everything through again. */
  interruptAfter(writes: number | undefined): void;
}

/** A forge in memory that keeps the contract of the port. @param now when people review */
export function createFakeForge(now: () => Date = () => new Date('2026-11-21T12:00:00Z')): FakeForge {
  const world = createFakeWorld(now);
  return {
    ...fakeRepositories(world),
    ...fakeChanges(world),
    ...fakeReviews(world),
    ...fakeMerging(world),
    ...fakeTelling(world),
    ...people(world),
    ...shown(world),
  };
}

function fakeRepositories(world: FakeWorld): Repositories & Files {
  return {
    async *installed() {
      for (const { ref } of world.sides.values()) {
        yield await Promise.resolve({ repository: ref, defaultBranch: 'main' });
      }
    },
    repository(repository) {
      const found = world.sides.get(repositoryKey(repository));
      return Promise.resolve(found && { repository: found.ref, defaultBranch: 'main' });
    },
    gitRemote: ({ path }) => Promise.resolve({ url: `https://forge.test/${path}.git` }),
    compareUrl: ({ path }, from, to) => `https://forge.test/${path}/compare/${from}...${to}`,
    commitUrl: ({ path }, commit) => `https://forge.test/${path}/commit/${commit}`,
    readFiles(repository, paths) {
      const files = world.side(repository).git.files('main');
      const texts = paths.map((path) => [path, files.get(path)] as const);
      return Promise.resolve(new Map(texts.filter((entry): entry is [string, string] => entry[1] !== undefined)));
    },
  };
}

type Shown =
  | 'repositoryAt'
  | 'changes'
  | 'comments'
  | 'checks'
  | 'reviews'
  | 'reactions'
  | 'issues'
  | 'closeIssue'
  | 'deployments'
  | 'statuses'
  | 'writes'
  | 'interruptAfter';

function shown(world: FakeWorld): Pick<FakeForge, Shown> {
  return {
    repositoryAt: (repository) => world.side(repository).git,
    changes: (repository) => [...world.side(repository).changes.values()],
    comments: (change) => commentsOf(world, change),
    checks: (repository, commit) => world.side(repository).checks.get(commit) ?? [],
    reviews: ({ repository, number }) => world.side(repository).reviews.get(number) ?? [],
    reactions: (repository, comment) =>
      world.side(repository).reactions.filter((each) => comment === undefined || each.comment.id === comment.id),
    issues: (repository) => world.side(repository).issues,
    closeIssue(repository, number) {
      const { issues } = world.side(repository);
      const index = issues.findIndex((each) => each.number === number);
      const [issue] = issues.splice(index, 1);
      if (issue !== undefined) issues.splice(index, 0, { ...issue, isOpen: false });
    },
    deployments: (repository, commit) => world.side(repository).deployments.get(commit) ?? [],
    statuses: (repository, commit) => world.side(repository).statuses.get(commit) ?? [],
    writes: world.writes,
    interruptAfter: (writes) => world.interruptAfter(writes),
  };
}

type Acts = Exclude<keyof FakeForge, keyof Forge | Shown>;

function people(world: FakeWorld): Pick<FakeForge, Acts> {
  return {
    addRepository: (path, files) => world.add(path, files).ref,
    push(repository, branch, files, { author = 'person', message = 'by hand' } = {}) {
      const on = world.side(repository);
      const parent = on.git.branches.get(branch) ?? on.git.branches.get('main');
      const commit = on.git.write(parent, files, { author, message });
      on.git.branches.set(branch, commit);
      for (const change of on.changes.values()) keep(on, change);
      return commit;
    },
    openChange(repository, branch, title, { target = 'main', author = 'person', ...options } = {}) {
      const on = world.side(repository);
      return openChange(on, { branch, targetBranch: target, title, body: '' }, { author, ...options });
    },
    mergeAsPerson({ repository, number }, { by = 'person', method = 'squash' } = {}) {
      const on = world.side(repository);
      return mergeNow(on, changeOn(on, number), { method, by });
    },
    enqueue: ({ repository, number }, commit) => enqueue(world.side(repository), number, commit),
    dequeue({ repository, number }) {
      for (const [branch, queue] of world.side(repository).queues)
        world.side(repository).queues.set(
          branch,
          queue.filter((each) => each.number !== number),
        );
    },
    edit({ repository, number }, fields) {
      const on = world.side(repository);
      keep(on, { ...changeOn(on, number), ...fields });
    },
    closeAsPerson({ repository, number }) {
      const on = world.side(repository);
      on.changes.set(number, { ...changeOn(on, number), state: 'closed' });
    },
    lock: ({ repository, number }) => void world.side(repository).locked.add(number),
    say(change, body, { author = 'person' } = {}) {
      const comment = { id: world.nextId(), author, body };
      commentsOf(world, change).push(comment);
      return comment.id;
    },
    review({ repository, number }, state, { author = 'person', commit } = {}) {
      const on = world.side(repository);
      const id = world.nextId();
      const by = { login: author, isBot: isBot(author) };
      const at = world.now().toISOString();
      const reviewed = commit ?? changeOn(on, number).headCommit;
      listOf(on.reviews, number).push({ id, by, state, at, commit: reviewed });
      return id;
    },
    grant: (repository, login, permission) =>
      void world.side(repository).permissions.set(login.toLowerCase(), permission),
    team: (name, members) => void world.teams.set(name.toLowerCase(), members),
    protect: (repository, branch, rules) =>
      void world.side(repository).protections.set(branch, { ...unprotected, ...rules }),
    allowMethods(repository, methods) {
      world.side(repository).mergeMethods = methods;
    },
    reportCheck(repository, commit, check) {
      const list = listOf(world.side(repository).reported, commit);
      const index = list.findIndex(({ name }) => name === check.name);
      list.splice(index < 0 ? list.length : index, 1, check);
    },
    deleteComment(change, id) {
      const list = commentsOf(world, change);
      list.splice(0, list.length, ...list.filter((each) => each.id !== id));
    },
  };
}
