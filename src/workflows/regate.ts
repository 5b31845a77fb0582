import { configPaths } from '../config/config.ts';
import type { Forge } from '../forge/forge.ts';
import type { Inbox, KnownRepository } from '../store/store.ts';
import { CODEOWNERS_PATHS } from './change-look.ts';

/** What the gate reads of the target branch: when one of these moves there, every open change may be judged differently. */
export const gatePaths: readonly string[] = [...configPaths, ...CODEOWNERS_PATHS];

export interface RegateDeps {
  readonly forge: Pick<Forge, 'openChanges'>;
  readonly store: { readonly inbox: Pick<Inbox, 'wake'> };
}

/** Has every open change of the default branch looked at anew. */
export async function regateOpenChanges({ forge, store }: RegateDeps, known: KnownRepository): Promise<void> {
  const { repository, defaultBranch } = known;
  for (const { number } of await forge.openChanges(repository, defaultBranch)) {
    await store.inbox.wake({ kind: 'change', repository, number }, { kind: 'change-touched', what: 'base' });
  }
}
