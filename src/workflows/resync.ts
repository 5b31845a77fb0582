import { repositoryKey } from '../domain/repository.ts';
import type { Repositories } from '../forge/forge.ts';
import type { ImageIndex, Inbox } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';

export interface ResyncDeps {
  readonly inbox: Pick<Inbox, 'wake'>;
  readonly index: Pick<ImageIndex, 'knownRepositories'>;
  readonly log: Log;
}

/** Wakes every known manifest repository, in case that a webhook about it was lost. */
export async function resyncKnown({ inbox, index, log }: ResyncDeps): Promise<void> {
  const known = await index.knownRepositories();
  for (const { repository } of known) await inbox.wake({ kind: 'repository', repository }, { kind: 'resync' });
  log.info({ repositories: known.length }, 'known repositories woken');
}

/** Wakes the installed repositories that are not known, in case that one opted in while nobody listened. */
export async function discoverInstalled(
  { inbox, index, log }: ResyncDeps,
  forge: Pick<Repositories, 'installed'>,
): Promise<void> {
  const known = new Set((await index.knownRepositories()).map(({ repository }) => repositoryKey(repository)));
  let found = 0;
  for await (const { repository } of forge.installed()) {
    if (known.has(repositoryKey(repository))) continue;
    found += 1;
    await inbox.wake({ kind: 'repository', repository }, { kind: 'installed' });
  }
  log.info({ repositories: found }, 'installed repositories woken');
}
