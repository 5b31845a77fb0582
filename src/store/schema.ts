import type { ColumnType, Generated } from 'kysely';
import type { AuditAction, AuditActor } from '../domain/audit.ts';
import type { ProposedBump } from '../domain/bump.ts';
import type { DeployReport, DeployState, DeployTool, RolloutState } from '../domain/deploy.ts';
import type { ImageName } from '../domain/image.ts';
import type { ForgeName } from '../domain/repository.ts';
import type { Pin } from '../domain/steering.ts';
import type { Provenance, Version } from '../domain/version.ts';
import type { RememberedVerdict, WakeReason } from './store.ts';

/** The tables, as the newest migration leaves them. They live in a PostgreSQL schema of their own. */
export interface Tables {
  'tagalong.deliveries': DeliveriesTable;
  'tagalong.versions': VersionsTable;
  'tagalong.repositories': RepositoriesTable;
  'tagalong.mentions': MentionsTable;
  'tagalong.subjects': SubjectsTable;
  'tagalong.wakes': WakesTable;
  'tagalong.bumps': BumpsTable;
  'tagalong.comments': CommentsTable;
  'tagalong.alarms': AlarmsTable;
  'tagalong.verdicts': VerdictsTable;
  'tagalong.passes': PassesTable;
  'tagalong.renders': RendersTable;
  'tagalong.decisions': DecisionsTable;
  'tagalong.audit': AuditTable;
  'tagalong.commits': CommitsTable;
  'tagalong.reports': ReportsTable;
  'tagalong.waiting_reports': WaitingReportsTable;
  'tagalong.rollouts': RolloutsTable;
  'tagalong.arrivals': ArrivalsTable;
}

/** JSON goes in as text, so that both drivers send it alike. */
type Json<T> = ColumnType<T, string, string>;

/** Which deliveries were seen, so that a second one with the same id changes nothing. */
interface DeliveriesTable {
  sender: string;
  id: string;
  received_at: Date;
}

interface VersionsTable {
  id: Generated<string>;
  image: ImageName;
  tag: string;
  /** Empty where the sender did not say. */
  digest: string;
  published_at: Date;
  provenance: Json<Provenance> | null;
}

interface RepositoriesTable {
  /** `repositoryKey()` */
  key: string;
  forge: ForgeName;
  path: string;
  default_branch: string;
  indexed_commit: string | null;
}

interface MentionsTable {
  repository: string;
  file: string;
  image: ImageName;
}

/**
 * One row for each subject that has wakes. Whoever adds or settles wakes of a subject holds the lock of its row, so
 * that a wake is either seen by the run that settles, or rings the bell for another run.
 */
interface SubjectsTable {
  /** `formatSubject()` */
  key: string;
  forge: ForgeName;
  path: string;
  number: number | null;
  /** Until woken a second time. */
  is_new: Generated<boolean>;
  /** Runs that failed since the last one that did not. */
  attempts: Generated<number>;
  /** Those of the attempts that failed for a reason that does not pass by itself. */
  failures: Generated<number>;
  error: string | null;
  failed_at: Date | null;
  next_attempt_at: Date | null;
  /** Set while the other side is known to be unwell: new wakes wait for this moment too. */
  not_before: Date | null;
  dead: Generated<boolean>;
}

interface WakesTable {
  id: Generated<string>;
  subject: string;
  reason: Json<WakeReason>;
  woken_at: Date;
  /** `<sender> <id>` */
  delivery: string | null;
}

/** Moments at which subjects are woken; one that has rung is gone. */
interface AlarmsTable {
  subject: string;
  what: Extract<WakeReason, { kind: 'due' }>['what'];
  forge: ForgeName;
  path: string;
  rings_at: Date;
}

