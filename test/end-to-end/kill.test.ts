import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBotProcess } from '../support/bot-process.ts';
import { postgresBackend, temporaryDirectory } from '../support/database.ts';
import { Fleet } from '../support/fleet.ts';
import { startGitHub } from '../support/forge/github/simulator.ts';
import { sendGeneric, signGeneric } from '../support/generic-sender.ts';
import { type Ordeal, runOrdeal, untilAtRest } from '../support/ordeal.ts';

/** `TAGALONG_KILLS=50` is the whole of it: 200 events; without it, less, so that every run of all tests can afford it. */
const wanted = process.env['TAGALONG_KILLS'];
const kills = Number(wanted ?? 4);
const seed = Number(process.env['TAGALONG_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const size = wanted === undefined ? { repositories: 3, images: 10 } : { repositories: 5, images: 20 };

const postgres = await postgresBackend();
const backends = [
  { name: 'embedded', newLocation: () => Promise.resolve({}) },
  ...(postgres === undefined ? [] : [{ name: 'PostgreSQL', newLocation: () => postgres.newLocation() }]),
];

describe.each(backends)(`killed ${kills} times at random moments, $name (TAGALONG_SEED=${seed})`, (backend) => {
  let ordeal: Ordeal;

  beforeAll(async () => {
    ordeal = await runOrdeal({ kills, seed, size, ...(await backend.newLocation()) });
    process.stderr.write(`${backend.name}: ${JSON.stringify({ seed, ...ordeal.figures })}\n`);
  }, 1_800_000);

  afterAll(() => ordeal.close());

  it('leads every accepted event to exactly one correct pull request', () => {
    expect(ordeal.fleet.problems()).toEqual([]);
  });

  it('forgets no event that it has accepted', () => {
    const accepted = ordeal.fleet.releases.map(({ name, tag }) => `ghcr.io/acme/${name}:${tag}`);
    expect(accepted.filter((version) => !ordeal.remembered.has(version))).toEqual([]);
  });

  it('asks GitHub for nothing that it does not know, and stops when it is told to', () => {
    expect(ordeal.github.violations).toEqual([]);
    expect(ordeal.end).toBe(0);
  });

  // Last, because it spoils what the others look at.
  it('would be found out if one were lost, doubled, or written wrongly', () => {
    const { github, fleet } = ordeal;
    const [lost, doubled, altered, chatty] = fleet.pullRequests().filter(({ state }) => state === 'open');
    if (chatty === undefined || altered === undefined || doubled === undefined || lost === undefined) expect.fail();
    github.people.closePullRequest(lost);
    const { repository, title, body, head } = doubled;
    github.people.resetBranch(repository, 'copy', head.sha);
    github.people.openPullRequest(repository, { head: 'copy', title, body });
    const [path = '', text = ''] = [...github.state.files(altered.repository, altered.head.branch)].at(-1) ?? [];
    github.people.pushFiles(altered.repository, altered.head.branch, { [path]: `${text}\n` });
    github.people.comment(chatty, 'again');
    const problems = fleet.problems().join('\n');
    expect(problems).toContain('0 open pull requests instead of 1');
    expect(problems).toContain(`the branch ${lost.head.branch} is left over`);
    expect(problems).toContain('2 open pull requests instead of 1');
    expect(problems).toMatch(/is proposed twice/);
    expect(problems).toContain(`wrong in #${altered.number}: the files`);
    expect(problems).toContain(`wrong in #${altered.number}: the signature`);
    expect(problems).toContain(`wrong in #${chatty.number}: the number of comments`);
  });
});

describe.runIf(postgres)('two replicas on one database', () => {
  it('share the work, and double nothing', { timeout: 300_000 }, async () => {
    if (postgres === undefined) expect.fail();
    const temporary = await temporaryDirectory();
    const github = await startGitHub();
    const { databaseUrl } = await postgres.newLocation();
    const options = ['one', 'two'].map((name) => ({ github, databaseUrl, dataDirectory: join(temporary.path, name) }));
    const bots = await Promise.all(options.map((each) => startBotProcess(each)));
    try {
      const fleet = new Fleet(github, { repositories: 8, images: 3 });
      const statuses = fleet.releases.flatMap(({ name, tag }) => {
        const request = signGeneric({ image: `ghcr.io/acme/${name}`, tag });
        return bots.map(async ({ url }) => (await sendGeneric(url, request)).status);
      });
      expect(new Set(await Promise.all(statuses))).toEqual(new Set([202]));
      await untilAtRest(github, fleet, bots[0] ?? expect.unreachable(), options[0] ?? expect.unreachable());
      expect(fleet.problems()).toEqual([]);
      expect(github.violations).toEqual([]);
      const proposed = bots.map(({ logs }) => logs.filter(({ msg }) => msg === 'bump proposed').length);
      expect(proposed).not.toContain(0);
    } finally {
      await Promise.all(bots.map((bot) => bot.kill('SIGTERM')));
      await github.close();
      await temporary.remove();
    }
  });
});

afterAll(() => postgres?.close());
