import { setImmediate as nextTurn } from 'node:timers/promises';
import { evaluate } from '../src/review/evaluate.ts';
import type { Snapshot, SnapshotReview } from '../src/review/snapshot.ts';
import type { Outcome } from '../src/review/verdict.ts';
import { asking, HEAD, passing, review } from '../test/review/passing.ts';
import { openPolicyBot, type PolicyBotSituation } from './peers/policy-bot.ts';
import { type Benchmark, type Report, times } from './support/report.ts';
import { median } from './support/samples.ts';

const ROUNDS = 5;
const MEASURED_MS = 250;
const TEAM = '@acme/sre';
/** Calls between two looks at the clock. */
const AT_ONCE = 100;

export const gate: Benchmark = {
  name: 'gate',
  summary: 'verdicts of the review gate a second, of snapshots in memory',
  async run(tell) {
    const rounds = new Map<string, number[]>();
    const note = (who: string, name: string, microseconds: number): void => {
      const key = keyOf(who, name);
      rounds.set(key, [...(rounds.get(key) ?? []), microseconds]);
    };
    tell('policy-bot is built');
    await using peer = await openPolicyBot(policyOfPeer);
    for (let round = 1; round <= ROUNDS; round += 1) {
      tell(`round ${round} of ${ROUNDS}`);
      for (const { name, snapshot, outcome } of situations) {
        note(FLOOR, name, await microseconds(leastAnswer, snapshot, outcome));
        note(OURS, name, await microseconds((asked) => evaluate(asked).outcome, snapshot, outcome));
      }
      if (!peer.ok) continue;
      for (const { name, answer, ns } of await peer.measure(situations.map(toPeer), MEASURED_MS)) {
        const wanted = situations.find((each) => each.name === name)?.answerOfPeer;
        if (answer !== wanted) throw new Error(`policy-bot says ${answer} of '${name}', not ${wanted ?? 'anything'}`);
        note(PEER, name, ns / 1_000);
      }
    }
    return report(rounds, peer.ok ? undefined : peer.reason);
  },
};

const OURS = 'Tagalong: all rules, each with its reason';
const FLOOR = 'a function for this one policy, without reasons';
const PEER = 'policy-bot: the same policy, with its reasons';

interface Situation {
  readonly name: string;
  readonly snapshot: Snapshot;
  readonly outcome: Outcome;
  readonly answerOfPeer: string;
}

/** Two of a team, who may not have written it; nobody of the team asks for changes; one check is demanded. */
const situations: readonly Situation[] = [
  situation('nobody has reviewed', 'wait', 'pending', []),
  situation('two have approved', 'pass', 'approved', [review('sue'), review('sam')]),
  situation('the second asks for changes', 'block', 'disapproved', [
    review('sue'),
    review('sam', { state: 'changes-requested' }),
  ]),
  situation('thirty reviews, two of them count', 'pass', 'approved', [
    ...Array.from({ length: 28 }, (_, index) => review(`visitor-${index}`)),
    review('sue'),
    review('sam'),
  ]),
];

function situation(
  name: string,
  outcome: Outcome,
  answerOfPeer: string,
  reviews: readonly SnapshotReview[],
): Situation {
  const snapshot = passing({ ...asking({ approvals: 2, from: [TEAM] }), reviews, teams: { [TEAM]: ['sue', 'sam'] } });
  return { name, snapshot, outcome, answerOfPeer };
}

const policyOfPeer = `
policy:
  approval: [production]
  disapproval:
    requires: { teams: [acme/sre] }
approval_rules:
  - name: production
    if: { changed_files: { paths: ['^apps/shop/production/.*$'] } }
    requires:
      count: 2
      teams: [acme/sre]
      conditions: { has_status: { statuses: [ci/lint] } }
    options:
      methods: { comments: [], github_review: true }
`;

function toPeer({ name, snapshot }: Situation): PolicyBotSituation {
  return {
    name,
    author: snapshot.change.author.login,
    head: HEAD,
    paths: snapshot.paths,
    checks: { 'ci/lint': 'success' },
    teams: { 'acme/sre': ['sue', 'sam'] },
    reviews: snapshot.reviews.map(({ by, at, state }) => ({ by: by.login, at, state: state.replace('-', '_') })),
  };
}

/** The least that can answer these situations right: no other rule, no other policy, no word of explanation. */
function leastAnswer({ reviews, teams, authors, applicationAuthors, checks }: Snapshot): Outcome {
  const members = new Set(teams[TEAM]);
  const writers = new Set([...authors.people, ...(applicationAuthors?.people ?? [])].map(({ login }) => login));
  const latest = new Map<string, SnapshotReview>();
  for (const each of reviews) if (members.has(each.by.login)) latest.set(each.by.login, each);
  let approvals = 0;
  for (const { by, state, mayWrite } of latest.values()) {
    if (state === 'changes-requested') return 'block';
    if (state === 'approved' && mayWrite && !by.isBot && !writers.has(by.login)) approvals += 1;
  }
  const isGreen = (name: string): boolean =>
    checks.reported.some((run) => run.name === name && run.state === 'success');
  return approvals >= 2 && checks.required !== 'unknown' && checks.required.every(isGreen) ? 'pass' : 'wait';
}

/** Of one call. @throws when the answer is not the one that is wanted: its time would be that of something else */
async function microseconds(
  answer: (snapshot: Snapshot) => Outcome,
  snapshot: Snapshot,
  wanted: Outcome,
): Promise<number> {
  await nextTurn();
  let [calls, taken, answered] = [0, 0, wanted];
  for (const startedAt = performance.now(); taken < MEASURED_MS; taken = performance.now() - startedAt) {
    for (let call = 0; call < AT_ONCE; call += 1) answered = answer(snapshot);
    calls += AT_ONCE;
  }
  if (answered !== wanted) throw new Error(`the answer is ${answered}, not ${wanted}`);
  return (taken / calls) * 1_000;
}

function keyOf(who: string, name: string): string {
  return `${who}\n${name}`;
}

function report(rounds: ReadonlyMap<string, readonly number[]>, missing: string | undefined): Report {
  const figure = (who: string, name: string): number => median(rounds.get(keyOf(who, name)) ?? [NaN]);
  const rows = situations.flatMap(({ name }) =>
    [OURS, FLOOR, ...(missing === undefined ? [PEER] : [])].map((who) => [
      `${name}: ${who}`,
      figure(who, name).toFixed(2),
      (1_000_000 / figure(who, name)).toFixed(0),
      times(figure(who, name) / figure(FLOOR, name)),
      missing === undefined ? times(figure(who, name) / figure(PEER, name)) : '–',
    ]),
  );
  return {
    tables: [
      {
        title: `One verdict, medians of ${ROUNDS} rounds of ${MEASURED_MS} ms`,
        columns: ['', 'µs', 'a second', '× floor', '× policy-bot'],
        rows,
      },
    ],
    notes: [
      'One policy: two of a team, none of them an author; nobody of the team asks for changes; one check is demanded. Each answers it from memory; what is read from the forge before is in `reports`.',
      missing === undefined
        ? 'Policy-bot runs as the Go module that it is published as, over the pull request that its own tests use. It does not look at owners of code, freezes, holds, renders, or authors of the application.'
        : `Policy-bot was left out: ${missing}`,
    ],
    targets: [],
  };
}
