import type { Commit } from '../../git/objects.ts';
import type { Repository } from './model.ts';
import { Refusal } from './refusal.ts';

/** A commit by branch, tag, full or abbreviated id, as the API takes it. @throws Refusal 422, as GitHub answers */
export function resolveCommit(repository: Repository, name: string): Commit {
  const commit = findCommit(repository, name);
  if (commit === undefined) throw new Refusal(422, `No commit found for SHA: ${name}`, { type: 'NOT_FOUND' });
  return commit;
}

export function findCommit(repository: Repository, name: string): Commit | undefined {
  const { git } = repository;
  const oid = refTarget(repository, name);
  if (oid !== undefined) return git.commit(oid);
  if (/^[0-9a-f]{40}$/.test(name)) return git.commit(name);
  if (!/^[0-9a-f]{7,39}$/.test(name)) return undefined;
  const heads = git.refs.list('refs/').map(([, head]) => head);
  for (const commit of git.history(heads)) if (commit.oid.startsWith(name)) return commit;
  return undefined;
}

function refTarget({ git, defaultBranch }: Repository, name: string): string | undefined {
  if (name === 'HEAD') return git.refs.get(`refs/heads/${defaultBranch}`);
  return (
    git.refs.get(`refs/heads/${name}`) ??
    git.refs.get(`refs/tags/${name}`) ??
    git.refs.get(`refs/${name}`) ??
    git.refs.get(name)
  );
}
