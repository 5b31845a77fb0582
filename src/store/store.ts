import type { ProposedBump } from '../domain/bump.ts';
import type { AuditEntry } from '../domain/audit.ts';
import type { CommandComment } from '../domain/command.ts';
import type { DeployReport, RolloutState } from '../domain/deploy.ts';
import type { ImagePublished } from '../domain/event.ts';
import type { ImageName } from '../domain/image.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { ChangeSteering, RepositorySteering, SteeringAction } from '../domain/steering.ts';
import type { Subject } from '../domain/subject.ts';
import type { PublishedVersion } from '../domain/version.ts';

/** What a sender delivered, authenticated, decoded, and turned into what must be remembered and who must be woken. */
export interface Delivery {
  /** Unique per sender: the forge's delivery id, or a hash of what the event says where the sender numbers nothing. */
  readonly id: string;
  readonly sender: string;
  readonly receivedAt: Date;
  /** Remembered as versions of their images, and waking every repository whose index mentions the image. */
  readonly published: readonly ImagePublished[];
  readonly wakes: readonly {
    readonly subject: Subject;
    readonly reason: WakeReason;
    /** Wake only when the repository of the subject is known (opted in), or waits to be looked at. */
    readonly onlyIfKnown: boolean;
  }[];
  /** Wakes the changes whose head was this commit when the gate looked last. */
  readonly heads?: readonly {
    readonly repository: RepositoryRef;
    readonly commit: string;
    readonly reason: WakeReason;
  }[];
  /**
   * Kept for the repository that has the revision: the one that is named, when it is known, else every one whose branch had the commit. Reports that
   * fit nowhere wait for a day for a push that brings their commit. A repeated one changes nothing.
   */
  readonly reports?: readonly DeployReport[];
}

/** Why a subject was woken. */
export type WakeReason =
  | { readonly kind: 'image-published'; readonly image: ImageName }
  | { readonly kind: 'branch-pushed'; readonly branch: string; readonly commit?: string }
  | { readonly kind: 'change-updated'; readonly state: 'open' | 'merged' | 'closed'; readonly headCommit: string }
  /** The bot wrote this change itself. */
  | { readonly kind: 'change-written'; readonly headCommit: string; readonly created: boolean }
  /** Somebody reviewed, labelled, or otherwise touched it without a new commit. */
  | { readonly kind: 'change-touched'; readonly what: 'reviews' | 'attributes' | 'steering' | 'base' | 'time' }
  | { readonly kind: 'check-reported'; readonly name: string; readonly commit: string }
  | { readonly kind: 'commanded'; readonly comment: CommandComment }
  | { readonly kind: 'merge-group'; readonly headCommit: string; readonly baseCommit: string }
  /** Somebody pressed a button of a check, or asked for it in a comment. */
  | { readonly kind: 'action'; readonly action: string; readonly commit: string; readonly by: string }
  /** A person decided something about what is proposed: a pin, a skip, a request. */
  | { readonly kind: 'steered' }
  /** The change is to be built anew on the newest base, although git could merge it. */
  | { readonly kind: 'rebuild'; readonly number: number }
  | { readonly kind: 'deploy-reported' }
  /** A change of the bot was merged. */
  | { readonly kind: 'bump-merged'; readonly number: number }
  /** Time has come to look again. */
  | { readonly kind: 'due'; readonly what: 'gate' | 'steering' | 'rollout' | 'arrivals' }
  | { readonly kind: 'installed' }
  | { readonly kind: 'removed' }
  | { readonly kind: 'resync' };

export interface Wake {
  readonly id: string;
  readonly reason: WakeReason;
  readonly wokenAt: Date;
  /** `<sender> <delivery id>`, for the audit log; absent when the bot woke it by itself. */
  readonly delivery?: string;
}