interface BumpsTable {
  repository: string;
  number: number;
  forge: ForgeName;
  path: string;
  environment: string;
  image: ImageName;
  from_versions: Json<readonly Version[]>;
  to_tag: string;
  to_digest: string | null;
  to_published_at: Date;
  to_provenance: Json<Provenance> | null;
  branch: string;
  head_commit: string;
  base_commit: string;
  state: ProposedBump['state'];
  history: Json<readonly Version[]>;
  proposed_at: Date;
  /** When it was merged or closed, as far as we noticed. */
  settled_at: Date | null;
  merge_commit: string | null;
}

interface CommentsTable {
  repository: string;
  number: number;
  marker: string;
  /** Null while an attempt to write it has begun and its end is not known. */
  comment_id: string | null;
  body_hash: string | null;
  /** When an attempt to write it last began or ended. */
  touched_at: Date;
}

interface VerdictsTable {
  repository: string;
  number: number;
  forge: ForgeName;
  path: string;
  head_commit: string;
  base_commit: string;
  outcome: RememberedVerdict['outcome'];
  verdict: Json<unknown>;
  required_checks: Json<readonly string[]>;
  decided_at: Date;
}

/** Heads that the gate let pass, also those that are heads no more. */
interface PassesTable {
  repository: string;
  number: number;
  head_commit: string;
  passed_at: Date;
}

interface RendersTable {
  repository: string;
  number: number;
  head_commit: string;
  base_commit: string;
  fingerprint: string;
  summary: Json<unknown>;
  saved_at: Date;
}

/** What people decided. It stands nowhere else, so it outlives the repository's being known. */
interface DecisionsTable {
  repository: string;
  kind: DecisionKind;
  /** 0: about the repository. */
  number: number;
  /** Empty: about none, or any. */
  environment: string;
  image: ImageName | '';
  /** Tells apart what may stand beside each other: the version of a skip, the person of an approval, the rule of an override. */
  what: string;
  forge: ForgeName;
  path: string;
  /** Of a request with the moment of its publication as text, since it is JSON. */
  version: Json<Version & { publishedAt?: string; provenance?: Provenance }> | null;
  origin: Pin['origin'] | null;
  head_commit: string | null;
  decided_by: string;
  decided_at: Date;
  reason: string | null;
  ends_at: Date | null;
}

export type DecisionKind = 'pin' | 'freeze' | 'skip' | 'request' | 'approval' | 'override' | 'merge';

/** The database itself refuses to change or delete a row. */
interface AuditTable {
  id: Generated<string>;
  key: string;
  happened_at: Date;
  actor_kind: AuditActor['kind'];
  actor: string;
  action: AuditAction;
  repository: string;
  forge: ForgeName;
  path: string;
  number: number | null;
  environment: string | null;
  image: ImageName | null;
  event: string;
  details: Json<Readonly<Record<string, string>>>;
}

/** Commits that default branches have had, in their order by id. */
interface CommitsTable {
  id: Generated<string>;
  repository: string;
  hash: string;
}

/** Moves of default branches of which the forge has not told yet by which changes they came. */
interface ArrivalsTable {
  repository: string;
  branch_before: string;
  branch_after: string;
  /** When the bot saw it first. */
  seen_at: Date;
}

/** Every different report of the last days; of those alike but for their moment, the newest is told. */
interface ReportsTable extends ReportColumns {
  repository: string;
}

/** Reports about commits that no known repository has had. */
interface WaitingReportsTable extends ReportColumns {
  /** The repository that the report names, or empty. */
  named: string;
}

interface ReportColumns {
  tool: DeployTool;
  application: string;
  /** The environment and the path that the report names, as JSON. */
  target: string;
  revision: string;
  state: DeployState;
  /** As the tool says, in UTC; empty where it says nothing. */
  said_at: string;
  /** What they are ordered by. */
  happened_at: Date;
  received_at: Date;
  report: Json<DeployReport>;
}

interface RolloutsTable {
  repository: string;
  number: number;
  environment: string;
  image: ImageName;
  forge: ForgeName;
  path: string;
  state: RolloutState;
  since: Date;
  application: string | null;
  tool: string | null;
  message: string | null;
  url: string | null;
  environment_url: string | null;
  told: Json<Readonly<Record<string, string>>>;
}
