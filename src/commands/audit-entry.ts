import type { AuditAction, AuditEntry } from '../domain/audit.ts';
import type { ImageName } from '../domain/image.ts';
import { formatSubject } from '../domain/subject.ts';
import type { CommandContext } from './command.ts';

/** What a line of the audit log is about, beside the change. */
export interface Audited {
  readonly environment?: string | undefined;
  readonly image?: ImageName;
  /** Those that are undefined are left out. */
  readonly details?: Readonly<Record<string, string | undefined>>;
}

/** The line of the audit log for what a command does: the same for every repetition of the same line of the same comment. */
export function auditEntry(
  { change, origin, by, at }: Pick<CommandContext, 'change' | 'origin' | 'by' | 'at'>,
  action: AuditAction,
  { environment, image, details = {} }: Audited = {},
): AuditEntry {
  const { repository, number } = change;
  const told = Object.entries(details).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    key: `${formatSubject({ kind: 'change', repository, number })} ${origin} ${action}`,
    at,
    actor: { kind: 'person', name: by.login },
    action,
    repository,
    change: number,
    ...(environment !== undefined && { environment }),
    ...(image !== undefined && { image }),
    event: origin,
    details: Object.fromEntries(told),
  };
}
