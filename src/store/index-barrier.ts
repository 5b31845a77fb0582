import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';

/**
 * A published image and an index update that run at the same moment must not miss each other: the acceptance looks for
 * repositories that mention the image before the update is there, and the update's reader looks for versions before the
 * acceptance is there. So an update, when it is committed, waits for the acceptances that may have looked too early. They
 * hold this lock together, from before they look (`tagalong.take_in`) until their transactions end, and the update takes and drops it;
 * nobody waits for the length of an update.
 */
const ACCEPTING = 7_246_391_005;

/** Called after the commit of an update; resolves when every acceptance that may not have seen it has ended. */
export async function awaitAcceptances(db: Kysely<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${ACCEPTING}::bigint)`.execute(db);
}
