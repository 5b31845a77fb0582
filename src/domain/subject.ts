import type { ForgeName, RepositoryRef } from './repository.ts';

/** What is reconciled: a manifest repository, a change (pull or merge request) in it, or what is deployed from it. */
export type Subject =
  | { readonly kind: 'repository'; readonly repository: RepositoryRef }
  | { readonly kind: 'change'; readonly repository: RepositoryRef; readonly number: number }
  | { readonly kind: 'deploys'; readonly repository: RepositoryRef };

const SUBJECT = /^(github|gitlab):([^#!\s]+)(?:#([1-9]\d*)|(!deploys))?$/;

/**
 * `github:acme/deploy`, `github:acme/deploy#12`, `github:acme/deploy!deploys`: the key that exactly one worker holds at any time. Lower
 * case.
 */
export function formatSubject(subject: Subject): string {
  const repository = `${subject.repository.forge}:${subject.repository.path.toLowerCase()}`;
  switch (subject.kind) {
    case 'repository':
      return repository;
    case 'change':
      return `${repository}#${subject.number}`;
    case 'deploys':
      return `${repository}!deploys`;
  }
}

/** The reverse of {@link formatSubject}. @returns undefined for any other text. */
export function parseSubject(text: string): Subject | undefined {
  const [, forge, path, number, deploys] = SUBJECT.exec(text) ?? [];
  if (forge === undefined || path === undefined) return undefined;
  const repository: RepositoryRef = { forge: forge as ForgeName, path };
  if (deploys !== undefined) return { kind: 'deploys', repository };
  return number === undefined
    ? { kind: 'repository', repository }
    : { kind: 'change', repository, number: Number(number) };
}
