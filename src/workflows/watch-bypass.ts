import { configPaths, DEFAULT_CONFIG, type Config } from '../config/config.ts';
import { readConfig } from '../config/read-config.ts';
import { errorCode } from '../domain/errors.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { Mirrors } from '../git/git.ts';
import type { Arrival, Arrivals, Inbox, KnownRepository } from '../store/store.ts';
import { readTexts } from './bump-situations.ts';
import { findBypasses, type FindBypassesDeps, type Move } from './find-bypasses.ts';
import { tellBypasses, type TellBypassesDeps } from './tell-bypasses.ts';

export interface WatchBypassDeps {
  readonly forge: FindBypassesDeps['forge'] & TellBypassesDeps['forge'];
  readonly mirrors: FindBypassesDeps['mirrors'] & Pick<Mirrors, 'tree'>;
  readonly store: FindBypassesDeps['store'] &
    TellBypassesDeps['store'] & {
      readonly arrivals: Arrivals;
      readonly inbox: Pick<Inbox, 'wakeAt'>;
    };
  readonly notifier: TellBypassesDeps['notifier'];
  readonly log: TellBypassesDeps['log'];
  readonly now: () => Date;
  /**
   * How long the forge gets to say by which change a commit came, in milliseconds. GitHub makes that connection after the push is
   * heard of: usually within seconds, at times after half a minute (apache/texera#4620, tektoncd/pipelines-as-code#2382).
   */
  readonly bypassWaitMs: number;
}

/**
 * Finds what reached the default branch without a passing verdict of the gate, and tells it as the configuration says that stood
 * there before. A commit that seems to have come without a change is told only when the forge says so still after a while; so are
 * its neighbours of the same push, since they are judged together.
 */
export async function watchBypass(deps: WatchBypassDeps, known: KnownRepository, move: Move): Promise<void> {
  const { repository } = known;
  const config = await configBefore(deps, repository, move);
  if (config === undefined) return;
  const found = await findBypasses(deps, known, move);
  const mayComeToLight = found.some(({ bypass }) => bypass.how.kind === 'pushed') && deps.bypassWaitMs > 0;
  if (!mayComeToLight) return tellBypasses(deps, known, { config, found });
  await deps.store.arrivals.keep(repository, { ...move, seenAt: deps.now() });
  await setAlarm(deps, repository);
}

/** Looks again at what could not be explained when it came, and has waited for long enough. */
export async function watchArrivals(deps: WatchBypassDeps, known: KnownRepository): Promise<void> {
  const { repository } = known;
  const now = deps.now().getTime();
  for (const move of await deps.store.arrivals.unexplained(repository)) {
    if (move.seenAt.getTime() + deps.bypassWaitMs > now) continue;
    if (await lookAgain(deps, known, move)) await deps.store.arrivals.settle(repository, move);
  }
  await setAlarm(deps, repository);
}

/** What cannot be read for this long is gone from the mirror: the branch was set back meanwhile, which was told. */
const GIVE_UP_MS = 60 * 60_000;

/** @returns whether that was the last time */
async function lookAgain(deps: WatchBypassDeps, known: KnownRepository, move: Arrival): Promise<boolean> {
  try {
    const config = await configBefore(deps, known.repository, move);
    if (config !== undefined) await tellBypasses(deps, known, { config, found: await findBypasses(deps, known, move) });
    return true;
  } catch (error) {
    if (errorCode(error) !== 'git-failed') throw error;
    deps.log.warn({ repository: known.repository.path, ...move, err: error }, 'move of the branch could not be read');
    return deps.now().getTime() - move.seenAt.getTime() > GIVE_UP_MS;
  }
}

/** The shortest time between two looks at what cannot be read. */
const PAUSE_MS = 60_000;

/** For the move that has waited for longest. */
async function setAlarm({ store, now, bypassWaitMs }: WatchBypassDeps, repository: RepositoryRef): Promise<void> {
  const [first] = await store.arrivals.unexplained(repository);
  const present = now().getTime();
  const due = first === undefined ? undefined : first.seenAt.getTime() + bypassWaitMs;
  const at = due === undefined ? undefined : new Date(due > present ? due : present + Math.max(bypassWaitMs, PAUSE_MS));
  await store.inbox.wakeAt({ kind: 'repository', repository }, { kind: 'due', what: 'arrivals' }, at);
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
