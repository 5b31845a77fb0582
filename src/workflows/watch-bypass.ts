import { configPaths, DEFAULT_CONFIG, readConfig, type Config } from '../config/config.ts';
import type { AuditEntry } from '../domain/audit.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import { formatSubject } from '../domain/subject.ts';
import type { Forge } from '../forge/forge.ts';
import type { LoggedCommit, Mirrors } from '../git/git.ts';
import {
  bypassCheck,
  bypassIssue,
  bypassLines,
  bypassMarker,
  type Bypass,
  type BypassKind,
} from '../markdown/bypass.ts';
import type { Notifier } from '../notify/notify.ts';
import type { Audit, KnownRepository, Verdicts } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { readTexts } from './bump-situations.ts';
import { addedBeyond, type AddedBeyondDeps } from './added-beyond.ts';

export { proposeRevert, type ProposeRevertDeps } from './propose-revert.ts';

export interface WatchBypassDeps {
  readonly forge: Pick<Forge, 'changesOfCommits' | 'commitUrl' | 'upsertCheck' | 'upsertIssue'>;
  readonly mirrors: AddedBeyondDeps['mirrors'] & Pick<Mirrors, 'commits' | 'isAncestor'>;
  readonly store: {
    readonly verdicts: Pick<Verdicts, 'passed' | 'verdict'>;
    readonly audit: Pick<Audit, 'entries' | 'append'>;
  };
  readonly notifier: Notifier;
  readonly log: Log;
  readonly now: () => Date;
}

/** The default branch went from one commit to another. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** More commits than this at once are not looked at one by one. */
const MAX_COMMITS = 500;

/** On more commits than this of one push no check is written; the audit log and the issue name them all. */
const MAX_CHECKS = 10;

/**
 * Finds what reached the default branch without a passing verdict of the gate, writes it into the audit log, and tells it as the
 * configuration says that stood there before. What was told once is not told again. One request to the forge where nothing is found.
 */
export async function watchBypass(deps: WatchBypassDeps, known: KnownRepository, move: Move): Promise<void> {
  const config = await configBefore(deps, known.repository, move);
  if (config === undefined) return;
  const found = await findBypasses(deps, known, move);
  const fresh = await notYetTold(deps, known.repository, found);
  if (fresh.length === 0) return;
  await tell(deps, known, { config, bypasses: fresh.map(({ bypass }) => bypass) });
  await deps.store.audit.append(fresh.map((each) => entry(deps, known.repository, each)));
  deps.log.warn({ repository: known.repository.path, commits: fresh.length }, 'branch moved around the gate');
}

/** That of the commit before, because a push may take the telling away; undefined where the bot did not follow the repository yet. */
async function configBefore(
  { mirrors }: WatchBypassDeps,
  repository: RepositoryRef,
  { from }: Move,
): Promise<Config | undefined> {
  const read = readConfig(await readTexts(await mirrors.tree(repository, from), new Set(configPaths)));
  if (read.kind === 'absent') return undefined;
  return read.kind === 'valid' ? read.config : DEFAULT_CONFIG;
}

interface Found {
  readonly bypass: Bypass;
  /** What to go back to. */
  readonly before: string;
}

async function findBypasses(deps: WatchBypassDeps, known: KnownRepository, move: Move): Promise<readonly Found[]> {
  const { repository } = known;
  if (!(await deps.mirrors.isAncestor(repository, move.from, move.to)))
    return [await rewritten(deps, repository, move)];
  const line = await newCommits(deps, repository, move);
  if (line.length === 0) return [];
  const changes = await deps.forge.changesOfCommits(
    repository,
    line.map(({ commit }) => commit),
  );
  const found: Found[] = [];
  const cameBy = (number: number) =>
    line.filter(({ commit }) => changes.get(commit)?.some((change) => change.number === number));
  for (const logged of line) {
    const how = await judge(deps, repository, { logged, changes: changes.get(logged.commit) ?? [], cameBy });
    const [before = move.from] = logged.parents;
    if (how !== undefined) found.push({ bypass: describe(deps, repository, logged, how), before });
  }
  return found;
}

/** The commits that are new on the first-parent line, newest first, also where the branch was moved forward along another line. */
async function newCommits(
  { mirrors }: WatchBypassDeps,
  repository: RepositoryRef,
  move: Move,
): Promise<readonly LoggedCommit[]> {
  const line = await mirrors.commits(repository, { ...move, limit: MAX_COMMITS });
  if (line.at(-1)?.parents[0] === move.from) return line;
  const fresh: LoggedCommit[] = [];
  for (const logged of line) {
    if (await mirrors.isAncestor(repository, logged.commit, move.from)) break;
    fresh.push(logged);
  }
  return fresh;
}

/** The branch does not have any more what it had. */
async function rewritten(deps: WatchBypassDeps, repository: RepositoryRef, { from, to }: Move): Promise<Found> {
  const [logged] = await deps.mirrors.commits(repository, { to, limit: 1 });
  const commit = logged ?? { commit: to, parents: [], authorName: 'unknown', authorEmail: '', subject: '' };
  return { bypass: describe(deps, repository, commit, { kind: 'rewritten', before: from }), before: from };
}

