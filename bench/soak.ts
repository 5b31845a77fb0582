import { join } from 'node:path';
import { sql } from 'kysely';
import { openEmbedded } from '../src/store/embedded.ts';
import { sendGeneric, sendReport, signGeneric, signReport } from '../test/support/generic-sender.ts';
import { ENVIRONMENT, manifestRepository, type ManifestRepository } from './support/manifest-repository.ts';
import type { Benchmark, Report } from './support/report.ts';
import { indexed, MANIFESTS, openStage, type Stage, until, untilIdle } from './support/stage.ts';

const FILES = 200;
const IMAGES = 10;
const ROUNDS = Number(process.env['SOAK_ROUNDS'] ?? 60);
/** The first ones fill caches, and are not compared. */
const MEASUREMENTS = 6;
const GROWTH_MIB = 40;

/** On a signal the bot collects what nothing refers to, and logs what is left. */
const collector = `import v8 from 'node:v8'; import vm from 'node:vm';
v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');
process.on('SIGUSR2', () => { collect(); collect(); console.log(JSON.stringify({ msg: 'collected', ...process.memoryUsage() })); });`;

export const soak: Benchmark = {
  name: 'soak',
  summary: 'what the bot keeps in memory and in its tables after some thousand events',
  async run(tell) {
    const repository = manifestRepository(FILES);
    const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(collector)}` };
    await using stage = await openStage(repository, undefined, env);
    stage.github.people.grant(MANIFESTS, 'sue', 'write');
    await indexed(stage);
    const seen: Seen[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      await happen(stage, repository, round);
      if (round % Math.ceil(ROUNDS / MEASUREMENTS) === 0) seen.push(await measure(stage));
      if (round % 10 === 0) tell(`${round} of ${ROUNDS} rounds`);
    }
    await stage.bot.kill('SIGTERM');
    return report(seen, await countRows(stage.directory));
  },
};

/** Everything that a repository sees in its life: versions, reviews, comments, merges, pushes, reports. */
async function happen(stage: Stage, { images }: ManifestRepository, round: number): Promise<void> {
  const { github, bot } = stage;
  for (const { name } of images.slice(0, IMAGES)) {
    await sendGeneric(bot.url, signGeneric({ image: `ghcr.io/acme/${name}:1.${round + 10}.0` }));
  }
  await untilIdle(stage);
  for (const pull of github.state.pullRequests(MANIFESTS, 'open')) {
    github.people.comment(pull, '/status', { author: 'sue' });
    github.people.review(pull, 'APPROVED', { author: 'sue' });
    if (round % 3 === 0) github.people.merge(pull, { by: 'sue' });
  }
  github.people.pushFiles(MANIFESTS, 'main', { 'notes.md': `round ${round}\n` }, { author: 'sue' });
  await untilIdle(stage);
  const revision = github.state.head(MANIFESTS) ?? '';
  for (const { name } of images.slice(0, IMAGES)) {
    const said = { application: name, state: 'succeeded', revision, environment: ENVIRONMENT };
    await sendReport(bot.url, signReport(said));
  }
  await untilIdle(stage);
}

/** MiB, after garbage was collected. */
interface Seen {
  readonly webhooks: number;
  readonly heap: number;
  readonly external: number;
  readonly resident: number;
}

async function measure({ bot }: Stage): Promise<Seen> {
  const collected = () => bot.logs.filter(({ msg }) => msg === 'collected');
  const before = collected().length;
  process.kill(bot.pid, 'SIGUSR2');
  await until('a collection', () => collected().length > before);
  const last = collected().at(-1) ?? {};
  const mebibytes = (field: string) => Number(last[field]) / 1024 ** 2;
  const webhooks = bot.logs.filter(({ msg }) => msg === 'delivery accepted').length;
  return {
    webhooks,
    heap: mebibytes('heapUsed'),
    external: mebibytes('external'),
    resident: mebibytes('rss'),
  };
}

async function countRows(directory: string): Promise<readonly (readonly [string, number])[]> {
  const database = await openEmbedded(join(directory, 'database'), () => undefined);
  try {
    return await database.run(async (db) => {
      const { rows } = await sql<{ name: string }>`
        select table_schema || '.' || table_name as name from information_schema.tables
        where table_schema in ('tagalong', 'tagalong_queue') and table_type = 'BASE TABLE' order by 1`.execute(db);
      const counts: (readonly [string, number])[] = [];
      for (const { name } of rows) {
        const counted = await sql<{ count: number }>`select count(*)::int as count from ${sql.table(name)}`.execute(db);
        counts.push([name, counted.rows[0]?.count ?? 0]);
      }
      return counts;
    });
  } finally {
    await database.close();
  }
}

function report(seen: readonly Seen[], tables: readonly (readonly [string, number])[]): Report {
  const settled = seen.slice(Math.floor(seen.length / 2));
  const growth = (settled.at(-1)?.heap ?? Number.NaN) - (settled[0]?.heap ?? Number.NaN);
  return {
    tables: [
      {
        title: 'After garbage was collected (MiB)',
        columns: ['webhooks accepted', 'heap', 'external', 'resident'],
        rows: seen.map(({ webhooks, ...sizes }) => [
          `${webhooks}`,
          ...Object.values(sizes).map((size) => size.toFixed(0)),
        ]),
      },
      {
        title: 'Rows at the end',
        columns: ['table', 'rows'],
        rows: tables.filter(([, count]) => count > 0).map(([name, count]) => [name, `${count}`]),
      },
    ],
    notes: [
      'External memory is mostly the embedded database. What is kept for days is forgotten by time, which does not pass here.',
    ],
    targets: [
      {
        what: 'growth of the heap over the second half',
        wanted: `≤ ${GROWTH_MIB} MiB`,
        found: `${growth.toFixed(0)} MiB`,
        met: growth <= GROWTH_MIB,
      },
    ],
  };
}
