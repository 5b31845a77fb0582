import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { manifestRepository } from './support/manifest-repository.ts';
import type { Benchmark, Report } from './support/report.ts';
import { indexed, openStage, type Stage, untilIdle } from './support/stage.ts';

const FILES = 10_000;
/** How long the bot has had nothing to do when its memory is read. */
const IDLE_MS = 10_000;
const LIMIT_MIB = 400;

export const memory: Benchmark = {
  name: 'memory',
  summary: 'resident memory of the bot while it has nothing to do',
  async run(tell) {
    const rows: Row[] = [];
    tell('a first start');
    rows.push(await measureStarted());
    const repository = manifestRepository(FILES);
    await using stage = await openStage(repository);
    tell(`${FILES} files, indexed`);
    await indexed(stage);
    rows.push({ what: `${FILES} files, ${repository.images.length} images, indexed`, resident: await idle(stage) });
    tell('the same, after a restart');
    await stage.restart();
    rows.push({ what: 'the same, after a restart', resident: await idle(stage) });
    return report(rows);
  },
};

interface Row {
  readonly what: string;
  readonly resident: Resident;
}

/** MiB of the bot's process. */
interface Resident {
  readonly now: number;
  readonly most: number;
}

async function measureStarted(): Promise<Row> {
  await using stage = await openStage();
  return { what: 'a first start, nothing installed', resident: await idle(stage) };
}

async function idle(stage: Stage): Promise<Resident> {
  await untilIdle(stage);
  await sleep(IDLE_MS);
  return residentOf(stage.bot.pid);
}

/** https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
async function residentOf(pid: number): Promise<Resident> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return { now: mebibytes('VmRSS'), most: mebibytes('VmHWM') };
}

function report(rows: readonly Row[]): Report {
  const most = Math.max(...rows.map(({ resident }) => resident.now));
  return {
    tables: [
      {
        title: `Resident memory after ${IDLE_MS / 1000} s without work (MiB)`,
        columns: ['', 'idle', 'most until then'],
        rows: rows.map(({ what, resident }) => [what, resident.now.toFixed(0), resident.most.toFixed(0)]),
      },
    ],
    notes: [
      'The database is the embedded one and lives in the same process. A first start makes its files. Linux only.',
    ],
    targets: [
      {
        what: 'idle memory of the bot',
        wanted: `≤ ${LIMIT_MIB} MiB`,
        found: `${most.toFixed(0)} MiB`,
        met: most <= LIMIT_MIB,
      },
    ],
  };
}
