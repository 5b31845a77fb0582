import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { GENERIC_SECRET, WEBHOOK_SECRET } from '../test/support/bot-process.ts';
import { postgresBackend } from '../test/support/database.ts';
import { startChild } from '../test/support/child.ts';
import type { GitHubSimulator } from '../test/support/forge/github/simulator.ts';
import { type Benchmark, ms, type Report, times } from './support/report.ts';
import { median } from './support/samples.ts';
import { openStage } from './support/stage.ts';

const CONNECTIONS = 32;
const BODY_BYTES = 6_900;
const COMMIT = '593e9dd0c7a1f0b2d3e4f5a6b7c8d9e0f1a2b3c4';
const ROUNDS = 3;
const WARM_UP_MS = 700;
const MEASURED_MS = 2_500;

export const intake: Benchmark = {
  name: 'intake',
  summary: 'webhooks accepted a second, each stored on the disk before it is answered',
  async run(tell) {
    const directory = await mkdtemp(join(tmpdir(), 'tagalong-intake-'));
    try {
      return await measure(directory, tell);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

/** A server with what is sent to it. */
interface Subject {
  readonly name: string;
  readonly server: { readonly url: string; readonly pid: number };
  readonly path: string;
  readonly sender: 'github' | 'generic';
  readonly secret: string;
  /** A file with the body to send. */
  readonly body: string;
  /** What an answer says that counts. */
  readonly expected: string;
}

const roundSchema = z.object({
  perSecond: z.number(),
  medianMs: z.number(),
  p99Ms: z.number(),
  bytes: z.number(),
  answered: z.number(),
  refused: z.number(),
  refusal: z.string().optional(),
});

type Round = z.infer<typeof roundSchema> & {
  /** Milliseconds of processor time that the server took for one webhook. */
  readonly cpuMs: number;
};

async function measure(directory: string, tell: (step: string) => void): Promise<Report> {
  await using resources = new AsyncDisposableStack();
  const stage = resources.use(await openStage());
  const postgres = await postgresBackend({ fsync: true });
  if (postgres !== undefined) resources.defer(() => postgres.close());
  const location = await postgres?.newLocation();
  const other = location && resources.use(await openStage(undefined, location.databaseUrl));
  const probot = resources.use(await startPeer('bare-probot.ts', [WEBHOOK_SECRET, stage.github.privateKey]));
  const http = resources.use(await startPeer('bare-http.ts', [WEBHOOK_SECRET, join(directory, 'bodies')]));

  const [published, generic] = [join(directory, 'published.json'), join(directory, 'generic.json')];
  await writeFile(published, publishedBody(stage.github));
  await writeFile(generic, genericBody);
  const gitHub = { path: '/webhooks/github', sender: 'github', secret: WEBHOOK_SECRET, body: published } as const;
  const images = {
    path: '/webhooks/images/generic',
    sender: 'generic',
    secret: GENERIC_SECRET,
    body: generic,
  } as const;
  const bare = { ...gitHub, path: '/' };
  const accepted = '"status":"accepted"';
  return await measureAll(tell, [
    { name: 'bare Probot, empty handler, not durable', server: probot, ...bare, expected: ' 200 ' },
    { name: 'node:http, HMAC, group fdatasync', server: http, ...bare, expected: ' 202 ' },
    { name: 'Tagalong, GitHub', server: stage.bot, ...gitHub, expected: accepted },
    { name: 'Tagalong, generic', server: stage.bot, ...images, expected: accepted },
    ...(other ? [{ name: 'Tagalong, GitHub, on PostgreSQL', server: other.bot, ...gitHub, expected: accepted }] : []),
  ]);
}

async function measureAll(tell: (step: string) => void, subjects: readonly Subject[]): Promise<Report> {
  const rounds = new Map<Subject, Round[]>(subjects.map((subject) => [subject, []]));
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const [subject, found] of rounds) {
      tell(`round ${round} of ${ROUNDS}: ${subject.name}`);
      found.push(await load(subject));
    }
  }
  return report(rounds);
}

interface Peer extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** Starts a server in a process of its own, which prints its address and its id. */
async function startPeer(file: string, parameters: readonly string[]): Promise<Peer> {
  const child = startChild(peer(file), parameters);
  await child.untilLines(1);
  const [url = '', pid] = child.lines[0]?.split(' ') ?? [];
  return { url, pid: Number(pid), [Symbol.asyncDispose]: () => child.kill() };
}

function peer(file: string): string {
  return fileURLToPath(new URL(`peers/${file}`, import.meta.url));
}

/** The webhook of a published image as GitHub sends it, filled up to the length of the real ones. */
function publishedBody(github: GitHubSimulator): string {
  const [name, tag, digest] = ['of-the-benchmark', '1.5.0-of-the-benchmark', '0'.repeat(64)];
  github.people.installApp('acme', 'all');
  github.people.publishPackage({ owner: 'acme', name, tag, digest: `sha256:${digest}`, commit: COMMIT });
  const body = github.outbox.deliveries.findLast(({ event }) => event === 'registry_package')?.body ?? '';
  const filling = 'What it is. '.repeat(BODY_BYTES).slice(0, Math.max(0, BODY_BYTES - Buffer.byteLength(body)));
  return body
    .replaceAll(tag, '@tag@')
    .replaceAll(digest, '@digest@')
    .replaceAll(name, '@name@')
    .replace('"description":""', `"description":"${filling}"`);
}

const genericBody = JSON.stringify({
  image: 'ghcr.io/acme/@name@',
  tag: '@tag@',
  digest: 'sha256:@digest@',
  commit: COMMIT,
  repository: 'acme/shop',
  branch: 'main',
});

/** One round of load from a process of its own. @throws when a webhook was not answered as it should be */
async function load({ name, server, path, sender, secret, body, expected }: Subject): Promise<Round> {
  const url = new URL(path, server.url).href;
  const times = { warmUpMs: WARM_UP_MS, measuredMs: MEASURED_MS };
  const order = { url, sender, secret, body, expected, connections: CONNECTIONS, ...times };
  const before = await processorTime(server.pid);
  const child = startChild(peer('load.ts'), [JSON.stringify(order)]);
  const { code, complaints } = await child.ended();
  if (code !== 0) throw new Error(`the load on ${name} failed: ${complaints}`);
  const round = roundSchema.parse(JSON.parse(child.lines[0] ?? ''));
  if (round.refused > 0) throw new Error(`${name} refused ${round.refused} webhooks: ${round.refusal ?? ''}`);
  return { ...round, cpuMs: ((await processorTime(server.pid)) - before) / round.answered };
}

/** Milliseconds that a process has run so far: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html. NaN on other systems. */
async function processorTime(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

const MS_PER_TICK = 10;

function report(rounds: ReadonlyMap<Subject, readonly Round[]>): Report {
  const found = [...rounds].map(([{ name }, each]) => ({
    name,
    bytes: each[0]?.bytes ?? NaN,
    perSecond: median(each.map(({ perSecond }) => perSecond)),
    medianMs: median(each.map(({ medianMs }) => medianMs)),
    p99Ms: median(each.map(({ p99Ms }) => p99Ms)),
    cpuMs: median(each.map(({ cpuMs }) => cpuMs)),
  }));
  const [probot, http, github, generic] = found.map(({ perSecond }) => perSecond);
  const against = (figure: number | undefined, peer: number | undefined): number => (figure ?? NaN) / (peer ?? NaN);
  return {
    tables: [
      {
        title: `Webhooks accepted, ${CONNECTIONS} connections, medians of ${ROUNDS} rounds of ${MEASURED_MS / 1_000} s`,
        columns: ['', 'a second', 'median ms', 'p99 ms', 'CPU ms each', 'bytes', '× Probot', '× fdatasync'],
        rows: found.map(({ name, perSecond, medianMs, p99Ms, cpuMs, bytes }) => [
          name,
          perSecond.toFixed(0),
          ms(medianMs),
          ms(p99Ms),
          cpuMs.toFixed(2),
          bytes.toFixed(0),
          times(against(perSecond, probot)),
          times(against(perSecond, http)),
        ]),
      },
    ],
    notes: [
      'Every webhook is of a new version with a delivery id of its own. What Tagalong accepted is deduplicated, indexed and on the disk; the other two do less. The images are mentioned by no repository, so that intake is measured and not what follows.',
      'The load comes from one more process on the same cores. It and the servers are told by turns, so that all meet the same machine. Bytes are those of a whole request, headers included.',
    ],
    targets: [github, generic].map((perSecond, index) => {
      const ratio = against(perSecond, probot);
      const door = index === 0 ? 'GitHub' : 'generic';
      return {
        what: `durable webhooks a second (${door}), against bare Probot`,
        wanted: '≥ 0.5×',
        found: times(ratio),
        met: ratio >= 0.5,
      };
    }),
  };
}