export interface AcceptOutcome {
  readonly status: 'accepted' | 'duplicate';
  /** How many subjects were woken. */
  readonly woken: number;
  /** Published images that no known repository mentions. */
  readonly unmentioned: readonly ImageName[];
}

/** Deliveries in, wakes out. */
export interface Inbox {
  /**
   * Stores the delivery, the versions it published, and its wakes, in one transaction that has
   * reached the disk when this returns. A delivery id seen before changes nothing. Images wake the repositories whose index
   * mentions them. Concurrent calls share a commit.
   * @throws TagalongError `store-unavailable`: the sender must deliver again.
   */
  accept(delivery: Delivery): Promise<AcceptOutcome>;
  /** Wakes a subject without a delivery. */
  wake(subject: Subject, reason: WakeReason): Promise<void>;
  /**
   * Wakes a subject at a later moment, a few seconds late at most. A subject has one such moment for each `what` of the reason: the last call wins; undefined takes it back.
   */
  wakeAt(subject: Subject, reason: Extract<WakeReason, { kind: 'due' }>, at: Date | undefined): Promise<void>;
}

export type Reconciler = (subject: Subject, wakes: readonly Wake[]) => Promise<void>;

export interface Workers {
  /**
   * Starts reconciling woken subjects: all pending wakes of a subject in one call, exactly one call per subject at a time over all
   * replicas, at least once. A call that throws is repeated later with the same wakes and any newer ones: TagalongErrors that are
   * transient until they pass (at `retryAt` where given), others up to a limit, after which the wakes are dead letters.
   */
  start(reconcile: Reconciler): Promise<void>;
  /** Takes no new subject, waits for the running ones up to `graceMs`, releases the rest to be taken again. */
  stop(graceMs: number): Promise<void>;
}

export interface InboxEntry {
  readonly subject: string;
  readonly state: 'pending' | 'retrying' | 'dead';
  readonly wakes: number;
  readonly attempts: number;
  readonly error?: string;
  readonly oldest: Date;
  readonly nextAttemptAt?: Date;
}

/** For `tagalong inbox`. */
export interface InboxAdmin {
  entries(): Promise<readonly InboxEntry[]>;
  /** Makes dead (or all, when undefined: every dead) subjects pending again. @returns how many. */
  retry(subject?: Subject): Promise<number>;
}

/** A manifest repository as remembered. */
export interface KnownRepository {
  readonly repository: RepositoryRef;
  readonly defaultBranch: string;
  /** The commit of the default branch that the index describes. */
  readonly indexedCommit?: string;
}

/** Which files of which manifest repositories mention which image, and which versions of images were published. */
export interface ImageIndex {
  known(repository: RepositoryRef): Promise<KnownRepository | undefined>;
  knownRepositories(): Promise<readonly KnownRepository[]>;
  /**
   * Replaces what the index says of the given files (an empty list forgets the file), and moves `indexedCommit`, in one
   * transaction. With `complete`, files not named are forgotten. After it returns, an image accepted concurrently has either woken
   * this repository or is seen by `published`.
   */
  update(
    repository: KnownRepository,
    mentions: ReadonlyMap<string, readonly ImageName[]>,
    options?: { complete?: boolean },
  ): Promise<void>;
  /** Forgets a repository: its mentions and open bumps. */
  forget(repository: RepositoryRef): Promise<void>;
  /** The files that mention each of the images, or any image when `images` is undefined. */
  files(repository: RepositoryRef, images?: readonly ImageName[]): Promise<ReadonlyMap<ImageName, readonly string[]>>;
  /** Published versions, newest first, at most `limit` (default 100) an image. */
  published(images: readonly ImageName[], limit?: number): Promise<ReadonlyMap<ImageName, readonly PublishedVersion[]>>;
}

