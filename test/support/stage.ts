import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BotProcess, type BotProcessOptions, startBotProcess } from './bot-process.ts';
import { temporaryDirectory } from './database.ts';
import type { FileContents } from './forge/github/people.ts';
import { type GitHubSimulator, startGitHub } from './forge/github/simulator.ts';
import type { CheckRun, PullRequest, Repository, Role } from './forge/github/world/model.ts';
import { type Published, type Reported, sendGeneric, sendReport, signGeneric, signReport } from './generic-sender.ts';

type TemporaryDirectory = Awaited<ReturnType<typeof temporaryDirectory>>;

/** How long anything may take on a busy machine. */
const PATIENCE_MS = 60_000;

/** A simulated GitHub with the bot beside it, and what tests of the two together ask for again and again. */
export class Stage {
  readonly github: GitHubSimulator;
  /** How the bot was started. */
  readonly options: BotProcessOptions;
  bot: BotProcess;
  readonly #temporary: TemporaryDirectory;

  private constructor(options: BotProcessOptions, bot: BotProcess, temporary: TemporaryDirectory) {
    this.github = options.github;
    this.options = options;
    this.bot = bot;
    this.#temporary = temporary;
  }

  static async open(options: Partial<Pick<BotProcessOptions, 'databaseUrl' | 'env'>> = {}): Promise<Stage> {
    const temporary = await temporaryDirectory();
    const github = await startGitHub({ checkAnswers: true });
    const all = { github, dataDirectory: join(temporary.path, 'data'), ...options };
    return new Stage(all, await startBotProcess(all), temporary);
  }

  /** Starts the bot anew, once it has ended. */
  async restart(): Promise<void> {
    this.bot = await startBotProcess(this.options);
  }

  /** @returns how the bot ended */
  async close(): ReturnType<BotProcess['kill']> {
    const code = await this.bot.kill('SIGTERM');
    await this.github.close();
    await this.#temporary.remove();
    return code;
  }

  /** A repository with these files and an empty configuration unless one is among them, once the bot follows it. */
  async manifests(
    owner: string,
    files: FileContents,
    name = 'deploy',
    collaborators: Readonly<Record<string, Role>> = {},
  ): Promise<Repository> {
    const repository = this.github.people.createRepository({
      owner,
      name,
      collaborators,
      files: { '.tagalong.yml': 'version: 1\n', ...files },
    });
    await this.until(`${owner}/${name} is followed`, () =>
      this.github.state.checkRuns(repository).some((run) => run.name === 'tagalong/config'),
    );
    return repository;
  }

  /** By the generic endpoint. */
  async publish(published: Published): Promise<Response> {
    return sendGeneric(this.bot.url, signGeneric(published));
  }

  /** The open pull request with this title, once it stands with its labels. */
  proposed(repository: Repository, title: string): Promise<PullRequest> {
    return this.until(`a pull request '${title}'`, () =>
      this.github.state.pullRequests(repository, 'open').find((pull) => pull.title === title && pull.labels.size > 0),
    );
  }

  /** The gate's check on the present head, once it is so. */
  gated(pull: PullRequest, answer: 'pending' | 'success' | 'failure', text = ''): Promise<CheckRun> {
    return this.until(`${answer} of the gate on #${pull.number} with '${text}'`, () => {
      const runs = this.github.state.checkRuns(pull.repository, pull.head.sha);
      const run = runs.filter(({ name }) => name === 'tagalong/review').reduce(newer, undefined);
      const isIt =
        (run?.conclusion ?? 'pending') === answer && `${run?.title ?? ''}\n${run?.summary ?? ''}`.includes(text);
      return isIt ? run : undefined;
    });
  }

  /** By the endpoint for any deploy tool. */
  async report(reported: Reported): Promise<Response> {
    return sendReport(this.bot.url, signReport(reported));
  }

  /** The body of the one comment of the bot that holds this text. */
  async commented(pull: PullRequest, text: string): Promise<string> {
    const { body } = await this.until(`a comment with '${text}'`, () =>
      this.github.state.comments(pull).find((comment) => comment.app !== undefined && comment.body.includes(text)),
    );
    return body;
  }

  /** What the bot logged with this message, and these fields among others. */
  logged(
    message: string,
    fields: Readonly<Record<string, unknown>> = {},
  ): readonly Readonly<Record<string, unknown>>[] {
    return this.bot.logs.filter(
      (line) => line['msg'] === message && Object.entries(fields).every(([name, value]) => line[name] === value),
    );
  }

  /** The value of a counter on `/metrics`; 0 where it has not been counted. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const text = await (await fetch(`${this.bot.url}/metrics`)).text();
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const line = text
      .split('\n')
      .find((each) => /^[^ {]+/.exec(each)?.[0] === name && wanted.every((label) => each.includes(label)));
    return Number(line?.split(' ').at(-1) ?? 0);
  }

  /** Looks every few milliseconds. @throws with what the bot logged last, when it does not come */
  async until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      if (performance.now() > deadline) throw new Error([`${what}: did not come`, ...this.#lastWords()].join('\n'));
      await sleep(10);
    }
  }

  #lastWords(): string[] {
    return this.bot.logs.slice(-20).map((line) => JSON.stringify(line));
  }
}

/** A commit may have several runs of one name; GitHub shows and demands the newest. */
function newer(one: CheckRun | undefined, other: CheckRun): CheckRun {
  return one === undefined || other.id > one.id ? other : one;
}
