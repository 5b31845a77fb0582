import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import { Pool, type PoolClient } from 'pg';
import type { Log } from '../telemetry/telemetry.ts';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';
import { withStorableText } from './text.ts';
import { isUnavailable, sayWhenUnavailable } from './unavailable.ts';

const CONNECT_TIMEOUT_MS = 3_000;
const STATEMENT_TIMEOUT_MS = 20_000;

/** Connects to a PostgreSQL server when first used; a lost connection is made anew by the next statement. */
export function openPostgres(databaseUrl: string, log: Log): Database {
  const pool = new Pool({
    connectionString: databaseUrl,
    application_name: 'tagalong',
    max: 8,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
  });
  // An idle connection that breaks is replaced when one is needed; without a listener it would end the process.
  pool.on('error', (error) =>
    log.debug({ code: 'code' in error ? error.code : error.name }, 'Lost a database connection'),
  );
  const db = new Kysely<Tables>({ dialect: withStorableText(new PostgresDialect({ pool: discardBroken(pool) })) });
  return {
    kind: 'postgres',
    run: (work) => sayWhenUnavailable(() => work(db)),
    transaction: (work) => sayWhenUnavailable(() => db.transaction().execute(work)),
    queue: {
      connectionString: databaseUrl,
      application_name: 'tagalong-queue',
      max: 4,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      backend: 'postgres',
    },
    upkeep: { checkpoint: () => Promise.resolve(), vacuum: () => Promise.resolve() },
    async close() {
      await db.destroy();
      if (!pool.ended) await pool.end();
    },
  };
}

/** A pool whose connections are closed when given back broken, and not handed to the next user. */
function discardBroken(pool: Pool): PostgresPool {
  return {
    options: pool.options,
    connect: async () => watch(await pool.connect()),
    end: () => pool.end(),
  };
}

/** After one statement met a broken connection, the next ones (such as the rollback) do not wait for it again. */
function watch(client: PoolClient): PostgresPoolClient {
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken ??= error;
  };
  client.on('error', onError);
  const send = client.query.bind(client);
  const query = async (...parameters: unknown[]): Promise<unknown> => {
    if (broken !== undefined) throw broken;
    try {
      return await Reflect.apply<PoolClient, unknown[], unknown>(send, client, parameters);
    } catch (error) {
      if (error instanceof Error && isBrokenConnection(error)) broken = error;
      throw error;
    }
  };
  const release = (): void => {
    client.off('error', onError);
    client.release(broken);
  };
  return new Proxy(client, {
    get: (target, name): unknown =>
      name === 'query' ? query : name === 'release' ? release : Reflect.get(target, name),
  });
}

/** Errors that the server itself reports about one statement leave the connection whole. */
function isBrokenConnection(error: Error): boolean {
  return isUnavailable(error) && !('severity' in error && error.severity === 'ERROR');
}
