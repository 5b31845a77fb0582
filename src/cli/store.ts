import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readSettings, type Settings } from '../config/settings.ts';
import { TagalongError } from '../domain/errors.ts';
import { hasDatabase } from '../store/embedded.ts';
import { storeLocation, type StoreLocation, type StoreSettings } from '../store/open-store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import type { Io } from './io.ts';

/**
 * The store of the bot, as its settings in the environment say.
 * @throws TagalongError `settings-invalid`
 */
export function storeOptions(io: Io): StoreLocation & StoreSettings {
  const read = readSettings(io.env, (file) => readFileSync(file, 'utf8'));
  if (!read.ok) throw new TagalongError('settings-invalid', read.problems.join('\n'));
  return storeOptionsOf(read.settings, io);
}

export function storeOptionsOf(
  { store }: Pick<Settings, 'store'>,
  { cwd }: Pick<Io, 'cwd'>,
): StoreLocation & StoreSettings {
  const dataDirectory = path.resolve(cwd, store.dataDirectory);
  return { ...storeLocation({ ...store, dataDirectory }), now: () => new Date(), log: quietLog };
}

/** Whether a bot ever ran here; a PostgreSQL database tells by itself when it is not there. */
export function hasStore(location: StoreLocation): boolean {
  return !('dataDirectory' in location) || hasDatabase(location.dataDirectory);
}

/** An empty answer must not pass for the truth where the settings name the wrong folder. */
export function complainWithoutStore(io: Pick<Io, 'stderr'>, location: StoreLocation): void {
  if (hasStore(location) || !('dataDirectory' in location)) return;
  const folder = path.dirname(location.dataDirectory);
  io.stderr.write(`There is no database in ${folder}: set TAGALONG_DATA or DATABASE_URL as for the bot.\n`);
}

/** For commands that tell by their output alone. */
export const quietLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quietLog,
};
