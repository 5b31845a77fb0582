import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { run } from 'probot';
import { updateEnvFile } from './env-file.ts';

export interface SetupOptions {
  readonly host: string;
  readonly port: number;
  /** Where the server is reached from outside. Without it GitHub is given the address that the page is opened at. */
  readonly publicUrl?: string;
  /** The file that keeps `APP_ID`, `PRIVATE_KEY` and `WEBHOOK_SECRET`. */
  readonly envFile: string;
  readonly log: Logger;
}

export interface SetupPage {
  /** Where to open it. */
  readonly url: string;
  /** Resolves when the app exists and the file is written. */
  readonly finished: Promise<unknown>;
  stop(): Promise<void>;
}

/** Where the GitHub adapter receives; the server of the bot takes the root as well, which Probot would register. */
const GITHUB_WEBHOOK_PATH = '/webhooks/github';

/** The folder with app.yml and package.json: the project's, or the one of the compiled code. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Shows Probot's set-up page, which creates the GitHub App from app.yml. While it is up, this process has another working
 * directory and environment, because that is where Probot looks; `stop` puts them back. Whoever opens it first sets up the
 * app: it takes one answer and refuses all others.
 */
export async function startSetup({ host, port, publicUrl, envFile, log }: SetupOptions): Promise<SetupPage> {
  // GitHub gives the key out once, so whether it can be kept is found out before.
  await updateEnvFile(envFile, {});
  const ownUrl = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const leave = enter(await manifestDirectory(publicUrl, publicUrl ?? ownUrl));
  try {
    const { promise: finished, resolve, reject } = Promise.withResolvers<undefined>();
    const keep = once((values: Readonly<Record<string, string>>) =>
      updateEnvFile(envFile, values).then(() => resolve(undefined), reject),
    );
    const server = await run(() => undefined, {
      env: { HOST: host, PORT: String(port) },
      // Probot asks for a restart, which is not needed here.
      log: log.child({}, { level: log.isLevelEnabled('warn') ? 'warn' : log.level }),
      updateEnv: (values) => {
        keep(plainValues(values));
        return values;
      },
    });
    const url = `${publicUrl ?? ownUrl}/probot`;
    log.info({ url, keptIn: envFile }, 'open this page to create the GitHub App');
    return { url, finished, stop: () => server.stop().finally(leave) };
  } catch (error) {
    await leave();
    throw error;
  }
}

/** A folder with the package.json and app.yml that Probot makes the manifest of, completed by what GitHub wants to know. */
async function manifestDirectory(publicUrl: string | undefined, homepage: string): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tagalong-setup-'));
  const hook = publicUrl === undefined ? {} : { hook_attributes: { url: publicUrl + GITHUB_WEBHOOK_PATH } };
  const completed = Object.entries({ url: homepage, ...hook }).map(
    ([key, value]) => `${key}: ${JSON.stringify(value)}\n`,
  );
  const manifest = await readFile(path.join(ROOT, 'app.yml'), 'utf8');
  await writeFile(path.join(directory, 'app.yml'), `${manifest}\n${completed.join('')}`);
  await copyFile(path.join(ROOT, 'package.json'), path.join(directory, 'package.json'));
  return directory;
}

/** Probot offers the page outside production only; here it is offered because there is no app. */
function enter(directory: string): () => Promise<void> {
  const before = process.cwd();
  const { NODE_ENV, NO_SMEE_SETUP } = process.env;
  process.chdir(directory);
  setVariables({ NODE_ENV: 'development', NO_SMEE_SETUP: NO_SMEE_SETUP ?? 'true' });
  return async () => {
    process.chdir(before);
    setVariables({ NODE_ENV, NO_SMEE_SETUP });
    await rm(directory, { recursive: true, force: true });
  };
}

function setVariables(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}

function once<T>(work: (value: T) => unknown): (value: T) => void {
  let isDone = false;
  return (value) => {
    if (isDone) throw new Error('the app is set up already');
    isDone = true;
    work(value);
  };
}

/** Probot hands the key over with quotes around it, as it would stand in its own file. */
function plainValues(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value.replace(/^"([\s\S]*)"$/, '$1').replaceAll('\\n', '\n')]],
    ),
  );
}
