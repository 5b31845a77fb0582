import { parseDuration } from '../config/duration.ts';
import type { AuditEntry } from '../domain/audit.ts';
import { familiarName } from '../domain/image.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import { formatSubject, parseSubject } from '../domain/subject.ts';
import { withStoreAdmin } from '../store/open-store.ts';
import type { AuditFilter } from '../store/store.ts';
import { type AuditOptions, type ExitCode, type Io, type Output, paint } from './io.ts';
import { complainWithoutStore, storeOptions } from './store.ts';

/** Tells who or what did what, newest first, one line each. */
export async function runAudit(io: Io, options: AuditOptions): Promise<ExitCode> {
  const filter = readFilter(options, new Date());
  if (typeof filter === 'string') {
    io.stderr.write(`${filter}\n`);
    return 2;
  }
  const location = storeOptions(io);
  complainWithoutStore(io, location);
  const entries = await withStoreAdmin(location, ({ audit }) => audit.entries(filter));
  if (options.json) io.stdout.write(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  else io.stdout.write(describe(io.stdout, entries, filter));
  return 0;
}

/** @returns what is wrong with the options, when something is */
function readFilter({ repository: text, change, since: age, limit }: AuditOptions, now: Date): AuditFilter | string {
  const repository = text === undefined ? undefined : parseRepository(text);
  if (text !== undefined && repository === undefined)
    return `'${text}' is no repository: \`acme/deploy\` or \`gitlab:acme/deploy\` is wanted.`;
  const since = age === undefined ? undefined : parseSince(age, now);
  if (age !== undefined && since === undefined)
    return `'${age}' is no time: an age such as \`12h\` or \`7d\`, or a date such as \`2024-11-02\`, is wanted.`;
  return {
    limit,
    ...(repository !== undefined && { repository }),
    ...(change !== undefined && { change }),
    ...(since !== undefined && { since }),
  };
}

function parseRepository(text: string): RepositoryRef | undefined {
  const subject = parseSubject(text.includes(':') ? text : `github:${text}`);
  return subject?.kind === 'repository' && subject.repository.path.includes('/') ? subject.repository : undefined;
}

function parseSince(text: string, now: Date): Date | undefined {
  const age = parseDuration(text);
  const since = new Date(age === undefined ? (DATE.test(text) ? text : Number.NaN) : now.getTime() - age);
  return Number.isNaN(since.getTime()) ? undefined : since;
}

/** Midnight in UTC, or a moment that says its zone. */
const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

function describe(output: Output, entries: readonly AuditEntry[], { limit }: AuditFilter): string {
  if (entries.length === 0) return 'Nothing of that kind was done.\n';
  const rows = entries.map((entry) => ({ entry, actor: actorOf(entry), subject: subjectOf(entry) }));
  const width = (texts: readonly string[]) => Math.min(WIDEST, Math.max(...texts.map(({ length }) => length)));
  const widths = {
    actor: width(rows.map(({ actor }) => actor)),
    action: width(entries.map(({ action }) => action)),
    subject: width(rows.map(({ subject }) => subject)),
  };
  const lines = rows.map(({ entry, actor, subject }) =>
    [
      paint(output, 'dim', timeOf(entry)),
      actor.padEnd(widths.actor),
      paint(output, 'bold', entry.action.padEnd(widths.action)),
      subject.padEnd(widths.subject),
      `${detailsOf(entry)}${paint(output, 'dim', `(${oneLine(entry.event)})`)}`,
    ].join('  '),
  );
  const more = entries.length < limit ? [] : [`There may be more than these ${limit}: --limit shows it.`];
  return [...lines, ...more, ''].join('\n');
}

/** Wider ones are shown whole, out of line. */
const WIDEST = 60;

function timeOf({ at }: AuditEntry): string {
  return at.toISOString().replace('T', ' ').replace(/\.\d+/, '');
}

function actorOf({ actor }: AuditEntry): string {
  return actor.kind === 'person' ? oneLine(actor.name) : `${oneLine(actor.name)} (${actor.kind})`;
}

function subjectOf({ repository, change, environment, image }: AuditEntry): string {
  const key = formatSubject(
    change === undefined ? { kind: 'repository', repository } : { kind: 'change', repository, number: change },
  );
  return [
    key.replace(/^github:/, ''),
    ...(environment === undefined ? [] : [oneLine(environment)]),
    ...(image === undefined ? [] : [familiarName(image)]),
  ].join(' ');
}

function detailsOf({ details }: AuditEntry): string {
  return Object.entries(details)
    .map(([name, value]) => `${oneLine(name)}=${quoteWhereNeeded(oneLine(value))} `)
    .join('');
}

function quoteWhereNeeded(text: string): string {
  return /^[^\s"'=()]+$/.test(text) ? text : JSON.stringify(text);
}

/** What people wrote can neither break a line nor speak to the terminal. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
