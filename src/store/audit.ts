import { type Selectable, sql, type Transaction } from 'kysely';
import type { AuditEntry } from '../domain/audit.ts';
import { repositoryKey } from '../domain/repository.ts';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';
import type { Audit, AuditFilter } from './store.ts';
import { toJson } from './text.ts';

export function openAudit(database: Database): Audit {
  return {
    async append(entries) {
      if (entries.length === 0) return;
      await database.transaction((transaction) => appendAudit(transaction, entries));
    },
    entries: (filter) => entries(database, filter),
  };
}

/**
 * Appends lines. The database itself refuses to change or remove one.
 * @returns the keys of those that did not stand there yet
 */
export async function appendAudit(
  transaction: Transaction<Tables>,
  entries: readonly AuditEntry[],
): Promise<ReadonlySet<string>> {
  const rows = entries.map(({ at, actor, repository, ...entry }) => ({
    ...entry,
    at: at.toISOString(),
    actorKind: actor.kind,
    actor: actor.name,
    repository: repositoryKey(repository),
    forge: repository.forge,
    path: repository.path,
  }));
  // The index orders the keys, so that two that append the same lines do not wait for each other; the ids keep the order of the entries
  // where that matters, which is within one moment.
  const { rows: added } = await sql<{ key: string }>`
    insert into tagalong.audit
      (key, happened_at, actor_kind, actor, action, repository, forge, path, number, environment, image, event, details)
    select key, at, "actorKind", actor, action, repository, forge, path, change, environment, image, event, details
    from json_to_recordset(${toJson(rows)}::text::json) as entry (
      key text, at timestamptz, "actorKind" text, actor text, action text, repository text, forge text, path text,
      change integer, environment text, image text, event text, details json
    )
    order by at, key
    on conflict (key) do nothing
    returning key`.execute(transaction);
  return new Set(added.map(({ key }) => key));
}

async function entries(database: Database, { repository, change, since, limit }: AuditFilter): Promise<AuditEntry[]> {
  const rows = await database.run((db) => {
    let query = db.selectFrom('tagalong.audit').selectAll();
    if (repository !== undefined) query = query.where('repository', '=', repositoryKey(repository));
    if (change !== undefined) query = query.where('number', '=', change);
    if (since !== undefined) query = query.where('happened_at', '>=', since);
    return query.orderBy('happened_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
  });
  return rows.map(toEntry);
}

function toEntry(row: Selectable<Tables['tagalong.audit']>): AuditEntry {
  const { number, environment, image } = row;
  return {
    key: row.key,
    at: row.happened_at,
    actor: { kind: row.actor_kind, name: row.actor },
    action: row.action,
    repository: { forge: row.forge, path: row.path },
    ...(number !== null && { change: number }),
    ...(environment !== null && { environment }),
    ...(image !== null && { image }),
    event: row.event,
    details: row.details,
  };
}
