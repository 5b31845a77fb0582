import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { TagalongError } from '../../domain/errors.ts';
import * as initial from './0001-initial.ts';
import * as reviewAndDeploys from './0002-review-and-deploys.ts';
import * as arrivals from './0003-arrivals.ts';
import * as takeIn from './0004-take-in.ts';
import * as touchedComments from './0005-touched-comments.ts';

/** Applied in the order of their names; a released migration is never changed. */
const migrations: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-review-and-deploys': reviewAndDeploys,
  '0003-arrivals': arrivals,
  '0004-take-in': takeIn,
  '0005-touched-comments': touchedComments,
};

const MIGRATING = 7_246_391_004;

/**
 * Brings the tables to the newest shape. Replicas that start together wait for each other.
 * @throws TagalongError `store-newer`
 */
export async function migrateToLatest<Tables>(db: Kysely<Tables>): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    // Two that find no schema would both make it, and one would fail.
    await sql`select pg_advisory_xact_lock(${MIGRATING}::bigint)`.execute(transaction);
    await sql`create schema if not exists tagalong`.execute(transaction);
  });
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
    migrationTableSchema: 'tagalong',
  });
  const { error } = await migrator.migrateToLatest();
  const [, later] = error instanceof Error ? (UNKNOWN_MIGRATION.exec(error.message) ?? []) : [];
  if (later !== undefined) {
    const message = `A newer release has changed the database: this one knows nothing of ${later}.`;
    throw new TagalongError('store-newer', message, { cause: error });
  }
  if (error instanceof Error) throw error;
  if (error !== undefined) throw new Error('The migrations failed.', { cause: error });
}

/** How the library says that the database has been through a migration that is not among ours. */
const UNKNOWN_MIGRATION = /previously executed migration (\S+) is missing/;