/** Which bumps were proposed where. */
export interface Bumps {
  /** The open bump for each image and environment, and closed or merged ones of the last `keep` days. */
  ofRepository(repository: RepositoryRef, images?: readonly ImageName[]): Promise<readonly ProposedBump[]>;
  ofChange(repository: RepositoryRef, number: number): Promise<readonly ProposedBump[]>;
  /**
   * Saves by repository and change number, and wakes the change in the same transaction when `wake` is given.
   */
  save(bump: ProposedBump, wake?: WakeReason): Promise<void>;
  /**
   * Saves what became of it, and wakes subjects in the same transaction: whoever is woken earlier may look, and find nothing, before it
   * is saved; whoever is woken later may never be.
   * @param mergeCommit remembered where given, and never forgotten
   */
  setState(
    repository: RepositoryRef,
    number: number,
    state: ProposedBump['state'],
    mergeCommit?: string,
    wakes?: readonly { readonly subject: Subject; readonly reason: WakeReason }[],
  ): Promise<void>;
  /** Bumps that were merged into an environment, for one image or all, newest merge first, however old. For `/rollback` and deploy reports. */
  merged(
    repository: RepositoryRef,
    filter: { readonly environment?: string; readonly image?: ImageName; readonly limit: number },
  ): Promise<readonly ProposedBump[]>;
}

/** What the gate said last of a change. */
export interface RememberedVerdict {
  readonly repository: RepositoryRef;
  readonly number: number;
  readonly headCommit: string;
  readonly baseCommit: string;
  readonly outcome: 'pass' | 'wait' | 'block';
  /** The tree of reasons, as JSON; opaque here. */
  readonly verdict: unknown;
  /** Names of checks that were required then; another one's news changes nothing. */
  readonly requiredChecks: readonly string[];
  /** When the gate looked at this head first; of one that is open for very long, sometime later. */
  readonly decidedAt: Date;
}

export interface Verdicts {
  verdict(repository: RepositoryRef, number: number): Promise<RememberedVerdict | undefined>;
  /** One per change: the last wins. Those with outcome `pass` are also remembered by head, for {@link passed}. */
  saveVerdict(verdict: RememberedVerdict): Promise<void>;
  /** Of every change whose head was this commit when the gate looked last, by number. */
  ofHead(repository: RepositoryRef, headCommit: string): Promise<readonly RememberedVerdict[]>;
  /** Whether the gate ever passed the change at this head. */
  passed(repository: RepositoryRef, number: number, headCommit: string): Promise<boolean>;
}

/** What a head renders to: equal fingerprints mean that nothing that was reviewed is different. */
export interface RememberedRender {
  readonly headCommit: string;
  readonly baseCommit: string;
  readonly fingerprint: string;
  /** Findings and failures, as JSON; opaque here. */
  readonly summary: unknown;
}

export interface Renders {
  renders(repository: RepositoryRef, number: number): Promise<readonly RememberedRender[]>;
  /**
   * By change and head. Those of a bump are kept while it is open and 30 days longer; those of another change for 180 days after it was
   * last rendered or judged, since nobody says here when it is closed.
   */
  saveRender(repository: RepositoryRef, number: number, render: RememberedRender): Promise<void>;
}

/** Decisions of people. Those that have ended by themselves are not told, and stay in the audit log. */
export interface Steering {
  ofRepository(repository: RepositoryRef, now: Date): Promise<RepositorySteering>;
  ofChange(repository: RepositoryRef, number: number): Promise<ChangeSteering>;
  /**
   * Carries out an action, writes its line of the audit log and wakes subjects, in one transaction that has reached the disk when this returns.
   * When the line stands already (a repeated run), the action is not carried out again, and the subjects are woken all the same.
   */
  apply(
    repository: RepositoryRef,
    action: SteeringAction,
    entry: AuditEntry,
    wakes: readonly { readonly subject: Subject; readonly reason: WakeReason }[],
  ): Promise<void>;
}

export interface AuditFilter {
  readonly repository?: RepositoryRef;
  readonly change?: number;
  readonly since?: Date;
  readonly limit: number;
}

