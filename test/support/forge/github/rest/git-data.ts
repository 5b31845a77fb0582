import { fileMode, gitObject, treeMode } from '../../git/objects.ts';
import type { FileEdits } from '../../git/bare-repository.ts';
import type { Repository } from '../world/model.ts';
import { createRef, deleteRef, updateRef } from '../world/branches.ts';
import { forgeSignature, signatureOf } from '../world/commits.ts';
import { notFound, Refusal, unprocessable } from '../world/refusal.ts';
import type { World } from '../world/world.ts';
import { gitCommitBody } from '../bodies/commits.ts';
import { repositoryUrl } from '../bodies/repository.ts';
import { type Call, operation } from './operation.ts';

export const gitDataOperations = [
  operation('git/get-ref', { contents: 'read' }, ({ world, repository, path }) => {
    const sha = repository.git.refs.get(`refs/${path.ref}`);
    if (sha === undefined) throw notFound();
    return { status: 200, body: refBody(world, repository, `refs/${path.ref}`, sha) };
  }),
  operation('git/list-matching-refs', { contents: 'read' }, ({ world, repository, path }) => ({
    status: 200,
    body: repository.git.refs.list(`refs/${path.ref}`).map(([ref, sha]) => refBody(world, repository, ref, sha)),
  })),
  operation('git/create-ref', { contents: 'write' }, ({ world, actor, repository, body }) => {
    createRef(world, actor, repository, body.ref, body.sha);
    return { status: 201, body: refBody(world, repository, body.ref, body.sha) };
  }),
  operation('git/update-ref', { contents: 'write' }, ({ world, actor, repository, path, body }) => {
    const ref = `refs/${path.ref}`;
    updateRef(world, actor, repository, { ref, oid: body.sha, force: body.force ?? false });
    return { status: 200, body: refBody(world, repository, ref, body.sha) };
  }),
  operation('git/delete-ref', { contents: 'write' }, ({ world, actor, repository, path }) => {
    deleteRef(world, actor, repository, `refs/${path.ref}`);
    return { status: 204 };
  }),
  operation('git/get-commit', { contents: 'read' }, ({ world, repository, path }) => {
    const commit = repository.git.commit(path.commit_sha);
    if (commit === undefined) throw notFound();
    return { status: 200, body: gitCommitBody(world, repository, commit) };
  }),
  operation('git/create-commit', { contents: 'write' }, createCommit),
  operation('git/get-tree', { contents: 'read' }, getTree),
  operation('git/create-tree', { contents: 'write' }, createTree),
  operation('git/get-blob', { contents: 'read' }, ({ world, repository, path }) => {
    const content = repository.git.blob(path.file_sha);
    if (content === undefined) throw notFound();
    const url = `${repositoryUrl(world, repository)}/git/blobs/${path.file_sha}`;
    const encoded = { content: content.toString('base64'), encoding: 'base64', size: content.length };
    return { status: 200, body: { ...encoded, url, sha: path.file_sha, node_id: `B_${path.file_sha}` } };
  }),
  operation('git/create-blob', { contents: 'write' }, ({ world, repository, body }) => {
    const encoding = body.encoding === 'base64' ? 'base64' : 'utf8';
    const blob = gitObject('blob', Buffer.from(body.content, encoding));
    repository.git.objects.add([blob]);
    return { status: 201, body: { sha: blob.oid, url: `${repositoryUrl(world, repository)}/git/blobs/${blob.oid}` } };
  }),
];

function refBody(world: World, repository: Repository, ref: string, sha: string) {
  const url = repositoryUrl(world, repository);
  return {
    ref,
    node_id: `REF_${Buffer.from(`${repository.id}:${ref}`).toString('base64url')}`,
    url: `${url}/git/${ref}`,
    object: { type: 'commit', sha, url: `${url}/git/commits/${sha}` },
  };
}

