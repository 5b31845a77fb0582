import type { RepositoryRef } from '../../domain/repository.ts';
import { GitHubError } from './errors.ts';

/** The two parts of a repository's path, as octokit names them. */
export interface OwnerAndRepo {
  readonly owner: string;
  readonly repo: string;
}

/** @throws GitHubError as GitHub answers where there is no such repository, for a path that cannot be one: images name any. */
export function splitPath({ path }: RepositoryRef): OwnerAndRepo {
  const [owner, repo, ...rest] = path.split('/');
  if (!owner || !repo || rest.length > 0 || [owner, repo].some(isDots)) {
    const message = `${path} is no repository of GitHub: its name must be owner/name.`;
    throw new GitHubError('forge-refused', message, { status: 404 });
  }
  return { owner, repo };
}

/** In a URL they would lead elsewhere. */
function isDots(name: string): boolean {
  return name === '.' || name === '..';
}

/** A path as a part of a URL: every segment encoded, the slashes kept. */
export function urlPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
