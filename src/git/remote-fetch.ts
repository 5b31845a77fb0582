import { TagalongError } from '../domain/errors.ts';
import type { GitRemote } from './git.ts';
import { GitFailure, runGit, type GitPlace } from './process.ts';

/** How long one fetch may take, and how long the server may be silent. */
export interface FetchTimeouts {
  readonly totalMs: number;
  readonly silenceMs: number;
}

export interface FetchRequest {
  /** `+refs/heads/main:refs/heads/main`, or commits. */
  readonly refspecs: readonly string[];
  /** No more than so many commits below each. */
  readonly depth: number;
  readonly timeouts: FetchTimeouts;
  /** Ends the fetch early. */
  readonly signal: AbortSignal;
}

/** The remote does not have something that was asked for by name. */
export class NotOnRemote extends TagalongError {
  /** The ref or commit. */
  readonly what: string;

  constructor(what: string) {
    super('git-failed', `The remote has no ${what}.`);
    this.name = 'NotOnRemote';
    this.what = what;
  }
}

/**
 * Fetches into a mirror. The authorization reaches git in its environment, bound to the remote's own address, and is in no argument.
 * @throws NotOnRemote for a ref or commit that is not there; TagalongError `forge-unavailable`, `forge-refused`; GitFailure
 */
export async function fetchFrom(
  place: GitPlace,
  remote: GitRemote,
  { refspecs, depth, timeouts, signal }: FetchRequest,
): Promise<void> {
  checkUrl(remote.url);
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--force'];
  const args = ['fetch', ...options, `--depth=${depth}`, '--', remote.url, ...refspecs];
  const environment = { ...place.environment, GIT_ALLOW_PROTOCOL: 'http:https', ...configuration(remote, timeouts) };
  try {
    await runGit({ ...place, environment }, args, { timeoutMs: timeouts.totalMs, signal });
  } catch (error) {
    if (signal.aborted) throw new TagalongError('forge-unavailable', 'The fetch was ended early.');
    throw error instanceof GitFailure ? explain(error, remote) : error;
  }
}

/** Settings that only this run has: https://git-scm.com/docs/git-config#ENVIRONMENT */
function configuration({ url, authorization }: GitRemote, { silenceMs }: FetchTimeouts): Record<string, string> {
  const settings: [string, string][] = [
    ['core.hooksPath', '/dev/null'],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['fetch.unpackLimit', '1'],
    // Git would send the authorization to whichever host it is redirected to.
    ['http.followRedirects', 'false'],
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', String(Math.max(1, Math.ceil(silenceMs / 1000)))],
    ['http.userAgent', 'git/tagalong'],
    ...(authorization === undefined
      ? []
      : [[`http.${url}.extraHeader`, `Authorization: ${authorization}`] as [string, string]]),
  ];
  const pairs = settings.flatMap(([key, value], index): [string, string][] => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  const variables: Record<string, string> = Object.fromEntries(pairs);
  return { ...variables, GIT_CONFIG_COUNT: String(settings.length) };
}

function checkUrl(text: string): void {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new TagalongError('git-failed', 'A git remote must be an http or https URL without credentials.');
  }
}

const MISSING = [
  /couldn't find remote ref (\S+)/,
  /not our ref ([0-9a-f]+)/,
  /(?:does not allow request for unadvertised object) (\S+)/,
];
const REFUSED =
  /Authentication failed|The requested URL returned error: 3\d\d|unable to update url base from redirection|could not read Username|The requested URL returned error: 4(?!08|29)\d\d|repository '.*' not found|not valid: is this a git repository/;
const UNAVAILABLE =
  /unable to access|RPC failed|early EOF|unexpected disconnect|hung up unexpectedly|protocol error|bad line length|invalid server response|expected flush|remote error:|timed out/i;

/** Git tells people and not programs what failed; its words are stable in the C locale. */
function explain(failure: GitFailure, { url }: GitRemote): TagalongError {
  const what = MISSING.map((pattern) => pattern.exec(failure.message)?.[1]).find(Boolean);
  if (what !== undefined) return new NotOnRemote(what);
  const options = { cause: failure };
  if (REFUSED.test(failure.message))
    return new TagalongError('forge-refused', `${url} refuses to be fetched: ${failure.message}`, options);
  if (UNAVAILABLE.test(failure.message))
    return new TagalongError('forge-unavailable', `${url} cannot be fetched: ${failure.message}`, options);
  return failure;
}