/** Without author and committer the commit is the app's own, and signed by GitHub. */
function createCommit({ world, actor, repository, body }: Call<'git/create-commit'>) {
  const { git } = repository;
  if (git.objects.read(body.tree)?.type !== 'tree') throw unprocessable('Tree SHA does not exist');
  const parents = body.parents ?? [];
  if (parents.some((parent) => git.commit(parent) === undefined)) {
    throw unprocessable('Parent SHA does not exist or is not a commit object');
  }
  const signed = body.author === undefined && body.committer === undefined;
  const author = body.author === undefined ? signatureOf(world, actor.account) : dated(world, body.author);
  const committer = body.committer === undefined ? undefined : dated(world, { ...author, ...named(body.committer) });
  const oid = git.writeCommit({
    tree: body.tree,
    parents,
    author,
    committer: committer ?? (signed ? forgeSignature(world) : author),
    message: body.message,
    signed,
  });
  return { status: 201 as const, body: gitCommitBody(world, repository, git.existingCommit(oid)) };
}

function dated(world: World, who: { name: string; email: string; date?: string | Date }) {
  return { name: who.name, email: who.email, date: who.date === undefined ? world.now() : new Date(who.date) };
}

function named({ name, email }: { name?: string; email?: string }): { name?: string; email?: string } {
  return { ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) };
}

function getTree({ world, repository, path, query }: Call<'git/get-tree'>) {
  const { git } = repository;
  const root = git.commit(path.tree_sha)?.tree ?? git.refs.get(`refs/heads/${path.tree_sha}`) ?? path.tree_sha;
  const tree = git.commit(root)?.tree ?? root;
  if (git.objects.read(tree)?.type !== 'tree') throw notFound();
  const url = repositoryUrl(world, repository);
  const entries =
    query.recursive === undefined
      ? git.tree(tree).map(({ name, mode, oid }) => ({ path: name, mode, oid }))
      : [...git.files(tree)];
  const listed = entries.map(({ path: name, mode, oid }) =>
    mode === treeMode
      ? { path: name, mode: '040000', type: 'tree', sha: oid, url: `${url}/git/trees/${oid}` }
      : { path: name, mode, type: 'blob', sha: oid, size: git.blob(oid)?.length ?? 0, url: `${url}/git/blobs/${oid}` },
  );
  return { status: 200 as const, body: { sha: tree, url: `${url}/git/trees/${tree}`, tree: listed, truncated: false } };
}

function createTree({ world, repository, body }: Call<'git/create-tree'>) {
  const { git } = repository;
  const base = body.base_tree === undefined ? undefined : (git.commit(body.base_tree)?.tree ?? body.base_tree);
  if (base !== undefined && git.objects.read(base)?.type !== 'tree') throw notFound();
  const edits: FileEdits = new Map(body.tree.map((entry) => [pathOf(entry), contentOf(repository, entry)]));
  const tree = git.editTree(base, edits);
  const url = repositoryUrl(world, repository);
  const entries = git.tree(tree).map(({ name, mode, oid }) => ({
    path: name,
    mode: mode === treeMode ? '040000' : mode,
    type: mode === treeMode ? 'tree' : 'blob',
    sha: oid,
  }));
  return {
    status: 201 as const,
    body: { sha: tree, url: `${url}/git/trees/${tree}`, tree: entries, truncated: false },
  };
}

type NewEntry = Call<'git/create-tree'>['body']['tree'][number];

function pathOf({ path }: NewEntry): string {
  if (path === undefined) throw unprocessable('tree.path is required');
  return path;
}

function contentOf(repository: Repository, entry: NewEntry): Buffer | undefined {
  if (entry.content !== undefined) return Buffer.from(entry.content);
  if (entry.sha === null) return undefined;
  const blob = entry.sha === undefined ? undefined : repository.git.blob(entry.sha);
  if (blob === undefined || (entry.mode !== undefined && entry.mode !== fileMode)) {
    throw new Refusal(422, 'tree.sha is not a valid blob');
  }
  return blob;
}
