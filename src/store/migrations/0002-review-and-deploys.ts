import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table tagalong.wakes add column delivery text`,
  `create table tagalong.alarms (
    subject text not null,
    what text not null,
    forge text not null,
    path text not null,
    rings_at timestamptz not null,
    primary key (subject, what)
  )`,
  `create index alarms_rings_at on tagalong.alarms (rings_at)`,

  `alter table tagalong.bumps add column merge_commit text`,
  `create index bumps_merged on tagalong.bumps (repository, environment, image, settled_at desc, number desc)
    where state = 'merged'`,

  `create table tagalong.verdicts (
    repository text not null,
    number integer not null,
    forge text not null,
    path text not null,
    head_commit text not null,
    base_commit text not null,
    outcome text not null,
    verdict json not null,
    required_checks jsonb not null,
    decided_at timestamptz not null,
    primary key (repository, number)
  )`,
  `create index verdicts_head on tagalong.verdicts (repository, head_commit)`,
  `create table tagalong.passes (
    repository text not null,
    number integer not null,
    head_commit text not null,
    passed_at timestamptz not null,
    primary key (repository, number, head_commit)
  )`,
  `create table tagalong.renders (
    repository text not null,
    number integer not null,
    head_commit text not null,
    base_commit text not null,
    fingerprint text not null,
    summary json not null,
    saved_at timestamptz not null,
    primary key (repository, number, head_commit)
  )`,

  // `number` is 0, and the other parts of the key are empty, where a kind of decision has none.
  `create table tagalong.decisions (
    repository text not null,
    kind text not null,
    number integer not null,
    environment text not null,
    image text not null,
    what text not null,
    forge text not null,
    path text not null,
    version jsonb,
    origin text,
    head_commit text,
    decided_by text not null,
    decided_at timestamptz not null,
    reason text,
    ends_at timestamptz,
    primary key (repository, number, kind, environment, image, what)
  )`,

  `create table tagalong.audit (
    id bigint generated always as identity primary key,
    key text not null unique,
    happened_at timestamptz not null,
    actor_kind text not null,
    actor text not null,
    action text not null,
    repository text not null,
    forge text not null,
    path text not null,
    number integer,
    environment text,
    image text,
    event text not null,
    details json not null
  )`,
  `create index audit_newest on tagalong.audit (happened_at desc, id desc)`,
  `create index audit_of_repository on tagalong.audit (repository, happened_at desc, id desc)`,
  `create function tagalong.refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'The audit log is append-only.' using errcode = 'insufficient_privilege';
    end
  $$`,
  `create trigger append_only before update or delete or truncate on tagalong.audit
    for each statement execute function tagalong.refuse_change()`,
  // Also where a session says that it only replays what another database did.
  `alter table tagalong.audit enable always trigger append_only`,

  // Compared by bytes, so that the index finds what begins with an abbreviated hash.
  `create table tagalong.commits (
    id bigint generated always as identity primary key,
    repository text not null,
    hash text collate "C" not null,
    unique (hash, repository)
  )`,
  `create index commits_of_repository on tagalong.commits (repository, id desc)`,
  `create table tagalong.reports (
    repository text not null,
    tool text not null,
    application text not null,
    target text not null,
    revision text collate "C" not null,
    state text not null,
    said_at text not null,
    happened_at timestamptz not null,
    received_at timestamptz not null,
    report jsonb not null,
    primary key (repository, revision, tool, application, target, state, said_at)
  )`,
  `create index reports_received_at on tagalong.reports (received_at)`,
  `create table tagalong.waiting_reports (
    revision text collate "C" not null,
    tool text not null,
    application text not null,
    target text not null,
    named text not null,
    state text not null,
    said_at text not null,
    happened_at timestamptz not null,
    received_at timestamptz not null,
    report jsonb not null,
    primary key (revision, tool, application, target, named, state, said_at)
  )`,
  `create table tagalong.rollouts (
    repository text not null,
    number integer not null,
    environment text not null,
    image text not null,
    forge text not null,
    path text not null,
    state text not null,
    since timestamptz not null,
    application text,
    tool text,
    message text,
    url text,
    environment_url text,
    told jsonb not null,
    primary key (repository, number, environment, image)
  )`,
];
