import { parseCommands } from '../commands/parse.ts';
import type { Event, ImagePublished } from '../domain/event.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { AcceptOutcome, Delivery, Inbox, WakeReason } from '../store/store.ts';
import type { Log, Metrics } from '../telemetry/telemetry.ts';

export interface AcceptDeps {
  readonly inbox: Pick<Inbox, 'accept'>;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'imageUnmentioned'>;
  readonly now: () => Date;
  /** The paths at which a repository may keep its configuration: a push that touches one may opt the repository in. */
  readonly configPaths: readonly string[];
}

export type Accepted = { readonly status: 'accepted' | 'duplicate' | 'ignored'; readonly reason?: string };

/**
 * Stores what a delivery says and wakes the subjects it is about. When it returns, nothing of it can be lost.
 * @throws TagalongError `store-unavailable`: the sender must deliver again.
 */
export async function accept(
  deps: AcceptDeps,
  sender: string,
  id: string,
  events: readonly Event[],
): Promise<Accepted> {
  const published = events.filter((event): event is ImagePublished => event.kind === 'image-published');
  const wakes = events.flatMap((event) => wakesOf(event, deps.configPaths));
  const heads = events.flatMap(headsOf);
  const reports = events.flatMap((event) => (event.kind === 'deploy-reported' ? [event.report] : []));
  if ([published, wakes, heads, reports].every(({ length }) => length === 0)) return ignored(deps, sender, events);

  const delivery: Delivery = {
    id,
    sender,
    receivedAt: deps.now(),
    published,
    wakes,
    ...(heads.length > 0 && { heads }),
    ...(reports.length > 0 && { reports }),
  };
  const outcome = await deps.inbox.accept(delivery);
  tell(deps, sender, id, outcome);
  return { status: outcome.status };
}

function ignored(deps: AcceptDeps, sender: string, events: readonly Event[]): Accepted {
  const reason = events.find((event) => event.kind === 'ignored')?.reason ?? 'it is about nothing that is watched';
  deps.log.debug({ sender, reason }, 'delivery ignored');
  return { status: 'ignored', reason };
}

function tell(deps: AcceptDeps, sender: string, id: string, outcome: AcceptOutcome): void {
  deps.log.info({ sender, delivery: id, status: outcome.status, woken: outcome.woken }, 'delivery accepted');
  for (const image of outcome.unmentioned) {
    deps.metrics.imageUnmentioned();
    deps.log.info({ sender, delivery: id, image }, 'published image is mentioned by no manifest repository');
  }
}

/** News of a commit: whoever has it for a head is looked at. */
function headsOf(event: Event): NonNullable<Delivery['heads']> {
  if (event.kind !== 'check-reported') return [];
  const { repository, commit, name } = event;
  return [{ repository, commit, reason: { kind: 'check-reported', name, commit } }];
}

function wakesOf(event: Event, configPaths: readonly string[]): Delivery['wakes'] {
  switch (event.kind) {
    case 'image-published':
    case 'check-reported':
    case 'deploy-reported':
    case 'ignored':
      return [];
    case 'branch-pushed': {
      if (!event.isDefaultBranch || event.after === undefined) return [];
      const mayOptIn = event.paths?.some((path) => configPaths.includes(path)) ?? true;
      return [
        {
          subject: { kind: 'repository', repository: event.repository },
          reason: { kind: 'branch-pushed', branch: event.branch, commit: event.after },
          onlyIfKnown: !mayOptIn,
        },
      ];
    }
    case 'change-updated':
      return [
        {
          subject: { kind: 'change', repository: event.repository, number: event.number },
          reason: { kind: 'change-updated', state: event.state, headCommit: event.headCommit },
          onlyIfKnown: true,
        },
      ];
    case 'change-reviewed':
      return [wakeOfChange(event, { kind: 'change-touched', what: 'reviews' })];
    case 'comment-written': {
      const commands = event.by.isBot ? [] : parseCommands(event.body);
      if (commands.length === 0) return [];
      const { comment, by, at } = event;
      return [wakeOfChange(event, { kind: 'commanded', comment: { comment, by, at, commands } })];
    }
    case 'merge-group-requested': {
      const { repository, number, headCommit, baseCommit } = event;
      const reason: WakeReason = { kind: 'merge-group', headCommit, baseCommit };
      if (number !== undefined) return [wakeOfChange({ repository, number }, reason)];
      return [{ subject: { kind: 'repository', repository }, reason, onlyIfKnown: true }];
    }
    case 'action-requested':
      return [
        {
          subject: { kind: 'repository', repository: event.repository },
          reason: { kind: 'action', action: event.action, commit: event.commit, by: event.by.login },
          onlyIfKnown: true,
        },
      ];
    case 'repositories-installed':
      return event.repositories.map((repository) => ({
        subject: { kind: 'repository', repository },
        reason: { kind: 'installed' },
        onlyIfKnown: false,
      }));
    case 'repositories-removed':
      return event.repositories.map((repository) => ({
        subject: { kind: 'repository', repository },
        reason: { kind: 'removed' },
        onlyIfKnown: true,
      }));
  }
}

function wakeOfChange(
  { repository, number }: { readonly repository: RepositoryRef; readonly number: number },
  reason: WakeReason,
): Delivery['wakes'][number] {
  return { subject: { kind: 'change', repository, number }, reason, onlyIfKnown: true };
}
