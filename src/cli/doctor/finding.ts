import { errorCodes, TagalongError } from '../../domain/errors.ts';

/** One line of the doctor. */
export interface Finding {
  /** `fail`: something does not work, or nothing is guarded. `warn`: it works, and a person should know. */
  readonly level: 'ok' | 'warn' | 'fail';
  /** What it is about: `settings`, `app`, `acme/deploy` … */
  readonly about: string;
  readonly message: string;
  /** What to do; absent where nothing has to be done. */
  readonly remedy?: string;
}

export function ok(about: string, message: string): Finding {
  return { level: 'ok', about, message };
}

export function warn(about: string, message: string, remedy?: string): Finding {
  return { level: 'warn', about, message, ...(remedy !== undefined && { remedy }) };
}

export function fail(about: string, message: string, remedy?: string): Finding {
  return { level: 'fail', about, message, ...(remedy !== undefined && { remedy }) };
}

/** What a part finds; an error that it meets is a finding too, so that the other parts are still looked at. */
export async function examined(about: string, examine: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await examine();
  } catch (error) {
    if (!(error instanceof TagalongError)) throw error;
    const remedy = remedies.get(error.code) ?? errorCodes[error.code].remedy;
    return error.message.split('\n').map((line) => fail(about, line, remedy));
  }
}

/** Whoever asks the doctor does not wait until it passes. */
const remedies: ReadonlyMap<string, string> = new Map([
  ['forge-unavailable', 'See whether GHE_HOST, GHE_PROTOCOL and the way to it from here are right.'],
  ['store-unavailable', 'See whether DATABASE_URL and the way to it from here are right.'],
]);
