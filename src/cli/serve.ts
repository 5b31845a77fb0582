import { TagalongError } from '../domain/errors.ts';
import { settingsFrom, startBot, type Bot } from '../main.ts';
import { paint, type ExitCode, type Io } from './io.ts';

/** Runs the bot until the process is told to stop. Without an app, shows the page that creates one. */
export async function runServe(io: Io): Promise<ExitCode> {
  try {
    const settings = settingsFrom(io.env);
    if (settings.github.app === undefined) {
      const { runSetup } = await import('../server/setup.ts');
      await runSetup(settings, io.env);
      return 0;
    }
    await untilStopped(await startBot(settings, io.env));
    return 0;
  } catch (error) {
    if (!(error instanceof TagalongError)) throw error;
    for (const line of error.message.split('\n')) io.stderr.write(`${paint(io.stderr, 'red', error.code)}: ${line}\n`);
    return 1;
  }
}

/** SIGTERM and SIGINT stop in good order; a second one at once. */
async function untilStopped(bot: Bot): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await bot.stop();
}
