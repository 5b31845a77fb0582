import path from 'node:path';
import { settingsTable } from '../config/settings-table.ts';
import type { Settings } from '../config/settings.ts';
import { TagalongError } from '../domain/errors.ts';
import { settingsFrom, startBot } from '../main.ts';
import { readEnvFile } from '../server/env-file.ts';
import { paint, type ExitCode, type Io } from './io.ts';

/**
 * Runs the bot until the process is told to stop. Without an app it shows the page that creates one first. What that page
 * kept in the data directory counts wherever the environment says nothing.
 */
export async function runServe(io: Io): Promise<ExitCode> {
  try {
    let settings = await readSettings(io);
    if (settings.github.app === undefined) {
      if ((await setUp(settings, io)) === 'stopped') return 0;
      settings = await readSettings(io);
    }
    const bot = await startBot(settings, io.env);
    await stopSignal();
    await bot.stop();
    return 0;
  } catch (error) {
    if (!(error instanceof TagalongError)) throw error;
    for (const line of error.message.split('\n')) io.stderr.write(`${paint(io.stderr, 'red', error.code)}: ${line}\n`);
    return 1;
  }
}

/** From the environment, and where it says nothing from what the set-up page kept. @throws TagalongError `settings-invalid` */
export async function readSettings(io: Io): Promise<Settings> {
  return settingsFrom({ ...(await readEnvFile(keptSettings(io))), ...io.env });
}

function keptSettings({ cwd, env }: Io): string {
  return path.resolve(cwd, env['TAGALONG_DATA'] ?? settingsTable.dataDirectory.default, '.env');
}

async function setUp({ server, log }: Settings, io: Io): Promise<'finished' | 'stopped'> {
  const { startSetup } = await import('../server/setup.ts');
  const { createPino } = await import('../telemetry/pino.ts');
  const page = await startSetup({
    ...server,
    envFile: keptSettings(io),
    log: createPino({ ...log, color: io.stdout.color }),
  });
  const outcome = await Promise.race([
    page.finished.then(() => 'finished' as const),
    stopSignal().then(() => 'stopped' as const),
  ]);
  await page.stop();
  return outcome;
}

const stopSignals = ['SIGTERM', 'SIGINT'] as const;

/**
 * SIGTERM and SIGINT stop in good order; a second one at once. The first leaves its listener in place: what ends child processes
 * together with ours would end ours at once too, were it alone in listening.
 */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = (signal: NodeJS.Signals) => {
      if (isStopping) {
        for (const each of stopSignals) process.off(each, stop);
        process.kill(process.pid, signal);
      }
      isStopping = true;
      resolve();
    };
    for (const signal of stopSignals) process.on(signal, stop);
  });
}