/** Append-only. */
export interface Audit {
  /** Appends what is not there yet, by key. */
  append(entries: readonly AuditEntry[]): Promise<void>;
  /** Newest first. */
  entries(filter: AuditFilter): Promise<readonly AuditEntry[]>;
}

/** A report as kept: the revision in full where the repository's branch had it. */
export interface KeptReport extends DeployReport {
  readonly repository: RepositoryRef;
  readonly receivedAt: Date;
}

/** Where one bump is on its way, and what was told about it. */
export interface Rollout {
  readonly repository: RepositoryRef;
  /** The change of the bump. */
  readonly number: number;
  readonly environment: string;
  readonly image: ImageName;
  readonly state: RolloutState;
  /** When it came into this state, as the tool says, else as we heard of it. */
  readonly since: Date;
  readonly application?: string;
  readonly tool?: string;
  readonly message?: string;
  readonly url?: string;
  readonly environmentUrl?: string;
  /** What the forge and the chat need for the next update; opaque here. */
  readonly told: Readonly<Record<string, string>>;
}

export interface Deploys {
  /**
   * Of the last 30 days, newest first: the newest report of each application (its tool, name, environment and path) at each revision in
   * each state. What ended is not covered by a later `in-progress`, so that the order of delivery decides nothing. `at` is told as it is
   * believed: the moment of receipt for a clock that is more than five minutes ahead, absent where the tool says none.
   */
  reports(repository: RepositoryRef): Promise<readonly KeptReport[]>;
  /**
   * Remembers commits that the default branch has had, in their order (oldest first), and wakes the deploys of the repository when a
   * report waited for one of them.
   */
  saveCommits(repository: RepositoryRef, commits: readonly string[]): Promise<void>;
  /** Rollouts of the repository that are not superseded, and others of the last 7 days. */
  rollouts(repository: RepositoryRef): Promise<readonly Rollout[]>;
  rolloutsOf(repository: RepositoryRef, number: number): Promise<readonly Rollout[]>;
  /** @param entry the line of the audit log about what it has come to, appended in the same transaction */
  saveRollout(rollout: Rollout, entry?: AuditEntry): Promise<void>;
}

/** The default branch went from one commit to another, with commits of which the forge has not told yet by which change they came. */
export interface Arrival {
  readonly from: string;
  readonly to: string;
  readonly seenAt: Date;
}

export interface Arrivals {
  /** Those seen first come first. */
  unexplained(repository: RepositoryRef): Promise<readonly Arrival[]>;
  /** One that is kept already stays as it was seen first. */
  keep(repository: RepositoryRef, arrival: Arrival): Promise<void>;
  settle(repository: RepositoryRef, arrival: Pick<Arrival, 'from' | 'to'>): Promise<void>;
}

/** The ids of comments that we wrote, so that an update needs no search. */
export interface CommentMemory {
  /** undefined: never written as far as we know. `unknown`: an attempt was begun and its end is not known. */
  comment(
    repository: RepositoryRef,
    number: number,
    marker: string,
  ): Promise<{ id: string; bodyHash: string } | 'unknown' | undefined>;
  begin(repository: RepositoryRef, number: number, marker: string): Promise<void>;
  finish(
    repository: RepositoryRef,
    number: number,
    marker: string,
    comment: { id: string; bodyHash: string },
  ): Promise<void>;
}

export interface Store extends ImageIndex {
  readonly inbox: Inbox;
  readonly workers: Workers;
  readonly admin: InboxAdmin;
  readonly bumps: Bumps;
  readonly comments: CommentMemory;
  readonly verdicts: Verdicts;
  readonly renders: Renders;
  readonly steering: Steering;
  readonly audit: Audit;
  readonly arrivals: Arrivals;
  readonly deploys: Deploys;
  /** Resolves when the database answers. @throws TagalongError `store-unavailable` */
  ping(): Promise<void>;
  close(): Promise<void>;
}
