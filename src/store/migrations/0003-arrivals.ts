import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table tagalong.arrivals (
    repository text not null,
    branch_before text not null,
    branch_after text not null,
    seen_at timestamptz not null,
    primary key (repository, branch_before, branch_after)
  )`,
];
