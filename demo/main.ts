import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBotProcess, type BotProcess } from '../test/support/bot-process.ts';
import { startGitHub, type GitHubSimulator } from '../test/support/forge/github/simulator.ts';
import { createOrganisation, images, MANIFESTS, type DemoImage } from './organisation.ts';
import { postImage } from './post-image.ts';
import { createTeller, type Teller } from './tell.ts';

const usage = `Usage: npm run demo [-- --once [--json]]

Starts a simulated GitHub with an example organisation, and the bot; publishes images; tells each step as it happens.
Stays up so that you can look around, until you press Ctrl+C.

  --once   end by itself; exit 0 when every step came
  --json   one JSON line per step
`;

/** How long any one step may take. */
const PATIENCE_MS = 60_000;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { once: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const directory = await mkdtemp(join(tmpdir(), 'tagalong-demo-'));
  const teller = createTeller({ json: values.json === true });
  const github = await startGitHub();
  let bot: BotProcess | undefined;
  try {
    const commits = createOrganisation(github);
    bot = await startBotProcess({ github, dataDirectory: directory });
    teller.step('started', `The bot listens at ${bot.url}`, { bot: bot.url, github: github.url });
    await optedIn(github, teller);
    for (const image of images) await walk({ github, bot, teller }, image, commits.get(image.application) ?? '');
    teller.say(`\nLook around: ${github.url}/${MANIFESTS}/pulls`);
    if (values.once !== true) await interrupted(teller);
    return 0;
  } catch (error) {
    teller.fail(error);
    for (const line of bot?.logs.slice(-20) ?? []) teller.say(JSON.stringify(line));
    return 1;
  } finally {
    await bot?.kill('SIGTERM');
    await github.close();
    await rm(directory, { recursive: true, force: true });
  }
}

interface Stage {
  readonly github: GitHubSimulator;
  readonly bot: BotProcess;
  readonly teller: Teller;
}

/** The bot reads the manifest repository by itself, and says on its commit that the configuration is good. */
async function optedIn(github: GitHubSimulator, teller: Teller): Promise<void> {
  const check = await until('a check on the configuration', () =>
    github.state.checkRuns(MANIFESTS).find(({ name }) => name === 'tagalong/config'),
  );
  const url = `${github.url}/${MANIFESTS}`;
  teller.step('opted-in', `${MANIFESTS} has a .tagalong.yml: ${check.title ?? ''}`, {
    repository: MANIFESTS,
    url,
  });
}

/** An image is published; its pull requests stand, one for each environment, each with its rendered diff. */
async function walk({ github, bot, teller }: Stage, demo: DemoImage, commit: string): Promise<void> {
  const tag = demo.version(commit);
  const reference = `${demo.image}:${tag}`;
  const before = github.state.pullRequests(MANIFESTS).length;
  teller.say(`\n${demo.shows}`);
  const startedAt = performance.now();
  await publish({ github, bot, teller }, demo, tag, commit);
  teller.step('published', reference, { image: demo.image, tag, by: demo.by });
  await Promise.all(
    demo.environments.map(async (_, index) => {
      const pull = await until(
        `pull request ${index + 1} of ${reference}`,
        () => github.state.pullRequests(MANIFESTS).toSorted((a, b) => a.number - b.number)[before + index],
      );
      const url = `${github.url}/${MANIFESTS}/pull/${pull.number}`;
      teller.step('proposed', pull.title, { change: pull.number, url, ms: since(startedAt) });
      await until(`the rendered diff on #${pull.number}`, () =>
        github.state.comments(pull).find(({ body }) => body.startsWith('<!-- tagalong:diff -->')),
      );
      teller.step('diff-commented', `on #${pull.number}`, { change: pull.number, url, ms: since(startedAt) });
    }),
  );
}

async function publish({ github, bot }: Stage, demo: DemoImage, tag: string, commit: string): Promise<void> {
  const digest = `sha256:${randomBytes(32).toString('hex')}`;
  if (demo.by === 'generic') {
    await postImage(bot.url, { image: `${demo.image}:${tag}`, commit, repository: `acme/${demo.application}` });
    return;
  }
  const repository = `acme/${demo.application}`;
  github.people.publishPackage({ owner: 'acme', name: demo.application, tag, digest, repository, commit });
  await github.settled();
}

function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}

/** Looks every few milliseconds. @throws when it does not come */
async function until<T>(what: string, look: () => T | undefined): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${PATIENCE_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function interrupted(teller: Teller): Promise<void> {
  teller.say('Press Ctrl+C to end.');
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
}
