import type { FileEdits } from '../git/bare-repository.ts';
import { account, deleteAccount, team } from './world/accounts.ts';
import { deleteRef, moveRef } from './world/branches.ts';
import { commitAsPerson } from './world/commits.ts';
import { pressButton, rerequest } from './world/checks.ts';
import { addComment, addReview, deleteComment, dismissReview, ensureLabel, labelNamed } from './world/discussion.ts';
import type { MergeGroup, PublishedPackage } from './world/events.ts';
import { editIssue, openIssue } from './world/issues.ts';
import { install, uninstall } from './world/installations.ts';
import { enqueue } from './world/merge-queue.ts';
import { mergePull } from './world/merging.ts';
import type {
  Account,
  CheckRun,
  Comment,
  Deployment,
  Installation,
  Issue,
  MergeMethod,
  Protection,
  PullRequest,
  Repository,
  Review,
  Role,
  Ruleset,
  Status,
  Team,
} from './world/model.ts';
import {
  reportCheckRun,
  reportDeployment,
  reportStatus,
  type ReportedCheckRun,
  type ReportedDeployment,
  type ReportedStatus,
} from './world/other-parties.ts';
import { publishPackage } from './world/packages.ts';
import { closePull, editPull, labelPull, openPull, setDraft, unlabelPull } from './world/pulls.ts';
import {
  addRepository,
  branchHead,
  branchRef,
  forkRepository,
  type NewRepository,
  repositoryKey,
} from './world/repositories.ts';
import { resolveCommit } from './world/revisions.ts';
import { addRuleset, protectionWith } from './world/rules.ts';
import type { World } from './world/world.ts';

/** A file's text or bytes; null removes it. */
export type FileContents = Readonly<Record<string, string | Buffer | null>>;

/** `owner/name`, or the repository itself. */
export type RepositoryName = string | Repository;

/** Who does what people do, unless told. */
const somebody = 'octocat';

