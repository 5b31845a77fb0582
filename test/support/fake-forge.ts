import type { Change, ChangeRef } from '../../src/domain/change.ts';
import { TagalongError } from '../../src/domain/errors.ts';
import { repositoryKey, type RepositoryRef } from '../../src/domain/repository.ts';
import type { Check, CommitFile, Forge, Proposal, Revision, WrittenChange } from '../../src/forge/forge.ts';
import { FakeRepository } from './fake-repository.ts';

/** The name under which the bot writes on the fake. */
export const FAKE_BOT = 'tagalong[bot]';

export interface FakeComment {
  readonly id: string;
  readonly author: string;
  readonly body: string;
}

/** What stands on the fake forge, and what people do there. */
export interface FakeForge extends Forge {
  /** A new repository with one commit on `main`. */
  addRepository(path: string, files: Readonly<Record<string, string>>): RepositoryRef;
  repositoryAt(repository: RepositoryRef): FakeRepository;
  /** Commits on a branch as a person, making the branch from `main` where it is missing. @returns the commit. */
  push(repository: RepositoryRef, branch: string, files: Readonly<Record<string, string | undefined>>): string;
  openChange(repository: RepositoryRef, branch: string, title: string): ChangeRef;
  merge(change: ChangeRef): void;
  say(change: ChangeRef, body: string): void;
  changes(repository: RepositoryRef): readonly Change[];
  comments(change: ChangeRef): readonly FakeComment[];
  deleteComment(change: ChangeRef, id: string): void;
  checks(repository: RepositoryRef, commit: string): readonly Check[];
  /** Every write that changed something, in order: `create-branch`, `commit`, `create-change` … */
  readonly writes: readonly string[];
  /** After that many more writes, each further one fails with `forge-unavailable`; undefined lets everything through again. */
  interruptAfter(writes: number | undefined): void;
}

interface Side {
  readonly ref: RepositoryRef;
  readonly git: FakeRepository;
  readonly changes: Map<number, Change>;
  readonly comments: Map<number, FakeComment[]>;
  readonly checks: Map<string, Check[]>;
}

