import type { ColumnType, Generated } from 'kysely';
import type { ProposedBump } from '../domain/bump.ts';
import type { ImageName } from '../domain/image.ts';
import type { ForgeName } from '../domain/repository.ts';
import type { Provenance, Version } from '../domain/version.ts';
import type { WakeReason } from './store.ts';

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
}

interface CommentsTable {
  repository: string;
  number: number;
  marker: string;
  /** Null while an attempt to write it has begun and its end is not known. */
  comment_id: string | null;
  body_hash: string | null;
}
