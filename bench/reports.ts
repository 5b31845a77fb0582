import { bumpBranch } from '../src/domain/bump.ts';
import { parseImageName } from '../src/domain/image.ts';
import type { JournalEntry } from '../test/support/forge/github/simulator.ts';
import type { PullRequest } from '../test/support/forge/github/world/model.ts';
import { sendGeneric, sendReport, signGeneric, signReport } from '../test/support/generic-sender.ts';
import { ENVIRONMENT, manifestRepository, type SampleImage } from './support/manifest-repository.ts';
import { type Benchmark, ms, type Report, times } from './support/report.ts';
import { median, p99 } from './support/samples.ts';
import { indexed, MANIFESTS, openStage, type Stage, untilIdle } from './support/stage.ts';
import { Watch } from './support/watch.ts';

const FILES = 1_000;
/** Each is an image of its own, proposed, reviewed, merged and reported twice. */
const IMAGES = 5;
/** The first one of all is not counted. */
const WARM_UP = 1;
/** Longer than elsewhere, so that what belongs to one event is not counted for the next. */
const QUIET_MS = 300;
const APPLICATION = 'acme/shop';
const REVIEWERS = ['sue', 'sam'] as const;

export const reports: Benchmark = {
  name: 'reports',
  summary: 'from a review to its check, and from the report of a deploy tool to what the application is told',
  async run(tell) {
    await using stage = await openStage(manifestRepository(FILES));
    const { people } = stage.github;
    for (const login of REVIEWERS) people.grant(MANIFESTS, login, 'write');
    people.createRepository({ owner: 'acme', name: 'shop' });
    await indexed(stage);
    const found = new Map<What, Seen[]>(series.map((what) => [what, []]));
    const floors: number[] = [];
    for (const tag of ['1.4.3', '1.4.4']) {
      for (const [index, image] of manifestRepository(FILES)
        .images.slice(0, IMAGES + WARM_UP)
        .entries()) {
        if (index === WARM_UP) tell(`${IMAGES} images go to ${tag}`);
        const floor = await measureFloor(stage);
        const walked = await walk(stage, image, tag);
        if (index < WARM_UP) continue;
        floors.push(floor);
        for (const [what, seen] of walked) found.get(what)?.push(seen);
      }
    }
    return report(found, floors);
  },
};

const series = [
  'a review that changes the verdict',
  'a review that changes nothing',
  'a report that the rollout has begun',
  'a report that it is live, the first of its image',
  'a report that it is live instead of another',
  'the same report again',
] as const;

type What = (typeof series)[number];

/** What one event made the bot ask of the forge, until nothing moved any more. */
interface Seen {
  /** Milliseconds until the last of the requests was answered; NaN where there was none. */
  readonly answered: number;
  readonly requests: Readonly<Record<JournalEntry['kind'], number>>;
}

/** Brings one image from its publication to its being live. */
async function walk(stage: Stage, { name }: SampleImage, tag: string): Promise<readonly (readonly [What, Seen])[]> {
  const pull = await propose(stage, name, tag);
  const { people } = stage.github;
  const [first, second] = REVIEWERS;
  const approve = (author: string) => follow(stage, () => people.review(pull, 'APPROVED', { author }));
  const changed = await approve(first);
  const same = await approve(second);
  const revision = people.merge(pull, { by: first });
  await untilIdle(stage, QUIET_MS);
  const application = `${name}-${ENVIRONMENT}`;
  const told = (state: string, at: number) =>
    follow(stage, async () => {
      const said = { application, state, revision, environment: ENVIRONMENT, at: new Date(at).toISOString() };
      const { status } = await sendReport(stage.bot.url, signReport(said));
      if (status !== 202) throw new Error(`the report was answered with ${status}`);
    });
  const now = Date.now();
  const begun = await told('in-progress', now);
  const live = await told('succeeded', now + 1_000);
  const again = await told('succeeded', now + 2_000);
  const isFirst = pull.title.includes('1.4.2');
  return [
    ['a review that changes the verdict', changed],
    ['a review that changes nothing', same],
    ['a report that the rollout has begun', begun],
    [
      isFirst ? 'a report that it is live, the first of its image' : 'a report that it is live instead of another',
      live,
    ],
    ['the same report again', again],
  ];
}

