import type { AuditEntry } from '../../src/domain/audit.ts';
import type { Change, ChangeRef } from '../../src/domain/change.ts';
import type { WrittenCommand } from '../../src/domain/command.ts';
import { TagalongError } from '../../src/domain/errors.ts';
import type { RepositoryRef } from '../../src/domain/repository.ts';
import type { Mirrors } from '../../src/git/git.ts';
import type { Notice } from '../../src/notify/notify.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import type { KnownRepository, Store, Wake, WakeReason } from '../../src/store/store.ts';
import { reconcileChange } from '../../src/workflows/reconcile-change.ts';
import { proposeRevert } from '../../src/workflows/propose-revert.ts';
import { watchArrivals, watchBypass } from '../../src/workflows/watch-bypass.ts';
import { createFakeForge, type FakeForge } from '../support/fake-forge.ts';
import { createFakeMirrors } from '../support/fake-mirrors.ts';
import { silentLog as log } from '../support/silent.ts';

/** A known manifest repository on a fake forge, with everything that gates its changes; wakes are handed over by hand. */
export interface GateRoom {
  readonly forge: FakeForge;
  readonly store: Store;
  readonly deploy: RepositoryRef;
  readonly known: () => KnownRepository;
  /** Requests to the forge that were made since the last call, by the name of the method. */
  requests(): string[];
  /** Makes a method of the forge fail until undefined is given. */
  failing(method: string | undefined): void;
  /** Makes commits that the mirror has not and no fetch brings. */
  gone(commit: string): void;
  /** What submodules point to at a commit; no tree shows them. */
  submodules(commit: string, pointers: Readonly<Record<string, string>>): void;
  readonly notices: Notice[];
  /** What the mirror and the clock say can be changed in between. */
  clock: Date;
  /** None, unless a test sets it. */
  bypassWaitMs: number;
  /** How often a unit was rendered, on either side. */
  rendered(): number;
  wake(change: ChangeRef, ...reasons: WakeReason[]): Promise<void>;
  /** Somebody wrote this command on the change. */
  command(change: ChangeRef, line: string, by: string): Promise<void>;
  /** The default branch moved, and the repository is looked at. */
  moved(from: string, to?: string): Promise<void>;
  /** The moment has come to look again at what could not be explained. */
  lookAgain(): Promise<void>;
  revert(commit: string, by: string): Promise<void>;
  head(branch?: string): string;
  current(change: ChangeRef): Change;
  /** Of the check that is the gate: `success`, `pending`, `failure`, or undefined. */
  gate(change: ChangeRef): string | undefined;
  summary(change: ChangeRef): string;
}

/** A store whose process is killed when it is about to write a line of this kind into the audit log, once. */
export function dyingAtLine(store: Store, line: AuditEntry['action']): Store {
  let isDead = false;
  const append: Store['audit']['append'] = (entries) => {
    if (isDead || !entries.some(({ action }) => action === line)) return store.audit.append(entries);
    isDead = true;
    return Promise.reject(new Error('killed'));
  };
  return { ...store, audit: { ...store.audit, append } };
}

let rooms = 0;

