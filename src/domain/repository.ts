export type ForgeName = 'github' | 'gitlab';

/** A repository (GitHub) or project (GitLab). */
export interface RepositoryRef {
  readonly forge: ForgeName;
  /** `owner/name`; with nested groups on GitLab `group/subgroup/name`. Spelled as the forge spells it. */
  readonly path: string;
}

/** The stable text key, `github:acme/deploy`. Lower case: forges compare paths without case. */
export function repositoryKey({ forge, path }: RepositoryRef): string {
  return `${forge}:${path.toLowerCase()}`;
}
