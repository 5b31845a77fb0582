import type { GitHubSimulator } from '../../test/support/forge/github/simulator.ts';
import type { PullRequest } from '../../test/support/forge/github/world/model.ts';
import { PATIENCE_MS } from './stage.ts';

type Listener = Parameters<GitHubSimulator['world']['onEvent']>[0];
type WorldEvent = Parameters<Listener>[0];

/** Tells the moment at which something stands on the simulated GitHub, without asking again and again. */
export class Watch {
  readonly #waiting = new Set<(event: WorldEvent) => void>();

  constructor(github: GitHubSimulator) {
    github.world.onEvent((event) => {
      for (const look of this.#waiting) look(event);
    });
  }

  /** Resolves with what `found` answers to the first event that it does not answer with undefined. */
  async until<T>(what: string, found: (event: WorldEvent) => T | undefined): Promise<Moment<T>> {
    const { promise, resolve, reject } = Promise.withResolvers<Moment<T>>();
    const look = (event: WorldEvent): void => {
      const value = found(event);
      if (value !== undefined) resolve({ value, at: performance.now(), date: Date.now() });
    };
    const timer = setTimeout(
      () => reject(new Error(`${what} did not come within ${PATIENCE_MS / 1000} s`)),
      PATIENCE_MS,
    );
    this.#waiting.add(look);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  /** A pull request from this branch was opened. */
  opened(branch: string): Promise<Moment<PullRequest>> {
    return this.until(`the pull request of ${branch}`, (event) =>
      event.name === 'pull_request' && event.action === 'opened' && event.pull.head.branch === branch
        ? event.pull
        : undefined,
    );
  }

  /** A pull request from this branch has another commit and a title that names this tag. */
  updated(branch: string, tag: string): Promise<Moment<PullRequest>> {
    return this.until(`${tag} on ${branch}`, (event) =>
      event.name === 'pull_request' &&
      event.pull.head.branch === branch &&
      event.action === 'edited' &&
      event.pull.title.includes(tag)
        ? event.pull
        : undefined,
    );
  }

  /** The rendered diff of the present head stands as a comment. */
  commented(branch: string, tag: string): Promise<Moment<PullRequest>> {
    return this.until(`the rendered diff on ${branch}`, (event) => {
      if (event.name !== 'issue_comment' || event.action === 'deleted') return undefined;
      const { pull, body } = event.comment;
      const isCurrent = pull.head.branch === branch && body.includes(tag) && body.includes(pull.head.sha.slice(0, 7));
      return isCurrent ? pull : undefined;
    });
  }
}

export interface Moment<T> {
  readonly value: T;
  /** By the clock of `performance`. */
  readonly at: number;
  /** Milliseconds since 1970, to compare with what another process logged. */
  readonly date: number;
}
