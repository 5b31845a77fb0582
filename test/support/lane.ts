import { setTimeout as sleep } from 'node:timers/promises';
import { DEPLOY_SECRET } from './bot-process.ts';
import type { FileContents } from './forge/github/people.ts';
import type { GitHubSimulator, JournalEntry } from './forge/github/simulator.ts';
import { editComment } from './forge/github/world/discussion.ts';
import type { CheckRun, Comment, PullRequest, Repository } from './forge/github/world/model.ts';
import { sendGeneric, sendReport, type Reported, signGeneric, signReport } from './generic-sender.ts';

/** Where a lane is opened. */
export interface LaneGround {
  readonly github: GitHubSimulator;
  /** Of the bot. */
  readonly url: string;
  /** How long anything may take while the bot is killed again and again. */
  readonly patienceMs: number;
}

/** How a lane begins. */
export interface LaneOptions {
  readonly owner: string;
  /** What happens in it, by name. */
  readonly story: string;
  /** How many must have approved what is merged. */
  readonly approvals: number;
  readonly config: string;
  readonly paths: readonly string[];
  /** Whether GitHub itself keeps from the branch what the gate has not passed. */
  readonly isProtected: boolean;
}

const people = { mona: 'write', sue: 'write', sam: 'write', root: 'admin', reader: 'read' } as const;
const image = (owner: string) => `ghcr.io/${owner}/shop`;

/** What Argo CD says of a synchronisation; see `deploy/argocd/`. */
export interface Synchronisation {
  readonly revision: string;
  readonly phase: 'Running' | 'Failed' | 'Succeeded';
  readonly health?: 'Progressing' | 'Healthy' | 'Degraded';
  readonly message?: string;
  readonly at: Date;
}

/**
 * One organisation with an application and its manifests, and people who work in it. They wait until they see what they wait for, as
 * people do, so that what becomes of it does not depend on when the bot is there.
 */
export class Lane {
  readonly github: GitHubSimulator;
  readonly owner: string;
  readonly story: string;
  readonly manifests: Repository;
  readonly application: Repository;
  /** Commits of the application by version. */
  readonly builds = new Map<string, string>();
  /** Every comment that holds a command, as it was written. */
  readonly commands: Comment[] = [];
  /** What was wrong with a merge at the moment in which it was done. */
  readonly wrongMerges: string[] = [];
  readonly #url: string;
  readonly #patienceMs: number;

