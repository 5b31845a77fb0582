import type { FileEdits } from '../../git/bare-repository.ts';
import type { Signature } from '../../git/objects.ts';
import { moveRef } from './branches.ts';
import type { Account, Actor, Repository } from './model.ts';
import { notFound, Refusal } from './refusal.ts';
import { branchHead, branchRef } from './repositories.ts';
import type { World } from './world.ts';

export function signatureOf(world: World, person: Account): Signature {
  return { name: person.name, email: person.email, date: world.now() };
}

/** Commits made by GitHub itself on someone's behalf are committed and signed by it. */
export function forgeSignature(world: World): Signature {
  return { name: 'GitHub', email: 'noreply@github.com', date: world.now() };
}

/** A commit on an existing branch through the API, guarded by the head that the caller knows. */
export function commitOnBranch(
  world: World,
  actor: Actor,
  repository: Repository,
  wanted: { branch: string; expectedHead: string; edits: FileEdits; message: string },
): string {
  const head = branchHead(repository, wanted.branch);
  if (head === undefined) throw notFound(`No branch named '${wanted.branch}' exists in the repository.`);
  if (head !== wanted.expectedHead) {
    const message = `Expected branch to point to "${wanted.expectedHead}" but it did not.  Pull and try again.`;
    throw new Refusal(409, message, { type: 'STALE_DATA' });
  }
  const { git } = repository;
  const tree = git.existingCommit(head).tree;
  for (const [path, content] of wanted.edits) {
    if (content === undefined && git.find(tree, path) === undefined) {
      throw new Refusal(422, `A path was requested for deletion which does not exist as of commit oid \`${head}\``);
    }
  }
  const oid = git.writeCommit({
    tree: git.editTree(tree, wanted.edits),
    parents: [head],
    author: signatureOf(world, actor.account),
    committer: forgeSignature(world),
    message: wanted.message,
    signed: true,
  });
  moveRef(world, actor, repository, branchRef(wanted.branch), oid);
  return oid;
}

/** A commit as a person pushes it with git: unsigned, on a branch that is made if need be. */
export function commitAsPerson(
  world: World,
  person: Account,
  repository: Repository,
  wanted: { branch: string; edits: FileEdits; message: string; from?: string; as?: { name: string; email: string } },
): string {
  const { git } = repository;
  const parent = branchHead(repository, wanted.branch) ?? wanted.from;
  const author = { ...signatureOf(world, person), ...wanted.as };
  const oid = git.writeCommit({
    tree: git.editTree(parent === undefined ? undefined : git.existingCommit(parent).tree, wanted.edits),
    parents: parent === undefined ? [] : [parent],
    author,
    committer: author,
    message: wanted.message,
    signed: false,
  });
  moveRef(world, { account: person }, repository, branchRef(wanted.branch), oid);
  return oid;
}
