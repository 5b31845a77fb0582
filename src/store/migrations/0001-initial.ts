import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table tagalong.deliveries (
    sender text not null,
    id text not null,
    received_at timestamptz not null,
    primary key (sender, id)
  )`,
  `create index deliveries_received_at on tagalong.deliveries (received_at)`,

  `create table tagalong.versions (
    id bigint generated always as identity primary key,
    image text not null,
    tag text not null,
    digest text not null,
    published_at timestamptz not null,
    provenance jsonb,
    unique (image, tag, digest)
  )`,
  `create index versions_newest on tagalong.versions (image, published_at desc, id desc)`,
  `create index versions_published_at on tagalong.versions (published_at)`,

  `create table tagalong.repositories (
    key text primary key,
    forge text not null,
    path text not null,
    default_branch text not null,
    indexed_commit text
  )`,
  `create table tagalong.mentions (
    repository text not null references tagalong.repositories (key) on delete cascade,
    file text not null,
    image text not null,
    primary key (repository, file, image)
  )`,
  `create index mentions_image on tagalong.mentions (image, repository)`,

  `create table tagalong.subjects (
    key text primary key,
    forge text not null,
    path text not null,
    number integer,
    is_new boolean not null default true,
    attempts integer not null default 0,
    failures integer not null default 0,
    error text,
    failed_at timestamptz,
    next_attempt_at timestamptz,
    not_before timestamptz,
    dead boolean not null default false
  )`,
  `create table tagalong.wakes (
    id bigint generated always as identity primary key,
    subject text not null references tagalong.subjects (key),
    reason jsonb not null,
    woken_at timestamptz not null
  )`,
  `create index wakes_subject on tagalong.wakes (subject, id)`,

  `create table tagalong.bumps (
    repository text not null,
    number integer not null,
    forge text not null,
    path text not null,
    environment text not null,
    image text not null,
    from_versions jsonb not null,
    to_tag text not null,
    to_digest text,
    to_published_at timestamptz not null,
    to_provenance jsonb,
    branch text not null,
    head_commit text not null,
    base_commit text not null,
    state text not null,
    history jsonb not null,
    proposed_at timestamptz not null,
    settled_at timestamptz,
    primary key (repository, number)
  )`,
  `create index bumps_image on tagalong.bumps (repository, image)`,
  `create index bumps_settled_at on tagalong.bumps (settled_at)`,

  `create table tagalong.comments (
    repository text not null,
    number integer not null,
    marker text not null,
    comment_id text,
    body_hash text,
    primary key (repository, number, marker)
  )`,
];
