import { TagalongError } from '../../domain/errors.ts';
import type { RepositoryRef } from '../../domain/repository.ts';

/** The two parts of a repository's path, as octokit names them. */
export interface OwnerAndRepo {
  readonly owner: string;
  readonly repo: string;
}

/** @throws TagalongError `forge-refused` for a path that cannot be one of GitHub's. */
export function splitPath({ path }: RepositoryRef): OwnerAndRepo {
  const [owner, repo, ...rest] = path.split('/');
  if (!owner || !repo || rest.length > 0) {
    throw new TagalongError('forge-refused', `${path} is no repository of GitHub: its name must be owner/name.`);
  }
  return { owner, repo };
}

/** A path as a part of a URL: every segment encoded, the slashes kept. */
export function urlPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
