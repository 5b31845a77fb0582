import type { ChangeRef } from '../domain/change.ts';
import type { ImageName } from '../domain/image.ts';
import { repositoryKey, type RepositoryRef } from '../domain/repository.ts';
import { changeName, moment, shortImage, span, stateWords, toolName, type DeployText } from './deploy-words.ts';
import { escapeInline, inlineCode } from './escape.ts';
import { fenced } from './fences.ts';

export type { DeployText } from './deploy-words.ts';

/** The comment on a bump's own change. */
export const ROLLOUT_MARKER = '<!-- tagalong:rollout -->';

/** The comment on the application's change; several manifest repositories may deploy one application. */
export function deploysMarker(manifests: RepositoryRef): string {
  return `<!-- tagalong:deploys ${repositoryKey(manifests)} -->`;
}

/** A bump that is proposed and not merged. */
export interface WaitingText {
  readonly environment: string;
  readonly image: ImageName;
  readonly version: string;
  readonly change: ChangeRef;
}

/** At most this much of a tool's message; the rest stands where its link leads. */
const MAX_MESSAGE = 2000;

/**
 * What became of a bump, on its own change: the state, the tool's own words, and on failure what to do next.
 * @param text.message already free of control characters
 */
export function rolloutComment(text: DeployText): string {
  const head = `**${escapeInline(text.environment)}**: ${inlineCode(text.version)} ${sentence(text, text.change.repository, true)}`;
  return [ROLLOUT_MARKER, head, message(text), advice(text)].filter((block) => block !== '').join('\n\n');
}

/** What became of one commit of an application. */
export interface CommitText {
  readonly commit: string;
  readonly rollouts: readonly DeployText[];
  readonly waiting: readonly WaitingText[];
}

/** Older commits of one change are told of in short, and no more than so many. */
const MAX_OLDER = 5;
/** Of so many failures of one commit the tool's words are shown; with the line and the older commits that is less than forges take in a comment. */
const MAX_FAILURES = 10;
/** Characters of one line: an address of a tool may have 2,000. */
const MAX_LINE = 20_000;

/**
 * Where the commits of an application's change run. The newest has a line for all its environments, `**staging**: live since … ·
 * **production**: waiting for review acme/deploy#42`, those before it a short one each.
 * @param commits the newest first
 */
export function deploysComment(manifests: RepositoryRef, on: ChangeRef, commits: readonly CommitText[]): string {
  const [newest, ...older] = commits;
  if (newest === undefined) return deploysMarker(manifests);
  const failed = newest.rollouts.filter(isFailed);
  const failures = failed.slice(0, MAX_FAILURES).flatMap((text) => [message(text), wayBack(text, on.repository)]);
  const more = failed.length > MAX_FAILURES ? `and ${failed.length - MAX_FAILURES} more failed` : '';
  return [deploysMarker(manifests), wholeLine(newest, on.repository), ...failures, more, olderLines(older)]
    .filter((block) => block !== '')
    .join('\n\n');
}

function wholeLine({ commit, rollouts, waiting }: CommitText, from: RepositoryRef): string {
  const name = nameOfImage([...rollouts, ...waiting]);
  const lines = [
    ...rollouts.map((text) => `${name(text)}: ${sentence(text, from)}`),
    ...waiting.map((text) => `${name(text)}: waiting for review ${changeName(text.change, from)}`),
  ];
  return `${inlineCode(commit.slice(0, 7))} · ${fitting(lines).join(' · ')}`;
}

function fitting(parts: readonly string[]): readonly string[] {
  let left = MAX_LINE;
  const end = parts.findIndex((part) => (left -= part.length + 3) < 0);
  return end === -1 ? parts : [...parts.slice(0, end), `and ${parts.length - end} more`];
}

/** The environment, with the image where there are several. */
function nameOfImage(all: readonly WaitingText[]): (text: WaitingText) => string {
  const isSeveral = new Set(all.map(({ image }) => image)).size > 1;
  return ({ environment, image }) =>
    `**${escapeInline(environment)}**${isSeveral ? ` (${inlineCode(shortImage(image))})` : ''}`;
}