/** Everything that people do on GitHub, in one call each; every call has its webhooks. */
export class People {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * A repository with a first commit of `files` on its default branch, and the app installed on it.
   * @param options.installed false leaves the app out
   */
  createRepository(
    options: Omit<NewRepository, 'parent'> & { files?: FileContents; installed?: boolean; message?: string },
  ): Repository {
    const repository = addRepository(this.#world, options);
    const files = { 'README.md': `# ${repository.name}\n`, ...options.files };
    this.pushFiles(repository, repository.defaultBranch, files, { message: options.message ?? 'Initial commit' });
    if (options.installed !== false) install(this.#world, repository.owner, { repositories: [repository] });
    return repository;
  }

  /**
   * Commits on a branch, made from the default branch if it is new; answers the commit.
   * @param options.as what git is told of the author, whoever pushes
   */
  pushFiles(
    where: RepositoryName,
    branch: string,
    files: FileContents,
    options: { author?: string; message?: string; force?: { onto: string }; as?: { name: string; email: string } } = {},
  ): string {
    const repository = this.repository(where);
    if (options.force !== undefined) this.resetBranch(repository, branch, options.force.onto);
    const from = branchHead(repository, repository.defaultBranch);
    return commitAsPerson(this.#world, this.person(options.author), repository, {
      branch,
      edits: editsOf(files),
      message: options.message ?? 'Change files',
      ...(options.as === undefined ? {} : { as: options.as }),
      ...(from === undefined ? {} : { from }),
    });
  }

  /** Force-pushes a branch to a commit, or makes it there. */
  resetBranch(where: RepositoryName, branch: string, commit: string, options: { author?: string } = {}): void {
    const repository = this.repository(where);
    const { oid } = resolveCommit(repository, commit);
    moveRef(this.#world, { account: this.person(options.author) }, repository, branchRef(branch), oid);
  }

  deleteBranch(where: RepositoryName, branch: string, options: { author?: string } = {}): void {
    deleteRef(this.#world, { account: this.person(options.author) }, this.repository(where), branchRef(branch));
  }

  fork(where: RepositoryName, owner: string): Repository {
    return forkRepository(this.#world, this.repository(where), owner);
  }

  /** @param wanted.head a branch, of `from` if that fork is given */
  openPullRequest(
    where: RepositoryName,
    wanted: {
      head: string;
      from?: Repository;
      base?: string;
      title?: string;
      body?: string;
      author?: string;
      draft?: boolean;
    },
  ): PullRequest {
    const repository = this.repository(where);
    return openPull(this.#world, { account: this.person(wanted.author) }, repository, {
      title: wanted.title ?? `Merge ${wanted.head}`,
      body: wanted.body ?? '',
      head: { repository: wanted.from ?? repository, branch: wanted.head },
      base: wanted.base ?? repository.defaultBranch,
      draft: wanted.draft ?? false,
    });
  }

  editPullRequest(pull: PullRequest, changes: { title?: string; body?: string; base?: string; author?: string }): void {
    const { author, ...wanted } = changes;
    editPull(this.#world, { account: this.person(author) }, pull, wanted);
  }

  /** Answers the commit that the base branch then has. */
  merge(pull: PullRequest, options: { method?: MergeMethod; by?: string } = {}): string {
    return mergePull(this.#world, { account: this.person(options.by) }, pull, { method: options.method ?? 'merge' });
  }

  closePullRequest(pull: PullRequest, options: { by?: string } = {}): void {
    closePull(this.#world, this.person(options.by), pull);
  }

  reopenPullRequest(pull: PullRequest, options: { by?: string } = {}): void {
    editPull(this.#world, { account: this.person(options.by) }, pull, { state: 'open' });
  }

  comment(pull: PullRequest, body: string, options: { author?: string } = {}): Comment {
    return addComment(this.#world, { account: this.person(options.author) }, pull, body);
  }

  lock(pull: PullRequest): void {
    pull.locked = true;
  }

  deleteComment(comment: Comment, options: { by?: string } = {}): void {
    deleteComment(this.#world, { account: this.person(options.by) }, comment);
  }

  review(pull: PullRequest, state: Review['state'], options: { author?: string; body?: string } = {}): Review {
    return addReview(this.#world, this.person(options.author), pull, { state, body: options.body ?? '' });
  }

  dismissReview(review: Review, options: { by?: string } = {}): void {
    dismissReview(this.#world, { account: this.person(options.by) }, review);
  }

  label(pull: PullRequest, name: string, options: { by?: string } = {}): void {
    const actor = { account: this.person(options.by) };
    labelPull(this.#world, actor, pull, ensureLabel(this.#world, actor, pull.repository, name));
  }

  unlabel(pull: PullRequest, name: string, options: { by?: string } = {}): void {
    const label = labelNamed(pull.repository, name);
    if (label !== undefined) unlabelPull(this.#world, { account: this.person(options.by) }, pull, label);
  }

  setDraft(pull: PullRequest, draft: boolean, options: { by?: string } = {}): void {
    setDraft(this.#world, { account: this.person(options.by) }, pull, draft);
  }

  /** "Merge when ready", where the base branch has a merge queue. */
  enqueue(pull: PullRequest, options: { by?: string } = {}): MergeGroup {
    return enqueue(this.#world, this.person(options.by), pull);
  }

  /** Presses a button that a check offers. @throws when it has no such button */
  pressButton(run: CheckRun, action: string, options: { by?: string } = {}): void {
    pressButton(this.#world, { account: this.person(options.by) }, run, action);
  }

  /** "Re-run". */
  rerun(run: CheckRun, options: { by?: string } = {}): void {
    rerequest(this.#world, { account: this.person(options.by) }, run);
  }

  /** What a person may do in a repository from now on. */
  grant(where: RepositoryName, login: string, role: Role): void {
    this.repository(where).collaborators.set(login.toLowerCase(), role);
  }

  /** An image reaches ghcr.io. @param wanted.name may hold slashes, as image names do */
  publishPackage(wanted: {
    owner: string;
    name: string;
    tag?: string;
    digest: string;
    repository?: RepositoryName;
    commit?: string;
  }): PublishedPackage {
    const { repository, ...published } = wanted;
    const linked = repository === undefined ? {} : { repository: this.repository(repository) };
    return publishPackage(this.#world, { ...published, ...linked });
  }

  installApp(owner: string, repositories: 'all' | readonly RepositoryName[]): Installation {
    const named = repositories === 'all' ? repositories : repositories.map((one) => this.repository(one));
    return install(this.#world, account(this.#world, owner, 'Organization'), { repositories: named });
  }

  uninstallApp(owner: string): void {
    const installation = this.#world.installations.get(owner.toLowerCase());
    if (installation === undefined) throw new Error(`the app is not installed on ${owner}`);
    uninstall(this.#world, installation);
  }

  /** Rules that the branch asks of a merge. */
  protectBranch(where: RepositoryName, branch: string, rules: Partial<Protection>): void {
    this.repository(where).protections.set(branch, protectionWith(rules));
  }

  addRuleset(where: RepositoryName, wanted: Partial<Ruleset> = {}): Ruleset {
    return addRuleset(this.#world, this.repository(where), wanted);
  }

  openIssue(where: RepositoryName, wanted: { title: string; body?: string; author?: string }): Issue {
    const { title, body = '', author } = wanted;
    return openIssue(this.#world, { account: this.person(author) }, this.repository(where), { title, body });
  }

  closeIssue(issue: Issue): void {
    editIssue(this.#world, issue, { state: 'closed' });
  }

  /** CI or a deploy tool writes a commit status, with a person's token unless `by` names an app as `argocd[bot]`. */
  reportStatus(where: RepositoryName, sha: string, status: ReportedStatus): Status {
    return reportStatus(this.#world, this.person(status.by), this.repository(where), { sha, ...status });
  }

  /** A deploy tool moves its deployment of a commit on, making it first where there is none. */
  reportDeployment(where: RepositoryName, sha: string, deployment: ReportedDeployment): Deployment {
    return reportDeployment(this.#world, this.person(deployment.by), this.repository(where), { sha, ...deployment });
  }

  /** Another app reports a check run. */
  reportCheckRun(where: RepositoryName, sha: string, run: ReportedCheckRun): CheckRun {
    return reportCheckRun(this.#world, this.repository(where), { sha, ...run });
  }

  archive(where: RepositoryName): void {
    this.repository(where).archived = true;
  }

  team(organization: string, slug: string, members: readonly string[]): Team {
    return team(this.#world, organization, slug, members);
  }

  deleteAccount(login: string): void {
    deleteAccount(this.#world, login);
  }

  person(login = somebody): Account {
    return account(this.#world, login);
  }

  /** @throws when there is none: a mistake in the test */
  repository(where: RepositoryName): Repository {
    if (typeof where !== 'string') return where;
    const [owner = '', name = ''] = where.split('/');
    const found = this.#world.repositories.get(repositoryKey(owner, name));
    if (found === undefined) throw new Error(`there is no repository ${where}`);
    return found;
  }
}

function editsOf(files: FileContents): FileEdits {
  return new Map(
    Object.entries(files).map(([path, content]) => [
      path,
      content === null ? undefined : typeof content === 'string' ? Buffer.from(content) : content,
    ]),
  );
}
