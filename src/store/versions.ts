import { type Kysely, sql } from 'kysely';
import type { ImageName } from '../domain/image.ts';
import type { Provenance, PublishedVersion } from '../domain/version.ts';
import type { Tables } from './schema.ts';
import type { Delivery } from './store.ts';
import { toJson } from './text.ts';

/**
 * What a delivery says of versions. One that is known keeps the moment when it was first published, and takes what it did not know of
 * its provenance.
 */
export function toPublications({ sender, id, receivedAt, published }: Delivery): Publication[] {
  return published.map(({ image, tag, digest = '', provenance = null, publishedAt }) => {
    const said = publishedAt === undefined ? undefined : new Date(publishedAt);
    const isTold = said !== undefined && !Number.isNaN(said.getTime());
    return { sender, id, image, tag, digest, publishedAt: isTold ? said : receivedAt, provenance };
  });
}

/** A version as one delivery tells of it, in the names that the statement of an acceptance reads. */
interface Publication {
  readonly sender: string;
  readonly id: string;
  readonly image: ImageName;
  readonly tag: string;
  readonly digest: string;
  readonly publishedAt: Date;
  readonly provenance: Provenance | null;
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
    from (select distinct json_array_elements_text(${toJson(images)}::text::json) as image) asked
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
