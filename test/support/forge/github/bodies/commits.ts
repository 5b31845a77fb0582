import type { components } from '@octokit/openapi-types';
import type { Commit, Signature } from '../../git/objects.ts';
import { type ChangedFile, compareTrees } from '../world/diffs.ts';
import type { Account, Repository } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { userBody } from './accounts.ts';
import { repositoryPage, repositoryUrl } from './repository.ts';

type Schemas = components['schemas'];

export function gitUser({ name, email, date }: Signature) {
  return { name, email, date: isoSeconds(date) };
}

function isoSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Commits that the forge made itself carry its signature; others are unsigned. */
export function verificationBody({ signed, committer }: Commit) {
  return {
    verified: signed,
    reason: signed ? 'valid' : 'unsigned',
    signature: signed ? '-----BEGIN PGP SIGNATURE-----\n\nc2ltdWxhdGVk\n-----END PGP SIGNATURE-----' : null,
    payload: null,
    verified_at: signed ? isoSeconds(committer.date) : null,
  };
}

export function accountOfEmail(world: World, email: string): Account | undefined {
  for (const account of world.accounts.values()) if (account.email === email) return account;
  return undefined;
}

function parentsBody(world: World, repository: Repository, commit: Commit) {
  return commit.parents.map((sha) => ({
    sha,
    url: `${repositoryUrl(world, repository)}/commits/${sha}`,
    html_url: `${repositoryPage(world, repository)}/commit/${sha}`,
  }));
}

export function gitCommitBody(world: World, repository: Repository, commit: Commit): Schemas['git-commit'] {
  const url = repositoryUrl(world, repository);
  return {
    sha: commit.oid,
    node_id: `C_${commit.oid}`,
    url: `${url}/git/commits/${commit.oid}`,
    html_url: `${repositoryPage(world, repository)}/commit/${commit.oid}`,
    author: gitUser(commit.author),
    committer: gitUser(commit.committer),
    tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: parentsBody(world, repository, commit),
    verification: verificationBody(commit),
  };
}

/** A commit as lists show it: without its files. */
export function commitBody(world: World, repository: Repository, commit: Commit): Schemas['commit'] {
  const url = `${repositoryUrl(world, repository)}/commits/${commit.oid}`;
  const author = accountOfEmail(world, commit.author.email);
  const committer = accountOfEmail(world, commit.committer.email);
  return {
    sha: commit.oid,
    node_id: `C_${commit.oid}`,
    commit: {
      author: gitUser(commit.author),
      committer: gitUser(commit.committer),
      message: commit.message,
      tree: { sha: commit.tree, url: `${repositoryUrl(world, repository)}/git/trees/${commit.tree}` },
      url: `${repositoryUrl(world, repository)}/git/commits/${commit.oid}`,
      comment_count: 0,
      verification: verificationBody(commit),
    },
    url,
    html_url: `${repositoryPage(world, repository)}/commit/${commit.oid}`,
    comments_url: `${url}/comments`,
    author: author === undefined ? null : userBody(world, author),
    committer: committer === undefined ? null : userBody(world, committer),
    parents: parentsBody(world, repository, commit),
  };
}

export function commitWithFilesBody(world: World, repository: Repository, commit: Commit): Schemas['commit'] {
  const [parent] = commit.parents;
  const before = parent === undefined ? undefined : repository.git.existingCommit(parent).tree;
  const files = compareTrees(repository.git, before, commit.tree);
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return {
    ...commitBody(world, repository, commit),
    stats: { additions, deletions, total: additions + deletions },
    files: files.map((file) => fileBody(world, repository, commit.oid, file)),
  };
}

/** A changed file, in commits, comparisons and pull requests. */
export function fileBody(world: World, repository: Repository, sha: string, file: ChangedFile): Schemas['diff-entry'] {
  const page = repositoryPage(world, repository);
  const path = encodeURI(file.path);
  return {
    sha: file.after ?? file.before ?? null,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${sha}/${path}`,
    raw_url: `${page}/raw/${sha}/${path}`,
    contents_url: `${repositoryUrl(world, repository)}/contents/${path}?ref=${sha}`,
    ...(file.patch === undefined ? {} : { patch: file.patch }),
  };
}
