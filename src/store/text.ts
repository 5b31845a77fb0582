import { type Dialect, PostgresQueryCompiler } from 'kysely';

/*
 * PostgreSQL takes neither U+0000 nor half a character, in text or in JSON, and refuses the whole statement. Both come in by JSON of
 * others, and the second by any text that was cut. What holds them is kept, with U+FFFD in their place. Drivers replace halves in text.
 */

/** The value as JSON that the database takes: to be used for every parameter that is JSON. */
export function toJson(value: unknown): string {
  const json = JSON.stringify(value);
  return SUSPICIOUS.test(json) ? json.replace(ESCAPE, (escape) => (REFUSED.test(escape) ? '\\ufffd' : escape)) : json;
}

/** A dialect whose statements have no parameter with a U+0000. */
export function withStorableText(dialect: Dialect): Dialect {
  return {
    createDriver: () => dialect.createDriver(),
    createQueryCompiler: () => new StorableTextCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  };
}

class StorableTextCompiler extends PostgresQueryCompiler {
  protected override addParameter(parameter: unknown): void {
    const isRefused = typeof parameter === 'string' && parameter.includes('\0');
    super.addParameter(isRefused ? parameter.replaceAll('\0', '\ufffd') : parameter);
  }
}

/** Whether there may be a refused escape: in nearly all JSON there is none. */
const SUSPICIOUS = /\\u(?:0000|d[89a-f])/;
/** Each escape as a whole, so that what follows an escaped backslash is not taken for one. */
const ESCAPE = /\\(?:u[0-9a-f]{4}|.)/g;
/** JSON.stringify escapes halves of characters and leaves whole ones as they are. */
const REFUSED = /^\\u(?:0000|d[89a-f]..)$/;
