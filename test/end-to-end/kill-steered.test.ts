import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresBackend } from '../support/database.ts';
import { runSteeredOrdeal, type SteeredOrdeal } from '../support/steered-ordeal.ts';

/** `TAGALONG_KILLS=50` is the whole of it, on both stores. */
const wanted = process.env['TAGALONG_KILLS'];
const kills = Number(wanted ?? 4);
const seed = Number(process.env['TAGALONG_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const rounds = wanted === undefined ? 1 : 3;

const postgres = await postgresBackend();
const embedded = { name: 'embedded', newLocation: () => Promise.resolve({}) };
const shared = postgres === undefined ? [] : [{ name: 'PostgreSQL', newLocation: () => postgres.newLocation() }];
// What goes wrong between processes goes wrong on PostgreSQL first; what it should have come to is found out on the other.
const backends = wanted === undefined && shared.length > 0 ? shared : [embedded, ...shared];

const stories = ['reviewed', 'frozen', 'back', 'around', 'pushed', 'raced', 'auto'] as const;

/** What it comes to without a kill, found out beside the first of the others: both wait most of the time. */
let undisturbed: Promise<SteeredOrdeal>;

beforeAll(() => {
  undisturbed = runSteeredOrdeal({ kills: 0, seed, rounds: 1 });
  undisturbed.catch(() => undefined);
});

afterAll(async () => {
  await postgres?.close();
  await (await undisturbed).close();
});

describe.each(backends)(`steered while killed ${kills} times, $name (TAGALONG_SEED=${seed})`, (backend) => {
  let ordeal: SteeredOrdeal;
  let reference: SteeredOrdeal;

  beforeAll(async () => {
    ordeal = await runSteeredOrdeal({ kills, seed, rounds, ...(await backend.newLocation()) });
    reference = await undisturbed;
    process.stderr.write(`${backend.name}: ${JSON.stringify({ seed, kills, ...ordeal.figures })}\n`);
  }, 1_800_000);

  afterAll(() => ordeal.close());

  it.each(stories)('%s: comes to what it comes to without a kill', (story) => {
    for (const lane of ordeal.lanes.filter((each) => each.story === story)) {
      expect(ordeal.aftermath.get(lane.owner)).toEqual(reference.aftermath.get(`${story}-0`));
    }
  });

  it('leaves nothing for a process that looks at everything anew', () => {
    for (const { owner } of ordeal.lanes) {
      expect(ordeal.reconsidered.get(owner)).toEqual(ordeal.aftermath.get(owner));
    }
  });

  it('merges nothing that lacks approvals, is objected to, held, or without a passing check', () => {
    expect(ordeal.lanes.flatMap(({ wrongMerges }) => wrongMerges)).toEqual([]);
  });

  it('answers every command once, with one reply and one line of the audit log at most for each of its lines', () => {
    const wrong = changesOf(ordeal).flatMap(({ answers }) =>
      answers.filter(
        ({ body, reactions, replies, lines }) =>
          replies > 1 ||
          lines.length !== new Set(lines).size ||
          lines.length > body.split('\n').length ||
          reactions.length !== 2 ||
          !reactions.includes('eyes'),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('tells each thing in one place: one comment, one deployment of a commit in an environment, one issue for a bypass', () => {
    const said = changesOf(ordeal).map((change) => [change.title, markersIn(change.said)] as const);
    expect(said.filter(([, markers]) => markers.length !== new Set(markers).size)).toEqual([]);
    for (const { deployments, bypasses } of ordeal.aftermath.values()) {
      for (const { deployments: all } of deployments) {
        const environments = all.map((each) => each.split(' ')[0]);
        expect(environments).toEqual([...new Set(environments)]);
      }
      expect(bypasses.map(({ issues }) => issues)).toEqual(bypasses.map(() => 1));
    }
  });

  it('asks GitHub for nothing that it does not know, and stops when it is told to', () => {
    expect(ordeal.github.violations).toEqual([]);
    expect(ordeal.end).toBe(0);
  });
});

function changesOf({ aftermath }: SteeredOrdeal) {
  return [...aftermath.values()].flatMap(({ changes, application }) => [...changes, ...application]);
}

/** Replies apart, of which there is one to each command. */
function markersIn(said: readonly string[]): readonly string[] {
  return said
    .map((body) => /<!-- tagalong:.*? -->/.exec(body)?.[0] ?? 'a comment without a marker')
    .filter((marker) => !marker.includes(':reply'));
}
