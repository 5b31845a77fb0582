import { TagalongError, type ErrorCode } from '../../domain/errors.ts';

/** GitHub's answer to a request that failed, as the rest of this adapter needs it. Everyone else sees the `TagalongError`. */
export class GitHubError extends TagalongError {
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** What a GraphQL document answered beside what failed. */
  readonly partial: unknown;
  /** The fields of a GraphQL document that failed, as `repository.pullRequest`; '' for one that names no field. */
  readonly failedFields: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      cause?: unknown;
      retryAt?: Date;
      status?: number;
      partial?: unknown;
      failedFields?: readonly string[];
    } = {},
  ) {
    super(code, message, options);
    this.status = options.status ?? 0;
    this.partial = options.partial;
    this.failedFields = options.failedFields ?? [];
  }
}

/** GitHub understood the request and said no: the same request will not fare better, another may. */
export function isAnswer(error: unknown): error is GitHubError {
  return error instanceof GitHubError && (error.code === 'forge-refused' || error.code === 'forge-conflict');
}

/** True for an answer that says: there is no such thing, or not for you. */
export function isNotFound(error: unknown): boolean {
  return error instanceof GitHubError && (error.status === 404 || error.status === 410);
}

/** True where the answer says that the repository, commit or change is not there, not for this app, archived, or locked. */
export function isOutOfReach(error: unknown): boolean {
  if (!(error instanceof GitHubError) || error.code !== 'forge-refused') return false;
  if ([403, 404, 410].includes(error.status)) return true;
  return error.status === 422 && /\bno (?:commit|ref) found|\bwas archived\b|\bis locked\b/i.test(error.message);
}

export function isRefused(error: unknown, status: number): boolean {
  return error instanceof GitHubError && error.code === 'forge-refused' && error.status === status;
}

/**
 * Says in our words what an octokit call threw. The request and the response are dropped, because they carry credentials and manifest
 * values; what stays is GitHub's own message, the path and the request id that GitHub's support asks for.
 */
export function translate(error: unknown, now: Date): TagalongError {
  if (error instanceof TagalongError) return error;
  const failure = isRecord(error) ? error : {};
  if (failure['name'] === 'GraphqlResponseError') return translateGraphql(failure, now);
  const response = isRecord(failure['response']) ? failure['response'] : undefined;
  const status = typeof failure['status'] === 'number' ? failure['status'] : 0;
  if (response !== undefined && isGraphqlRateLimit(response)) return rateLimited(response, now, status);
  if (response === undefined) return unanswered(error, failure);
  if (isRateLimit(status, response)) return rateLimited(response, now, status);
  const cause = new Error(`${describeRequest(failure)} answered ${status}${requestId(response)}`);
  const message = `GitHub ${status}: ${messageOf(response['data'])}`;
  return new GitHubError(codeOf(status, message), message, { cause, status });
}

/** An answer with a status of success that is not what GitHub sends: a proxy's page, or a body cut off on the way. */
export function unreadable(what: string): GitHubError {
  return new GitHubError('forge-unavailable', `GitHub's answer could not be read: ${what}`);
}

/** Removes everything that looks like a credential, and the line breaks and length that make a message unreadable. */
function scrub(text: string): string {
  return text
    .replace(/-----BEGIN [^-]+-----[\s\S]*?(?:-----END [^-]+-----|$)/g, '[key]')
    .replace(/\b(?:gh[a-z]_|github_pat_)[A-Za-z0-9_]+/g, '[token]')
    .replace(/\bv1\.[0-9a-f]{40}\b/g, '[token]')
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[token]')
    .replace(/\b(bearer|token|basic)\s+[\w.~+/=-]{16,}/gi, '$1 [token]')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 500);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/**
 * Statuses and header names as documented under "Rate limits for the REST API": 403 or 429, and one of `retry-after`, a remaining
 * quota of 0, or a message that speaks of a rate limit.
 */
function isRateLimit(status: number, response: Record<string, unknown>): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  const saysWhen = header(response, 'retry-after') !== undefined || header(response, 'x-ratelimit-remaining') === '0';
  return saysWhen || /\brate limit/i.test(messageOf(response['data']));
}

function isGraphqlRateLimit(response: Record<string, unknown>): boolean {
  const data = response['data'];
  return isRecord(data) && graphqlErrors(data['errors']).some(isRateLimitType);
}

/** GitHub writes it in either way; the shorter one is not documented. Source: issue 271 of yanyongyu/githubkit. */
function isRateLimitType({ type }: { readonly type: string }): boolean {
  return type === 'RATE_LIMITED' || type === 'RATE_LIMIT';
}

