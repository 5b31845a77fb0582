import type { Event } from '../domain/event.ts';
import type { ImagePublished } from '../domain/event.ts';
import type { AcceptOutcome, Delivery, Inbox } from '../store/store.ts';
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
  if (published.length === 0 && wakes.length === 0) return ignored(deps, sender, events);

  const outcome = await deps.inbox.accept({ id, sender, receivedAt: deps.now(), published, wakes });
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

function wakesOf(event: Event, configPaths: readonly string[]): Delivery['wakes'] {
  switch (event.kind) {
    case 'image-published':
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
