import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBotProcess, type BotProcess } from '../test/support/bot-process.ts';
import { startGitHub, type GitHubSimulator } from '../test/support/forge/github/simulator.ts';
import { createOrganisation, images, MANIFESTS, type DemoApplication, type DemoImage } from './organisation.ts';
import { postImage } from './post-image.ts';
import { deliver, fail, type DemoStage } from './delivery.ts';
import { createTeller, type Teller } from './tell.ts';
import { until } from './until.ts';

const usage = `Usage: npm run demo [-- --once [--json]]

Starts a simulated GitHub with an example organisation, and the bot; publishes images; tells each step as it happens.
Stays up so that you can look around, until you press Ctrl+C.

  --once   end by itself; exit 0 when every step came
  --json   one JSON line per step
`;

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
    const applications = createOrganisation(github);
    bot = await startBotProcess({ github, dataDirectory: directory, env: { LOG_LEVEL: 'debug' } });
    teller.step('started', `The bot listens at ${bot.url}`, { bot: bot.url, github: github.url });
    await optedIn(github, teller);
    const stage = { github, bot, teller };
    for (const image of images) await walk(stage, image, applicationOf(applications, image.application));
    teller.say('\nthe way of shop 1.5.0 into production');
    await deliver(stage, applicationOf(applications, 'shop'));
    teller.say('\na rollout that fails, and the way back');
    await fail(stage, applicationOf(applications, 'web'));
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

function applicationOf(applications: ReadonlyMap<string, DemoApplication>, name: string): DemoApplication {
  const application = applications.get(name);
  if (application === undefined) throw new Error(`there is no application ${name}`);
  return application;
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
async function walk({ github, bot, teller }: DemoStage, demo: DemoImage, { commit }: DemoApplication): Promise<void> {
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

async function publish({ github, bot }: DemoStage, demo: DemoImage, tag: string, commit: string): Promise<void> {
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

async function interrupted(teller: Teller): Promise<void> {
  teller.say('Press Ctrl+C to end.');
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
}
