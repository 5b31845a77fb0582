import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readSettings } from '../config/settings.ts';
import { TagalongError } from '../domain/errors.ts';
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
  const { store } = read.settings;
  const dataDirectory = path.resolve(io.cwd, store.dataDirectory);
  return { ...storeLocation({ ...store, dataDirectory }), now: () => new Date(), log: quiet };
}

const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
};
