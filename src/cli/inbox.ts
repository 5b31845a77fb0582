import { parseSubject } from '../domain/subject.ts';
import { withInboxAdmin } from '../store/open-store.ts';
import type { InboxEntry } from '../store/store.ts';
import { paint, type ExitCode, type InboxListOptions, type InboxRetryOptions, type Io, type Output } from './io.ts';
import { complainWithoutStore, storeOptions } from './store.ts';

/** Lists what waits, is being retried, or has given up, oldest first. */
export async function runInboxList(io: Io, { json }: InboxListOptions): Promise<ExitCode> {
  const location = storeOptions(io);
  complainWithoutStore(io, location);
  const entries = await withInboxAdmin(location, (admin) => admin.entries());
  io.stdout.write(
    json ? `${JSON.stringify(entries, undefined, 2)}\n` : describeEntries(io.stdout, entries, new Date()),
  );
  return 0;
}

/** Has one subject, or all that have given up, worked on again. 1 when the named subject waits for nothing of that kind. */
export async function runInboxRetry(io: Io, { subject: text }: InboxRetryOptions): Promise<ExitCode> {
  const subject = text === undefined ? undefined : parseSubject(text);
  if (text !== undefined && subject === undefined) {
    io.stderr.write(`'${text}' is no subject: \`github:acme/deploy\` or \`github:acme/deploy#12\` is wanted.\n`);
    return 2;
  }
  const location = storeOptions(io);
  complainWithoutStore(io, location);
  const count = await withInboxAdmin(location, (admin) => admin.retry(subject));
  if (count > 0)
    io.stdout.write(count === 1 ? '1 subject is worked on again.\n' : `${count} subjects are worked on again.\n`);
  else if (text === undefined) io.stdout.write('Nothing has given up.\n');
  else io.stderr.write(`${text} has neither failed nor given up.\n`);
  return count === 0 && text !== undefined ? 1 : 0;
}

function describeEntries(output: Output, entries: readonly InboxEntry[], now: Date): string {
  if (entries.length === 0) return 'Nothing waits.\n';
  const width = Math.max(...entries.map(({ subject }) => subject.length));
  return entries.map((entry) => describeEntry(output, entry, width, now)).join('');
}

function describeEntry(output: Output, entry: InboxEntry, width: number, now: Date): string {
  const { state, subject, wakes, attempts, error, oldest, nextAttemptAt } = entry;
  const label = paint(output, state === 'dead' ? 'red' : state === 'retrying' ? 'yellow' : 'green', state.padEnd(8));
  const details = [
    `${wakes} ${wakes === 1 ? 'wake' : 'wakes'}`,
    `since ${oldest.toISOString()}`,
    ...(attempts > 0 ? [`${attempts} failed ${attempts === 1 ? 'attempt' : 'attempts'}`] : []),
    ...(nextAttemptAt !== undefined && nextAttemptAt > now ? [`next at ${nextAttemptAt.toISOString()}`] : []),
  ].join(', ');
  return `${label}  ${subject.padEnd(width)}  ${details}\n${error === undefined ? '' : `          ${error.replaceAll(/\s+/g, ' ')}\n`}`;
}
