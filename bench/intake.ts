import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { GENERIC_SECRET, WEBHOOK_SECRET } from '../test/support/bot-process.ts';
import { startChild } from '../test/support/child.ts';
import type { GitHubSimulator } from '../test/support/forge/github/simulator.ts';
import { type Benchmark, ms, type Report, times } from './support/report.ts';
import { median } from './support/samples.ts';
import { openStage, untilIdle } from './support/stage.ts';

const CONNECTIONS = 32;
const BODY_BYTES = 6_900;
const COMMIT = '593e9dd0c7a1f0b2d3e4f5a6b7c8d9e0f1a2b3c4';
const ROUNDS = 3;
const WARM_UP_MS = 1_000;
const MEASURED_MS = 3_000;

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

/** Something that takes webhooks. */
interface Subject {
  readonly name: string;
  readonly url: string;
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
  refused: z.number(),
  refusal: z.string().optional(),
});

type Round = z.infer<typeof roundSchema>;

async function measure(directory: string, tell: (step: string) => void): Promise<Report> {
  await using stage = await openStage(undefined);
  const { github, bot } = stage;
  const probot = await startPeer('bare-probot.ts', [WEBHOOK_SECRET, github.privateKey]);
  const http = await startPeer('bare-http.ts', [WEBHOOK_SECRET, join(directory, 'bodies')]);
  const [published, generic] = [join(directory, 'published.json'), join(directory, 'generic.json')];
  await writeFile(published, publishedBody(github));
  await writeFile(generic, genericBody);
  const signed = { sender: 'github', secret: WEBHOOK_SECRET, body: published } as const;
  const subjects: readonly Subject[] = [
    { name: 'bare Probot, empty handler, not durable', url: probot.url, ...signed, expected: ' 200 ' },
    { name: 'node:http, HMAC, group fdatasync', url: http.url, ...signed, expected: ' 202 ' },
    { name: 'Tagalong, GitHub', url: `${bot.url}/webhooks/github`, ...signed, expected: '"status":"accepted"' },
    {
      name: 'Tagalong, generic',
      url: `${bot.url}/webhooks/images/generic`,
      sender: 'generic',
      secret: GENERIC_SECRET,
      body: generic,
      expected: '"status":"accepted"',
    },
  ];
  try {
    const rounds = new Map<Subject, Round[]>(subjects.map((subject) => [subject, []]));
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const [subject, found] of rounds) {
        tell(`round ${round} of ${ROUNDS}: ${subject.name}`);
        await untilIdle(stage);
        found.push(await load(subject));
      }
    }
    return report(rounds);
  } finally {
    await Promise.all([probot.kill(), http.kill()]);
  }
}

interface Peer {
  readonly url: string;
  kill(): Promise<void>;
}

/** Starts a server in a process of its own, which prints its address. */
async function startPeer(file: string, parameters: readonly string[]): Promise<Peer> {
  const child = startChild(peer(file), parameters);
  await child.untilLines(1);
  return { url: child.lines[0] ?? '', kill: () => child.kill() };
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
async function load({ url, sender, secret, body, expected, name }: Subject): Promise<Round> {
  const order = {
    url,
    sender,
    secret,
    body,
    expected,
    connections: CONNECTIONS,
    warmUpMs: WARM_UP_MS,
    measuredMs: MEASURED_MS,
  };
  const child = startChild(peer('load.ts'), [JSON.stringify(order)]);
  const { code, complaints } = await child.ended();
  if (code !== 0) throw new Error(`the load on ${name} failed: ${complaints}`);
  const round = roundSchema.parse(JSON.parse(child.lines[0] ?? ''));
  if (round.refused > 0) throw new Error(`${name} refused ${round.refused} webhooks: ${round.refusal ?? ''}`);
  return round;
}

function report(rounds: ReadonlyMap<Subject, readonly Round[]>): Report {
  const found = [...rounds].map(([{ name }, each]) => ({
    name,
    bytes: each[0]?.bytes ?? NaN,
    perSecond: median(each.map(({ perSecond }) => perSecond)),
    medianMs: median(each.map(({ medianMs }) => medianMs)),
    p99Ms: median(each.map(({ p99Ms }) => p99Ms)),
  }));
  const [probot, http, github, generic] = found.map(({ perSecond }) => perSecond);
  const against = (figure: number | undefined, peer: number | undefined): number => (figure ?? NaN) / (peer ?? NaN);
  return {
    tables: [
      {
        title: `Webhooks accepted, ${CONNECTIONS} connections, medians of ${ROUNDS} rounds of ${MEASURED_MS / 1_000} s`,
        columns: ['', 'a second', 'median ms', 'p99 ms', 'bytes', '× Probot', '× fdatasync'],
        rows: found.map(({ name, perSecond, medianMs, p99Ms, bytes }) => [
          name,
          perSecond.toFixed(0),
          ms(medianMs),
          ms(p99Ms),
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
