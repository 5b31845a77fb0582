import type { AuditEntry } from '../domain/audit.ts';
import { REVERT_PREFIX } from '../domain/bump.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import { formatSubject } from '../domain/subject.ts';
import type { CommitFile, Forge, Proposal } from '../forge/forge.ts';
import type { ChangedPath, LoggedCommit, Mirrors, Tree, TreeEntry } from '../git/git.ts';
import { decodeText } from '../manifests/text.ts';
import { revertBody, revertedCheck, revertTitle, type RevertText } from '../markdown/bypass.ts';
import type { Audit, Inbox, KnownRepository } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';

export interface ProposeRevertDeps {
  readonly forge: Pick<Forge, 'permission' | 'propose' | 'commitUrl' | 'upsertCheck'>;
  readonly mirrors: Pick<Mirrors, 'fetch' | 'commits' | 'changedPaths' | 'tree'>;
  readonly store: {
    readonly audit: Pick<Audit, 'entries' | 'append'>;
    readonly inbox: Pick<Inbox, 'wake'>;
  };
  readonly log: Log;
  readonly now: () => Date;
}

export interface RevertRequest {
  /** One that is told of as a bypass; others are left alone. */
  readonly commit: string;
  /** The login of whoever asked. */
  readonly by: string;
}

/**
 * Opens a change that brings back what a commit which went around the gate has changed: files as they were before, but for those that were
 * changed again since, which it names. Asking twice opens one. It is gated like any other.
 */
export async function proposeRevert(
  deps: ProposeRevertDeps,
  known: KnownRepository,
  request: RevertRequest,
): Promise<void> {
  const { repository } = known;
  const before = await commitBefore(deps, repository, request.commit);
  const permission = await deps.forge.permission(repository, request.by);
  if (before === undefined || !['write', 'admin'].includes(permission)) {
    deps.log.info({ repository: repository.path, commit: request.commit, by: request.by }, 'revert not proposed');
    return;
  }
  const ref = `refs/heads/${known.defaultBranch}`;
  const head = (await deps.mirrors.fetch(repository, [ref])).get(ref);
  if (head === undefined) return;
  const [logged] = await deps.mirrors.commits(repository, { to: request.commit, limit: 1 });
  if (logged === undefined) return;
  const asked = { request, logged, head, before };
  const plan = await planRevert(deps, repository, asked);
  const change = await propose(deps, known, asked, plan);
  const check = revertedCheck(request, { change, by: request.by, left: plan.left });
  await deps.forge.upsertCheck(repository, request.commit, check);
  if (change !== undefined) await deps.store.audit.append([entry(deps, repository, { request, change })]);
}

/** Where the branch was before a bypass; undefined for a commit that is none. */
async function commitBefore(
  { store }: ProposeRevertDeps,
  repository: RepositoryRef,
  commit: string,
): Promise<string | undefined> {
  const entries = await store.audit.entries({ repository, limit: 1_000 });
  return entries.find(({ action, details }) => action === 'bypass' && details['commit'] === commit)?.details['before'];
}

interface Asked {
  readonly request: RevertRequest;
  readonly logged: LoggedCommit;
  /** The present head of the default branch. */
  readonly head: string;
  readonly before: string;
}

/** @returns the number of the change; undefined when there is nothing that the bot could take back */
async function propose(
  deps: ProposeRevertDeps,
  { repository, defaultBranch }: KnownRepository,
  { request, logged, head }: Asked,
  plan: RevertPlan,
): Promise<number | undefined> {
  if (plan.files.length + plan.deletions.length === 0) return undefined;
  const text: RevertText = {
    commit: request.commit,
    url: deps.forge.commitUrl(repository, request.commit),
    subject: logged.subject,
    by: request.by,
    restored: [...plan.files.map(({ path }) => path), ...plan.deletions].toSorted(),
    left: plan.left,
  };
  const proposal: Proposal = {
    branch: `${REVERT_PREFIX}${request.commit.slice(0, 7)}`,
    targetBranch: defaultBranch,
    baseCommit: head,
    files: plan.files,
    deletions: plan.deletions,
    message: { headline: revertTitle(text) },
    title: revertTitle(text),
    body: revertBody(text),
    labels: ['tagalong'],
  };
  const { number, headCommit, created } = await deps.forge.propose(repository, proposal);
  const subject = { kind: 'change', repository, number } as const;
  await deps.store.inbox.wake(subject, { kind: 'change-written', headCommit, created });
  deps.log.info({ repository: repository.path, commit: request.commit, change: number }, 'revert proposed');
  return number;
}

interface RevertPlan {
  readonly files: readonly CommitFile[];
  readonly deletions: readonly string[];
  readonly left: RevertText['left'];
}

/** Each path that the commit touched: back to what it was, where it still is what the commit made of it. */
async function planRevert(
  { mirrors }: ProposeRevertDeps,
  repository: RepositoryRef,
  { request, head, before }: Asked,
): Promise<RevertPlan> {
  const changed = await mirrors.changedPaths(repository, before, request.commit);
  const stillOther = pathsOf(await mirrors.changedPaths(repository, before, head));
  const changedSince = pathsOf(await mirrors.changedPaths(repository, request.commit, head));
  const open = changed.filter(({ path }) => stillOther.has(path));
  const untouched = open.filter(({ path }) => !changedSince.has(path));
  const [tree, made] = [await mirrors.tree(repository, before), await mirrors.tree(repository, request.commit)];
  const [old, present] = [await entriesOf(tree), await entriesOf(made)];
  const texts = await textsOf(tree, old, [...pathsOf(untouched)]);
  const isAdded = ({ path, status }: ChangedPath) => status === 'added' && present.has(path);
  const whyLeft = ({ path }: ChangedPath) => {
    if (changedSince.has(path)) return 'changed-since';
    return old.has(path) ? 'not-text' : 'submodule';
  };
  return {
    files: untouched.flatMap(({ path }) => {
      const content = texts.get(path);
      return content === undefined ? [] : [{ path, content }];
    }),
    deletions: untouched.filter(isAdded).map(({ path }) => path),
    left: open
      .filter((each) => changedSince.has(each.path) || (!texts.has(each.path) && !isAdded(each)))
      .map((each) => ({ path: each.path, why: whyLeft(each) })),
  };
}

function pathsOf(changed: readonly ChangedPath[]): ReadonlySet<string> {
  return new Set(changed.map(({ path }) => path));
}

/** What is in no tree and was changed all the same is a submodule. */
type Entries = ReadonlyMap<string, TreeEntry>;

async function entriesOf(tree: Tree): Promise<Entries> {
  return new Map((await tree.list()).map((entry) => [entry.path, entry]));
}

/** Of plain files alone: a link or a program would come back as something else. */
async function textsOf(tree: Tree, entries: Entries, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const plain = paths.filter((path) => entries.get(path)?.mode === '100644');
  const texts = new Map<string, string>();
  for (const [path, bytes] of await tree.read(plain)) {
    const text = decodeText(bytes);
    if (text !== undefined) texts.set(path, text);
  }
  return texts;
}

function entry(
  { now }: ProposeRevertDeps,
  repository: RepositoryRef,
  { request, change }: { readonly request: RevertRequest; readonly change: number },
): AuditEntry {
  return {
    key: `${formatSubject({ kind: 'repository', repository })} revert ${request.commit}`,
    at: now(),
    actor: { kind: 'person', name: request.by },
    action: 'revert',
    repository,
    change,
    event: `button on ${request.commit.slice(0, 7)}`,
    details: { commit: request.commit },
  };
}
