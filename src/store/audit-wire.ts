import type { AuditEntry } from '../domain/audit.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import { parseSubject } from '../domain/subject.ts';
import type { AuditFilter } from './store.ts';

/*
 * The audit log as it goes through the socket of {@link serveAdmin}, between two processes of this program.
 */

export function formatFilter({ repository, since, ...filter }: AuditFilter): string {
  return JSON.stringify({
    ...filter,
    ...(repository !== undefined && { repository: `${repository.forge}:${repository.path}` }),
    ...(since !== undefined && { since: since.toISOString() }),
  });
}

/** @throws Error when it is none */
export function parseFilter(text: string): AuditFilter {
  const sent = JSON.parse(text) as { [name in keyof AuditFilter]: unknown };
  const { repository, change, since, limit } = sent;
  if (typeof limit !== 'number' || !Number.isSafeInteger(limit)) throw new Error('The filter has no limit.');
  return {
    limit,
    ...(typeof repository === 'string' && { repository: parseRepository(repository) }),
    ...(typeof change === 'number' && { change }),
    ...(typeof since === 'string' && { since: new Date(since) }),
  };
}

/** Lines as JSON has them, with the moment as text. */
type SentLine = Omit<AuditEntry, 'at'> & { at: string };

export function readLines(sent: unknown): AuditEntry[] {
  if (!Array.isArray(sent)) throw new Error('The running process answered with no list.');
  return (sent as SentLine[]).map(({ at, ...entry }) => ({ ...entry, at: new Date(at) }));
}

function parseRepository(text: string): RepositoryRef {
  const subject = parseSubject(text);
  if (subject === undefined) throw new Error('The filter names no repository.');
  return subject.repository;
}
