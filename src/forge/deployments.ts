import type { RepositoryRef } from '../domain/repository.ts';
import type { ChangeRef } from '../domain/change.ts';

/** The part of the forge's port that tells where an application commit runs. See `forge.ts` for what holds of every method. */
export interface Deployments {
  /**
   * Writes what deploy reports mean, in as few requests as the forge allows: where everything was written before, one for all of it and one
   * for each commit whose status changes. What is equal to `known` is not written again. Where the bot may not see a repository, what is
   * told there is left out.
   * @returns for each telling, in their order, what became of it
   */
  tellDeploys(tellings: readonly DeployTelling[]): Promise<readonly DeployTold[]>;
  /** Open and merged changes of the application repository that brought a commit, the newest first. Remembered. */
  changesOfCommit(repository: RepositoryRef, commit: string): Promise<readonly ChangeRef[]>;
}

/** Announcements that share what is remembered of them. No two tellings write the same thing. */
export interface DeployTelling {
  readonly announcements: readonly DeployAnnouncement[];
  readonly known: DeployMemory;
}

export interface DeployTold {
  /** What to hand over as `known` next time, also after a failure. */
  readonly known: DeployMemory;
  /** Why not everything was written: a TagalongError; to be tried again. */
  readonly failure?: unknown;
}

export interface DeployAnnouncement {
  /** The application commit; absent where the image does not tell where it came from. */
  readonly application?: {
    readonly repository: RepositoryRef;
    readonly commit: string;
    readonly deployment: ToldDeployment;
    readonly status: ToldStatus;
  };
  /** Sticky comments, on the application's change and on the bump's own, by marker. */
  readonly comments: readonly { readonly on: ChangeRef; readonly marker: string; readonly body: string }[];
}

export interface ToldDeployment {
  readonly environment: string;
  readonly isProduction: boolean;
  readonly state: 'queued' | 'in-progress' | 'success' | 'failure' | 'inactive' | 'pending';
  /** At most 140 characters are shown. */
  readonly description: string;
  readonly logUrl?: string;
  readonly environmentUrl?: string;
}

export interface ToldStatus {
  /** `tagalong/staging` */
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  readonly description: string;
  readonly url?: string;
}

/** What was written, opaque to everybody but the adapter: ids, and hashes of what was said. JSON. */
export type DeployMemory = Readonly<Record<string, string>>;