/** Retry after what GitHub says; where it says nothing a minute, which its documentation asks for at least. */
function rateLimited(response: Record<string, unknown>, now: Date, status: number): GitHubError {
  const seconds = Number(header(response, 'retry-after') ?? Number.NaN);
  const reset = Number(header(response, 'x-ratelimit-reset') ?? Number.NaN);
  const isPrimary = header(response, 'x-ratelimit-remaining') === '0' && Number.isFinite(reset);
  const retryAt = Number.isFinite(seconds)
    ? new Date(now.getTime() + seconds * 1000)
    : new Date(Math.max(isPrimary ? (reset + 1) * 1000 : now.getTime() + 60_000, now.getTime()));
  return new GitHubError('forge-rate-limited', 'GitHub asked us to wait.', { retryAt, status });
}

function unanswered(error: unknown, failure: Record<string, unknown>): TagalongError {
  if (error instanceof Error && failure['request'] === undefined && failure['status'] === undefined) {
    return new GitHubError('forge-refused', `Signing in to GitHub failed: ${scrub(error.message)}`);
  }
  const message = error instanceof Error ? scrub(error.message) : 'no answer';
  return new GitHubError('forge-unavailable', `GitHub did not answer: ${message}`, {
    cause: new Error(describeRequest(failure)),
  });
}

function codeOf(status: number, message: string): ErrorCode {
  if (status >= 500 || status === 408) return 'forge-unavailable';
  if (status === 409 || status === 412 || /not a fast.forward/i.test(message)) return 'forge-conflict';
  return 'forge-refused';
}

function translateGraphql(failure: Record<string, unknown>, now: Date): TagalongError {
  const errors = graphqlErrors(failure['errors']);
  const headers = failure['headers'];
  if (errors.some(isRateLimitType)) return rateLimited({ headers }, now, 200);
  const message = `GitHub: ${scrub(errors.map((each) => each.message).join('; '))}`;
  const cause = new Error(`POST /graphql answered with errors${requestId({ headers })}`);
  if (/secondary rate limit/i.test(message)) return rateLimited({ headers }, now, 200);
  if (/something went wrong|timed? ?out|loading/i.test(message)) {
    return new GitHubError('forge-unavailable', message, { cause, status: 200 });
  }
  const isStale = errors.some(
    ({ type, message: text }) => type === 'STALE_DATA' || /expected branch to point to/i.test(text),
  );
  const status = statusOf(errors.map(({ type }) => type));
  return new GitHubError(isStale ? 'forge-conflict' : 'forge-refused', message, {
    cause,
    status,
    partial: failure['data'],
    failedFields: errors.map(({ field }) => field),
  });
}

/** The status that REST would have answered with. */
function statusOf(types: readonly string[]): number {
  if (types.includes('NOT_FOUND')) return 404;
  return types.includes('FORBIDDEN') ? 403 : 422;
}

function graphqlErrors(value: unknown): { type: string; message: string; field: string }[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map(({ type, message, path }) => ({
    type: typeof type === 'string' ? type : '',
    message: typeof message === 'string' ? message : 'unnamed error',
    field: Array.isArray(path) ? path.join('.') : '',
  }));
}

function messageOf(data: unknown): string {
  if (typeof data === 'string') return /<html|<!doctype/i.test(data) ? 'an HTML page' : scrub(data);
  if (!isRecord(data) || typeof data['message'] !== 'string') return 'no message';
  const details = Array.isArray(data['errors']) ? data['errors'].map(detail).filter((text) => text !== '') : [];
  return scrub([data['message'], ...details].join('; '));
}

function detail(error: unknown): string {
  if (typeof error === 'string') return error;
  if (!isRecord(error)) return '';
  const { message, field, code } = error;
  if (typeof message === 'string') return message;
  return [field, code].filter((part) => typeof part === 'string').join(' ');
}

function header(response: Record<string, unknown>, name: string): string | undefined {
  const headers = response['headers'];
  const value = isRecord(headers) ? headers[name] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function requestId(response: Record<string, unknown>): string {
  const id = header(response, 'x-github-request-id');
  return id === undefined ? '' : ` (request ${scrub(id)})`;
}

function describeRequest(failure: Record<string, unknown>): string {
  const request = isRecord(failure['request']) ? failure['request'] : {};
  const url = typeof request['url'] === 'string' ? request['url'] : '';
  const path = URL.canParse(url) ? new URL(url).pathname : url.split('?')[0];
  return scrub(`${typeof request['method'] === 'string' ? request['method'] : 'request'} ${path ?? ''}`);
}
