import type { Config } from '../config/config.ts';
import type { AuditEntry } from '../domain/audit.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import { formatSubject } from '../domain/subject.ts';
import type { Forge } from '../forge/forge.ts';
import { bypassCheck, bypassIssue, bypassLines, bypassMarker, type Bypass } from '../markdown/bypass.ts';
import type { Notifier } from '../notify/notify.ts';
import type { Audit, KnownRepository } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { MAX_COMMITS, type Found } from './find-bypasses.ts';

export interface TellBypassesDeps {
  readonly forge: Pick<Forge, 'upsertCheck' | 'upsertIssue'>;
  readonly store: { readonly audit: Pick<Audit, 'entries' | 'append'> };
  readonly notifier: Notifier;
  readonly log: Log;
  readonly now: () => Date;
}

/** On more commits than this of one push no check is written; the audit log names them all, and the issue as many as fit. */
const MAX_CHECKS = 10;

/** Tells what went around the gate as the configuration says, and writes it into the audit log; what was told once is not told again. */
export async function tellBypasses(
  deps: TellBypassesDeps,
  known: KnownRepository,
  { config, found }: { readonly config: Config; readonly found: readonly Found[] },
): Promise<void> {
  const fresh = await notYetTold(deps, known.repository, found);
  if (fresh.length === 0) return;
  await tell(deps, known, { config, bypasses: fresh.map(({ bypass }) => bypass) });
  await deps.store.audit.append(fresh.map((each) => entry(deps, known.repository, each)));
  deps.log.warn({ repository: known.repository.path, commits: fresh.length }, 'branch moved around the gate');
}

async function notYetTold(
  { store }: TellBypassesDeps,
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
  deps: TellBypassesDeps,
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
    const issue = await deps.forge.upsertIssue(repository, bypassIssue(bypasses, { branch: defaultBranch, marker }));
    if (issue === undefined) {
      deps.log.warn({ repository: repository.path }, 'bypass could not be told by an issue: the repository takes none');
    }
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

function entry({ now }: TellBypassesDeps, repository: RepositoryRef, { bypass, before }: Found): AuditEntry {
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
