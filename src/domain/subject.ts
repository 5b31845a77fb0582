import type { ForgeName, RepositoryRef } from './repository.ts';

/** What is reconciled: a manifest repository, or a change (pull or merge request) in it. */
export type Subject =
  | { readonly kind: 'repository'; readonly repository: RepositoryRef }
  | { readonly kind: 'change'; readonly repository: RepositoryRef; readonly number: number };

const SUBJECT = /^(github|gitlab):([^#\s]+)(?:#([1-9]\d*))?$/;

/** `github:acme/deploy`, `github:acme/deploy#12`: the key that exactly one worker holds at any time. Lower case. */
export function formatSubject(subject: Subject): string {
  const repository = `${subject.repository.forge}:${subject.repository.path.toLowerCase()}`;
  return subject.kind === 'repository' ? repository : `${repository}#${subject.number}`;
}

/** The reverse of {@link formatSubject}. @returns undefined for any other text. */
export function parseSubject(text: string): Subject | undefined {
  const [, forge, path, number] = SUBJECT.exec(text) ?? [];
  if (forge === undefined || path === undefined) return undefined;
  const repository: RepositoryRef = { forge: forge as ForgeName, path };
  return number === undefined
    ? { kind: 'repository', repository }
    : { kind: 'change', repository, number: Number(number) };
}
