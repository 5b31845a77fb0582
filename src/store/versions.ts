import { type Kysely, sql, type Transaction } from 'kysely';
import type { ImagePublished } from '../domain/event.ts';
import type { ImageName } from '../domain/image.ts';
import type { Provenance, PublishedVersion } from '../domain/version.ts';
import type { Tables } from './schema.ts';

interface Publication {
  readonly event: ImagePublished;
  readonly receivedAt: Date;
}

/**
 * Remembers versions. One that is known keeps the moment when it was first published, and takes what it did not know of
 * its provenance.
 */
export async function rememberVersions(
  transaction: Transaction<Tables>,
  publications: readonly Publication[],
): Promise<void> {
  if (publications.length === 0) return;
  const rows = new Map<string, VersionRow>();
  for (const row of publications.map(toRow)) {
    const key = JSON.stringify([row.image, row.tag, row.digest]);
    rows.set(key, merge(rows.get(key), row));
  }
  // Ordered, so that two transactions with the same versions do not wait for each other.
  await sql`
    insert into tagalong.versions as old (image, tag, digest, published_at, provenance)
    select image, tag, digest, "publishedAt", provenance
    from json_to_recordset(${JSON.stringify([...rows.values()])}::text::json)
      as version (image text, tag text, digest text, "publishedAt" timestamptz, provenance jsonb)
    order by image, tag, digest
    on conflict (image, tag, digest) do update set provenance = excluded.provenance || coalesce(old.provenance, '{}')
    where excluded.provenance is not null
      and coalesce(old.provenance ->> 'commit', excluded.provenance ->> 'commit') = excluded.provenance ->> 'commit'`.execute(
    transaction,
  );
}

/** The newest versions of each image, newest first, at most `limit` an image. */
export async function publishedVersions(
  db: Kysely<Tables>,
  images: readonly ImageName[],
  limit: number,
): Promise<Map<ImageName, PublishedVersion[]>> {
  const { rows } = await sql<{
    image: ImageName;
    tag: string;
    digest: string;
    publishedAt: Date;
    provenance: Provenance | null;
  }>`
    select asked.image, version.tag, version.digest, version.published_at as "publishedAt", version.provenance
    from (select distinct json_array_elements_text(${JSON.stringify(images)}::text::json) as image) asked
    cross join lateral (
      select * from tagalong.versions where image = asked.image order by published_at desc, id desc limit ${limit}::integer
    ) version
    order by asked.image, version.published_at desc, version.id desc`.execute(db);
  const versions = new Map<ImageName, PublishedVersion[]>(images.map((image) => [image, []]));
  for (const { image, tag, digest, publishedAt, provenance } of rows)
    versions
      .get(image)
      ?.push({ tag, ...(digest !== '' && { digest }), publishedAt, ...(provenance !== null && { provenance }) });
  return versions;
}

interface VersionRow {
  readonly image: ImageName;
  readonly tag: string;
  readonly digest: string;
  readonly publishedAt: Date;
  readonly provenance: Provenance | null;
}

function toRow({ event, receivedAt }: Publication): VersionRow {
  const said = event.publishedAt === undefined ? undefined : new Date(event.publishedAt);
  const publishedAt = said === undefined || Number.isNaN(said.getTime()) ? receivedAt : said;
  const { image, tag, digest = '', provenance = null } = event;
  return { image, tag, digest, publishedAt, provenance };
}

function merge(old: VersionRow | undefined, row: VersionRow): VersionRow {
  return old === undefined ? row : { ...old, provenance: old.provenance ?? row.provenance };
}