interface Arrived {
  readonly logged: LoggedCommit;
  /** Those that brought it, with their heads when they were merged. */
  readonly changes: readonly { readonly number: number; readonly headCommit: string }[];
  /** The commits of this move that a change brought, newest first: several where it was rebased. */
  readonly cameBy: (number: number) => readonly LoggedCommit[];
}

/** undefined: it came as the gate let it. */
async function judge(
  deps: WatchBypassDeps,
  repository: RepositoryRef,
  { logged, changes, cameBy }: Arrived,
): Promise<BypassKind | undefined> {
  if (changes.length === 0) return { kind: 'pushed' };
  const numbers = changes.map(({ number }) => number);
  for (const { number, headCommit } of changes) {
    if (!(await isPassed(deps, repository, { number, headCommit }))) continue;
    const commits = cameBy(number);
    const from = commits.at(-1)?.parents[0];
    // What came in several commits is judged once, as a whole.
    if (from === undefined || commits[0]?.commit !== logged.commit) return undefined;
    const paths = await addedBeyond(deps, repository, { from, to: logged.commit, headCommit });
    return paths.length === 0 ? undefined : { kind: 'altered', changes: numbers, paths };
  }
  return { kind: 'merged', changes: numbers };
}

/** By what the gate said last of that head: one that was passed and then held back again was not to be merged. */
async function isPassed(
  { store: { verdicts } }: WatchBypassDeps,
  repository: RepositoryRef,
  { number, headCommit }: Arrived['changes'][number],
): Promise<boolean> {
  const last = await verdicts.verdict(repository, number);
  if (last?.headCommit === headCommit) return last.outcome === 'pass';
  return verdicts.passed(repository, number, headCommit);
}

function describe(
  { forge }: WatchBypassDeps,
  repository: RepositoryRef,
  { commit, subject, authorName }: LoggedCommit,
  how: BypassKind,
): Bypass {
  return { commit, url: forge.commitUrl(repository, commit), subject: cut(subject), author: cut(authorName), how };
}

function cut(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length > 100 ? `${flat.slice(0, 99)}…` : flat;
}

async function notYetTold(
  { store }: WatchBypassDeps,
  repository: RepositoryRef,
  found: readonly Found[],
): Promise<readonly Found[]> {
  if (found.length === 0) return [];
  const entries = await store.audit.entries({ repository, limit: 2 * MAX_COMMITS });
  const keys = new Set(entries.map(({ key }) => key));
  return found.filter(({ bypass }) => !keys.has(keyOf(repository, bypass)));
}

/** Repeating any of it changes nothing, but for the chat, which comes last and is never a reason to fail. */
async function tell(
  deps: WatchBypassDeps,
  { repository, defaultBranch }: KnownRepository,
  { config, bypasses }: { readonly config: Config; readonly bypasses: readonly Bypass[] },
): Promise<void> {
  const to = new Set(config.bypass.tell);
  if (to.has('check')) {
    for (const bypass of bypasses.slice(0, MAX_CHECKS)) {
      await deps.forge.upsertCheck(repository, bypass.commit, bypassCheck(bypass));
    }
  }
  const [newest] = bypasses;
  if (newest === undefined) return;
  if (to.has('issue')) {
    const marker = bypassMarker(newest.commit);
    await deps.forge.upsertIssue(repository, bypassIssue(bypasses, { branch: defaultBranch, marker }));
  }
  if (!to.has('chat') || deps.notifier.mode === 'off') return;
  const channel = config.notify?.slack;
  const notice = {
    ...(channel !== undefined && { channel }),
    tone: 'bad',
    title: `${repository.path}: ${defaultBranch} was changed around the gate`,
    url: newest.url,
    lines: bypassLines(bypasses.slice(0, MAX_CHECKS)),
  } as const;
  await deps.notifier.notify(notice).catch((error: unknown) => {
    deps.log.warn({ repository: repository.path, err: error }, 'bypass could not be told to the chat');
  });
}

function entry({ now }: WatchBypassDeps, repository: RepositoryRef, { bypass, before }: Found): AuditEntry {
  const { commit, author, how } = bypass;
  const [change] = how.kind === 'merged' || how.kind === 'altered' ? how.changes : [];
  return {
    key: keyOf(repository, bypass),
    at: now(),
    actor: { kind: 'person', name: author },
    action: 'bypass',
    repository,
    ...(change !== undefined && { change }),
    event: 'push',
    details: { commit, before, how: how.kind },
  };
}

function keyOf(repository: RepositoryRef, { commit, how }: Bypass): string {
  const origin = how.kind === 'rewritten' ? ` from ${how.before}` : '';
  return `${formatSubject({ kind: 'repository', repository })} bypass ${commit}${origin}`;
}
