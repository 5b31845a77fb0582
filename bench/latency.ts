import { randomBytes } from 'node:crypto';
import { bumpBranch } from '../src/domain/bump.ts';
import { parseImageName } from '../src/domain/image.ts';
import type { JournalEntry } from '../test/support/forge/github/simulator.ts';
import { openGitFloor } from './support/git-floor.ts';
import { ENVIRONMENT, manifestRepository, type SampleImage } from './support/manifest-repository.ts';
import { type Benchmark, ms, type Report, type Table, type Target, times } from './support/report.ts';
import { median, p99 } from './support/samples.ts';
import { indexed, openStage, type Stage, untilIdle } from './support/stage.ts';
import { Watch } from './support/watch.ts';

const SIZES = [1_000, 10_000] as const;
/** Of each series at each size; every one for an image of its own, so that no bump finds anything of another. */
const BUMPS = 21;
/** One for each renderer, not counted. */
const WARM_UP = 3;

export const latency: Benchmark = {
  name: 'latency',
  summary: 'from the webhook of a published image to the pull request and its rendered diff',
  async run(tell) {
    const sizes: Size[] = [];
    for (const files of SIZES) sizes.push(await measureSize(files, tell));
    return report(sizes);
  },
};

type Phase = (typeof phases)[number];

/** The stretches between publishing and the comment, in their order. */
const phases = [
  'webhook accepted',
  'woken, read, decided',
  'forge: pull request written',
  'labelled, remembered',
  'change woken',
  'its commit fetched',
  'rendered, compared',
  'forge: comment written',
] as const;

/** One bump, in milliseconds since its webhook was sent. */
interface Walk {
  readonly proposed: number;
  readonly commented: number;
  readonly phases: Readonly<Record<Phase, number>>;
  /** HTTP requests to the forge, up to and with the comment and whatever followed it. */
  readonly requests: Readonly<Record<JournalEntry['kind'], number>>;
}

/** What was measured in a repository of one size. */
interface Size {
  readonly files: number;
  readonly floor: readonly number[];
  readonly opened: readonly Walk[];
  readonly updated: readonly Walk[];
}

async function measureSize(files: number, tell: (step: string) => void): Promise<Size> {
  const repository = manifestRepository(files);
  tell(`${files} files: index`);
  await using stage = await openStage(repository);
  await using floor = await openGitFloor(stage.github, repository);
  const watch = new Watch(stage.github);
  await indexed(stage);
  const [warmUp, images] = [repository.images.slice(0, WARM_UP), repository.images.slice(WARM_UP, WARM_UP + BUMPS)];
  for (const image of warmUp) {
    await floor.measure();
    await walk(stage, watch, image, { tag: '1.4.3', opens: true });
    await walk(stage, watch, image, { tag: '1.4.4', opens: false });
  }
  tell(`${files} files: ${BUMPS} new pull requests, each after one measurement of the floor`);
  const floors: number[] = [];
  const opened: Walk[] = [];
  for (const image of images) {
    floors.push(await floor.measure());
    opened.push(await walk(stage, watch, image, { tag: '1.4.3', opens: true }));
  }
  tell(`${files} files: ${BUMPS} updates of open pull requests`);
  const updated: Walk[] = [];
  for (const image of images) updated.push(await walk(stage, watch, image, { tag: '1.4.4', opens: false }));
  return { files, floor: floors, opened, updated };
}

/** Publishes a version, and follows it until nothing moves any more. */
async function walk(
  stage: Stage,
  watch: Watch,
  { name }: SampleImage,
  { tag, opens }: { readonly tag: string; readonly opens: boolean },
): Promise<Walk> {
  const { github, bot } = stage;
  await untilIdle(stage);
  const [asked, logged] = [github.requests.length, bot.logs.length];
  const branch = branchOf(name);
  const pull = opens ? watch.opened(branch) : watch.updated(branch, tag);
  const comment = watch.commented(branch, tag);
  const start = { at: performance.now(), date: Date.now() };
  github.people.publishPackage({ owner: 'acme', name, tag, digest: `sha256:${randomBytes(32).toString('hex')}` });
  const [proposed, commented] = [await pull, await comment];
  await untilIdle(stage);
  const [requests, logs] = [github.requests.slice(asked), bot.logs.slice(logged)];
  const remembered = timeOf(logs, 'bump proposed');
  const fetches = requests.filter(({ kind, at }) => kind === 'git' && at.getTime() >= remembered);
  return {
    proposed: proposed.at - start.at,
    commented: commented.at - start.at,
    requests: countKinds(requests),
    phases: phasesOf([
      start.date,
      timeOf(logs, 'delivery accepted'),
      arrival(requests, 'createCommitOnBranch'),
      proposed.date,
      remembered,
      Math.min(...fetches.map(({ at }) => at.getTime())),
      Math.max(...fetches.map(({ at, ms: took }) => at.getTime() + took)),
      arrival(requests, opens ? 'issues/create-comment' : 'issues/update-comment'),
      commented.date,
    ]),
  };
}

