import { type Selectable, sql } from 'kysely';
import type { ProposedBump } from '../domain/bump.ts';
import type { ImageName } from '../domain/image.ts';
import { repositoryKey } from '../domain/repository.ts';
import type { Database } from './database.ts';
import type { Queue } from './queue.ts';
import type { Tables } from './schema.ts';
import type { Bumps } from './store.ts';
import { toJson } from './text.ts';
import { addWakes } from './wakes.ts';

/** How long a merged or closed bump is told of. */
const KEEP_DAYS = 30;

export function openBumps(database: Database, queue: Queue, now: () => Date): Bumps {
  return {
    async ofRepository(repository, images) {
      const since = new Date(now().getTime() - KEEP_DAYS * 24 * 60 * 60 * 1_000);
      const rows = await database.run((db) => {
        const all = db
          .selectFrom('tagalong.bumps')
          .selectAll()
          .where('repository', '=', repositoryKey(repository))
          .where((is) => is.or([is('state', '=', 'open'), is('settled_at', '>=', since)]))
          .orderBy('proposed_at')
          .orderBy('number');
        if (images === undefined) return all.execute();
        const asked = sql<ImageName>`(select json_array_elements_text(${toJson(images)}::text::json))`;
        return all.where('image', 'in', asked).execute();
      });
      return rows.map(toBump);
    },
    async ofChange(repository, number) {
      const rows = await database.run((db) =>
        db
          .selectFrom('tagalong.bumps')
          .selectAll()
          .where('repository', '=', repositoryKey(repository))
          .where('number', '=', number)
          .execute(),
      );
      return rows.map(toBump);
    },
    save: (bump, wake) =>
      database.transaction(async (transaction) => {
        const { repository, number, ...values } = toRow(bump, now());
        await transaction
          .insertInto('tagalong.bumps')
          .values({ repository, number, ...values })
          .onConflict((conflict) =>
            conflict.columns(['repository', 'number']).doUpdateSet({
              ...values,
              // A bump is merged or closed once, however often that is saved.
              settled_at: sql<Date | null>`
                case when excluded.settled_at is not null then coalesce(bumps.settled_at, excluded.settled_at) end`,
              merge_commit: sql<string | null>`coalesce(excluded.merge_commit, bumps.merge_commit)`,
            }),
          )
          .execute();
        if (wake === undefined) return;
        const subject = { kind: 'change', repository: bump.repository, number: bump.change } as const;
        await addWakes(transaction, queue, [{ subject, reason: wake }], now());
      }),
    setState: (repository, number, state, mergeCommit, wakes = []) =>
      database.transaction(async (transaction) => {
        await transaction
          .updateTable('tagalong.bumps')
          .set({
            state,
            settled_at: state === 'open' ? null : sql<Date>`coalesce(settled_at, ${now()}::timestamptz)`,
            ...(mergeCommit !== undefined && { merge_commit: mergeCommit }),
          })
          .where('repository', '=', repositoryKey(repository))
          .where('number', '=', number)
          .execute();
        await addWakes(transaction, queue, wakes, now());
      }),
    async merged(repository, { environment, image, limit }) {
      const rows = await database.run((db) => {
        let query = db
          .selectFrom('tagalong.bumps')
          .selectAll()
          .where('repository', '=', repositoryKey(repository))
          .where('state', '=', 'merged');
        if (environment !== undefined) query = query.where('environment', '=', environment);
        if (image !== undefined) query = query.where('image', '=', image);
        return query.orderBy('settled_at', 'desc').orderBy('number', 'desc').limit(limit).execute();
      });
      return rows.map(toBump);
    },
  };
}

function toRow(bump: ProposedBump, now: Date) {
  return {
    repository: repositoryKey(bump.repository),
    number: bump.change,
    forge: bump.repository.forge,
    path: bump.repository.path,
    environment: bump.environment,
    image: bump.image,
    from_versions: toJson(bump.from),
    to_tag: bump.to.tag,
    to_digest: bump.to.digest ?? null,
    to_published_at: bump.to.publishedAt,
    to_provenance: bump.to.provenance === undefined ? null : toJson(bump.to.provenance),
    branch: bump.branch,
    head_commit: bump.headCommit,
    base_commit: bump.baseCommit,
    state: bump.state,
    history: toJson(bump.history),
    proposed_at: bump.proposedAt,
    settled_at: bump.state === 'open' ? null : now,
    merge_commit: bump.mergeCommit ?? null,
  };
}

function toBump(row: Selectable<Tables['tagalong.bumps']>): ProposedBump {
  return {
    repository: { forge: row.forge, path: row.path },
    environment: row.environment,
    image: row.image,
    from: row.from_versions,
    to: {
      tag: row.to_tag,
      ...(row.to_digest !== null && { digest: row.to_digest }),
      publishedAt: row.to_published_at,
      ...(row.to_provenance !== null && { provenance: row.to_provenance }),
    },
    change: row.number,
    branch: row.branch,
    headCommit: row.head_commit,
    baseCommit: row.base_commit,
    state: row.state,
    history: row.history,
    proposedAt: row.proposed_at,
    ...(row.merge_commit !== null && { mergeCommit: row.merge_commit }),
  };
}