/** A forge in memory that keeps the contract of the port. */
export function createFakeForge(): FakeForge {
  const sides = new Map<string, Side>();
  const writes: string[] = [];
  let allowed: number | undefined;
  let ids = 0;

  function side(repository: RepositoryRef): Side {
    const found = sides.get(repositoryKey(repository));
    if (found === undefined) throw new TagalongError('forge-refused', `No repository ${repository.path}.`);
    return found;
  }

  function written(what: string): void {
    if (allowed !== undefined && allowed-- <= 0)
      throw new TagalongError('forge-unavailable', 'The fake is interrupted.');
    writes.push(what);
  }

  function commitAsBot(
    git: FakeRepository,
    base: string,
    { files, message }: Pick<Proposal, 'files' | 'message'>,
  ): string {
    return git.write(base, contents(files), { author: FAKE_BOT, message: message.headline });
  }

  function isPlaced(git: FakeRepository, head: string, base: string, files: readonly CommitFile[]): boolean {
    const commit = git.commit(head);
    const hasFiles = files.every(({ path, content }) => commit.files.get(path) === content);
    return commit.author === FAKE_BOT && commit.parent === base && hasFiles;
  }

  function isOwn(git: FakeRepository, head: string, base: string): boolean {
    return git.ahead(base, head).every(({ author }) => author === FAKE_BOT);
  }

  function settleBranch({ git }: Side, proposal: Proposal): string {
    const { branch, baseCommit, files, targetBranch } = proposal;
    const head = git.branches.get(branch);
    if (head !== undefined && isPlaced(git, head, baseCommit, files)) return head;
    if (head === undefined) {
      written('create-branch');
      git.branches.set(branch, baseCommit);
    } else if (!isOwn(git, head, git.branches.get(targetBranch) ?? baseCommit)) {
      throw new TagalongError('forge-refused', `The branch ${branch} carries commits by somebody else.`);
    }
    written('commit');
    const commit = commitAsBot(git, baseCommit, proposal);
    git.branches.set(branch, commit);
    return commit;
  }

  function openFrom({ changes }: Side, branch: string, target: string): Change | undefined {
    return [...changes.values()].find(
      (each) => each.state === 'open' && each.sourceBranch === branch && each.targetBranch === target,
    );
  }

  function put({ changes, git }: Side, change: Change): void {
    changes.set(change.number, { ...change, headCommit: git.branches.get(change.sourceBranch) ?? change.headCommit });
  }

  function create(
    on: Side,
    from: Pick<Proposal, 'branch' | 'targetBranch' | 'title' | 'body'>,
    author: string,
  ): Change {
    const number = on.changes.size + 1;
    const { branch: sourceBranch, targetBranch, title, body } = from;
    const change: Change = {
      repository: on.ref,
      number,
      url: `https://forge.test/${on.ref.path}/changes/${number}`,
      state: 'open',
      title,
      body,
      author: { login: author, isBot: author === FAKE_BOT },
      sourceBranch,
      fromFork: false,
      headCommit: on.git.branches.get(sourceBranch) ?? '',
      targetBranch,
      isDraft: false,
      labels: [],
    };
    on.changes.set(number, change);
    return change;
  }

  function describe(on: Side, number: number, text: Pick<Proposal, 'title' | 'body' | 'labels'>): Change {
    const change = on.changes.get(number);
    if (change === undefined) throw new TagalongError('forge-refused', `No change ${number}.`);
    if (change.title !== text.title || change.body !== text.body) {
      written('update-change');
      put(on, { ...change, title: text.title, body: text.body });
    }
    const labels = [...new Set([...change.labels, ...text.labels])];
    if (labels.length > change.labels.length) {
      written('add-labels');
      put(on, { ...change, title: text.title, body: text.body, labels });
    }
    put(on, on.changes.get(number) ?? change);
    return on.changes.get(number) ?? change;
  }

  function propose(repository: RepositoryRef, proposal: Proposal): WrittenChange {
    const on = side(repository);
    const headCommit = settleBranch(on, proposal);
    const standing = openFrom(on, proposal.branch, proposal.targetBranch);
    if (standing === undefined) written('create-change');
    const { number } = standing ?? create(on, proposal, FAKE_BOT);
    const { url } = describe(on, number, proposal);
    return { number, url, headCommit, created: standing === undefined };
  }

  function revise({ repository, number }: ChangeRef, revision: Revision): WrittenChange {
    const on = side(repository);
    if (revision.files.length > 0) writeRevision(on, revision);
    if (on.changes.get(number)?.state !== 'open') {
      throw new TagalongError('forge-conflict', `#${number} is not open any more.`);
    }
    const { url, headCommit } = describe(on, number, revision);
    return { number, url, headCommit, created: false };
  }

  function writeRevision({ git }: Side, revision: Revision): void {
    const { branch, expectedHead, files } = revision;
    const base = revision.rebuildOn ?? expectedHead;
    const head = git.branches.get(branch);
    if (head !== undefined && isPlaced(git, head, base, files)) return;
    if (head !== expectedHead) throw new TagalongError('forge-conflict', `The branch ${branch} has moved.`);
    written('commit');
    git.branches.set(branch, commitAsBot(git, base, revision));
  }

  function commentsOf({ repository, number }: ChangeRef): FakeComment[] {
    const { comments } = side(repository);
    const list = comments.get(number) ?? [];
    comments.set(number, list);
    return list;
  }

  function addComment(change: ChangeRef, author: string, body: string): FakeComment {
    const comment = { id: String(++ids), author, body };
    commentsOf(change).push(comment);
    return comment;
  }

  const forge: FakeForge = {
    writes,
    interruptAfter: (count) => void (allowed = count),
    addRepository(path, files) {
      const ref: RepositoryRef = { forge: 'github', path };
      const git = new FakeRepository();
      git.branches.set('main', git.write(undefined, files, { author: 'person', message: 'start' }));
      sides.set(repositoryKey(ref), { ref, git, changes: new Map(), comments: new Map(), checks: new Map() });
      return ref;
    },
    repositoryAt: (repository) => side(repository).git,
    push(repository, branch, files) {
      const on = side(repository);
      const parent = on.git.branches.get(branch) ?? on.git.branches.get('main');
      const commit = on.git.write(parent, files, { author: 'person', message: 'by hand' });
      on.git.branches.set(branch, commit);
      for (const change of on.changes.values()) if (change.state === 'open') put(on, change);
      return commit;
    },
    openChange: (repository, branch, title) =>
      create(side(repository), { branch, targetBranch: 'main', title, body: '' }, 'person'),
    merge({ repository, number }) {
      const on = side(repository);
      const change = on.changes.get(number);
      if (change === undefined) throw new Error(`no change ${number}`);
      on.git.branches.set(change.targetBranch, change.headCommit);
      on.changes.set(number, { ...change, state: 'merged' });
    },
    say: (change, body) => void addComment(change, 'person', body),
    changes: (repository) => [...side(repository).changes.values()],
    comments: (change) => commentsOf(change),
    deleteComment(change, id) {
      const list = commentsOf(change);
      list.splice(0, list.length, ...list.filter((each) => each.id !== id));
    },
    checks: (repository, commit) => side(repository).checks.get(commit) ?? [],

    async *installed() {
      for (const { ref } of sides.values()) yield await Promise.resolve({ repository: ref, defaultBranch: 'main' });
    },
    repository(repository) {
      const found = sides.get(repositoryKey(repository));
      return Promise.resolve(found && { repository: found.ref, defaultBranch: 'main' });
    },
    gitRemote: ({ path }) => Promise.resolve({ url: `https://forge.test/${path}.git` }),
    compareUrl: ({ path }, from, to) => `https://forge.test/${path}/compare/${from}...${to}`,
    commitUrl: ({ path }, commit) => `https://forge.test/${path}/commit/${commit}`,
    readFiles(repository, paths) {
      const files = side(repository).git.files('main');
      return Promise.resolve(
        new Map(
          paths.flatMap((path) => {
            const text = files.get(path);
            return text === undefined ? [] : [[path, text] as const];
          }),
        ),
      );
    },
    change: ({ repository, number }) => Promise.resolve(sides.get(repositoryKey(repository))?.changes.get(number)),
    headRef: (number) => `refs/pull/${number}/head`,
    propose: (repository, proposal) => attempt(() => propose(repository, proposal)),
    isOwnBranch: (repository, { branch, target }) =>
      attempt(() => {
        const { git } = side(repository);
        return isOwn(git, git.branches.get(branch) ?? '', git.branches.get(target) ?? '');
      }),
    revise: (change, revision) => attempt(() => revise(change, revision)),
    close: ({ repository, number }, { deleteBranch }) =>
      attempt(() => {
        const on = side(repository);
        const change = on.changes.get(number);
        if (change === undefined) throw new TagalongError('forge-refused', `No change ${number}.`);
        if (change.state === 'open') {
          written('close-change');
          on.changes.set(number, { ...change, state: 'closed' });
        }
        const isOurs = change.author.isBot && change.sourceBranch === deleteBranch;
        if (isOurs && on.git.branches.get(deleteBranch) === change.headCommit) {
          written('delete-branch');
          on.git.branches.delete(deleteBranch);
        }
        return change.state === 'merged' ? 'merged' : 'closed';
      }),
    upsertComment: (change, { marker, body, known }) =>
      attempt(() => {
        const text = hasMarker(body, marker) ? body : `${marker}\n${body}`;
        const list = commentsOf(change);
        const isOwn = (each: FakeComment) => each.author === FAKE_BOT && hasMarker(each.body, marker);
        const standing =
          list.find(({ id }) => id === known) ?? (known === 'none' ? undefined : list.find((each) => isOwn(each)));
        if (standing?.body !== text) written(standing === undefined ? 'create-comment' : 'update-comment');
        const comment = standing === undefined ? addComment(change, FAKE_BOT, text) : { ...standing, body: text };
        list.splice(0, list.length, ...list.map((each) => (each.id === comment.id ? comment : each)));
        return { id: comment.id, url: `https://forge.test/comments/${comment.id}` };
      }),
    upsertCheck: (repository, commit, check) =>
      attempt(() => {
        const { checks } = side(repository);
        const others = (checks.get(commit) ?? []).filter(({ name }) => name !== check.name);
        written('check');
        checks.set(commit, [...others, check]);
      }),
  };
  return forge;
}

function attempt<T>(run: () => T): Promise<T> {
  return new Promise((resolve) => resolve(run()));
}

function contents(files: readonly CommitFile[]): Record<string, string> {
  return Object.fromEntries(files.map(({ path, content }) => [path, content]));
}

function hasMarker(body: string, marker: string): boolean {
  return body.split('\n').some((line) => line.trim() === marker);
}
