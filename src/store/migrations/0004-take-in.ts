import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // What every acceptance begins with, as one statement whose plans are made once and kept. Made while the tables are empty, they have
  // to be good when these are full: so they never read one from end to end. The number is that of the lock in `index-barrier.ts`; it is
  // taken by a statement of its own, since what looks for mentions has to see the tables as they are once it is held. Rows are written in
  // order, so that two acceptances of the same deliveries or versions do not wait for each other.
  `create function tagalong.take_in(deliveries json, publications json, out fresh json, out mentions json)
    language plpgsql set enable_seqscan = off as $$
    begin
      perform pg_advisory_xact_lock_shared(7246391005);
      with taken as (
        insert into tagalong.deliveries as delivery (sender, id, received_at)
        select sender, id, "receivedAt"
        from json_to_recordset(deliveries) as delivery (sender text, id text, "receivedAt" timestamptz)
        order by sender, id
        on conflict do nothing
        returning delivery.sender, delivery.id
      ), publication as materialized (
        select * from json_to_recordset(publications) as publication (
          position integer, sender text, id text, image text, tag text, digest text, "publishedAt" timestamptz, provenance jsonb
        )
      ), remembered as (
        insert into tagalong.versions as old (image, tag, digest, published_at, provenance)
        select image, tag, digest,
          (array_agg("publishedAt" order by position))[1],
          (array_agg(provenance order by position) filter (where provenance is not null))[1]
        from publication join taken using (sender, id)
        group by image, tag, digest
        order by image, tag, digest
        on conflict (image, tag, digest) do update set provenance = excluded.provenance || coalesce(old.provenance, '{}')
        where excluded.provenance is not null
          and coalesce(old.provenance ->> 'commit', excluded.provenance ->> 'commit') = excluded.provenance ->> 'commit'
      ), mentioned as (
        select distinct mention.image, repository.forge, repository.path
        from tagalong.mentions mention join tagalong.repositories repository on repository.key = mention.repository
        where mention.image in (select image from publication)
      )
      select (select json_agg(taken) from taken), (select json_agg(mentioned) from mentioned)
      into fresh, mentions;
    end $$`,
];
