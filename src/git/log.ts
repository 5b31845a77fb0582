import type { LoggedCommit } from './git.ts';

/** For `git log -z --format`: fields end in a line feed, which none of them can hold. */
export const LOG_FORMAT = '%H%n%P%n%an%n%ae%n%s';

/** Reads what `git log -z` wrote in {@link LOG_FORMAT}. */
export function parseLog(output: string): LoggedCommit[] {
  return output
    .split('\0')
    .filter(Boolean)
    .map((entry) => {
      const [commit = '', parents = '', authorName = '', authorEmail = '', subject = ''] = entry.split('\n');
      return { commit, parents: parents.split(' ').filter(Boolean), authorName, authorEmail, subject };
    });
}
