import { createLog } from '../../src/telemetry/pino.ts';

/** Logs many lines to its standard output, and ends in the way that it is told. */
const [count = '0', end] = process.argv.slice(2);
const log = createLog({ level: 'info', format: 'json' });
for (let line = 1; line <= Number(count); line += 1) log.info({ line }, 'a line');
if (end === 'exit') process.exit(0);
if (end === 'error') throw new Error('not caught by anybody');