function branchOf(name: string): string {
  const image = parseImageName(`ghcr.io/acme/${name}`);
  if (image === undefined) throw new Error(`${name} is no name of an image`);
  return bumpBranch({ environment: ENVIRONMENT, image });
}

function countKinds(requests: readonly JournalEntry[]): Walk['requests'] {
  const count = (kind: JournalEntry['kind']): number => requests.filter((request) => request.kind === kind).length;
  return { rest: count('rest'), graphql: count('graphql'), git: count('git') };
}

/** When the bot logged this for the first time, in milliseconds since 1970. */
function timeOf(logs: Stage['bot']['logs'], message: string): number {
  const line = logs.find(({ msg }) => msg === message);
  return Date.parse(String(line?.['time']));
}

/** When the forge was first asked for this, in milliseconds since 1970. */
function arrival(requests: readonly JournalEntry[], operation: string): number {
  return requests.find(({ operations }) => operations.includes(operation))?.at.getTime() ?? NaN;
}

function phasesOf(moments: readonly number[]): Walk['phases'] {
  const stretch = (index: number): number => (moments[index + 1] ?? NaN) - (moments[index] ?? NaN);
  return {
    'webhook accepted': stretch(0),
    'woken, read, decided': stretch(1),
    'forge: pull request written': stretch(2),
    'labelled, remembered': stretch(3),
    'change woken': stretch(4),
    'its commit fetched': stretch(5),
    'rendered, compared': stretch(6),
    'forge: comment written': stretch(7),
  };
}

function report(sizes: readonly Size[]): Report {
  return {
    tables: [latencyTable(sizes), phaseTable(sizes), requestTable(sizes)],
    notes: [
      'The floor is what any tool must do: one commit by git fast-import into a bare mirror that is current, git push over http to the same simulated GitHub, one HTTP request. It is measured before each new pull request.',
      `p99 of ${BUMPS} samples is the slowest one. Simulator, floor and bot share the cores; the simulator takes part in every figure.`,
    ],
    targets: targetsOf(sizes),
  };
}

function latencyTable(sizes: readonly Size[]): Table {
  const rows = sizes.flatMap(({ files, floor, opened, updated }) => {
    const base = median(floor);
    const row = (what: string, samples: readonly number[]): string[] => [
      `${files} files: ${what}`,
      ms(median(samples)),
      ms(p99(samples)),
      times(median(samples) / base),
    ];
    return [
      row('git floor', floor),
      row('pull request opened', walked(opened, 'proposed')),
      row('… its rendered diff commented', walked(opened, 'commented')),
      row('pull request updated', walked(updated, 'proposed')),
      row('… its rendered diff updated', walked(updated, 'commented')),
    ];
  });
  return { title: 'After the webhook was sent', columns: ['', 'median ms', 'p99 ms', '× floor'], rows };
}

function phaseTable(sizes: readonly Size[]): Table {
  const series = sizes.flatMap(({ opened, updated }) => [opened, updated]);
  return {
    title: 'Where the time goes (median ms)',
    columns: ['', ...sizes.flatMap(({ files }) => [`${files}: opened`, 'updated'])],
    rows: phases.map((phase) => [phase, ...series.map((walks) => ms(median(walks.map((each) => each.phases[phase]))))]),
  };
}

function requestTable(sizes: readonly Size[]): Table {
  const kinds = ['graphql', 'rest', 'git'] as const;
  const rows = sizes.flatMap(({ files, opened, updated }) =>
    [['opened', opened] as const, ['updated', updated] as const].map(([what, walks]) => [
      `${files} files: ${what}`,
      ...kinds.map((kind) => mean(walks.map(({ requests }) => requests[kind])).toFixed(1)),
    ]),
  );
  return { title: 'HTTP requests to the forge a bump (mean)', columns: ['', ...kinds], rows };
}

function targetsOf(sizes: readonly Size[]): Target[] {
  const ratios = sizes.map(({ files, floor, opened }): Target => {
    const ratio = median(walked(opened, 'proposed')) / median(floor);
    const what = `event → pull request at ${files} files, against the git floor (medians)`;
    return { what, wanted: '≤ 3×', found: times(ratio), met: ratio <= 3 };
  });
  const medians = sizes.map(({ opened }) => median(walked(opened, 'proposed')));
  const growth = (medians.at(-1) ?? NaN) / (medians[0] ?? NaN);
  const asked = Math.max(
    ...sizes.flatMap(({ opened }) => opened.map(({ requests }) => requests.rest + requests.graphql)),
  );
  return [
    ...ratios,
    {
      what: `the same at ${SIZES[1]} files, against ${SIZES[0]} (flat)`,
      wanted: '≤ 1.25×',
      found: times(growth),
      met: growth <= 1.25,
    },
    {
      what: 'forge requests a new pull request with its comment, besides git (most)',
      wanted: '≤ 3',
      found: String(asked),
      met: asked <= 3,
    },
  ];
}

function walked(walks: readonly Walk[], what: 'proposed' | 'commented'): number[] {
  return walks.map((each) => each[what]);
}

function mean(samples: readonly number[]): number {
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
}
