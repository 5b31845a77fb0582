import { TagalongError } from '../domain/errors.ts';

/**
 * Runs a piece of database work; what it throws because the database is away, overloaded or restarting is turned into
 * the TagalongError `store-unavailable`. Mistakes of ours (a constraint, a syntax error) stay what they are.
 */
export async function sayWhenUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TagalongError || !isUnavailable(error)) throw error;
    throw new TagalongError('store-unavailable', 'The database did not answer.', { cause: error });
  }
}

/** Whether an error says that the connection is broken or the server is not able to serve now. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'DatabaseStopped') return true;
  if (error instanceof AggregateError && error.errors.some(isUnavailable)) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (SQL_STATE.test(code)) return UNAVAILABLE_STATE.test(code);
  return SYSTEM_CODES.has(code) || DRIVER_MESSAGE.test(error.message);
}

const SQL_STATE = /^[0-9A-Z]{5}$/;

/**
 * Classes of PostgreSQL's error codes (appendix A of its manual): connection exception, transaction rollback, insufficient
 * resources, lock not available, operator intervention, system error, internal error, and a standby that takes no writes.
 */
const UNAVAILABLE_STATE = /^(?:08...|40...|53...|55P03|57...|58...|XX...|25006|25P03)$/;

const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

/** What the drivers say without a code. */
const DRIVER_MESSAGE =
  /^(?:Connection terminated|Query read timeout|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed|PGlite is closed|driver has already been destroyed)/i;