export async function openRoom(store: Store, files: Readonly<Record<string, string>>): Promise<GateRoom> {
  const counted: string[] = [];
  const missing = new Set<string>();
  const pointers = new Map<string, Readonly<Record<string, string>>>();
  const notices: Notice[] = [];
  let broken: string | undefined;
  let renderings = 0;
  let comments = 0;
  const forge = createFakeForge(() => room.clock);
  const port = new Proxy(forge, {
    get(target, name: keyof FakeForge) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function' || ['headRef', 'commitUrl', 'compareUrl'].includes(name)) return method;
      return (...given: unknown[]) => {
        counted.push(name);
        if (name === broken) return Promise.reject(new TagalongError('forge-unavailable', 'No answer.'));
        return Reflect.apply(method, target, given) as unknown;
      };
    },
  });
  const deploy = forge.addRepository(`acme/gated-${++rooms}`, files);
  const git = forge.repositoryAt(deploy);
  const whole = createFakeMirrors(forge);
  const needs = (...commits: string[]) => {
    const lost = commits.find((commit) => missing.has(commit));
    if (lost !== undefined) throw new TagalongError('git-failed', `There is no ${lost}.`);
  };
  const mirrors: Mirrors = {
    ...whole,
    tree: async (repository, commit) => (needs(commit), whole.tree(repository, commit)),
    mergeBase: async (_repository, a, b) => (needs(a, b), Promise.resolve(git.mergeBase(a, b))),
    changedPaths: async (repository, from, to) => {
      needs(from, to);
      const [old, now] = [pointers.get(from) ?? {}, pointers.get(to) ?? {}];
      const moved = Object.keys({ ...old, ...now }).filter((path) => old[path] !== now[path]);
      const status = (path: string) => (path in old ? (path in now ? 'modified' : 'deleted') : 'added');
      return [
        ...(await whole.changedPaths(repository, from, to)),
        ...moved.map((path) => ({ path, status: status(path) }) as const),
      ];
    },
    isAncestor: (_repository, a, b) => Promise.resolve(git.history(b).some(({ oid }) => oid === a)),
  };
  const real = createRenderer({ helm: 'helm', kustomize: 'kustomize', searchPath: '' });
  const renderer = {
    ...real,
    render: (...given: Parameters<typeof real.render>) => {
      renderings += given[1].length;
      return real.render(...given);
    },
  };
  const notifier = {
    mode: 'once' as const,
    notify: (notice: Notice) => (notices.push(notice), Promise.resolve(undefined)),
  };
  const now = () => room.clock;
  const deps = {
    ...{ forge: port, mirrors, renderer, store, log, now, notifier, commentLimit: 65_536 },
    get bypassWaitMs() {
      return room.bypassWaitMs;
    },
  };
  const wakeOf = (reason: WakeReason, index: number): Wake => ({ id: String(index), reason, wokenAt: now() });

  const room: GateRoom = {
    forge,
    store,
    deploy,
    known: () => ({ repository: deploy, defaultBranch: 'main', indexedCommit: room.head() }),
    requests: () => counted.splice(0),
    failing: (method) => void (broken = method),
    gone: (commit) => void missing.add(commit),
    submodules: (commit, wanted) => void pointers.set(commit, wanted),
    notices,
    clock: new Date('2026-11-18T12:00:00Z'),
    bypassWaitMs: 0,
    rendered: () => renderings,
    wake: (change, ...reasons) => reconcileChange(deps, change, reasons.map(wakeOf)),
    async command(change, line, by) {
      const [, name = '', text = ''] = /^\/(\S+)\s*(.*)$/.exec(line) ?? [];
      const command: WrittenCommand = { name, text, isKnown: true, line: 1 };
      const comment = { kind: 'comment', id: forge.say(change, line, { author: by }) } as const;
      comments += 1;
      const at = new Date(room.clock.getTime() + comments).toISOString();
      const written = { comment, by: { login: by, isBot: false }, at, commands: [command] };
      await room.wake(change, { kind: 'commanded', comment: written });
    },
    moved: (from, to = room.head()) => watchBypass(deps, room.known(), { from, to }),
    lookAgain: () => watchArrivals(deps, room.known()),
    revert: (commit, by) => proposeRevert(deps, room.known(), { commit, by }),
    head: (branch = 'main') => git.branches.get(branch) ?? '',
    current: ({ number }) => forge.changes(deploy).find((each) => each.number === number) ?? missingChange(number),
    gate: (change) => review(change)?.conclusion,
    summary: (change) => `${review(change)?.title}\n${review(change)?.summary}`,
  };
  const review = (change: ChangeRef) =>
    forge.checks(deploy, room.current(change).headCommit).find(({ name }) => name === 'tagalong/review');
  for (const [login, permission] of [
    ['alice', 'write'],
    ['bob', 'write'],
    ['root', 'admin'],
  ] as const)
    forge.grant(deploy, login, permission);
  await store.update(room.known(), new Map());
  return room;
}

function missingChange(number: number): never {
  throw new Error(`There is no #${number}.`);
}
