import { z } from 'zod';
import type { DeployReport } from '../../domain/deploy.ts';
import type { Event } from '../../domain/event.ts';
import type { RepositoryRef } from '../../domain/repository.ts';

/** Longer messages are cut: nobody reads more in a comment, and the tool has the whole. */
const MAX_MESSAGE = 2000;
const MAX_NAME = 300;

/** What a tool says, before it is bounded and cleaned. An absent or empty field is left out. */
export type RawReport = Pick<DeployReport, 'tool' | 'application' | 'state' | 'revision'> & {
  readonly [K in Exclude<keyof DeployReport, 'tool' | 'application' | 'state' | 'revision'>]?:
    DeployReport[K] | null | undefined;
};

/** An event of a report as every other room may have it: bounded, without control characters, with usable addresses alone. */
export function reported(raw: RawReport): Event {
  const repository = raw.repository ?? undefined;
  const path = raw.path === undefined || raw.path === null ? undefined : folder(raw.path);
  const environment = oneLine(raw.environment);
  const message = bounded(raw.message ?? '', MAX_MESSAGE);
  const url = webAddress(raw.url);
  const environmentUrl = webAddress(raw.environmentUrl);
  const at = moment(raw.at);
  const report: DeployReport = {
    tool: raw.tool,
    application: oneLine(raw.application),
    state: raw.state,
    revision: raw.revision,
    ...(repository !== undefined && { repository }),
    ...(path !== undefined && { path }),
    ...(environment !== '' && { environment }),
    ...(message !== '' && { message }),
    ...(url !== undefined && { url }),
    ...(environmentUrl !== undefined && { environmentUrl }),
    ...(at !== undefined && { at }),
  };
  return { kind: 'deploy-reported', report };
}

export function ignored(reason: string): Event {
  return { kind: 'ignored', reason };
}

/** The commit in what a tool calls a revision, in lower case. undefined for chart versions, digests, tags and branches. */
export function commitOf(revision: string | null | undefined): string | undefined {
  const text = (revision ?? '').trim();
  return /^[0-9a-f]{7,64}$/i.test(text) && text.length !== 64 ? text.toLowerCase() : undefined;
}

/**
 * Where a git address points to, for hosts of which everybody knows what they are. A host of one's own is left out: there the
 * commit alone says which repository it is.
 */
export function repositoryOf(address: string | null | undefined): RepositoryRef | undefined {
  const [, host = '', path = ''] =
    /^(?:(?:https?|ssh|git):\/\/)?(?:[^@/\s]+@)?([^:/\s]+)(?::\d+(?=\/))?[:/]+([^\s?#]+?)(?:\.git)?\/*$/i.exec(
      (address ?? '').trim(),
    ) ?? [];
  if (!/^[\w.-]+(?:\/[\w.-]+)+$/.test(path)) return undefined;
  switch (host.toLowerCase()) {
    case 'github.com':
    case 'ssh.github.com':
      return { forge: 'github', path };
    case 'gitlab.com':
    case 'altssh.gitlab.com':
      return { forge: 'gitlab', path };
    default:
      return undefined;
  }
}

/** A text of a body: absent, null and empty are the same, because templates leave any of them where there is nothing to say. */
export const text = z
  .string()
  .max(40_000)
  .nullish()
  .transform((value) => value ?? undefined);

/** Text without control characters (line breaks and tabs stay) and without what reorders text, cut to a length. */
function bounded(value: string, limit: number): string {
  const clean = value
    .replaceAll('\r\n', '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
  if (clean.length <= limit) return clean;
  return `${clean.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function oneLine(value: string | null | undefined): string {
  return bounded((value ?? '').replace(/\s+/g, ' '), MAX_NAME);
}

/** `./apps/shop/` as `apps/shop`; the root is ''. */
function folder(path: string): string {
  const parts = oneLine(path)
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  return parts.join('/');
}

function webAddress(value: string | null | undefined): string | undefined {
  const address = oneLine(value);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined;
  return url.username === '' && url.password === '' ? url.href : undefined;
}

function moment(value: string | null | undefined): string | undefined {
  const time = /^\d{4}-\d\d-\d\dT/.test(value ?? '') ? Date.parse(value ?? '') : NaN;
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