/** @returns the pull request of an image that was built from a new commit of the application */
async function propose({ github, bot }: Stage, name: string, tag: string): Promise<PullRequest> {
  const image = parseImageName(`ghcr.io/acme/${name}`);
  if (image === undefined) throw new Error(`${name} is no name of an image`);
  github.people.pushFiles(APPLICATION, 'main', { 'main.go': `package main // ${name} ${tag}\n` });
  const commit = github.state.head(APPLICATION) ?? '';
  const opened = new Watch(github).opened(bumpBranch({ environment: ENVIRONMENT, image }));
  await sendGeneric(bot.url, signGeneric({ image: `${image}:${tag}`, commit, repository: APPLICATION }));
  const { value } = await opened;
  await untilIdle({ github, bot }, QUIET_MS);
  return value;
}

async function follow(stage: Stage, happen: () => unknown): Promise<Seen> {
  const asked = stage.github.requests.length;
  const startedAt = Date.now();
  await happen();
  await untilIdle(stage, QUIET_MS);
  const requests = stage.github.requests.slice(asked);
  const count = (kind: JournalEntry['kind']): number => requests.filter((request) => request.kind === kind).length;
  const ends = requests.map(({ at, ms: took }) => at.getTime() + took);
  return {
    answered: ends.length === 0 ? NaN : Math.max(...ends) - startedAt,
    requests: { rest: count('rest'), graphql: count('graphql'), git: count('git') },
  };
}

/** The least that any such bot must do: be told, ask once, write once; milliseconds. */
async function measureFloor({ github, bot }: Stage): Promise<number> {
  const startedAt = performance.now();
  for (const url of [`${bot.url}/healthz`, `${github.apiUrl}/rate_limit`, `${github.apiUrl}/rate_limit`]) {
    const response = await fetch(url);
    await response.arrayBuffer();
  }
  return performance.now() - startedAt;
}

function report(found: ReadonlyMap<What, readonly Seen[]>, floors: readonly number[]): Report {
  const floor = median(floors);
  const rows = [...found].map(([what, seen]) => {
    const answered = seen.map((each) => each.answered).filter((figure) => !Number.isNaN(figure));
    const time =
      answered.length === 0
        ? ['–', '–', '–']
        : [ms(median(answered)), ms(p99(answered)), times(median(answered) / floor)];
    const count = (kind: JournalEntry['kind']): string => mean(seen.map(({ requests }) => requests[kind])).toFixed(1);
    return [what, ...time, count('graphql'), count('rest'), count('git')];
  });
  const asked = (whats: readonly What[]): number =>
    Math.max(
      ...whats.map((what) => median((found.get(what) ?? []).map(({ requests }) => requests.rest + requests.graphql))),
    );
  const target = (what: string, whats: readonly What[]) => {
    const most = asked(whats);
    return { what, wanted: '≤ 2', found: String(most), met: most <= 2 };
  };
  return {
    tables: [
      {
        title: `Until the last request to the forge was answered, and how many there were (mean of ${IMAGES})`,
        columns: ['', 'median ms', 'p99 ms', '× floor', 'graphql', 'rest', 'git'],
        rows,
      },
    ],
    notes: [
      `The floor is one request to the bot and two to the forge, one after the other: ${ms(floor)} ms (median). p99 is the slowest.`,
      `Every image goes through two versions, each built from a commit of its own, in a manifest repository of ${FILES} files. By then the bot has looked at the pull request, and has seen it merged.`,
    ],
    targets: [
      target('forge requests a review (median)', series.slice(0, 2)),
      target('forge requests a deploy report (median)', series.slice(2, 4)),
      target('forge requests a deploy report that ends another version (median)', series.slice(4, 5)),
    ],
  };
}

function mean(samples: readonly number[]): number {
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
}
