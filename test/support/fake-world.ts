import type { Change, ChangeRef } from '../../src/domain/change.ts';
import type { CommentRef } from '../../src/domain/event.ts';
import { TagalongError } from '../../src/domain/errors.ts';
import { repositoryKey, type RepositoryRef } from '../../src/domain/repository.ts';
import type { ToldDeployment, ToldStatus } from '../../src/forge/deployments.ts';
import type { Check } from '../../src/forge/forge.ts';
import type {
  ForgeReview,
  MergeMethod,
  Permission,
  Protection,
  QueueEntry,
  ReviewState,
} from '../../src/forge/reviews.ts';
import { FakeRepository } from './fake-repository.ts';

/** The name under which the bot writes on the fake. */
export const FAKE_BOT = 'tagalong[bot]';

export interface FakeComment {
  readonly id: string;
  readonly author: string;
  readonly body: string;
}

export interface FakeIssue {
  readonly number: number;
  readonly marker: string;
  readonly title: string;
  readonly body: string;
  readonly isOpen: boolean;
}

export interface FakeReaction {
  readonly comment: CommentRef;
  readonly reaction: 'seen' | 'done' | 'refused' | 'confused';
}

export type ReportedCheck = ReviewState['checks'][number];

/** One repository with all that stands around it. */
export interface Side {
  readonly ref: RepositoryRef;
  readonly git: FakeRepository;
  readonly changes: Map<number, Change>;
  readonly comments: Map<number, FakeComment[]>;
  /** Changes in which the bot may not comment. */
  readonly locked: Set<number>;
  /** Checks of the bot, by commit. */
  readonly checks: Map<string, Check[]>;
  /** Checks of others, by commit. */
  readonly reported: Map<string, ReportedCheck[]>;
  /** By change, oldest first. */
  readonly reviews: Map<number, Omit<ForgeReview, 'mayWrite'>[]>;
  readonly reactions: FakeReaction[];
  readonly issues: FakeIssue[];
  /** By commit. */
  readonly deployments: Map<string, ToldDeployment[]>;
  readonly statuses: Map<string, ToldStatus[]>;
  /** By login in lower case. */
  readonly permissions: Map<string, Permission>;
  /** By branch. */
  readonly protections: Map<string, Protection>;
  /** By branch. */
  readonly queues: Map<string, QueueEntry[]>;
  mergeMethods: readonly MergeMethod[];
}

/** All that the fake forge holds; each of its parts works on one of these. */
export interface FakeWorld {
  readonly sides: ReadonlyMap<string, Side>;
  /** Members by `@acme/sre`. */
  readonly teams: Map<string, readonly string[]>;
  readonly writes: string[];
  readonly now: () => Date;
  /** @throws TagalongError `forge-refused` when there is none */
  side(repository: RepositoryRef): Side;
  add(path: string, files: Readonly<Record<string, string>>): Side;
  /** Counts a write. @throws TagalongError `forge-unavailable` when the fake is interrupted */
  written(what: string): void;
  interruptAfter(writes: number | undefined): void;
  nextId(): string;
}

export const unprotected: Protection = {
  requiredChecks: [],
  requiredApprovals: 0,
  dismissesStaleReviews: false,
  requiresCodeOwners: false,
  loopholes: [],
  unseen: [],
};

export function createFakeWorld(now: () => Date): FakeWorld {
  const sides = new Map<string, Side>();
  const writes: string[] = [];
  let allowed: number | undefined;
  let ids = 0;
  return {
    sides,
    teams: new Map(),
    writes,
    now,
    side(repository) {
      const found = sides.get(repositoryKey(repository));
      if (found === undefined) throw new TagalongError('forge-refused', `No repository ${repository.path}.`);
      return found;
    },
    add(path, files) {
      const side = emptySide({ forge: 'github', path });
      side.git.branches.set('main', side.git.write(undefined, files, { author: 'person', message: 'start' }));
      sides.set(repositoryKey(side.ref), side);
      return side;
    },
    written(what) {
      if (allowed !== undefined && allowed-- <= 0) {
        throw new TagalongError('forge-unavailable', 'The fake is interrupted.');
      }
      writes.push(what);
    },
    interruptAfter: (count) => void (allowed = count),
    nextId: () => String(++ids),
  };
}

function emptySide(ref: RepositoryRef): Side {
  return {
    ref,
    git: new FakeRepository(),
    changes: new Map(),
    comments: new Map(),
    locked: new Set(),
    checks: new Map(),
    reported: new Map(),
    reviews: new Map(),
    reactions: [],
    issues: [],
    deployments: new Map(),
    statuses: new Map(),
    permissions: new Map([['person', 'write']]),
    protections: new Map(),
    queues: new Map(),
    mergeMethods: ['merge', 'squash', 'rebase'],
  };
}

/** @throws TagalongError `forge-refused` when there is none */
export function changeOn({ changes }: Side, number: number): Change {
  const found = changes.get(number);
  if (found === undefined) throw new TagalongError('forge-refused', `No change ${number}.`);
  return found;
}

/** Keeps a change, with the head that its branch has. */
export function keep({ changes, git }: Side, change: Change): void {
  const head = change.state === 'open' && !change.fromFork ? git.branches.get(change.sourceBranch) : undefined;
  changes.set(change.number, { ...change, headCommit: head ?? change.headCommit });
}

export function permissionOn({ permissions }: Side, login: string): Permission {
  return permissions.get(login.toLowerCase()) ?? 'read';
}

/** The list under a key, made where it is missing. */
export function listOf<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

/** A port's answer: what throws becomes a rejection. */
export function attempt<T>(run: () => T): Promise<T> {
  return new Promise((resolve) => resolve(run()));
}

export function hasMarker(body: string, marker: string): boolean {
  return body.split('\n').some((line) => line.trim() === marker);
}

export function commentsOf(world: FakeWorld, { repository, number }: ChangeRef): FakeComment[] {
  return listOf(world.side(repository).comments, number);
}

export function isBot(login: string): boolean {
  return login.endsWith('[bot]');
}