function olderLines(older: readonly CommitText[]): string {
  if (older.length === 0) return '';
  const lines = older.slice(0, MAX_OLDER).map(({ commit, rollouts, waiting }) => {
    const name = nameOfImage([...rollouts, ...waiting]);
    const parts = [
      ...rollouts.map((text) => `${name(text)}: ${stateWords(text)}`),
      ...waiting.map((text) => `${name(text)}: waiting for review`),
    ];
    return `- ${inlineCode(commit.slice(0, 7))} · ${parts.join(' · ')}`;
  });
  const left = older.length - lines.length;
  return ['Earlier commits:\n', ...lines, ...(left > 0 ? [`- and ${left} more`] : [])].join('\n');
}

/** @param isHome whether it is read on the bump's own change, which needs no naming there */
function sentence(text: DeployText, from: RepositoryRef, isHome = false): string {
  const words = stateWords(text);
  const at = moment(text.since);
  const source = by(text, isHome ? undefined : changeName(text.change, from));
  switch (text.state) {
    case 'queued':
      return `${words}${source}`;
    case 'in-progress':
      return `${words} since ${at}${source}`;
    case 'live':
      return `${linked(words, text.environmentUrl)} since ${at}${after(text)}${source}`;
    case 'failed':
      return `**${words}** at ${at}${source}`;
    case 'superseded':
      return supersededSentence(text, from, source);
    case 'unknown':
      return `**unknown**: no deploy tool had reported an end by ${at}${source}`;
  }
}

function supersededSentence(text: DeployText, from: RepositoryRef, source: string): string {
  const { ended, since } = text;
  const replaced = `replaced${replacement(text, from)}`;
  if (ended === undefined) return `${replaced} at ${moment(since)}, before it was live`;
  if (ended.state === 'live') return `was live from ${moment(ended.since)} to ${moment(since)}, then ${replaced}`;
  return `**failed** at ${moment(ended.since)}${source}, ${replaced} at ${moment(since)}`;
}

function after({ afterMerge }: DeployText): string {
  return afterMerge === undefined ? '' : `, ${span(afterMerge)} after its merge`;
}

/**
 * In parentheses, which change and which application. What a tool calls its application stands in no link: backticks and brackets of the two
 * would get into each other.
 */
function by({ tool, application, url }: DeployText, change: string | undefined): string {
  const name = application && `${tool === undefined ? '' : `${toolName(tool)} `}${inlineCode(application)}`;
  const details = name && url && linked('details', url);
  const parts = [change, name, details].filter((part) => part !== undefined && part !== '');
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function linked(words: string, address: string | undefined): string {
  return address === undefined ? words : `[${words}](<${address.replace(/[<>\\\s]/g, encodeURIComponent)}>)`;
}

function replacement({ replacedBy, change }: DeployText, from: RepositoryRef): string {
  if (replacedBy === undefined) return '';
  const name = changeName({ repository: change.repository, number: replacedBy.number }, from);
  return ` by ${inlineCode(replacedBy.version)} in ${name}`;
}

/** The tool's words about a failure, also of a version that was replaced since. */
function message(text: DeployText): string {
  const { message: words } = text;
  return isFailed(text) && words !== undefined ? fenced('', words.slice(0, MAX_MESSAGE)) : '';
}

function isFailed({ state, ended }: DeployText): boolean {
  return state === 'failed' || (state === 'superseded' && ended?.state === 'failed');
}

/** What to do about a failure, for people who read of it elsewhere than on the bump's own change. */
function wayBack({ state, environment, change }: DeployText, from: RepositoryRef): string {
  if (state !== 'failed') return '';
  const where = changeName(change, from);
  return `To go back to the version before it in ${escapeInline(environment)}, comment ${inlineCode('/rollback')} on ${where}.`;
}

function advice({ state, application, tool }: DeployText): string {
  switch (state) {
    case 'failed':
      return `To go back to the version before it, comment here:\n\n${fenced('', '/rollback')}`;
    case 'unknown':
      return application === undefined
        ? 'It may be live all the same. Look at the deploy tool, and whether it is set up to report.'
        : `Look at ${toolName(tool ?? '')} ${inlineCode(application)}: it reported a start and no end.`;
    default:
      return '';
  }
}
