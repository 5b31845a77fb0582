import type { Kysely, Transaction } from 'kysely';
import type { Db as QueueConnection, ConstructorOptions as QueueOptions } from 'pg-boss';
import type { Tables } from './schema.ts';

/** Either backend, seen from the rest of the store. Whatever it throws is a TagalongError when the database is gone. */
export interface Database {
  readonly kind: 'embedded' | 'postgres';
  /** Statements that each commit by themselves. */
  run<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /** Statements that commit together, on the disk, when this returns. Not to be nested. */
  transaction<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T>;
  /** How the queue reaches the same database. */
  readonly queue: Partial<QueueOptions> & { readonly db?: QueueConnection };
  /** What a server does in the background, and the embedded database only when told. */
  readonly upkeep: {
    /** Lets go of the log, when it has grown: it is what a restart has to read, and it takes room. */
    checkpoint(): Promise<void>;
    /** Reclaims dead rows and counts the living ones. */
    vacuum(): Promise<void>;
  };
  close(): Promise<void>;
}
