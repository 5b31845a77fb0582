import type { AuditAction, AuditEntry } from '../domain/audit.ts';
import type { Bump } from '../domain/bump.ts';
import { formatSubject } from '../domain/subject.ts';
import { formatVersion } from '../domain/version.ts';

/** The bot, as the audit log names it where it acts by itself. */
export const BOT_ACTOR: AuditEntry['actor'] = { kind: 'bot', name: 'tagalong' };

export interface AuditedBump {
  readonly action: Extract<AuditAction, 'propose' | 'revise' | 'close'>;
  readonly bump: Bump;
  readonly change: number;
  readonly headCommit: string;
  readonly event: string;
  readonly at: Date;
  readonly reason?: string | undefined;
}

/** The line of the audit log about something that the bot did to a change: one for each change, head and version. */
export function bumpEntry({ action, bump, change, headCommit, event, at, reason }: AuditedBump): AuditEntry {
  const { repository, environment, image, from, to } = bump;
  const version = formatVersion(to);
  const subject = formatSubject({ kind: 'change', repository, number: change });
  return {
    key: `${subject} ${action} ${version} ${headCommit}`,
    at,
    actor: BOT_ACTOR,
    action,
    repository,
    change,
    environment,
    image,
    event,
    details: {
      version,
      commit: headCommit,
      ...(from.length > 0 && { from: from.map(formatVersion).join(', ') }),
      ...(reason !== undefined && { reason }),
    },
  };
}
