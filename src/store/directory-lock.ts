import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TagalongError } from '../domain/errors.ts';

export interface DirectoryLock {
  release(): void;
}

/**
 * Claims a directory for this process until `release` is called or the process ends, however it ends: the claim is a
 * lock that the operating system drops with the process.
 * @throws TagalongError `data-directory-locked` when another process holds it.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const database = new DatabaseSync(join(directory, 'lock.db'));
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new TagalongError('data-directory-locked', `Another process uses the data directory ${directory}.`, {
      cause: error,
    });
  }
  return { release: () => database.close() };
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
