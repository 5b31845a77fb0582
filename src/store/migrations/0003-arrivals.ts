import { type Kysely, sql } from 'kysely';

/** Commits of which it is not known yet by which change they came to the branch. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table tagalong.arrivals (
    repository text not null,
    commit_hash text not null,
    branch_before text not null,
    seen_at timestamptz not null,
    primary key (repository, commit_hash)
  )`,
];
