import type { Change, Person } from '../domain/change.ts';
import type { Bump, ProposedBump } from '../domain/bump.ts';
import type { WrittenCommand } from '../domain/command.ts';
import type { Config } from '../config/config.ts';
import type { ImageName } from '../domain/image.ts';
import type { Version } from '../domain/version.ts';
import type { Forge } from '../forge/forge.ts';
import type { Permission } from '../forge/reviews.ts';
import type {
  Audit,
  Bumps,
  Deploys,
  ImageIndex,
  Inbox,
  KnownRepository,
  Renders,
  Steering,
  Verdicts,
} from '../store/store.ts';

/** What a person must be able to do in the repository, by the forge's own answer. */
export type Needs = 'read' | 'write' | 'admin';

/** A slash command: how it is written, who may, and what it does. Registered in `registry.ts`; help and docs are generated from it. */
export interface Command {
  readonly name: string;
  /** As a person writes it: `/hold [reason]`. */
  readonly usage: string;
  /** One sentence. */
  readonly summary: string;
  readonly needs: Needs;
  /** Works also once the change has ended in this way; left out: only while it is open. */
  readonly afterEnd?: 'closed' | 'merged-or-closed';
  /** Is about the gate, which looks at changes into the branch that is deployed and at no others. */
  readonly ofGate?: true;
  /** Lines to copy, for the docs. */
  readonly examples: readonly string[];
  /**
   * Carries the command out: idempotent, since a run may be repeated after a crash. Expected refusals are answers, not exceptions.
   */
  run(context: CommandContext, command: WrittenCommand): Promise<CommandAnswer>;
}

/** `markdown` is left out where the reaction says it all. */
export type CommandAnswer =
  { readonly kind: 'done'; readonly markdown?: string } | { readonly kind: 'refused'; readonly markdown: string };

/** The world as one command sees it. */
export interface CommandContext {
  readonly change: Change;
  /** The bump that the change is, when it is one of the bot. */
  readonly bump?: ProposedBump;
  /** The environments that the change touches, by name. */
  readonly environments: readonly string[];
  readonly known: KnownRepository;
  /** Of the base branch; undefined when it is not valid. */
  readonly config: Config | undefined;
  readonly by: Person;
  /** What the forge says that the person may do in the repository. */
  readonly permission: Permission;
  /** What the audit log names as the event, and its entries begin their key with: unique to this line of this comment. */
  readonly origin: string;
  readonly now: Date;
  /** When the comment was written, by the forge's clock. */
  readonly at: Date;
  readonly forge: Pick<Forge, 'setLabels' | 'close' | 'openChanges' | 'updateBranch'>;
  readonly steering: Steering;
  readonly audit: Pick<Audit, 'append' | 'entries'>;
  readonly inbox: Pick<Inbox, 'wake'>;
  readonly bumps: Pick<Bumps, 'merged' | 'ofRepository' | 'setState'>;
  readonly index: Pick<ImageIndex, 'files' | 'published'>;
  readonly verdicts: Pick<Verdicts, 'verdict'>;
  readonly renders: Pick<Renders, 'renders'>;
  readonly deploys: Pick<Deploys, 'rollouts' | 'rolloutsOf'>;
  /** The rendered diff as it is now, as Markdown that fits into a comment; `full` shows every line that fits. */
  readonly renderedDiff: (full: boolean) => Promise<string>;
  /** The versions that stand in an environment on the base branch, by image, in the order of their sites. */
  readonly standing: (environment: string) => Promise<ReadonlyMap<ImageName, readonly Version[]>>;
  /**
   * What stood at one place on the base branch after a commit (left out: as far as is looked back), oldest first, each time with the versions
   * of its sites. For what the bot did not bring.
   */
  readonly stoodSince: (
    place: Pick<Bump, 'environment' | 'image'>,
    commit: string | undefined,
  ) => Promise<readonly (readonly Version[])[]>;
}
