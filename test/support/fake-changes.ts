import type { Change, ChangeRef } from '../../src/domain/change.ts';
import { TagalongError } from '../../src/domain/errors.ts';
import { repositoryKey, type RepositoryRef } from '../../src/domain/repository.ts';
import type { Changes, CommitFile, Proposal, Revision, WrittenChange } from '../../src/forge/forge.ts';
import type { FakeRepository } from './fake-repository.ts';
import { attempt, changeOn, FAKE_BOT, isBot, keep, type FakeWorld, type Side } from './fake-world.ts';

/** Proposing, revising and closing changes on the fake. */
export function fakeChanges(world: FakeWorld): Changes {
  return {
    change: ({ repository, number }) =>
      Promise.resolve(world.sides.get(repositoryKey(repository))?.changes.get(number)),
    headRef: (number) => `refs/pull/${number}/head`,
    propose: (repository, proposal) => attempt(() => propose(world, repository, proposal)),
    isOwnBranch: (repository, { branch, target }) =>
      attempt(() => {
        const { git } = world.side(repository);
        return isOwn(git, git.branches.get(branch) ?? '', git.branches.get(target) ?? '');
      }),
    revise: (change, revision) => attempt(() => revise(world, change, revision)),
    close: (change, { deleteBranch }) => attempt(() => close(world, change, deleteBranch)),
  };
}

export interface OpenedBy {
  readonly author: string;
  readonly isDraft?: boolean;
  readonly fromFork?: boolean;
}

/** Opens a change from a branch. */
export function openChange(
  on: Side,
  from: Pick<Proposal, 'branch' | 'targetBranch' | 'title' | 'body'>,
  { author, isDraft = false, fromFork = false }: OpenedBy,
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
    author: { login: author, isBot: isBot(author) },
    sourceBranch,
    fromFork,
    headCommit: on.git.branches.get(sourceBranch) ?? '',
    targetBranch,
    isDraft,
    labels: [],
  };
  on.changes.set(number, change);
  return change;
}

function propose(world: FakeWorld, repository: RepositoryRef, proposal: Proposal): WrittenChange {
  const on = world.side(repository);
  const headCommit = settleBranch(world, on, proposal);
  const standing = openFrom(on, proposal.branch, proposal.targetBranch);
  if (standing === undefined) world.written('create-change');
  const { number } = standing ?? openChange(on, proposal, { author: FAKE_BOT });
  const { url } = describe(world, on, number, proposal);
  return { number, url, headCommit, created: standing === undefined };
}

function settleBranch(world: FakeWorld, { git }: Side, proposal: Proposal): string {
  const { branch, baseCommit, targetBranch } = proposal;
  const head = git.branches.get(branch);
  if (head !== undefined && isPlaced(git, head, baseCommit, proposal)) return head;
  if (head === undefined) {
    world.written('create-branch');
    git.branches.set(branch, baseCommit);
  } else if (!isOwn(git, head, git.branches.get(targetBranch) ?? baseCommit)) {
    throw new TagalongError('forge-refused', `The branch ${branch} carries commits by somebody else.`);
  }
  world.written('commit');
  const commit = commitAsBot(git, baseCommit, proposal);
  git.branches.set(branch, commit);
  return commit;
}

function openFrom({ changes }: Side, branch: string, target: string): Change | undefined {
  return [...changes.values()].find(
    (each) => each.state === 'open' && each.sourceBranch === branch && each.targetBranch === target,
  );
}

function revise(world: FakeWorld, { repository, number }: ChangeRef, revision: Revision): WrittenChange {
  const on = world.side(repository);
  if (revision.files.length > 0) writeRevision(world, on, revision);
  if (on.changes.get(number)?.state !== 'open') {
    throw new TagalongError('forge-conflict', `#${number} is not open any more.`);
  }
  const { url, headCommit } = describe(world, on, number, revision);
  return { number, url, headCommit, created: false };
}

function writeRevision(world: FakeWorld, { git }: Side, revision: Revision): void {
  const { branch, expectedHead } = revision;
  const base = revision.rebuildOn ?? expectedHead;
  const head = git.branches.get(branch);
  if (head !== undefined && isPlaced(git, head, base, revision)) return;
  if (head !== expectedHead) throw new TagalongError('forge-conflict', `The branch ${branch} has moved.`);
  world.written('commit');
  git.branches.set(branch, commitAsBot(git, base, revision));
}

function describe(
  world: FakeWorld,
  on: Side,
  number: number,
  text: Pick<Proposal, 'title' | 'body' | 'labels'>,
): Change {
  const change = changeOn(on, number);
  if (change.title !== text.title || change.body !== text.body) world.written('update-change');
  const labels = [...new Set([...change.labels, ...text.labels])];
  if (labels.length > change.labels.length) world.written('add-labels');
  keep(on, { ...change, title: text.title, body: text.body, labels });
  return changeOn(on, number);
}

function close(
  world: FakeWorld,
  { repository, number }: ChangeRef,
  deleteBranch: string | undefined,
): 'merged' | 'closed' {
  const on = world.side(repository);
  const change = changeOn(on, number);
  if (change.state === 'open') {
    world.written('close-change');
    on.changes.set(number, { ...change, state: 'closed' });
  }
  const isOurs = change.author.isBot && change.sourceBranch === deleteBranch;
  if (isOurs && on.git.branches.get(deleteBranch) === change.headCommit) {
    world.written('delete-branch');
    on.git.branches.delete(deleteBranch);
  }
  return change.state === 'merged' ? 'merged' : 'closed';
}

type Written = Pick<Proposal, 'files' | 'deletions' | 'message'>;

function commitAsBot(git: FakeRepository, base: string, written: Pick<Written, 'files' | 'message' | 'deletions'>) {
  return git.write(base, contents(written), { author: FAKE_BOT, message: written.message.headline });
}

function isPlaced(git: FakeRepository, head: string, base: string, written: Written): boolean {
  const commit = git.commit(head);
  const hasFiles = Object.entries(contents(written)).every(([path, content]) => commit.files.get(path) === content);
  return commit.author === FAKE_BOT && commit.parent === base && hasFiles;
}

function isOwn(git: FakeRepository, head: string, base: string): boolean {
  return git.ahead(base, head).every(({ author }) => author === FAKE_BOT);
}

function contents({ files, deletions = [] }: Pick<Written, 'files' | 'deletions'>): Record<string, string | undefined> {
  const gone = deletions.map((path) => [path, undefined] as const);
  return Object.fromEntries([...gone, ...files.map(({ path, content }: CommitFile) => [path, content] as const)]);
}