  constructor({ github, url, patienceMs }: LaneGround, options: LaneOptions) {
    const { owner, config, paths } = options;
    this.github = github;
    this.owner = owner;
    this.story = options.story;
    this.#url = url;
    this.#patienceMs = patienceMs;
    github.people.team(owner, 'sre', ['sue', 'sam']);
    this.application = github.people.createRepository({ owner, name: 'shop', collaborators: people });
    this.manifests = github.people.createRepository({
      owner,
      name: 'deploy',
      collaborators: people,
      files: {
        '.tagalong.yml': config,
        ...Object.fromEntries(paths.map((path) => [path, deployment(`${image(owner)}:1.0.0`)])),
      },
    });
    if (options.isProtected) {
      const rules = { requiredChecks: ['tagalong/review'], dismissesStaleReviews: false };
      github.people.protectBranch(this.manifests, 'main', rules);
    }
    github.world.onEvent((event) => {
      if (event.name !== 'pull_request' || event.action !== 'closed') return;
      const { pull } = event;
      if (pull.repository === this.manifests && pull.merge !== undefined) {
        this.wrongMerges.push(...this.#wrongWith(pull, options.approvals));
      }
    });
  }

  /** The bot has read the repository. */
  async followed(): Promise<void> {
    await this.until('the configuration is judged', () => this.checkOf('tagalong/config', this.head()));
  }

  head(): string {
    return this.github.state.head(this.manifests) ?? '';
  }

  /** Somebody merges a feature, and CI builds its commit and tells of the image until it is heard. */
  async release(version: string): Promise<void> {
    const { people: github } = this.github;
    github.pushFiles(this.application, version, { 'main.go': `// ${version}\n` }, { author: 'mona' });
    const feature = github.openPullRequest(this.application, {
      head: version,
      title: `Feature ${version}`,
      author: 'mona',
    });
    const commit = github.merge(feature, { by: 'mona', method: 'squash' });
    this.builds.set(version, commit);
    const repository = `${this.owner}/${this.application.name}`;
    const request = signGeneric({ image: `${image(this.owner)}:${version}`, commit, repository });
    await this.#tellUntilHeard(() => sendGeneric(this.#url, request));
  }

  /** By the endpoint for any tool; the same request again and again until it is heard. */
  async report(reported: Reported): Promise<void> {
    const request = signReport(reported);
    await this.#tellUntilHeard(() => sendReport(this.#url, request));
  }

  /** As Argo CD's notifications do. */
  async synchronised(environment: string, { at, ...told }: Synchronisation): Promise<void> {
    const source = { repoURL: `${this.github.url}/${this.owner}/deploy.git`, path: environment };
    const body = { application: `shop-${environment}`, environment, source, at: at.toISOString(), ...told };
    await this.#tellUntilHeard(() =>
      fetch(`${this.#url}/webhooks/deploys/argo-cd`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${DEPLOY_SECRET}` },
        body: JSON.stringify(body),
      }),
    );
  }

  push(branch: string, files: FileContents, author: string): string {
    return this.github.people.pushFiles(this.manifests, branch, files, { author });
  }

  /** A pull request by a person. */
  async open(branch: string, files: FileContents): Promise<PullRequest> {
    this.push(branch, files, 'mona');
    const pull = this.github.people.openPullRequest(this.manifests, { head: branch, title: branch, author: 'mona' });
    await this.gated(pull, 'pending', '1 approval');
    return pull;
  }

  /** Does something at the moment in which the bot asks for its first merge, before it is done. Resolves once that has come. */
  async whenMerging(act: () => void): Promise<void> {
    let isDone = false;
    const match = ({ operations, path }: JournalEntry) => {
      if (isDone || !operations.includes('pulls/merge') || !path.includes(`/${this.owner}/`)) return false;
      isDone = true;
      act();
      return false;
    };
    this.github.faults.push({ match });
    await this.until('the bot is about to merge', () => isDone);
  }

  approve(pull: PullRequest, author: string): void {
    this.github.people.review(pull, 'APPROVED', { author });
  }

  /** Writes a command, and waits until it is answered. */
  async say(pull: PullRequest, author: string, body: string): Promise<Comment> {
    const comment = this.github.people.comment(pull, body, { author });
    this.commands.push(comment);
    await this.until(`an answer to ${body}`, () => comment.reactions.some(({ content }) => content !== 'eyes'));
    return comment;
  }

  edit(comment: Comment, author: string, body: string): void {
    editComment(this.github.world, { account: this.github.people.person(author) }, comment, body);
  }

  proposed(title: string): Promise<PullRequest> {
    return this.until(`the pull request '${title}'`, () =>
      this.github.state
        .pullRequests(this.manifests, 'open')
        .find((pull) => pull.title === title && pull.labels.size > 0),
    );
  }

  /** The gate says so on the present head. */
  async gated(pull: PullRequest, answer: 'pending' | 'success' | 'failure', text = ''): Promise<void> {
    const check = () => this.checkOf('tagalong/review', pull.head.sha);
    await this.until(`${answer} of the gate on '${pull.title}' with '${text}'`, () => {
      const run = check();
      return run && (run.conclusion ?? 'pending') === answer && `${run.title}\n${run.summary}`.includes(text);
    }).catch((error: unknown) => {
      const { title, summary } = check() ?? {};
      throw new Error(`${String(error)}; it says: ${title}\n${summary}`);
    });
  }

  async merged(pull: PullRequest): Promise<string> {
    const commit = await this.until(`'${pull.title}' is merged`, () => pull.merge?.commit);
    await this.gone(pull);
    return commit;
  }

  /** The bot has taken the branch of an ended pull request away. */
  async gone(pull: PullRequest): Promise<void> {
    const { state } = this.github;
    if (!pull.head.branch.startsWith('tagalong/')) return;
    await this.until(
      `the branch of '${pull.title}' is gone`,
      () => !state.branches(this.manifests).includes(pull.head.branch),
    );
  }

  async told(version: string, environment: string, wanted: string, description = ''): Promise<void> {
    const sha = this.builds.get(version);
    await this.until(`${version} is ${wanted} in ${environment} (${description})`, () => {
      const all = this.github.state.statuses(this.application, sha);
      const status = all.findLast(({ context }) => context === `tagalong/${environment}`);
      return status?.state === wanted && (status.description ?? '').includes(description);
    });
  }

  checkOf(name: string, sha: string): CheckRun | undefined {
    return this.github.state.checkRuns(this.manifests, sha).findLast((run) => run.name === name);
  }

  async until<T>(what: string, look: () => T | undefined | false): Promise<T> {
    const deadline = performance.now() + this.#patienceMs;
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      // What was merged wrongly is waited for in vain.
      const [wrong] = performance.now() > deadline ? ['it is too late'] : this.wrongMerges;
      if (wrong !== undefined) throw new Error(`${this.owner}: ${what}: did not come: ${wrong}`);
      await sleep(10);
    }
  }

  /** Looked at without the bot: who has said what until now. */
  #wrongWith(pull: PullRequest, approvals: number): string[] {
    const latest = new Map(
      pull.reviews.filter(({ state }) => state !== 'COMMENTED').map(({ author, state }) => [author.login, state]),
    );
    for (const { pull: on, author, body } of this.commands) {
      if (on === pull && /^\/approve$/m.test(body)) latest.set(author.login, 'APPROVED');
      if (on === pull && /^\/unapprove$/m.test(body)) latest.delete(author.login);
    }
    // What mona has built she does not approve.
    const approved = [...latest].filter(([login, state]) => state === 'APPROVED' && login !== 'mona');
    const check = this.checkOf('tagalong/review', pull.head.sha);
    const expectations: [string, boolean][] = [
      [`${approved.length} approvals instead of ${approvals}`, approved.length >= approvals],
      ['an objection', ![...latest.values()].includes('CHANGES_REQUESTED')],
      ['a hold', ![...pull.labels].some(({ name }) => name.includes('hold'))],
      ['no passing check on its head', check?.conclusion === 'success'],
    ];
    return expectations.filter(([, isWell]) => !isWell).map(([what]) => `'${pull.title}' was merged with ${what}`);
  }

  /** As a tool that repeats what nobody has taken; what was taken it may say twice. */
  async #tellUntilHeard(send: () => Promise<Response>): Promise<void> {
    for (;;) {
      const status = await statusOf(send);
      if (status === 202) return;
      if (status !== undefined && status !== 503) throw new Error(`${this.owner}: a sender was answered ${status}`);
      await sleep(100);
    }
  }
}

async function statusOf(send: () => Promise<Response>): Promise<number | undefined> {
  try {
    const response = await send();
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined;
  }
}

export function deployment(reference: string, name = 'shop'): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: default
spec:
  template:
    spec:
      containers:
        - name: shop
          image: ${reference}
`;
}
